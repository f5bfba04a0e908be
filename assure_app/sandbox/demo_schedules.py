"""What the demo firm bills again and again, played through the services as if time had passed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from assure_app.billing import (
    invoice_record,
    invoices,
    manual_payments,
    schedule_changes,
    schedules,
    schedules_run,
    sending,
)
from assure_app.billing.manual_payments import PaymentForm
from assure_app.billing.reading.editor_form import LineForm
from assure_app.billing.reading.schedule_rows import ScheduleForm
from assure_app.billing.schedule_changes import ScheduleAct
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.calendar import day_of, noon_of
from assure_app.domain.ledger import Method
from assure_app.domain.permissions import Principal
from assure_app.domain.schedules import Frequency
from assure_app.models.tables import invoice, schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSchedule:
    """A schedule that began so many days ago, or begins in so many; amounts in dollars."""

    client: str
    title: str
    line: str
    dollars: str
    began_days_ago: int
    frequency: Frequency = Frequency.MONTHLY
    has_engagement: bool = True
    most: str = ""
    due_days: int = 14
    act: ScheduleAct | None = None


CHEN_SCHEDULES = (
    DemoSchedule(
        client="Patel Family",
        title="Family office, quarterly retainer",
        line="Family office services",
        dollars="1,800",
        began_days_ago=75,
        frequency=Frequency.QUARTERLY,
    ),
    DemoSchedule(
        client="Okafor Dental PLLC",
        title="Monthly bookkeeping",
        line="Bookkeeping and month-end close",
        dollars="650",
        began_days_ago=53,
    ),
    DemoSchedule(
        client="Brightwater Foods",
        title="Payroll",
        line="Payroll, up to 40 people",
        dollars="420",
        began_days_ago=-6,
    ),
    DemoSchedule(
        client="Tessellate Labs",
        title="Controller on call",
        line="Controller, per month",
        dollars="1,150",
        began_days_ago=40,
        act=ScheduleAct.PAUSE,
    ),
    DemoSchedule(
        client="Cedar Row HOA",
        title="Annual review",
        line="Review of the annual statements",
        dollars="2,900",
        began_days_ago=-34,
        frequency=Frequency.ANNUAL,
        due_days=30,
    ),
    DemoSchedule(
        client="Ngata & Sons",
        title="Advisory package",
        line="Advisory call",
        dollars="240",
        began_days_ago=64,
        has_engagement=False,
        most="2",
    ),
)


def load(
    principal: Principal,
    clients: Mapping[str, tuple[int, int | None]],
    timezone: str,
    *,
    now: datetime,
) -> None:
    """Set the schedules up and let the days since then pass; what fell due meanwhile was paid."""
    made: list[tuple[int, DemoSchedule]] = []
    for one in CHEN_SCHEDULES:
        first = day_of(now, timezone) - timedelta(days=one.began_days_ago)
        began = min(noon_of(first, timezone) - timedelta(days=2), now - timedelta(minutes=10))
        form = _form(one, clients[one.client][1], first.isoformat())
        token = f"demo schedule {one.title}"[:64]
        saved = schedules.create(principal, form, form_token=token, now=began)
        made.append((saved.id, one))
    _live_through(principal, now)
    _send_and_pay(principal, now)
    with unit_of_work() as connection:
        connection.execute(update(schedule).values(sends_itself=True))
    for schedule_id, one in made:
        if one.act is not None:
            _act(principal, one.act, schedule_id, now - timedelta(minutes=5))


def _form(one: DemoSchedule, engagement_id: int | None, first: str) -> ScheduleForm:
    """Nothing is sent by itself while the past is played: nobody gets a letter from last year."""
    return ScheduleForm(
        client=one.client,
        engagement=str(engagement_id or "") if one.has_engagement else "",
        title=one.title,
        frequency=one.frequency.value,
        date=first,
        end="count" if one.most else "never",
        most=one.most,
        due_days=str(one.due_days),
        lines=(LineForm(key="1", description=one.line, price=one.dollars),),
    )


def _live_through(principal: Principal, now: datetime) -> None:
    next_due = select(func.min(schedule.c.due_at)).where(schedule.c.firm_id == principal.firm_id)
    while True:
        with reading() as connection:
            due_at = connection.scalar(next_due)
        if due_at is None or due_at > now:
            return
        schedules_run.generate_next(now=min(due_at + timedelta(hours=9), now))


def _send_and_pay(principal: Principal, now: datetime) -> None:
    made = (
        select(invoice.c.number, invoice.c.created_at, invoice.c.due_on, schedule.c.last_on)
        .join(schedule, schedule.c.id == invoice.c.schedule_id)
        .add_columns(invoice.c.period_on)
        .where(invoice.c.firm_id == principal.firm_id)
        .order_by(invoice.c.id)
    )
    with reading() as connection:
        rows = connection.execute(made).all()
    for row in rows:
        with unit_of_work() as connection:
            invoices.mark_sent(
                connection, principal, row.number, text=sending.SENT_BY_EMAIL, now=row.created_at
            )
            timezone = invoice_record.find(connection, principal, row.number).timezone
        if row.due_on < day_of(now, timezone):
            _pay(principal, row.number, row.created_at + timedelta(days=9))


def _pay(principal: Principal, number: str, at: datetime) -> None:
    start = manual_payments.start(principal, number, now=at)
    form = PaymentForm(amount=start.amount, method=Method.WIRE.value, date=start.date)
    manual_payments.record_payment(principal, number, form, form_token=start.form_token, now=at)


def _act(principal: Principal, act: ScheduleAct, schedule_id: int, at: datetime) -> None:
    asked = schedule_changes.start(principal, act, schedule_id, now=at)
    schedule_changes.change(
        *(principal, act, schedule_id), version=asked.version, expected=asked.expected, now=at
    )
