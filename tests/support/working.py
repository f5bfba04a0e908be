"""Workers in processes of their own, on a database that outlives them."""

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from assure_app import clock
from assure_app.billing import audit
from assure_app.db import engine as database_engine
from assure_app.db import jobs
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.models.tables import audit_entry, job
from assure_app.settings import get_settings
from assure_app.worker import engine, periodic
from assure_app.worker import jobs as doers
from tests.support import killed


def enqueue(firm_id: int, key: str, now: datetime) -> bool:
    """What a service does: leave a job behind in its transaction."""
    with unit_of_work() as connection:
        return jobs.enqueue(
            connection, "note", key, firm_id=firm_id, now=now, firm=firm_id, text=key
        )


def note(*, firm: int, text: str, now: datetime) -> None:
    """The job of these tests: an entry in the audit log, once, as a charge is asked for once."""
    with unit_of_work() as connection:
        wanted = select(audit_entry.c.id).where(audit_entry.c.text == text)
        if connection.execute(wanted).first() is None:
            audit.note(connection, firm_id=firm, user_id=None, text=text, at=now)


def work(database: str, data_dir: Path, place: str = "", turn: int = 1) -> None:
    """Do jobs until killed; at the place by itself, at this call of it."""
    doers.DOERS["note"] = note
    _work(database, data_dir, ("jobs",), place, turn)


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """What the workers of a night share: a clock that runs fast from a given moment, and a Stripe
    at an address of this machine."""

    database: str
    data_dir: Path
    works: tuple[str, ...]
    stripe: Mapping[str, str]
    begins: datetime
    began: float = field(default_factory=time.time)

    def now(self) -> datetime:
        """A minute of the night goes by in a second."""
        return self.begins + timedelta(minutes=time.time() - self.began)


def work_at_night(night: Night, place: str = "", turn: int = 1) -> None:
    """Do these works of the table until killed; at the place by itself, at this call of it."""
    os.environ |= night.stripe
    setattr(clock, "now", night.now)  # noqa: B010 - the whole process is in that night
    engine.TICK_POLL_SECONDS = 0.5
    _work(night.database, night.data_dir, night.works, place, turn)


def _work(database: str, data_dir: Path, works: Sequence[str], place: str, turn: int) -> None:
    os.environ |= {"DATABASE_URL": database, "ASSURE_DATA_DIR": str(data_dir)}
    get_settings.cache_clear()
    database_engine.configure(database)
    if place:
        killed.die_at(place, turn=turn)
    periodic.WORKS = tuple(periodic.BY_NAME[name] for name in works)
    engine.LOOK_SECONDS = 0.2
    asyncio.run(engine.work())


def left() -> int:
    """How many jobs are not done."""
    with reading() as connection:
        wanted = select(func.count()).select_from(job).where(job.c.done_at.is_(None))
        return int(connection.scalar(wanted) or 0)
