"""A firm's reminder plan as stored, and how far its run of today came.

A run goes through the firm's open invoices by their due dates, one at a time, and moves on in the
transaction that reminds of one: killed at any point, it goes on where it was. Of two workers one
takes a firm's plan, and the other takes another firm's.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Date,
    Integer,
    RowMapping,
    bindparam,
    insert,
    select,
    tuple_,
    update,
)

from assure_app.db.unit_of_work import reading
from assure_app.domain.invoice_status import Stage
from assure_app.domain.reminders import Period, Plan, due_dates, last_day, moment_of
from assure_app.models.tables import firm, invoice, reminder_plan

_SELECT = select(reminder_plan, firm.c.timezone).join(firm, firm.c.id == reminder_plan.c.firm_id)

# Built once: building a statement takes longer than running it.
_IS_DUE = select(reminder_plan.c.firm_id).where(reminder_plan.c.due_at <= bindparam("now")).limit(1)
_TAKE = (
    _SELECT.where(reminder_plan.c.due_at <= bindparam("now"))
    .order_by(reminder_plan.c.due_at, reminder_plan.c.firm_id)
    .limit(1)
    .with_for_update(of=reminder_plan, skip_locked=True)
)
_FIRST = (
    select(invoice.c.due_on, invoice.c.id)
    .where(
        invoice.c.firm_id == bindparam("firm_id"),
        invoice.c.stage == Stage.OPEN.value,
        invoice.c.due_on.between(bindparam("first"), bindparam("last")),
    )
    .order_by(invoice.c.due_on, invoice.c.id)
    .limit(1)
)
_NEXT = _FIRST.where(
    tuple_(invoice.c.due_on, invoice.c.id)
    > tuple_(bindparam("at_due_on", type_=Date), bindparam("at_id", type_=Integer))
)
_MOVE_ON = (
    update(reminder_plan)
    .where(reminder_plan.c.firm_id == bindparam("of_firm"))
    .values({each: bindparam(each) for each in ("running_through", "at_due_on", "at_id")})
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPlan:
    """A firm's plan; what is told of its run is for `Run`. `version` counts its changes."""

    plan: Plan
    done_through: date
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A firm's run, held: it looks after the days of the period, and stands after one invoice."""

    firm_id: int
    timezone: str
    plan: Plan
    done_through: date
    through: date
    at: tuple[date, int] | None

    @property
    def period(self) -> Period:
        """The days that it looks after."""
        return Period(after=self.done_through, through=self.through)


def of_firm(connection: Connection, firm_id: int) -> StoredPlan | None:
    """The firm's plan; None when it never had one."""
    row = connection.execute(_SELECT.where(reminder_plan.c.firm_id == firm_id)).mappings().first()
    if row is None:
        return None
    return StoredPlan(plan=_plan(row), done_through=row["done_through"], version=row["version"])


def is_due(now: datetime) -> bool:
    """Whether any firm's run is due; asked without the one write lock of SQLite."""
    with reading() as connection:
        return connection.execute(_IS_DUE, {"now": now}).first() is not None


def take(connection: Connection, now: datetime) -> Run | None:
    """The run that is due the longest, held until the transaction ends; None when none is."""
    row = connection.execute(_TAKE, {"now": now}).mappings().first()
    if row is None:
        return None
    plan = _plan(row)
    reached = last_day(now, row["timezone"], hour=plan.hour)
    return Run(
        firm_id=row["firm_id"],
        timezone=row["timezone"],
        plan=plan,
        done_through=row["done_through"],
        # A run keeps its days, however long it takes: the next one looks after those that follow.
        through=row["running_through"] or reached,
        at=None if row["at_id"] is None else (row["at_due_on"], row["at_id"]),
    )


def next_invoice(connection: Connection, run: Run) -> tuple[date, int] | None:
    """The due date and id of the next open invoice with a step in the run's days, or None.

    Each range of due dates is one step into the index of what is not paid, sorted by due date.
    """
    for first, last in due_dates(run.plan, run.period):
        if run.at is not None and last < run.at[0]:
            continue
        known: dict[str, Any] = {"firm_id": run.firm_id, "first": first, "last": last}
        if run.at is None:
            row = connection.execute(_FIRST, known).first()
        else:
            at = {"at_due_on": run.at[0], "at_id": run.at[1]}
            row = connection.execute(_NEXT, known | at).first()
        if row is not None:
            return row.due_on, row.id
    return None


def move_on(connection: Connection, run: Run, at: tuple[date, int]) -> None:
    """The run has come to this invoice."""
    due_on, invoice_id = at
    at_invoice = {"running_through": run.through, "at_due_on": due_on, "at_id": invoice_id}
    connection.execute(_MOVE_ON, at_invoice | {"of_firm": run.firm_id})


def finish(connection: Connection, run: Run) -> None:
    """The run's days are done; the next one begins at the hour of the day after."""
    done = max(run.done_through, run.through)
    due_at = moment_of(_day_after(done), run.timezone, hour=run.plan.hour)
    _write(connection, run.firm_id, {"done_through": done, "due_at": due_at} | _NOT_RUNNING)


def save(
    connection: Connection, firm_id: int, before: StoredPlan | None, plan: Plan, *, now: datetime
) -> None:
    """Store the plan in place of the one before, in the caller's transaction.

    Turned on, it begins with the next hour to come: nobody gets today what was never planned. A run
    under way begins anew by the new plan; what was sent of it is not sent again.
    """
    timezone = str(connection.scalar(select(firm.c.timezone).where(firm.c.id == firm_id)))
    was_on = before is not None and before.plan.is_on
    reached = last_day(now, timezone, hour=plan.hour)
    done = before.done_through if before is not None and was_on else reached
    due_at = moment_of(_day_after(done), timezone, hour=plan.hour) if plan.is_on else None
    values: dict[str, Any] = {
        "is_on": plan.is_on,
        "steps": ",".join(map(str, sorted(set(plan.steps)))),
        "hour": plan.hour,
        "done_through": done,
        "due_at": due_at,
        "version": 1 if before is None else before.version + 1,
    } | _NOT_RUNNING
    if before is None:
        connection.execute(insert(reminder_plan).values(firm_id=firm_id, **values))
    else:
        _write(connection, firm_id, values)


def look_again(connection: Connection, firm_id: int, now: datetime) -> None:
    """Have the moment of the next run reckoned anew, as after a change of the firm's time zone."""
    connection.execute(
        update(reminder_plan)
        .where(reminder_plan.c.firm_id == firm_id, reminder_plan.c.due_at > now)
        .values(due_at=now)
    )


_NOT_RUNNING = {"running_through": None, "at_due_on": None, "at_id": None}


def _write(connection: Connection, firm_id: int, values: dict[str, Any]) -> None:
    connection.execute(
        update(reminder_plan).where(reminder_plan.c.firm_id == firm_id).values(values)
    )


def _plan(row: RowMapping) -> Plan:
    steps = tuple(int(days) for days in row["steps"].split(",") if days)
    return Plan(is_on=row["is_on"], steps=steps, hour=row["hour"])


def _day_after(day: date) -> date:
    return day + timedelta(days=1)
