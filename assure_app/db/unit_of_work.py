"""The only place that commits."""

import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from assure_app.db.engine import WRITES, engine
from assure_app.domain.errors import Busy, OutcomeUnknown, Unavailable


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
_DISK = ("disk", "unable to open", "readonly")
_AFTER_COMMIT = "assure_after_commit"


@contextmanager
def unit_of_work() -> Iterator[Connection]:
    """One transaction that writes: commits when the block ends, rolls back when it raises.

    No network call may happen inside. On SQLite it holds the write lock from its first moment, so
    what it reads stays true until it commits; on PostgreSQL lock the rows you decide on. Raises
    Busy when the database stays locked by another process, Unavailable when it cannot be reached,
    and OutcomeUnknown when it fell silent at the commit itself.
    """
    turn = _sqlite_writer if engine().dialect.name == "sqlite" else nullcontext()
    is_committing = False
    try:
        with turn, engine().connect() as connection:
            writer = connection.execution_options(**WRITES)
            writer.info.pop(_AFTER_COMMIT, None)  # Of one that was rolled back on this connection.
            with writer.begin():
                yield writer
                is_committing = True
            for call in writer.info.pop(_AFTER_COMMIT, ()):
                call()
    except PoolTimeout as error:
        raise Busy from error
    except OperationalError as error:
        refusal = OutcomeUnknown() if is_committing else _refusal_for(error)
        if refusal is None:
            raise
        raise refusal from error


def after_commit(connection: Connection, call: Callable[[], None]) -> None:
    """Have this called once the unit of work has committed, and not at all when it rolls back.

    For a quick word to this process that something is there now; it must not raise.
    """
    connection.info.setdefault(_AFTER_COMMIT, []).append(call)


def _refusal_for(error: OperationalError) -> Busy | Unavailable | None:
    """What a failure before the commit means to a person; None for a mistake of our own."""
    text = str(error.orig)
    if any(word in text for word in ("locked", "deadlock", "lock timeout")):
        return Busy()
    # SQLite calls a missing table operational too; PostgreSQL only what is no fault of a query.
    is_gone = not isinstance(error.orig, sqlite3.Error) or any(word in text for word in _DISK)
    return Unavailable() if is_gone else None


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
