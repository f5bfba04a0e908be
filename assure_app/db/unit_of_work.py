"""The only place that commits."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from assure_app.db.engine import WRITES, engine
from assure_app.domain.errors import Busy


class FairLock:
    """A lock that serves its waiters in the order they came.

    SQLite has one writer; left to its busy timeout, writers poll and some starve (a p99 of 131 ms
    with 8 threads). Queued here, each waits for its turn and no longer.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiters: deque[threading.Lock] = deque()
        self._is_held = False

    def __enter__(self) -> None:
        with self._guard:
            if not self._is_held:
                self._is_held = True
                return
            turn = threading.Lock()
            turn.acquire()
            self._waiters.append(turn)
        turn.acquire()

    def __exit__(self, *_exception: object) -> None:
        with self._guard:
            if self._waiters:
                self._waiters.popleft().release()
            else:
                self._is_held = False


_sqlite_writer = FairLock()
_READS = {"postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}}


@contextmanager
def unit_of_work() -> Iterator[Connection]:
    """One transaction that writes: commits when the block ends, rolls back when it raises.

    No network call may happen inside. On SQLite it holds the write lock from its first moment, so
    what it reads stays true until it commits; on PostgreSQL lock the rows you decide on. Raises
    Busy when the database stays locked by another process.
    """
    turn = _sqlite_writer if engine().dialect.name == "sqlite" else nullcontext()
    try:
        with turn, engine().connect() as connection:
            writer = connection.execution_options(**WRITES)
            with writer.begin():
                yield writer
    except OperationalError as error:
        if "locked" in str(error.orig) or "deadlock" in str(error.orig):
            raise Busy from error
        raise


@contextmanager
def reading() -> Iterator[Connection]:
    """One consistent view of the database that never writes: always rolled back."""
    with engine().connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        yield connection
        connection.rollback()
