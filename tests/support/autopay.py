"""A desk with an engagement on auto-pay, whose client saved something to be charged."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from secrets import token_urlsafe
from typing import Any

import pytest
from sqlalchemy import select, update

from assure_app.billing import autopay, autopay_rows, manual_payments, off_session
from assure_app.billing.autopay_rows import StoredAutopay
from assure_app.billing.manual_payments import PaymentForm
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.autopay import AutopayState
from assure_app.models import Engagement, StripeCustomer
from assure_app.models.tables import (
    activity,
    engagement,
    mail_message,
    notification,
    payment_method,
)
from assure_app.models.tables import invoice as invoice_table
from assure_app.stripe_gateway.records import Customer
from tests.factories import insert
from tests.support.fake_stripe import CHEN
from tests.support.online import PayDesk

DUE = date(2026, 5, 22)
"""The day of the desk: at 11:00 in New York, auto-pay has begun."""


@dataclass(frozen=True, slots=True)
class AutopayDesk:
    """The pay desk, the engagement, and the client's customer at Stripe."""

    pay: PayDesk
    engagement_id: int
    customer_id: str

    @property
    def now(self) -> datetime:
        return self.pay.now

    def save(self, kind: str = "card", **changes: Any) -> str:
        """The client saves a method; Stripe's name for it."""
        method_id = self.pay.stripe.save(CHEN, self.customer_id, kind, **changes)
        self.pay.deliver()
        return method_id

    def invoice(self, due_on: date = DUE, **overrides: Any) -> str:
        """A sent invoice of the engagement over $1,000.00, due today; its number."""
        values: dict[str, Any] = {"engagement_id": self.engagement_id, "due_on": due_on}
        return self.pay.invoice(**values | overrides)

    def give_until(self, number: str, due_on: date) -> None:
        """The firm gives the client more time."""
        with unit_of_work() as connection:
            is_it = invoice_table.c.number == number
            connection.execute(update(invoice_table).where(is_it).values(due_on=due_on))

    def record(self, number: str, amount: str) -> None:
        """Jane records a check."""
        form = PaymentForm(amount=amount, method="Check", date="2026-05-22", reference="")
        manual_payments.record_payment(
            self.pay.desk.jane, number, form, form_token=token_urlsafe(24), now=self.now
        )

    def reserve_and_die(self) -> None:
        """The worker reserves what is due and dies before it asks Stripe."""
        with pytest.MonkeyPatch.context() as dying:
            dying.setattr(off_session, "charge", lambda *_args, **_kwargs: None)
            self.work()

    def switch(self, *, on: bool) -> None:
        with unit_of_work() as connection:
            connection.execute(
                update(engagement)
                .where(engagement.c.id == self.engagement_id)
                .values(is_autopay_on=on)
            )

    def work(self, *, after: timedelta = timedelta(0), most: int = 50) -> int:
        """Auto-pay does all that is due this much later; how many things that was."""
        self.pay.stripe.now = self.now + after
        for done in range(most):
            if autopay.charge_next(now=self.now + after) is None:
                return done
        raise AssertionError("auto-pay never comes to rest")

    def state(self, number: str) -> AutopayState:
        return self.stored(number).state

    def stored(self, number: str) -> StoredAutopay:
        """Where auto-pay is with the invoice."""
        invoice_id = self.pay.desk.stored(number)["id"]
        with unit_of_work() as connection:
            stored = autopay_rows.of_invoice(connection, invoice_id)
        assert stored is not None
        return stored

    def rows(self, number: str) -> list[tuple[str, str, int]]:
        """Source, status and amount of each ledger row of the invoice."""
        invoice_id = self.pay.desk.stored(number)["id"]
        return [
            (row["source"], row["status"], row["amount_cents"])
            for row in self.pay.desk.rows()
            if row["invoice_id"] == invoice_id
        ]

    def timeline(self, number: str) -> list[tuple[str, str]]:
        """What happened to the invoice and by whom."""
        invoice_id = self.pay.desk.stored(number)["id"]
        wanted = select(activity.c.text, activity.c.actor).where(
            activity.c.invoice_id == invoice_id
        )
        with reading() as connection:
            return [(row.text, row.actor) for row in connection.execute(wanted.order_by("id"))]

    def letters(self, to_email: str = "anita@patelfamily.example") -> list[str]:
        """The subjects of the letters to somebody, oldest first."""
        wanted = select(mail_message.c.subject).where(mail_message.c.to_email == to_email)
        with reading() as connection:
            return list(connection.scalars(wanted.order_by(mail_message.c.id)))

    def news(self) -> list[tuple[str, str]]:
        """Kind and text of what the firm was told."""
        wanted = select(notification.c.kind, notification.c.text).order_by(notification.c.id)
        with reading() as connection:
            return [(row.kind, row.text) for row in connection.execute(wanted)]

    def method_row(self, method_id: str) -> int:
        wanted = select(payment_method.c.id).where(payment_method.c.method_id == method_id)
        with reading() as connection:
            return int(connection.scalar(wanted) or 0)


def open_autopay_desk(pay_desk: PayDesk) -> AutopayDesk:
    """Give the client an engagement with auto-pay on, and a customer who saved nothing yet."""
    with unit_of_work() as connection:
        engagement_id = insert(
            connection,
            Engagement,
            firm_id=pay_desk.desk.jane.firm_id,
            client_id=pay_desk.desk.client_id,
            name="Bookkeeping",
            is_autopay_on=True,
        )
        insert(
            connection,
            StripeCustomer,
            firm_id=pay_desk.desk.jane.firm_id,
            client_id=pay_desk.desk.client_id,
            account_id=CHEN,
            token="customer of the tests",
            idempotency_key="customer of the tests",
            name="Patel Family",
            email="anita@patelfamily.example",
            customer_id="cus_tests",
            created_at=pay_desk.now,
        )
    pay_desk.stripe.customers["cus_tests"] = Customer(
        id="cus_tests", account_id=CHEN, email="anita@patelfamily.example", metadata={}
    )
    return AutopayDesk(pay_desk, engagement_id, "cus_tests")
