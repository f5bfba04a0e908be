"""A firm that reminds its clients, and the people who get its letters."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from assure_app.billing import reminder_plans, reminders
from assure_app.billing.reminder_renewal import renew
from assure_app.billing.stripe_sweep import Swept
from assure_app.billing.undelivered import tell_of_undelivered
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.reminders import Plan
from assure_app.mail import sender
from assure_app.mail.transport import Transport
from assure_app.models import Contact
from assure_app.models.tables import invoice, reminder, reminder_plan, reminder_reader
from tests.factories import insert
from tests.support.desk import Desk

ANITA = "anita@patelfamily.example"
RAJ = "raj@patelfamily.example"
FROM = "billing@chen.example"


@dataclass(frozen=True, slots=True)
class ReminderDesk:
    """The desk whose client Anita Patel owns; the plan is the usual one, on since 1 May 2026."""

    desk: Desk
    contact_id: int

    def turn_on(self, *steps: int, at: datetime, hour: int = 9) -> None:
        """Have the plan on from this moment, in place of any other."""
        plan = Plan(is_on=True, steps=steps or Plan().steps, hour=hour)
        self.plan(plan, at=at)

    def plan(self, plan: Plan, *, at: datetime) -> None:
        """Store the plan."""
        firm_id = self.desk.jane.firm_id
        with unit_of_work() as connection:
            before = reminder_plans.of_firm(connection, firm_id)
            reminder_plans.save(connection, firm_id, before, plan, now=at)

    def add_contact(self, name: str, email: str, role: str = "owner", **more: Any) -> int:
        """Another person of the client."""
        with unit_of_work() as connection:
            values = {"client_id": self.desk.client_id, "name": name, "email": email, "role": role}
            return insert(connection, Contact, **values | more)

    def run(self, now: datetime) -> list[Swept]:
        """Look after all that is due."""
        return list(_all(now))

    def sent(self) -> list[tuple[str, int | None]]:
        """The invoices that were reminded of, and by which step, oldest first."""
        with reading() as connection:
            rows = connection.execute(
                select(invoice.c.number, reminder.c.step_days)
                .join(invoice, invoice.c.id == reminder.c.invoice_id)
                .order_by(reminder.c.id)
            )
            return [(row.number, row.step_days) for row in rows]

    def stored(self) -> dict[str, Any]:
        """The plan's row."""
        with reading() as connection:
            return dict(connection.execute(select(reminder_plan)).mappings().one())

    def link(self, email: str = ANITA) -> str:
        """The end of somebody's link."""
        wanted = select(reminder_reader.c.token).where(reminder_reader.c.email == email)
        with reading() as connection:
            return str(connection.execute(wanted).scalar_one())

    def change(self, number: str, **columns: Any) -> None:
        """Change an invoice's columns behind everybody's back."""
        with unit_of_work() as connection:
            connection.execute(update(invoice).where(invoice.c.number == number).values(columns))


def open_reminder_desk(desk: Desk) -> ReminderDesk:
    """The desk with Anita, and the plan turned on three weeks before the desk's own moment."""
    with unit_of_work() as connection:
        contact_id = insert(
            connection, Contact, client_id=desk.client_id, name="Anita Patel", email=ANITA
        )
    reminding = ReminderDesk(desk, contact_id)
    reminding.turn_on(at=desk.now.replace(day=1))
    return reminding


def deliver(carrier: Transport, now: datetime) -> sender.Delivery | None:
    """Deliver the next letter as the worker does, reminders as they are true at this moment."""
    return sender.deliver_next(
        carrier,
        mail_from=FROM,
        now=lambda: now,
        on_given_up=tell_of_undelivered,
        renew=renew,
    )


def without_billing(desk: Desk) -> Desk:
    """The desk of somebody who may look at billing and change nothing."""
    return replace(desk, jane=desk.someone(view_billing=True))


def _all(now: datetime) -> Iterator[Swept]:
    while swept := reminders.remind_next(now=now):
        yield swept
