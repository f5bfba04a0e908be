"""That a period of a periodic work is begun once, however many workers and restarts there are."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from assure_app.db import jobs
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.models.tables import periodic_work


def number_of(now: datetime, every: timedelta) -> int:
    """Which period a moment falls into; those that were slept through are one with this one."""
    return int(now.timestamp() // every.total_seconds())


def begun() -> Mapping[str, int]:
    """The last period of each work that anybody began: one look for all of them."""
    with reading() as connection:
        rows = connection.execute(select(periodic_work.c.name, periodic_work.c.period)).all()
    return {row.name: row.period for row in rows}


def begin(name: str, every: timedelta, *, now: datetime, title: str = "") -> bool:
    """Hand the work's current period to the engine, unless somebody did so before.

    `title` is the work's name for people.
    """
    period = number_of(now, every)
    told = {"title": title or name, "every_seconds": int(every.total_seconds())}
    with unit_of_work() as connection:
        # Not “later than”: after a clock that ran ahead was set right, that would be never.
        taken = connection.execute(
            update(periodic_work)
            .where(periodic_work.c.name == name, periodic_work.c.period != period)
            .values(period=period, begun_at=now, **told)
        )
        if taken.rowcount != 1:
            dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
            values = {"name": name, "period": period, "begun_at": now, "failures": 0, **told}
            first = dialect.insert(periodic_work).values(values).on_conflict_do_nothing()
            if connection.scalar(first.returning(periodic_work.c.name)) is None:
                return False
        jobs.begin_tick(connection, name, period=period, now=now)
    return True


def end(name: str, *, is_whole: bool, now: datetime) -> None:
    """Note that a period is over: everything due was done, or something went wrong."""
    failures = 0 if is_whole else periodic_work.c.failures + 1
    with unit_of_work() as connection:
        connection.execute(
            update(periodic_work)
            .where(periodic_work.c.name == name)
            .values(ended_at=now, failures=failures)
        )


def last_ended() -> datetime | None:
    """When a worker last ended a period of anything; None before the first."""
    with reading() as connection:
        ended: datetime | None = connection.scalar(select(func.max(periodic_work.c.ended_at)))
    return ended
