"""The demo's online payments as Stripe keeps them, so that they can be looked up and refunded.

They are made at the local Stripe on a clock of their own that tells the past, and nobody is sent a
callback of them: the ledger has them already.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, select

from assure_app import sandbox_keys
from assure_app.billing import checkouts
from assure_app.billing.checkouts import METADATA_KEY, NewCheckout
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.ledger_rows import StripeRow
from assure_app.domain.ledger import Method
from assure_app.domain.online import CURRENCY, CheckoutState, overdue_at
from assure_app.domain.transitions import RowStatus
from assure_app.models.tables import contact
from assure_app.sandbox.stripe import (
    Sandbox,
    checkout_sessions,
    customers,
    hosted,
    payment_methods,
    payouts,
    setup_intents,
)
from assure_app.sandbox.stripe.errors import ApiError
from assure_app.settings import get_settings
from assure_app.stripe_gateway.records import PaymentMethod

_BANK_TAKES = timedelta(days=7)
_NOT_PAID_OUT = timedelta(days=30)
"""What came in this lately is on its way to the bank now."""
_ON_ITS_WAY_SINCE = timedelta(hours=2)
_PAYS_WITH = {
    (Method.CARD, RowStatus.COMPLETED): "pm_card_visa",
    (Method.ACH, RowStatus.COMPLETED): "pm_usBankAccount_success",
    (Method.ACH, RowStatus.PENDING): "pm_usBankAccount_processing",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """An online payment of the demo's past."""

    account_id: str
    invoice: InvoiceRecord
    method: Method
    status: RowStatus
    cents: int
    at: datetime


class DemoStripe:
    """The local Stripe as it was on the day that a story tells of."""

    def __init__(self, account_id: str, now: datetime) -> None:
        settings = get_settings()
        self._account_id = account_id
        self._moment = self._now = now
        self._sandbox = Sandbox(
            settings.data_dir / "sandbox",
            keys=sandbox_keys.read(settings),
            webhook_url=f"http://127.0.0.1:{settings.port}/stripe/webhook",
            own_url=f"http://127.0.0.1:{settings.sandbox_port}",
            now=lambda: self._moment,
            tells=False,
        )

    def pay(self, connection: Connection, paid: Paid) -> StripeRow | None:
        """Make the payment on a page of Stripe's, and keep the page here as the product does.

        None for a payment that left nothing which could be refunded.
        """
        pays_with = _PAYS_WITH.get((paid.method, paid.status))
        if pays_with is None:
            return None
        token = secrets.token_urlsafe(24)
        self._moment = paid.at
        with self._sandbox.at(paid.account_id) as partition:
            page = checkout_sessions.create(partition, _page(paid, token))
        hosted.pay_by_test_method(self._sandbox, page["id"], pays_with)
        self._moment = paid.at + _BANK_TAKES
        self._sandbox.run_due()
        if self._moment < self._now - _NOT_PAID_OUT:
            self._pay_out(paid.account_id)
        with self._sandbox.at(paid.account_id) as partition:
            intent_id = partition.get("checkout.session", page["id"])["payment_intent"]
            intent = partition.get("payment_intent", intent_id)
            charge = partition.get("charge", intent["latest_charge"])
        contact_id, checkout_id = _keep_page(connection, paid, page["id"], token)
        return StripeRow(
            account_id=paid.account_id,
            charge_id=charge["id"],
            payment_intent_id=intent_id,
            checkout_id=checkout_id,
            contact_id=contact_id,
            method_detail=_detail(charge["payment_method_details"]),
        )

    def _pay_out(self, account_id: str) -> None:
        """Send to the bank what is available by then, if anything is."""
        with suppress(ApiError), self._sandbox.at(account_id) as partition:
            payouts.pay_out(partition)

    def save(
        self,
        account_id: str,
        customer: dict[str, object],
        *,
        card: str,
        expires: date | None,
        at: datetime,
    ) -> PaymentMethod:
        """Have a customer save a test card, with nothing charged; `expires` in that month."""
        self._moment = at
        with self._sandbox.at(account_id) as partition:
            owner = customers.make(partition, customer)
            wish = {"customer": owner["id"], "allowed_payment_method_types": ["card"]}
            method = payment_methods.find(partition, card)
            if expires is not None:
                method["card"] |= {"exp_month": expires.month, "exp_year": expires.year}
            setup_intents.attempt(partition, setup_intents.make(partition, wish), method)
        kept = method["card"]
        return PaymentMethod(
            id=method["id"],
            account_id=account_id,
            customer_id=owner["id"],
            kind="card",
            brand_or_bank=kept["brand"].title(),
            last4=kept["last4"],
            expiry=f"{kept['exp_month']:02}/{kept['exp_year'] % 100:02}",
        )

    def come_to(self, now: datetime) -> None:
        """Let everything happen that was due until now, and close the file."""
        self._moment = now - _ON_ITS_WAY_SINCE
        self._sandbox.run_due()
        self._pay_out(self._account_id)
        self._moment = now
        self._sandbox.run_due()
        self._sandbox.close()


@contextmanager
def demo_stripe(account_id: str, now: datetime) -> Iterator[DemoStripe | None]:
    """The local Stripe for a demo's past; None where payments go to Stripe itself."""
    if not get_settings().is_sandbox:
        yield None
        return
    stripe = DemoStripe(account_id, now)
    try:
        yield stripe
    finally:
        stripe.come_to(now)


def _page(paid: Paid, token: str) -> dict[str, object]:
    """What the product asks for when a client pays."""
    here = get_settings().public_url
    product = {"name": f"Invoice {paid.invoice.number}"}
    price = {"currency": CURRENCY, "unit_amount": paid.cents, "product_data": product}
    return {
        "mode": "payment",
        "ui_mode": "hosted_page",
        "allowed_payment_method_types": ["card", "us_bank_account"],
        "line_items": [{"quantity": 1, "price_data": price}],
        "payment_intent_data": {"metadata": {METADATA_KEY: token}},
        "metadata": {METADATA_KEY: token},
        "success_url": f"{here}/portal",
        "cancel_url": f"{here}/portal",
    }


def _keep_page(connection: Connection, paid: Paid, session_id: str, token: str) -> tuple[int, int]:
    """The ids of the contact who paid and of the page."""
    payer = connection.execute(
        select(contact).where(contact.c.client_id == paid.invoice.client_id)
    ).one()
    new = NewCheckout(
        firm_id=paid.invoice.firm_id,
        client_id=paid.invoice.client_id,
        invoice_id=paid.invoice.id,
        contact_id=payer.id,
        payer=payer.name,
        email=payer.email,
        token=token,
        idempotency_key=secrets.token_urlsafe(24),
        form_token=secrets.token_urlsafe(24),
        form_hash="",
        account_id=paid.account_id,
        amount_cents=paid.cents,
        currency=CURRENCY,
        description=f"Invoice {paid.invoice.number}",
        success_url="",
        cancel_url="",
        created_at=paid.at,
        due_at=paid.at,
    )
    page = checkouts.add(connection, new)
    is_pending = paid.status is RowStatus.PENDING
    checkouts.move(
        connection,
        page,
        CheckoutState.COMPLETED,
        session_id=session_id,
        closed_at=paid.at,
        due_at=overdue_at(paid.method, paid.at) if is_pending else None,
    )
    return payer.id, page.id


def _detail(details: dict[str, dict[str, str]]) -> str:
    means = details.get("card") or details["us_bank_account"]
    name = means["brand"].title() if "brand" in means else means["bank_name"]
    return f"{name} •••• {means['last4']}"
