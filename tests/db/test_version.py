"""What a database lacks is seen without Alembic, and said as Alembic says it."""

from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from assure_app.db import engine, job_tables, version
from assure_app.db.unit_of_work import reading

ROOT = Path(__file__).resolve().parents[2]


def test_the_highest_file_is_the_head() -> None:
    migrations = ScriptDirectory.from_config(Config(ROOT / "alembic.ini"))

    assert version.head() == migrations.get_current_head()


def test_a_migrated_database_is_up_to_date(database: str) -> None:
    with reading() as connection:
        assert version.current(connection) == version.head()
    assert not version.is_behind(database)


def test_a_database_without_tables_is_behind(tmp_path: Path) -> None:
    assert version.is_behind(f"sqlite:///{tmp_path / 'empty.db'}")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE alembic_version SET version_num = '0001'",
        "DELETE FROM alembic_version",
        "UPDATE {schema}dbos_migrations SET version = version - 1",
    ],
)
def test_one_that_lacks_a_migration_is_not_up_to_date(database: str, change: str) -> None:
    with engine.engine().connect() as connection:  # What it writes is rolled back.
        schema = f"{job_tables.SCHEMA}." if connection.dialect.name == "postgresql" else ""
        connection.exec_driver_sql(change.format(schema=schema))

        assert not version.is_up_to_date(connection)
