"""Schedules for tests: set up through the service, run until nothing is due."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from assure_app.billing import schedules, schedules_run
from assure_app.billing.reading.editor_form import LineForm
from assure_app.billing.reading.schedule_rows import ScheduleForm
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.permissions import Principal
from assure_app.models import Contact
from assure_app.models.tables import invoice, mail_message, schedule, schedule_entry
from tests.factories import insert
from tests.support.desk import Desk

FORM = ScheduleForm(
    client="Patel Family",
    title="Monthly bookkeeping",
    frequency="Monthly",
    date="2026-05-31",
    due_days="14",
    sends="on",
    lines=(LineForm(key="1", description="Bookkeeping", price="100"),),
)
_MOST_RUNS = 200


def make_contact(client_id: int, email: str = "anita@patelfamily.example") -> None:
    with unit_of_work() as connection:
        insert(connection, Contact, client_id=client_id, name="Anita Patel", email=email)


def set_up(
    desk: Desk, *, by: Principal | None = None, at: datetime | None = None, **typed: Any
) -> int:
    """A schedule with this form; by Jane, at the desk's moment, unless it is told."""
    form = replace(FORM, **typed)
    token = f"a form token {abs(hash(form))} {at}"[:64]
    saved = schedules.create(by or desk.jane, form, form_token=token, now=at or desk.now)
    return saved.id


def run(now: datetime) -> int:
    """Make everything that is due at this moment; gives how many times something was done."""
    for count in range(_MOST_RUNS):
        if schedules_run.generate_next(now=now) is None:
            return count
    raise AssertionError("it never ends")


def stored(schedule_id: int) -> dict[str, Any]:
    """The schedule's columns."""
    with reading() as connection:
        row = connection.execute(select(schedule).where(schedule.c.id == schedule_id))
        return dict(row.mappings().one())


def periods(schedule_id: int) -> list[date]:
    """The days for which it made invoices."""
    with reading() as connection:
        wanted = select(invoice.c.period_on).where(invoice.c.schedule_id == schedule_id)
        return list(connection.scalars(wanted.order_by(invoice.c.period_on)))


def entries(schedule_id: int) -> list[tuple[str, str]]:
    """What became of the schedule and by whom, oldest first."""
    with reading() as connection:
        wanted = select(schedule_entry.c.text, schedule_entry.c.actor)
        of_it = schedule_entry.c.schedule_id == schedule_id
        rows = connection.execute(wanted.where(of_it).order_by(schedule_entry.c.id))
        return [(row.text, row.actor) for row in rows]


def letters_of(schedule_id: int) -> list[tuple[str, str]]:
    """Of which of its invoices a letter was written, and to whom."""
    with reading() as connection:
        wanted = (
            select(invoice.c.number, mail_message.c.to_email)
            .join(mail_message, mail_message.c.invoice_id == invoice.c.id)
            .where(invoice.c.schedule_id == schedule_id)
            .order_by(invoice.c.id, mail_message.c.id)
        )
        return [(row.number, row.to_email) for row in connection.execute(wanted)]
