"""What is written down about the engine's tables is what the engine makes of them."""

from sqlalchemy import inspect
from sqlmodel import SQLModel

from assure_app.db import job_tables
from assure_app.db.unit_of_work import reading


def test_the_tables_that_lie_beside_ours_are_the_engines(sqlite_database: str) -> None:
    with reading() as connection:
        tables = set(inspect(connection).get_table_names())

    assert tables - {*SQLModel.metadata.tables, "alembic_version"} == job_tables.TABLES


def test_they_are_as_far_as_is_written_down(database: str) -> None:
    with reading() as connection:
        assert job_tables.version(connection) == job_tables.VERSION
