"""Bringing a database to the tables of this version (R149)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlmodel import SQLModel

import assure_app.models  # noqa: F401  registers the tables
from alembic import command
from assure_app.db import job_tables, jobs, version
from assure_app.db.engine import WRITES, build
from assure_app.settings import get_settings

_ROOT = Path(__file__).resolve().parents[2]
_PATIENCE_MILLISECONDS = 120_000
_TURN = 4_776_211
"""The PostgreSQL advisory lock that everyone who migrates waits for; any number of our own."""


def upgrade(url: str | None = None) -> None:
    """Run every migration the database has not had yet; the settings name it when `url` is None.

    All in one transaction, then the tables of the engine of jobs. Safe when several processes start
    at once: the first one migrates, the others wait and find nothing to do.
    """
    address = url or get_settings().database_url
    with _writing(address) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": _TURN})
        command.upgrade(_config(connection), "head")
    jobs.prepare(address)


def check(url: str | None = None) -> list[str]:
    """What differs between the models and the migrated tables; empty when nothing does.

    Looks at the database behind `url`, changing nothing; at a scratch one when it is None.
    """
    if url is not None:
        return _differences(url)
    with TemporaryDirectory() as directory:
        scratch = f"sqlite:///{directory}/scratch.db"
        upgrade(scratch)
        return _differences(scratch)


def _differences(url: str) -> list[str]:
    with _writing(url) as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_server_default": True, "include_object": is_comparable}
        )
        found = [str(difference) for difference in compare_metadata(context, SQLModel.metadata)]
        if (at := version.current(connection)) != (needed := version.head()):
            found.insert(0, f"The database is at “{at}”, not at “{needed}”.")
        return found


def is_comparable(
    thing: Any, _name: str | None, kind: str, _is_reflected: bool, _other: object
) -> bool:
    """Whether a model and the table behind it are to be held against each other."""
    # Each database writes the expression of a computed column in its own way, so alembic cannot
    # compare two of them, and warns.
    if kind == "column":
        return thing.computed is None
    table = thing if kind == "table" else getattr(thing, "table", None)
    return table is None or table.name not in job_tables.TABLES


@contextmanager
def _writing(url: str) -> Iterator[Connection]:
    engine = build(url)
    try:
        with engine.connect().execution_options(**WRITES) as connection:
            if connection.dialect.name == "sqlite":
                _be_patient(connection)
            with connection.begin():
                yield connection
    finally:
        engine.dispose()


def _be_patient(connection: Connection) -> None:
    # Another process may be migrating, which takes longer than the longest wait of a payment. Said
    # to the driver, because a statement of SQLAlchemy's would already begin the transaction.
    connection.connection.cursor().execute(f"PRAGMA busy_timeout = {_PATIENCE_MILLISECONDS}")


def _config(connection: Connection) -> Config:
    config = Config(_ROOT / "alembic.ini")
    config.attributes["connection"] = connection
    return config
