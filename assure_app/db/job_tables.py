"""The tables of the engine of jobs (DBOS), which lie in the same database as ours.

Written down here: asking the engine itself takes a second, which every start would wait for.
"""

from sqlalchemy import Connection, inspect

SCHEMA = "dbos"
"""Where the engine’s tables are on PostgreSQL; on SQLite they lie beside ours."""
TABLES = frozenset(
    {
        *("application_versions", "dbos_migrations", "notifications", "operation_outputs"),
        *("queues", "streams", "workflow_events", "workflow_events_history", "workflow_input"),
        *("workflow_output", "workflow_schedules", "workflow_status"),
    }
)
"""The engine's own, which on SQLite lie beside ours."""
VERSION = 125
"""What the engine's tables are at once they are prepared."""


def version(connection: Connection) -> int:
    """How far the engine's tables are, 0 when there are none."""
    schema = SCHEMA if connection.dialect.name == "postgresql" else None
    if not inspect(connection).has_table("dbos_migrations", schema=schema):
        return 0
    table = "dbos_migrations" if schema is None else f"{schema}.dbos_migrations"
    return int(connection.exec_driver_sql(f"SELECT version FROM {table}").scalar() or 0)  # noqa: S608 - both are written above
