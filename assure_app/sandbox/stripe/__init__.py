"""A local stand-in for Stripe: speaks its API to the unmodified library, keeps its own file."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from starlette.applications import Starlette

from assure_app import clock
from assure_app.sandbox.stripe import web
from assure_app.sandbox.stripe.sandbox import Sandbox
from assure_app.sandbox_keys import SandboxKeys

__all__ = ["Sandbox", "make_app"]


def make_app(
    directory: Path,
    *,
    keys: SandboxKeys,
    webhook_url: str = "http://127.0.0.1:8000/stripe/webhook",
    own_url: str = "http://127.0.0.1:8001",
    now: Callable[[], datetime] = clock.now,
) -> Starlette:
    """The API and the controls alone, for tests in one process; `app.state.sandbox` is the rest.

    Nothing is sent and nothing falls due by itself: `sandbox.run_due()`, `sandbox.deliveries()`
    and `deliverer.deliver_to(...)` do it when they are told to.
    """
    sandbox = Sandbox(directory, keys=keys, webhook_url=webhook_url, own_url=own_url, now=now)
    app = Starlette(routes=web.routes(lambda: sandbox))
    app.state.sandbox = sandbox
    return app
