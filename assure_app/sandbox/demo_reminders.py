"""The demo firm's reminders of the last days, sent by its plan as if the days had passed."""

from datetime import datetime, timedelta

from sqlalchemy import select, update

from assure_app.billing import reminder_readers, reminder_settings, reminders
from assure_app.billing.reading.reminder_rows import PlanForm
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.calendar import day_of
from assure_app.domain.permissions import Principal
from assure_app.domain.reminders import Plan, moment_of
from assure_app.models.tables import mail_message, reminder_reader

DAYS = 9
"""Since when the plan is on: none of the invoices it reminds of has news that are younger."""


def load(principal: Principal, timezone: str, *, now: datetime) -> None:
    """Turn the plan on, let the days since then pass, and let one client have enough of it.

    The letters count as sent: nobody finds one of last week in the mailbox today.
    """
    plan = Plan()
    begun = moment_of(day_of(now, timezone) - timedelta(days=DAYS), timezone, hour=plan.hour)
    form = PlanForm(is_on=True, days=tuple(map(str, plan.steps)), hour=str(plan.hour))
    reminder_settings.save(principal, form, version=0, now=begun + timedelta(minutes=30))
    for day in range(1, DAYS + 1):
        moment = begun + timedelta(days=day)
        while moment <= now and reminders.remind_next(now=moment):
            pass
    with unit_of_work() as connection:
        connection.execute(
            update(mail_message)
            .where(mail_message.c.written_from != "", mail_message.c.sent_at.is_(None))
            .values(due_at=None, sent_at=mail_message.c.created_at, attempts=1)
        )
    first = select(reminder_reader.c.token).order_by(reminder_reader.c.id).limit(1)
    with reading() as connection:
        token = connection.scalar(first)
    if token:
        reminder_readers.choose(token, is_stopped=True, now=now - timedelta(hours=1))
