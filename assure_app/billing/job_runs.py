"""How a job goes from written to done: begun, done or tried again later, given up to a person.

The row decides, not the engine that carries the message: a turn that does not count any more does
nothing, what was begun and never ended is due again a while later, and so is what the engine lost.
"""

import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, select, update

from assure_app.billing import notifications
from assure_app.billing.stripe_sweep import Swept
from assure_app.db import jobs
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.errors import BillingError
from assure_app.domain.notifications import NotificationKind
from assure_app.models.tables import job

LEASE = timedelta(minutes=5)
"""How long one try may take before the job is due again, as after a killed worker."""
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
MOST_TRIES = 20
"""Some fourteen hours: longer than Stripe is ever away, shorter than a person should not know."""
KEPT = timedelta(days=90)
_OURS = "Something went wrong that is not yours to mend; the server’s log says what."
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A job at one of its tries, from 1."""

    id: int
    turn: int
    tries: int
    firm_id: int
    name: str
    what: str
    invoice_id: int | None
    arguments: dict[str, Any]


def begin(job_id: int, turn: int, *, now: datetime) -> Begun | None:
    """Take the job for one try; None when this turn of it does not count any more."""
    with unit_of_work() as connection:
        row = connection.execute(
            update(job)
            .where(_counts(job_id, turn))
            .values(tries=job.c.tries + 1, due_at=now + LEASE)
            .returning(job)
        ).first()
    if row is None:
        return None
    return Begun(
        id=row.id,
        turn=row.turn,
        tries=row.tries,
        firm_id=row.firm_id,
        name=row.name,
        what=row.what,
        invoice_id=row.invoice_id,
        arguments=json.loads(row.arguments),
    )


def finish(begun: Begun, *, now: datetime) -> None:
    """The job is done, also when a later turn of it was begun meanwhile."""
    with unit_of_work() as connection:
        connection.execute(
            update(job)
            .where(job.c.id == begun.id, job.c.done_at.is_(None))
            .values(due_at=None, done_at=now, stopped_at=None, failure="")
        )


def fail(begun: Begun, error: Exception, *, now: datetime) -> None:
    """Note what came of the try: another one later, each pause longer, or a person's business."""
    is_ours = not isinstance(error, BillingError)
    if is_ours:
        _log.error("The job %s %s failed", begun.name, begun.id, exc_info=error)
    failure = (_OURS if is_ours else str(error))[:500]
    with unit_of_work() as connection:
        if begun.tries < MOST_TRIES:
            _write(connection, begun, due_at=now + pause_after(begun.tries), failure=failure)
        elif _write(connection, begun, due_at=None, stopped_at=now, failure=failure):
            _tell(connection, begun, failure, now)


def pause_after(tries: int) -> timedelta:
    """How long to wait after so many tries: twice as long each time, an hour at the most."""
    doublings: int = min(tries - 1, 10)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)


def hand_over_next(*, now: datetime) -> Swept | None:
    """Hand the job that has been due the longest to the engine anew; None when none is due."""
    with unit_of_work() as connection:
        row = connection.execute(
            select(job.c.id, job.c.turn)
            .where(job.c.due_at <= now)
            .order_by(job.c.due_at, job.c.id)
            .limit(1)
        ).first()
        if row is None:
            return None
        taken = connection.execute(
            update(job)
            .where(_counts(row.id, row.turn), job.c.due_at <= now)
            .values(turn=row.turn + 1, due_at=now + jobs.STALL)
        )
        if taken.rowcount == 1:
            jobs.hand_over(connection, row.id, turn=row.turn + 1)
    return Swept(what=f"job {row.id}", firm_id=None)


def forget_next(*, now: datetime) -> Swept | None:
    """Delete what was done long ago, a hundred at a time; None when nothing is left to delete."""
    old = select(job.c.id).where(job.c.done_at < now - KEPT).limit(100)
    with unit_of_work() as connection:
        gone = connection.execute(delete(job).where(job.c.id.in_(old))).rowcount
    return Swept(what=f"{gone} old jobs", firm_id=None) if gone else None


def _counts(job_id: int, turn: int) -> Any:
    return (job.c.id == job_id) & (job.c.turn == turn) & job.c.due_at.is_not(None)


def _write(connection: Connection, begun: Begun, **values: object) -> bool:
    written = connection.execute(update(job).where(_counts(begun.id, begun.turn)).values(values))
    return written.rowcount == 1


def _tell(connection: Connection, begun: Begun, failure: str, now: datetime) -> None:
    notifications.tell(
        connection,
        firm_id=begun.firm_id,
        kind=NotificationKind.JOB_STOPPED,
        text=f"{begun.what} was given up after {begun.tries} tries",
        detail=failure,
        about=f"job {begun.id} stopped at turn {begun.turn}",
        invoice_id=begun.invoice_id,
        now=now,
    )
