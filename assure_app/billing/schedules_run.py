"""Making the invoices of recurring schedules, one period at a time (R123, R124).

Whatever runs twice, at once or after days of standing still: a period is invoiced once. The
schedule is held while its invoice is made, sent and counted, all in one transaction, and the
database itself takes no second invoice of a period.
"""

import logging
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, select
from sqlalchemy.exc import OperationalError

from assure_app.billing import (
    activity,
    invoice_letters,
    invoice_record,
    invoices,
    schedule_lines,
    schedule_news,
    schedule_record,
    sending,
)
from assure_app.billing.schedule_record import SYSTEM, ScheduleRecord
from assure_app.billing.send_form import Wanted
from assure_app.billing.stripe_sweep import Swept
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.errors import BillingError
from assure_app.models.tables import firm_user
from assure_app.settings import get_settings

PUT_OFF = timedelta(hours=1)
"""How long after its invoice could not be made a schedule is taken up again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sender:
    name: str
    email: str


def generate_next(*, now: datetime) -> Swept | None:
    """Make the invoice of the schedule that has been due the longest; None when none is due.

    Periods that passed while nothing ran are made one after the other, each dated by its own day.
    A schedule whose invoice cannot be made says so, and is taken up again later: it holds up none.
    """
    with unit_of_work() as connection:
        due = schedule_record.lock_due(connection, now)
        if due is None:
            return None
        period_on = due.course.next_on
        what = f"schedule {due.id} of {period_on}"
        if period_on > due.today(now):  # The firm went to a later time zone meanwhile.
            schedule_record.save(connection, due, due.going_on(period_on))
            return Swept(what=what, firm_id=None)
        try:
            with connection.begin_nested():
                _generate(connection, due, period_on, now)
        except OperationalError:
            raise  # The database itself is in the way: nothing is the schedule's fault.
        except Exception as error:
            if isinstance(error, BillingError) and error.retryable:
                raise
            logging.getLogger(__name__).exception("No invoice of %s", what)
            _put_off(connection, due, error, now)
        return Swept(what=what, firm_id=due.firm_id)


def _generate(connection: Connection, due: ScheduleRecord, period_on: date, now: datetime) -> None:
    """Write the invoice, send it where it goes by itself, and go on to the next period."""
    new = invoices.NewInvoice(
        client_id=due.client_id,
        engagement_id=due.engagement_id,
        title=due.title,
        issued_on=period_on,
        due_on=period_on + timedelta(days=due.due_days),
        lines=schedule_lines.of_schedule(connection, due.id),
        schedule_id=due.id,
        period_on=period_on,
    )
    invoice_id, number = invoices.write_draft(
        connection, new, firm_id=due.firm_id, client_name=due.client, now=now
    )
    _log(connection, due, invoice_id, f"Generated from the schedule “{due.title}”", now)
    if due.sends_itself:
        _send(connection, due, invoice_id, number, now)
    after = replace(
        due.going_on(due.course.after_one()),
        generated_count=due.generated_count + 1,
        last_on=period_on,
        problem="",
    )
    schedule_record.save(connection, due, after)
    if after.next_on is None:
        text = f"Completed with {number}, its last invoice"
        schedule_record.note(connection, due, text, actor=SYSTEM, user_id=None, now=now)


def _send(
    connection: Connection, due: ScheduleRecord, invoice_id: int, number: str, now: datetime
) -> None:
    """Open the draft and post its letters; one that reaches nobody stays a draft, and staff hears.

    An invoice that its client never got must not fall due, nor be charged.
    """
    addresses = invoice_letters.addresses_of(connection, due.client_id)
    if not addresses or not get_settings().can_send_mail:
        why = (
            f"{due.client} has no e-mail address"
            if not addresses
            else "this installation cannot send e-mail yet"
        )
        schedule_news.not_sent(connection, due, invoice_id, number, why, now=now)
        return
    draft = invoice_record.lock_of_firm(connection, firm_id=due.firm_id, invoice_id=invoice_id)
    invoice_record.save(connection, draft, replace(draft, sent_at=now, opened_at=now))
    _log(connection, due, invoice_id, sending.SENT_BY_EMAIL, now)
    sender = _sender(connection, due)
    invoice_letters.post(connection, sender, draft, Wanted(addresses=addresses), now=now)


def _sender(connection: Connection, due: ScheduleRecord) -> _Sender:
    """Who set the schedule up, or an owner of the firm once that person has left."""
    user = firm_user.c
    wanted = (
        select(user.name, user.email)
        .where(user.firm_id == due.firm_id, user.is_active)
        .where((user.id == due.owner_id) | user.is_owner)
        .order_by((user.id == due.owner_id).desc(), user.id)
        .limit(1)
    )
    row = connection.execute(wanted).one()
    return _Sender(name=row.name, email=row.email)


def _put_off(connection: Connection, due: ScheduleRecord, error: Exception, now: datetime) -> None:
    sentence = error.sentence if isinstance(error, BillingError) else "Something unexpected failed."
    after = replace(due, due_at=now + PUT_OFF, problem=sentence[:500])
    schedule_record.save(connection, due, after)
    if not due.problem:
        schedule_news.not_made(connection, due, sentence, now=now)


def _log(
    connection: Connection, due: ScheduleRecord, invoice_id: int, text: str, now: datetime
) -> None:
    activity.append(
        connection,
        firm_id=due.firm_id,
        invoice_id=invoice_id,
        at=now,
        text=text,
        actor=SYSTEM,
    )
