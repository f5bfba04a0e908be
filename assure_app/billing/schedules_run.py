"""Making the invoices of recurring schedules, one period at a time (R123, R124).

Whatever runs twice, at once or after days of standing still: a period is invoiced once. The
schedule is held while its invoice is made, sent and counted, all in one transaction, and the
database itself takes no second invoice of a period.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, bindparam, select
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
from assure_app.domain.line_items import Line
from assure_app.models.tables import firm_user
from assure_app.settings import get_settings

PUT_OFF = timedelta(hours=1)
"""How long after its invoice could not be made a schedule is taken up again."""

AT_ONCE = 10
"""As many invoices are made in one transaction."""

_is_own = firm_user.c.id == bindparam("owner_id")

# Built once: building a statement takes longer than running it.
_SENDER = (
    select(firm_user.c.name, firm_user.c.email)
    .where(firm_user.c.firm_id == bindparam("firm_id"), firm_user.c.is_active)
    .where(_is_own | firm_user.c.is_owner)
    .order_by(_is_own.desc(), firm_user.c.id)
    .limit(1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sender:
    name: str
    email: str


def generate_next(*, now: datetime) -> Swept | None:
    """Make the invoices that have been due the longest, a few of one firm; None when none is due.

    Periods that passed while nothing ran are made one after the other, each dated by its own day.
    A schedule whose invoice cannot be made says so, and is taken up again later: it holds up none.
    """
    with unit_of_work() as connection:
        first = due = schedule_record.lock_due(connection, now)
        if first is None:
            return None
        done = 0
        # A commit costs as much as an invoice does; a long transaction keeps others waiting.
        while due is not None and due.firm_id == first.firm_id:
            _do(connection, due, now)
            done += 1
            due = schedule_record.lock_due(connection, now) if done < AT_ONCE else None
        return Swept(what=f"{done} due from schedule {first.id} on", firm_id=first.firm_id)


def _do(connection: Connection, due: ScheduleRecord, now: datetime) -> None:
    """Do what is due of one schedule, or put it off; whatever befalls it, the others go on."""
    period_on = due.course.next_on
    if period_on > due.today(now):  # The firm went to a later time zone meanwhile.
        schedule_record.save(connection, due, due.going_on(period_on))
        return
    try:
        with connection.begin_nested():
            _generate(connection, due, period_on, now)
    except OperationalError:
        raise  # The database itself is in the way: nothing is the schedule's fault.
    except Exception as error:
        if isinstance(error, BillingError) and error.retryable:
            raise
        logging.getLogger(__name__).exception("No invoice of schedule %s", due.id)
        _put_off(connection, due, error, now)


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
    addresses = invoice_letters.addresses_of(connection, due.client_id) if due.sends_itself else ()
    is_sent = bool(addresses) and get_settings().can_send_mail
    invoice_id, number = invoices.write(
        connection,
        new,
        firm_id=due.firm_id,
        client_name=due.client,
        opened_at=now if is_sent else None,
        now=now,
    )
    activity.begin(
        connection,
        firm_id=due.firm_id,
        invoice_id=invoice_id,
        at=now,
        texts=(f"Generated from the schedule “{due.title}”", *([sending.SENT_BY_EMAIL] * is_sent)),
        actor=SYSTEM,
    )
    if is_sent:
        _post(connection, due, invoice_id, Wanted(addresses=addresses), new.lines, now=now)
    elif due.sends_itself:
        why = _why_not_sent(due, addresses)
        schedule_news.not_sent(connection, due, invoice_id, number, why, now=now)
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


def _post(
    connection: Connection,
    due: ScheduleRecord,
    invoice_id: int,
    wanted: Wanted,
    lines: Sequence[Line],
    *,
    now: datetime,
) -> None:
    sent = invoice_record.lock_of_firm(connection, firm_id=due.firm_id, invoice_id=invoice_id)
    sender = _sender(connection, due)
    invoice_letters.post(connection, sender, sent, wanted, lines=lines, now=now)


def _why_not_sent(due: ScheduleRecord, addresses: tuple[str, ...]) -> str:
    """What reaches nobody stays a draft: an invoice that its client never got must not fall due,
    nor be charged."""
    if addresses:
        return "this installation cannot send email yet"
    return f"{due.client} has no email address"


def _sender(connection: Connection, due: ScheduleRecord) -> _Sender:
    """Who set the schedule up, or an owner of the firm once that person has left."""
    known = {"firm_id": due.firm_id, "owner_id": due.owner_id}
    row = connection.execute(_SENDER, known).one()
    return _Sender(name=row.name, email=row.email)


def _put_off(connection: Connection, due: ScheduleRecord, error: Exception, now: datetime) -> None:
    sentence = error.sentence if isinstance(error, BillingError) else "Something unexpected failed."
    after = replace(due, due_at=now + PUT_OFF, problem=sentence[:500])
    schedule_record.save(connection, due, after)
    if not due.problem:
        schedule_news.not_made(connection, due, sentence, now=now)
