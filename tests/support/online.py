"""A desk whose clients can pay online: a connected account, a contact, and a Stripe of our own."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from assure_app.billing import online_payments, stripe_accounts, stripe_events, stripe_sweep
from assure_app.billing.online_payments import StartedCheckout
from assure_app.billing.stripe_events import Receipt
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.portal_access import PortalPrincipal, PortalRole
from assure_app.models import Contact
from assure_app.models.tables import checkout, payment_method, stripe_event, stripe_exception
from tests.factories import insert
from tests.support.desk import Desk
from tests.support.fake_stripe import CHEN, FakeStripe, make_account


@dataclass(frozen=True, slots=True)
class PayDesk:
    """The desk, the client's Anita Patel, and Stripe."""

    desk: Desk
    anita: PortalPrincipal
    stripe: FakeStripe
    now: datetime

    def invoice(self, **overrides: Any) -> str:
        """A sent invoice over $1,000.00; its number."""
        return self.desk.invoice(**overrides)

    def pay_token(self, number: str) -> str:
        return str(self.desk.stored(number)["pay_token"])

    def start(
        self,
        number: str,
        amount: str = "1000",
        *,
        token: str = "",
        saves: bool = False,
        now: datetime | None = None,
    ) -> StartedCheckout:
        """Anita presses Pay now."""
        return online_payments.start_checkout(
            self.anita,
            self.pay_token(number),
            amount,
            form_token=token or secrets.token_urlsafe(24),
            saves_method=saves,
            now=now or self.now,
        )

    def opened(self, number: str, amount: str = "1000", *, saves: bool = False) -> str:
        """The session that Anita's click opened."""
        return self.start(number, amount, saves=saves).url.rpartition("/")[2]

    def receive_all(self) -> None:
        """Every event that Stripe has to tell comes in."""
        for event in self.stripe.told:
            assert stripe_events.receive(event, now=self.now) in set(Receipt)

    def work(self, *, now: datetime | None = None) -> None:
        """The worker empties the inbox."""
        while stripe_events.apply_next(now=now or self.now):
            pass

    def deliver(self) -> None:
        """Callbacks come and are applied."""
        self.receive_all()
        self.work()

    def sweep(self, *, after: timedelta = timedelta(0)) -> None:
        """The net is drawn through, this much later."""
        while stripe_sweep.sweep_next(now=self.now + after):
            pass
        while stripe_sweep.refund_next(now=self.now + after):
            pass

    def checkouts(self) -> list[dict[str, Any]]:
        with reading() as connection:
            rows = connection.execute(select(checkout).order_by(checkout.c.id)).mappings()
            return [dict(row) for row in rows]

    def states(self) -> list[str]:
        """Where each payment page is, oldest first."""
        return [row["state"] for row in self.checkouts()]

    def methods(self) -> list[dict[str, Any]]:
        """What the client saved, removed or not, oldest first."""
        with reading() as connection:
            rows = connection.execute(select(payment_method).order_by(payment_method.c.id))
            return [dict(row) for row in rows.mappings()]

    def exceptions(self) -> list[tuple[str, str]]:
        """Kind and sentence of each open exception."""
        with reading() as connection:
            rows = connection.execute(
                select(stripe_exception)
                .where(stripe_exception.c.resolved_at.is_(None))
                .order_by(stripe_exception.c.id)
            )
            return [(row.kind, row.sentence) for row in rows]

    def events(self) -> list[str]:
        """The state of each event in the inbox."""
        with reading() as connection:
            return list(
                connection.execute(
                    select(stripe_event.c.state).order_by(stripe_event.c.id)
                ).scalars()
            )

    def row(self) -> dict[str, Any]:
        """The only ledger row."""
        (row,) = self.desk.rows()
        return row


def open_pay_desk(desk: Desk, stripe: FakeStripe) -> PayDesk:
    """Connect the firm and give its client a contact who may pay."""
    with unit_of_work() as connection:
        stripe_accounts.connect(connection, desk.jane.firm_id, make_account(CHEN), now=desk.now)
        contact_id = insert(
            connection,
            Contact,
            client_id=desk.client_id,
            name="Anita Patel",
            email="anita@patelfamily.example",
        )
    anita = PortalPrincipal(
        contact_id=contact_id,
        client_id=desk.client_id,
        firm_id=desk.jane.firm_id,
        name="Anita Patel",
        email="anita@patelfamily.example",
        role=PortalRole.OWNER,
    )
    return PayDesk(desk, anita, stripe, desk.now)
