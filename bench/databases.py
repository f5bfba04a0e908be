"""Migrated databases that keep their word: what was committed has reached the disk."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from assure_app.db import engine
from assure_app.frontend import PROJECT
from tests.support.databases import SqliteDatabases, running_postgresql

NAMES = ("SQLite", "PostgreSQL")
_BUILD = PROJECT / ".build"
_DURABLE = ("fsync", "synchronous_commit", "full_page_writes")


@contextmanager
def durable(name: str) -> Iterator[str]:
    """The address of a fresh, empty database, which is also put behind the product's engine."""
    made = _sqlite() if name == "SQLite" else _postgresql()
    with made as address:
        engine.configure(address)
        yield address
        engine.dispose()


@contextmanager
def _sqlite() -> Iterator[str]:
    # Not in /tmp, which may be memory: a commit has to wait for a real disk.
    _BUILD.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="bench-", dir=_BUILD) as directory,
        SqliteDatabases(Path(directory)).fresh() as address,
    ):
        yield address


@contextmanager
def _postgresql() -> Iterator[str]:
    with running_postgresql() as server, server.fresh() as address:
        with psycopg.connect(server.address("postgres"), autocommit=True) as administrator:
            for setting in _DURABLE:
                administrator.execute(f"ALTER SYSTEM SET {setting} = on".encode())
            administrator.execute("SELECT pg_reload_conf()")
        _require_durable(server.address("postgres"))
        yield address


def _require_durable(address: str) -> None:
    with psycopg.connect(address) as connection:
        for setting in _DURABLE:
            row = connection.execute(f"SHOW {setting}".encode()).fetchone()
            if row != ("on",):
                raise RuntimeError(f"PostgreSQL did not take {setting} = on: it says {row}.")
