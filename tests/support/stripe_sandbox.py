"""The local Stripe in this process, asked by the unmodified library, on a clock that stands."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import stripe
from starlette.applications import Starlette

from assure_app.sandbox.stripe import Sandbox, hosted, make_app
from assure_app.sandbox_keys import SandboxKeys
from tests.support.stripe_transports import InProcess

KEYS = SandboxKeys(
    secret_key="sk_test_of_the_tests",
    webhook_secret="whsec_of_the_tests",
    control_token="control-of-the-tests",
)
CHEN = "acct_1ChenAdvisory"
NORTHSIDE = "acct_1NorthsideCPA"
NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)  # A Monday.


@dataclass
class LocalStripe:
    """The sandbox, its application, and a client of Stripe's library that asks it."""

    directory: Path
    app: Starlette
    sandbox: Sandbox
    client: stripe.StripeClient
    account: stripe.RequestOptions = field(
        default_factory=lambda: stripe.RequestOptions(stripe_account=CHEN)
    )

    def checkout(self, amount: int = 12_300, **params: Any) -> stripe.checkout.Session:
        """A session of the demo's firm for one payment."""
        given: Any = {
            "mode": "payment",
            "ui_mode": "hosted_page",
            "allowed_payment_method_types": ["card", "us_bank_account"],
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": "usd",
                        "unit_amount": amount,
                        "product_data": {"name": "Invoice INV-1042"},
                    },
                }
            ],
            "payment_intent_data": {"metadata": {"assure_checkout": "token-1"}},
            "metadata": {"assure_checkout": "token-1"},
            "success_url": "http://127.0.0.1:8000/pay/x?checkout={CHECKOUT_SESSION_ID}",
            "cancel_url": "http://127.0.0.1:8000/pay/x",
        }
        return self.client.v1.checkout.sessions.create(given | params, self.account)

    def pay(self, session_id: str, method: str = "pm_card_visa", **more: Any) -> hosted.Outcome:
        """What a customer does on the session's page."""
        return hosted.pay_by_test_method(self.sandbox, session_id, method, **more)

    def charges(self, session_id: str) -> list[stripe.Charge]:
        """The charges of a session, the newest first."""
        session = self.client.v1.checkout.sessions.retrieve(session_id, None, self.account)
        intent_id = str(session.payment_intent)
        return self.client.v1.charges.list({"payment_intent": intent_id}, self.account).data

    def paid(self, amount: int = 12_300, method: str = "pm_card_visa") -> stripe.Charge:
        """The last charge of a session that was paid with a test method."""
        session = self.checkout(amount)
        self.pay(session.id, method)
        return self.charges(session.id)[0]

    def balance(self) -> int:
        """What the firm has at Stripe, available or not yet."""
        told = self.client.v1.balance.retrieve({}, self.account)
        return told.available[0].amount + told.pending[0].amount

    def event_types(self) -> list[str]:
        """What happened on the firm's account, the oldest first."""
        found = self.client.v1.events.list({"limit": 100}, self.account).data
        return [event.type for event in reversed(found)]


@contextmanager
def local_stripe(
    directory: Path, *, now: Callable[[], datetime] = lambda: NOW
) -> Iterator[LocalStripe]:
    """A sandbox in a directory; opened again there, it goes on where it stopped."""
    app = make_app(directory, keys=KEYS, now=now)
    transport = InProcess(app)
    client = stripe.StripeClient(
        KEYS.secret_key,
        base_addresses={"api": "http://127.0.0.1:8001"},
        http_client=transport,
        max_network_retries=0,
    )
    sandbox: Sandbox = app.state.sandbox
    try:
        yield LocalStripe(directory, app, sandbox, client)
    finally:
        transport.close()
        sandbox.close()
