"""Runs the jobs and the periodic work, on DBOS, in the one web process or in a worker of its own.

DBOS carries messages: it starts a job a moment after the commit that caused it, starts what was
under way anew when its process comes back from a crash, and bounds how much runs at once. What is
to be done, and whether it was, is in our own rows; see `db.jobs`, `billing.job_runs` and
`billing.periods`.
"""

import asyncio
import fcntl
import logging
import os
import platform
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

from dbos import DBOS, DBOSConfig
from sqlalchemy.exc import SQLAlchemyError

from assure_app import clock, live
from assure_app.billing import periods
from assure_app.db import job_tables, jobs
from assure_app.domain.errors import BillingError
from assure_app.settings import Settings, get_settings
from assure_app.worker import jobs as doers
from assure_app.worker import periodic

LOOK_SECONDS = 1.0
HEAL_SECONDS = 10.0
POLL_SECONDS = 0.3
"""Each look costs the idle worker four milliseconds, and takes up to `JOBS_AT_ONCE` jobs."""
TICK_POLL_SECONDS = 1.0
JOBS_AT_ONCE = 6
TICKS_AT_ONCE = 6
MOST_RECOVERIES = 20
PATIENCE_SECONDS = 3.0
"""How long an ending process waits for what is under way: less than what its keeper gives it."""
MESSAGES_KEPT = timedelta(days=1)
_OVER = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
_MOST_AT_ONCE = 1000
_MOST_WORKERS = 64
_log = logging.getLogger(__name__)


class _Running:
    """What the messages that DBOS runs in its threads need to know of this process."""

    def __init__(self) -> None:
        self.loop: asyncio.AbstractEventLoop | None = None
        self.is_ending = threading.Event()
        self.under_way: Counter[str] = Counter()
        self._guard = threading.Lock()

    @contextmanager
    def alone(self, name: str) -> Iterator[bool]:
        """Whether nothing else of this name is under way in this process."""
        with self._guard:
            is_first = not self.under_way[name]
            self.under_way[name] += 1
        try:
            yield is_first
        finally:
            with self._guard:
                self.under_way[name] -= 1

    def tell(self, firm_id: int) -> None:
        """Have the firm's tabs look again, from any thread; nobody waits for it."""
        if self.loop is not None:
            with suppress(RuntimeError):  # The loop has ended, and its tabs with it.
                asyncio.run_coroutine_threadsafe(live.changed(firm_id), self.loop)

    def settle_down(self) -> None:
        """Wait a little until nothing is under way any more."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.under_way.total() and time.monotonic() < deadline:
            time.sleep(0.02)


_here = _Running()


@DBOS.workflow(name=jobs.JOBS, max_recovery_attempts=MOST_RECOVERIES)
def _run_job(job_id: int, turn: int) -> None:
    with _here.alone(f"job {job_id}"):
        firm_id = doers.run(job_id, turn, now=clock.now)
    if firm_id is not None:
        _here.tell(firm_id)


@DBOS.workflow(name=jobs.TICKS, max_recovery_attempts=MOST_RECOVERIES)
def _tick(name: str) -> None:
    work = periodic.BY_NAME.get(name)
    if work is None:
        return
    with _here.alone(name) as is_first:
        # One that goes on for longer than its period does the next one's work as well.
        if is_first:
            _do_all_due(work)


def _do_all_due(work: periodic.Work) -> None:
    is_whole = False
    try:
        periodic.do_all_due(work, now=clock.now, tell=_here.tell, is_ending=_here.is_ending.is_set)
        is_whole = True
    except Exception:  # noqa: BLE001 - it is noted, and the next period tries again
        _log.exception("%s: could not be looked after", work.title)
    periods.end(work.name, is_whole=is_whole, now=clock.now())


async def work() -> None:
    """Work until cancelled: run what DBOS brings, and begin each period that has come."""
    with _place(get_settings()) as place:
        _here.loop = asyncio.get_running_loop()
        _here.is_ending.clear()
        try:
            await _launched(place)
            await _begin_periods()
        finally:
            _here.is_ending.set()
            _here.settle_down()
            DBOS.destroy()


def work_alone() -> None:
    """Work in a process of its own until it is told to end (`assure worker`)."""
    asyncio.run(_until_told())


async def _until_told() -> None:
    working = asyncio.create_task(work())
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, working.cancel)
    with suppress(asyncio.CancelledError):
        await working


async def _launched(place: str) -> None:
    """Launch DBOS, again and again while the database cannot be reached."""
    while True:
        try:
            await asyncio.to_thread(_launch, place)
        except Exception:  # noqa: BLE001 - DBOS raises whatever its database raised
            _log.exception("The engine of jobs could not be started; trying again")
            DBOS.destroy()
            await asyncio.sleep(HEAL_SECONDS)
        else:
            return


def _launch(place: str) -> None:
    DBOS(config=_config(place))
    DBOS.launch()
    _declare_queues()


def _config(place: str) -> DBOSConfig:
    return {
        "name": jobs.APP,
        "system_database_url": get_settings().database_url,
        "dbos_system_schema": job_tables.SCHEMA,
        "application_version": jobs.VERSION,
        "executor_id": place,
        "run_migrations": False,
        "use_listen_notify": False,
        "max_executor_threads": JOBS_AT_ONCE + TICKS_AT_ONCE + 4,
        "sys_db_pool_size": 5,
        "enable_otlp": False,
        "log_level": "WARNING",
        # Periods are begun by our own rows: its scheduler has nothing to look for.
        "scheduler_polling_interval_sec": 3600.0,
    }


def _declare_queues() -> None:
    for name, at_once, seconds in (
        (jobs.JOBS, JOBS_AT_ONCE, POLL_SECONDS),
        (jobs.TICKS, TICKS_AT_ONCE, TICK_POLL_SECONDS),
    ):
        DBOS.register_queue(
            name,
            worker_concurrency=at_once,
            polling_interval_sec=seconds,
            on_conflict="always_update",
        )


async def _begin_periods() -> None:
    look_after_at = 0.0
    while True:
        try:
            await asyncio.to_thread(_begin_due_periods)
            if time.monotonic() >= look_after_at:
                await asyncio.to_thread(_look_after_dbos)
                look_after_at = time.monotonic() + HEAL_SECONDS
        except (BillingError, SQLAlchemyError) as error:
            _log.warning("The periodic work has to wait: %s", error)
        await asyncio.sleep(LOOK_SECONDS)


def _begin_due_periods() -> None:
    now, begun = clock.now(), periods.begun()
    for each in periodic.WORKS:
        if begun.get(each.name) != periods.number_of(now, each.every):
            periods.begin(each.name, each.every, now=now, title=each.title)


def _look_after_dbos() -> None:
    """Put back what somebody may have emptied, and take away messages that were dealt with."""
    if any(DBOS.retrieve_queue(name) is None for name in (jobs.JOBS, jobs.TICKS)):
        _declare_queues()
    old = DBOS.list_workflows(
        status=[*_OVER],
        end_time=(clock.now() - MESSAGES_KEPT).isoformat(),
        limit=_MOST_AT_ONCE,
        load_input=False,
        load_output=False,
    )
    if old:
        DBOS.delete_workflows([each.workflow_id for each in old])


@contextmanager
def _place(settings: Settings) -> Iterator[str]:
    """A name for this worker that its successor bears as well, and no other that runs beside it.

    By it DBOS starts anew what a killed worker had under way. Held by a lock on a file, which ends
    with the process in whatever way that ends.
    """
    for number in range(_MOST_WORKERS):
        file = _lock(settings.data_dir / f"worker-{number}.lock")
        if file is not None:
            try:
                yield f"{platform.node()}-{number}"
            finally:
                os.close(file)
            return
    yield f"{platform.node()}-{os.getpid()}"


def _lock(path: Path) -> int | None:
    file = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(file)
        return None
    return file
