"""Runs of the reconciliation as kept: begun once, gone on with by one at a time, finished."""

from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, RowMapping, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from assure_app.billing.reconciliation_look import GRACE
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.errors import Busy
from assure_app.models.reconciliation import Phase
from assure_app.models.tables import payment, reconciliation_run

LEASE = timedelta(minutes=10)
"""Longer than one step takes: whoever took a run and fell silent for so long has died."""
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 120, 240))
"""How long after Stripe was silent; after the last one the run ends without an answer."""
RECENT = timedelta(days=7)
_FIRST = timedelta(days=30)
_SUMS = (
    *("payments", "payments_cents", "refunds", "refunds_cents", "disputes", "disputes_cents"),
    *("fees_cents", "payouts", "payouts_cents", "movements"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run as stored; `due_at` is None once it is finished."""

    id: int
    firm_id: int
    account_id: str
    night: date | None
    started_by: str
    is_full: bool
    since: datetime
    until: datetime
    reached: datetime
    phase: Phase
    cursor: int
    payments: int
    payments_cents: int
    refunds: int
    refunds_cents: int
    disputes: int
    disputes_cents: int
    fees_cents: int
    payouts: int
    payouts_cents: int
    movements: int
    differences: int
    attempts: int
    due_at: datetime | None
    started_at: datetime
    finished_at: datetime | None
    problem: str

    @property
    def percent(self) -> int:
        """How far it is: the days of its window, then what is still open."""
        if self.finished_at is not None:
            return 100
        if self.phase is not Phase.WINDOW:
            return 95
        whole = self.until - self.since
        return (self.reached - self.since) * 90 // whole if whole else 90


@dataclass(slots=True, kw_only=True)
class Tally:
    """What agreed in one step, in numbers and cents."""

    payments: int = 0
    payments_cents: int = 0
    refunds: int = 0
    refunds_cents: int = 0
    disputes: int = 0
    disputes_cents: int = 0
    fees_cents: int = 0
    payouts: int = 0
    payouts_cents: int = 0
    movements: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a run goes on."""

    phase: Phase
    reached: datetime
    cursor: int = 0


_SELECT = select(*(reconciliation_run.c[field.name] for field in fields(Run)))


def by_id(connection: Connection, run_id: int) -> Run:
    """A run that is known to exist."""
    found = connection.execute(_SELECT.where(reconciliation_run.c.id == run_id))
    return _run(found.mappings().one())


def running(connection: Connection, account_id: str) -> Run | None:
    """The run of an account that is not finished."""
    is_it = reconciliation_run.c.account_id == account_id
    found = connection.execute(_SELECT.where(is_it, reconciliation_run.c.finished_at.is_(None)))
    row = found.mappings().first()
    return None if row is None else _run(row)


def begin(
    connection: Connection,
    *,
    firm_id: int,
    account_id: str,
    now: datetime,
    night: date | None = None,
    started_by: str = "",
    is_full: bool = False,
) -> Run | None:
    """Begin a run of an account, or go on with the one that is running; None when this night had
    its run already."""
    known = running(connection, account_id)
    if known is not None:
        return known
    until = now - GRACE
    since = min(_since(connection, account_id, now, is_full=is_full), until)
    values = {
        "firm_id": firm_id,
        "account_id": account_id,
        "night": night,
        "started_by": started_by[:200],
        "is_full": is_full,
        "since": since,
        "until": until,
        "reached": since,
        "phase": Phase.WINDOW.value,
        "cursor": 0,
        "differences": 0,
        "attempts": 0,
        "due_at": now,
        "started_at": now,
        "problem": "",
    } | dict.fromkeys(_SUMS, 0)
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    new = dialect.insert(reconciliation_run).values(values).on_conflict_do_nothing()
    row = connection.execute(new.returning(reconciliation_run.c.id)).first()
    return running(connection, account_id) if row is None else by_id(connection, row.id)


def take(*, now: datetime, run_id: int | None = None) -> Run | None:
    """Take the run that has been due the longest, or this one, by moving its due moment on."""
    due = _SELECT.where(
        reconciliation_run.c.due_at <= now,
        reconciliation_run.c.finished_at.is_(None),  # As the index says it.
    )
    if run_id is not None:
        due = due.where(reconciliation_run.c.id == run_id)
    with unit_of_work() as connection:
        row = connection.execute(
            due.order_by(reconciliation_run.c.due_at, reconciliation_run.c.id).limit(1)
        ).first()
        if row is None:
            return None
        taken = connection.execute(
            update(reconciliation_run)
            .where(
                reconciliation_run.c.id == row.id,
                reconciliation_run.c.due_at == row.due_at,
                reconciliation_run.c.phase == row.phase,
                reconciliation_run.c.reached == row.reached,
                reconciliation_run.c.cursor == row.cursor,
            )
            .values(due_at=now + LEASE)
        )
        return by_id(connection, row.id) if taken.rowcount == 1 else None


def save_step(
    connection: Connection, run: Run, tally: Tally, after: Position, *, now: datetime
) -> None:
    """Note what a step came to and where the run goes on, in the transaction of what it found.

    Raises Busy when somebody else took the run meanwhile: then all of it is theirs to do.
    """
    _move(
        connection,
        run,
        {
            "phase": after.phase.value,
            "reached": after.reached,
            "cursor": after.cursor,
            "due_at": now,
            "attempts": 0,
        }
        | {name: reconciliation_run.c[name] + getattr(tally, name) for name in _SUMS},
    )


def finish(
    connection: Connection,
    run: Run,
    *,
    differences: int,
    available_cents: int | None,
    pending_cents: int | None,
    now: datetime,
) -> None:
    """End a run. Raises Busy as `save_step` does."""
    _move(
        connection,
        run,
        {
            "phase": Phase.DONE.value,
            "differences": differences,
            "available_cents": available_cents,
            "pending_cents": pending_cents,
            "due_at": None,
            "finished_at": now,
            "attempts": 0,
        },
    )


def put_back(run: Run, problem: str, *, now: datetime) -> None:
    """Have it gone on with later, as Stripe is silent; after the last wait it ends with a word."""
    with unit_of_work() as connection:
        if run.attempts < len(WAITS):
            due_at = now + WAITS[run.attempts]
            _move(connection, run, {"due_at": due_at, "attempts": run.attempts + 1})
        else:
            _move(connection, run, {"due_at": None, "finished_at": now, "problem": problem[:500]})


def _move(connection: Connection, run: Run, values: dict[str, object]) -> None:
    moved = connection.execute(
        update(reconciliation_run)
        .where(
            reconciliation_run.c.id == run.id,
            reconciliation_run.c.due_at == run.due_at,
            reconciliation_run.c.phase == run.phase.value,
            reconciliation_run.c.reached == run.reached,
            reconciliation_run.c.cursor == run.cursor,
        )
        .values(values)
    )
    if moved.rowcount != 1:
        raise Busy


def _since(connection: Connection, account_id: str, now: datetime, *, is_full: bool) -> datetime:
    """A week before where the last answer ended; in a full run, and in the first one, where the
    books begin."""
    last = connection.scalar(
        select(func.max(reconciliation_run.c.until)).where(
            reconciliation_run.c.account_id == account_id,
            reconciliation_run.c.finished_at.is_not(None),
            reconciliation_run.c.problem == "",
        )
    )
    if isinstance(last, datetime) and not is_full:
        return last - RECENT
    first = connection.scalar(
        select(func.min(payment.c.created_at)).where(
            payment.c.stripe_account_id == account_id, payment.c.stripe_charge_id.is_not(None)
        )
    )
    return min(now - _FIRST, first - timedelta(days=1) if isinstance(first, datetime) else now)


def _run(row: RowMapping) -> Run:
    return Run(**{**row, "phase": Phase(row["phase"])})
