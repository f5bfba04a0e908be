"""A desk at which payments that came through Stripe are given back."""

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from assure_app.billing import refunds
from assure_app.billing.receipts import Receipt
from assure_app.billing.refunds import RefundForm
from assure_app.db.unit_of_work import reading
from assure_app.domain.permissions import Principal
from assure_app.models.tables import mail_message, stripe_refund
from tests.support.online import PayDesk


@dataclass(frozen=True, slots=True)
class RefundDesk:
    """An invoice that Anita paid by card or bank, and Jane who may refund it."""

    pay_desk: PayDesk
    number: str
    charge_id: str
    payment_id: int

    def refund(
        self,
        amount: str = "1,000.00",
        *,
        reason: str = "Duplicate",
        token: str = "",
        by: Principal | None = None,
    ) -> Receipt:
        """Somebody presses Refund in the dialog."""
        return refunds.refund_payment(
            by or self.pay_desk.desk.jane,
            self.payment_id,
            RefundForm(amount=amount, reason=reason, notes="twice"),
            form_token=token or secrets.token_urlsafe(24),
            now=self.pay_desk.now,
        )

    def ledger(self) -> list[tuple[int, str, str]]:
        """Cents, status and by whom, of each row, oldest first."""
        return [
            (row["amount_cents"], row["status"], row["paid_by"])
            for row in self.pay_desk.desk.rows()
        ]

    def figures(self) -> tuple[str, int, int]:
        """Stage, balance and what is settled of the invoice."""
        stored = self.pay_desk.desk.stored(self.number)
        return stored["stage"], stored["balance_cents"], stored["settled_cents"]

    def stored(self) -> list[dict[str, Any]]:
        """What is kept of each refund at Stripe, oldest first."""
        with reading() as connection:
            rows = connection.execute(select(stripe_refund).order_by(stripe_refund.c.id))
            return [dict(row) for row in rows.mappings()]

    def states(self) -> list[str]:
        return [row["state"] for row in self.stored()]

    def letters(self) -> list[tuple[str, str]]:
        """To whom, and about what, each letter about a refund goes."""
        with reading() as connection:
            rows = connection.execute(select(mail_message).order_by(mail_message.c.id))
            return [(row.to_email, row.subject) for row in rows if "efund" in row.subject]

    def sweep(self, **after: float) -> None:
        """The net is drawn through, this much later."""
        self.pay_desk.sweep(after=timedelta(**after))

    def without_stripe_admin(self) -> Principal:
        return replace(self.pay_desk.desk.jane, is_stripe_admin=False)


def refund_desk(
    pay_desk: PayDesk, *, method: str = "card", amount: str = "1000", **overrides: Any
) -> RefundDesk:
    """An invoice over $1,000.00, paid in full, and that booked."""
    number = pay_desk.invoice(**overrides)
    charge_id = pay_desk.stripe.pay(pay_desk.opened(number, amount), method=method)
    if method != "card":
        pay_desk.stripe.settle(charge_id)
    pay_desk.deliver()
    (row,) = [row for row in pay_desk.desk.rows() if row["stripe_charge_id"] == charge_id]
    return RefundDesk(pay_desk, number, charge_id, row["id"])
