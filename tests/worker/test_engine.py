"""Jobs and periodic work on the real engine, on both databases, in this very process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import column, select, table, text

from assure_app import clock, live
from assure_app.billing import job_runs
from assure_app.billing.stripe_sweep import Swept
from assure_app.db import job_tables, jobs
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.errors import Unavailable
from assure_app.models.tables import job, periodic_work
from assure_app.settings import get_settings
from assure_app.worker import engine, periodic
from assure_app.worker import jobs as doers
from tests.support.desk import Desk
from tests.support.waiting import until

SECOND = timedelta(seconds=1)
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
    monkeypatch.setattr(periodic, "WORKS", (replace(periodic.BY_NAME["jobs"], every=SECOND),))
    monkeypatch.setattr(jobs, "STALL", SECOND)
    monkeypatch.setattr(job_runs, "FIRST_PAUSE", SECOND / 2)
    config = engine._config
    # It ends with the next look at messages that nobody sends; one a second is waited for.
    quick = {"notification_listener_polling_interval_sec": 0.05}
    monkeypatch.setattr(engine, "_config", lambda place: {**config(place), **quick})
    monkeypatch.setattr(engine, "LOOK_SECONDS", 0.2)
    monkeypatch.setattr(engine, "TICK_POLL_SECONDS", 0.2)
    monkeypatch.setattr(engine, "HEAL_SECONDS", 0.5)
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


async def test_messages_that_were_dealt_with_are_taken_away(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "MESSAGES_KEPT", -SECOND)

    async with working():
        await asyncio.to_thread(enqueue, desk, "first")
        await until(lambda: done() == [True] and not is_known("job/1/1"))


def is_known(message: str) -> bool:
    with reading() as connection:
        schema = job_tables.SCHEMA if connection.dialect.name == "postgresql" else None
        sent = table("workflow_status", column("workflow_uuid"), schema=schema)
        known = select(sent.c.workflow_uuid).where(sent.c.workflow_uuid == message)
        return connection.execute(known).first() is not None


async def test_an_engine_that_forgets_everything_loses_no_work(desk: Desk) -> None:
    enqueue(desk, "before it starts")
    forget_everything()

    async with working():
        await until(lambda: done() == [True])
        enqueue(desk, "while it runs", number=2)
        forget_everything()
        await until(lambda: done() == [True, True])
        enqueue(desk, "afterwards", number=3)
        await until(lambda: done() == [True, True, True])

    assert DONE == [(1, "once"), (2, "once"), (3, "once")]


async def test_what_fails_is_tried_again_and_then_done(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[datetime] = []

    def fail_twice(*, now: datetime, **_arguments: object) -> None:
        tries.append(now)
        if len(tries) < 3:
            raise Unavailable

    monkeypatch.setitem(doers.DOERS, "write", fail_twice)

    async with working():
        await asyncio.to_thread(enqueue, desk, "first")
        await until(lambda: done() == [True])

    assert len(tries) == 3


async def test_a_period_is_looked_after_and_one_that_fails_holds_up_no_other(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    due = [Swept(what="one", firm_id=None), Swept(what="two", firm_id=None)]
    done_things: list[str] = []

    def do_next(*, now: datetime) -> Swept | None:
        assert now.tzinfo is not None
        if due:
            done_things.append(due[0].what)
        return due.pop(0) if due else None

    def fail(*, now: datetime) -> Swept | None:
        raise Unavailable

    works = (
        periodic.Work(name="bad", title="Bad work", every=SECOND, do_next=fail),
        periodic.Work(name="good", title="Good work", every=SECOND, do_next=do_next),
    )
    monkeypatch.setattr(periodic, "WORKS", works)
    monkeypatch.setattr(periodic, "BY_NAME", {work.name: work for work in works})

    async with working():
        await until(lambda: done_things == ["one", "two"] and failures("bad") > 1)

    assert failures("good") == 0
    assert "Bad work: could not be looked after" in caplog.text


def failures(name: str) -> int:
    with reading() as connection:
        wanted = select(periodic_work.c.failures).where(periodic_work.c.name == name)
        return int(connection.scalar(wanted) or 0)


def forget_everything() -> None:
    with unit_of_work() as connection:
        schema = "dbos." if connection.dialect.name == "postgresql" else ""
        for each in sorted(job_tables.TABLES - {"dbos_migrations"}):
            connection.execute(text(f"DELETE FROM {schema}{each}"))  # noqa: S608 - its own names
