"""The process's one engine, on SQLite or PostgreSQL by its address alone.

SQLite: WAL, synchronous FULL (money must survive a power cut), foreign keys, and a true
BEGIN IMMEDIATE for writes. pysqlite's own IMMEDIATE begins at the first write only, so a
read-then-write could lose an update; here a "begin" event starts every transaction.
"""

import sqlite3
import threading
import time
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from assure_app.settings import get_settings

WRITES = {"assure_writes": True}
"""Execution option of a connection that is about to write."""

_BUSY_MILLISECONDS = 10_000
_IDLE_SECONDS = 1.0
# What is written belongs in no log: an error there names its statement without the values.
_POOL: dict[str, Any] = {"pool_size": 10, "max_overflow": 10, "hide_parameters": True}
_current: list[Engine] = []
_making = threading.RLock()


def engine() -> Engine:
    """The engine of this process, made on first use from the settings."""
    if not _current:
        with _making:  # Two threads that come first together must not make two engines.
            if not _current:
                configure(get_settings().database_url)
    return _current[0]


def configure(url: str) -> Engine:
    """Put another database behind this process (tests, command line)."""
    return use(build(url))


def use(made: Engine) -> Engine:
    """Let this be the engine of the process; the one before it is closed."""
    with _making:
        dispose()
        _current.append(made)
        return made


def dispose() -> None:
    """Close every connection of this process."""
    while _current:
        _current.pop().dispose()


def build(url: str) -> Engine:
    """A new engine for the address, with the settings that money needs."""
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite(url)
    return _postgresql(url)


def _postgresql(url: str) -> Engine:
    waits = {"options": f"-c lock_timeout={_BUSY_MILLISECONDS}"}
    made = create_engine(url, connect_args=waits, **_POOL)

    def note_use(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["used_at"] = time.monotonic()

    def require_alive(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        # The pool puts a fresh connection in the place of one that raises this. Asking every time
        # would cost a payment another round trip for what was known a moment ago.
        if time.monotonic() - record.info.get("used_at", -_IDLE_SECONDS) < _IDLE_SECONDS:
            return
        try:
            made.dialect.do_ping(connection)
        except made.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error

    event.listen(made, "connect", note_use)
    event.listen(made, "checkin", note_use)
    event.listen(made, "checkout", require_alive)
    return made


def _sqlite(url: str) -> Engine:
    made = create_engine(
        url,
        connect_args={"isolation_level": None, "timeout": _BUSY_MILLISECONDS / 1000},
        **_POOL,
    )
    event.listen(made, "connect", _prepare_sqlite)
    event.listen(made, "begin", _begin_sqlite)
    return made


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    # INSERT OR REPLACE deletes what it replaces; only so do the delete triggers hear of it.
    connection.execute("PRAGMA recursive_triggers = ON")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("assure_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
