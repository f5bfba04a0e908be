"""What Alembic runs: on the connection `db.migrate` hands over, else on one of its own."""

from sqlalchemy import Connection
from sqlmodel import SQLModel

import assure_app.models  # noqa: F401  registers the tables
from alembic import context
from assure_app.db.engine import WRITES, build
from assure_app.db.migrate import is_comparable
from assure_app.settings import get_settings


def migrate(connection: Connection) -> None:
    """Run what was asked for inside the connection's own transaction."""
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_server_default=True,
        include_object=is_comparable,
    )
    context.run_migrations()


def migrate_own_database() -> None:
    """For the `alembic` command, which has no connection yet."""
    engine = build(get_settings().database_url)
    try:
        with engine.connect().execution_options(**WRITES) as connection, connection.begin():
            migrate(connection)
    finally:
        engine.dispose()


given = context.config.attributes.get("connection")
if given is None:
    migrate_own_database()
else:
    migrate(given)
