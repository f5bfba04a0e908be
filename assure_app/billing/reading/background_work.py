"""What the page of background work shows: what was given up, and how the periodic work goes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, RowMapping, select

from assure_app.billing import audit, stopped_jobs
from assure_app.db.unit_of_work import reading
from assure_app.domain.calendar import moment_text
from assure_app.domain.permissions import Permission, Principal
from assure_app.models.tables import firm, invoice, job, periodic_work

MOST_SHOWN = 50
GOING_WELL, LATE, FAILING = "Running well", "Late", "Failing"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppedRow:
    """A job that waits for a person; `number` is its invoice's, "" for none."""

    id: int
    what: str
    why: str
    since: str
    tries: str
    number: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRow:
    """A periodic work: when it last ended, and one of three words on how it goes."""

    name: str
    title: str
    last: str
    state: str
    explained: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BackgroundView:
    """The page; `more` says when more is stopped than is shown."""

    stopped: tuple[StoppedRow, ...] = ()
    works: tuple[WorkRow, ...] = ()
    more: str = ""
    under_way: str = ""
    may_retry: bool = False


def page(principal: Principal, *, now: datetime) -> BackgroundView:
    """The page as this person may see it. Raises PermissionDenied."""
    audit.require(principal, Permission.VIEW_BILLING, act="look at background work", now=now)
    with reading() as connection:
        zone = str(connection.scalar(select(firm.c.timezone).where(firm.c.id == principal.firm_id)))
        stopped = _stopped(connection, principal, zone=zone, now=now)
        works = connection.execute(select(periodic_work).order_by(periodic_work.c.title))
        rows = tuple(_work(row, zone=zone, now=now) for row in works.mappings())
    return BackgroundView(
        stopped=stopped[:MOST_SHOWN],
        works=rows,
        more=f"Only the {MOST_SHOWN} latest are shown." if len(stopped) > MOST_SHOWN else "",
        may_retry=principal.has(Permission.EDIT_BILLING),
    )


def _stopped(
    connection: Connection, principal: Principal, *, zone: str, now: datetime
) -> tuple[StoppedRow, ...]:
    waiting = (
        select(job, invoice.c.number)
        .select_from(stopped_jobs.WITH_INVOICE)
        .where(stopped_jobs.visible_to(principal), job.c.stopped_at.is_not(None))
        .order_by(job.c.stopped_at.desc(), job.c.id.desc())
        .limit(MOST_SHOWN + 1)
    )
    return tuple(_stopped_row(row, zone, now) for row in connection.execute(waiting))


def _stopped_row(row: Any, zone: str, now: datetime) -> StoppedRow:
    return StoppedRow(
        id=row.id,
        what=row.what,
        why=row.failure,
        since=moment_text(row.stopped_at, zone, now=now),
        tries=f"Tried {row.tries} times" if row.tries > 1 else "Tried once",
        number=row.number or "",
        href=f"/invoices?invoice={quote(row.number or '', safe='')}",
    )


def _work(row: RowMapping, *, zone: str, now: datetime) -> WorkRow:
    state = _state(row, now)
    explained = {
        GOING_WELL: "",
        LATE: "It has not run for a while. Is a worker running?",
        FAILING: "The last run failed; the server’s log says why. It is tried again by itself.",
    }
    ended = row["ended_at"]
    return WorkRow(
        name=row["name"],
        title=row["title"],
        last="not yet" if ended is None else moment_text(ended, zone, now=now),
        state=state,
        explained=explained[state],
    )


def _state(row: RowMapping, now: datetime) -> str:
    if row["failures"]:
        return FAILING
    patience = timedelta(seconds=3 * row["every_seconds"] + 60)
    return LATE if now - (row["ended_at"] or row["begun_at"]) > patience else GOING_WELL
