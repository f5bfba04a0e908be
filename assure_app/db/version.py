"""Which tables a database has, and which this version of the product needs (R149).

Told without Alembic: importing it takes longer than all else that a start without any migration
asks of the database.
"""

from functools import cache
from pathlib import Path

from sqlalchemy import Connection, inspect

from assure_app.db import job_tables
from assure_app.db.engine import build

_MIGRATIONS = Path(__file__).resolve().parents[2] / "alembic" / "versions"


def current(connection: Connection) -> str:
    """The revision the database is at, "" for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return str(found or "")


@cache
def head() -> str:
    """The revision this version of the product needs: the highest number of a migration's file."""
    return max(path.name.partition("_")[0] for path in _MIGRATIONS.glob("[0-9]*_*.py"))


def is_up_to_date(connection: Connection) -> bool:
    """Whether the database has just the tables of this version, those of the engine of jobs too."""
    return current(connection) == head() and job_tables.version(connection) == job_tables.VERSION


def is_behind(url: str) -> bool:
    """Whether the database at this address has to be migrated."""
    engine = build(url)
    try:
        with engine.connect() as connection:
            return not is_up_to_date(connection)
    finally:
        engine.dispose()
