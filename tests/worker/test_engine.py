"""Jobs and periodic work on the real engine, on both databases, in this very process."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime

import pytest
from sqlalchemy import select

from assure_app import clock, live
from assure_app.db import jobs
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.models.tables import job
from assure_app.settings import get_settings
from assure_app.worker import engine, periodic
from assure_app.worker import jobs as doers
from tests.support.desk import Desk

WAIT_SECONDS = 20
DONE: list[tuple[int, str]] = []


def write_down(number: int, word: str, *, now: datetime) -> None:
    assert now.tzinfo is not None
    DONE.append((number, word))


@pytest.fixture(autouse=True)
def _only_jobs(
    desk: Desk,
    database: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    DONE.clear()
    settings = get_settings().model_copy(
        update={"database_url": database, "data_dir": tmp_path_factory.mktemp("data")}
    )
    monkeypatch.setattr(engine, "get_settings", lambda: settings)
    monkeypatch.setattr(periodic, "WORKS", (periodic.BY_NAME["jobs"],))
    monkeypatch.setitem(doers.DOERS, "write", write_down)


@asynccontextmanager
async def working() -> AsyncIterator[None]:
    task = asyncio.create_task(engine.work())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        while not await asyncio.to_thread(is_so):
            pass


def enqueue(desk: Desk, key: str, *, number: int = 1) -> bool:
    with unit_of_work() as connection:
        return jobs.enqueue(
            connection,
            "write",
            key,
            firm_id=desk.jane.firm_id,
            now=clock.now(),
            number=number,
            word="once",
        )


def done() -> list[bool]:
    with reading() as connection:
        rows = connection.execute(select(job.c.done_at).order_by(job.c.id))
        return [row.done_at is not None for row in rows]


async def test_a_job_is_done_soon_after_its_commit_and_its_firm_hears_of_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []

    async def changed(firm_id: int) -> None:
        told.append(firm_id)

    monkeypatch.setattr(live, "changed", changed)

    async with working():
        await asyncio.to_thread(enqueue, desk, "first")
        await until(lambda: done() == [True] and told == [desk.jane.firm_id])

    assert DONE == [(1, "once")]
