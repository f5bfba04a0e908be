"""Workers in processes of their own, on a database that outlives them."""

import asyncio
import os
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path

from sqlalchemy import func, select

from assure_app.billing import audit
from assure_app.db import engine as database_engine
from assure_app.db import jobs
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.models.tables import audit_entry, job
from assure_app.settings import get_settings
from tests.support import killed

QUICK = timedelta(seconds=1)


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


def work(database: str, data_dir: Path, places: Sequence[str], prepare: str = "") -> None:
    """Work until killed; at one of the places by itself.

    `prepare` names a function without arguments that is called before: "tests.module.function".
    """
    os.environ |= {"DATABASE_URL": database, "ASSURE_DATA_DIR": str(data_dir)}
    get_settings.cache_clear()
    database_engine.configure(database)
    for place in places:
        killed.die_at(place)
    from assure_app.worker import engine, periodic
    from assure_app.worker import jobs as doers

    doers.DOERS["note"] = note
    periodic.WORKS = (periodic.BY_NAME["jobs"],)
    engine.LOOK_SECONDS = 0.2
    if prepare:
        module, _, function = prepare.rpartition(".")
        getattr(import_module(module), function)()
    asyncio.run(engine.work())


def left() -> int:
    """How many jobs are not done."""
    with reading() as connection:
        wanted = select(func.count()).select_from(job).where(job.c.done_at.is_(None))
        return int(connection.scalar(wanted) or 0)


def wait_until(is_so: Callable[[], bool]) -> None:
    """Raises TimeoutError when it does not become so."""

    async def wait() -> None:
        async with asyncio.timeout(30):
            while not await asyncio.to_thread(is_so):
                pass

    asyncio.run(wait())
