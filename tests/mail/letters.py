"""What stands in the outbox."""

from typing import Any

from sqlalchemy import select

from assure_app.db.unit_of_work import reading
from assure_app.models.tables import mail_message


def messages() -> list[dict[str, Any]]:
    """Every message, oldest first."""
    with reading() as connection:
        rows = connection.execute(select(mail_message).order_by(mail_message.c.id)).mappings()
        return [dict(row) for row in rows]
