"""The process's one client of Stripe, or of the sandbox in its place."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

import stripe
from stripe import _util

from assure_app import sandbox_keys
from assure_app.addresses import LOOPBACK_HOSTS
from assure_app.settings import Settings, get_settings
from assure_app.stripe_gateway.fields import Malformed
from assure_app.stripe_gateway.outcomes import Ok, Outcome, Unknown
from assure_app.stripe_gateway.refusals import outcome_of
from assure_app.stripe_gateway.transport import Transport

MOST_RETRIES = 2
Answer = TypeVar("Answer")
Value = TypeVar("Value")
_current: list[tuple[stripe.StripeClient, stripe.HTTPClient]] = []
_making = threading.RLock()
_log = logging.getLogger(__name__)


def client() -> stripe.StripeClient:
    """The client of this process, made on first use from the settings."""
    if not _current:
        with _making:  # Two threads that come first together must not make two pools.
            if not _current:
                configure()
    return _current[0][0]


def configure(
    transport: stripe.HTTPClient | None = None, *, most_retries: int = MOST_RETRIES
) -> stripe.StripeClient:
    """Make the client anew, in tests over another transport."""
    with _making:
        dispose()
        settings = get_settings()
        _be_quiet()
        is_near = _is_this_machine(settings.stripe_api_base)
        line = transport or Transport(uses_proxy=not is_near)
        made = stripe.StripeClient(
            _secret_key(settings),
            base_addresses={"api": settings.stripe_api_base},
            http_client=line,
            max_network_retries=most_retries,
        )
        _current.append((made, line))
        return made


def dispose() -> None:
    """Forget the client of this process, and close the connections that it made."""
    while _current:
        _made, line = _current.pop()
        if isinstance(line, Transport):
            line.close()


def options(account_id: str | None, idempotency_key: str = "") -> stripe.RequestOptions:
    """In whose account, and under which key: the same key never does a thing twice."""
    chosen: stripe.RequestOptions = {}
    if account_id is not None:
        chosen["stripe_account"] = account_id
    if idempotency_key:
        chosen["idempotency_key"] = idempotency_key
    return chosen


def ask(send: Callable[[], Answer], read: Callable[[Answer], Value]) -> Outcome[Value]:
    """Send a request and read its answer into a value; what goes wrong is an outcome too."""
    try:
        return Ok(read(send()))
    except stripe.StripeError as error:
        outcome = outcome_of(error)
        _log.warning(
            "Stripe did not do as asked: %s %s, %s",
            type(error).__name__,
            outcome.reason,
            error.request_id or "no request id",
        )
        return outcome
    except Malformed as problem:
        _log.warning("Stripe's answer cannot be read: %s", problem)
    except (AttributeError, TypeError, ValueError) as problem:
        # So Stripe's library itself stumbles over an answer that is not what Stripe sends.
        _log.warning("Stripe's answer cannot be read: %s", type(problem).__name__)
    return Unknown(reason="malformed")


def _secret_key(settings: Settings) -> str:
    if settings.stripe_secret_key is None:
        return sandbox_keys.read(settings).secret_key
    return settings.stripe_secret_key.get_secret_value()


def _be_quiet() -> None:
    """Stripe's library would write whole requests to the log and, by STRIPE_LOG, to the screen."""
    logging.getLogger("stripe").setLevel(logging.WARNING)
    _util.STRIPE_LOG = None
    stripe.enable_telemetry = False


def _is_this_machine(address: str) -> bool:
    return urlsplit(address).hostname in LOOPBACK_HOSTS
