"""No two firms of an installation bear one name, whichever way it is written."""

from sqlalchemy import Connection, func, select

from assure_app.models.tables import firm

_LOCK = 5_167_002
"""The PostgreSQL advisory lock of the names; any number of our own."""


def queue(connection: Connection) -> None:
    """Let whoever names a firm wait for whoever does so already, until the transaction ends.

    On SQLite the write lock does so already.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def is_taken(connection: Connection, name: str, *, but: int = 0) -> bool:
    """Whether a firm other than `but` bears the name; capitals make no difference."""
    named = select(firm.c.id).where(func.lower(firm.c.name) == name.lower(), firm.c.id != but)
    return connection.execute(named.limit(1)).first() is not None
