"""A client's people, the codes mailed to them, and sessions without a letter."""

import re
from typing import Any

from sqlalchemy import select, update

from assure_app import clock
from assure_app.auth import portal_sessions
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.models import Contact
from assure_app.models.tables import contact, mail_message
from tests.factories import insert

ANITA = "anita@patelfamily.example"


def make_contact(client_id: int, email: str = ANITA, **overrides: Any) -> int:
    """A contact of the client: its owner, unless told otherwise."""
    values = {"client_id": client_id, "name": "Anita Patel", "email": email} | overrides
    with unit_of_work() as connection:
        return insert(connection, Contact, **values)


def change_contact(contact_id: int, **values: Any) -> None:
    with unit_of_work() as connection:
        connection.execute(update(contact).where(contact.c.id == contact_id).values(values))


def enter(email: str = ANITA) -> str:
    """The token of a session in the portal for this address, without asking for a code."""
    with unit_of_work() as connection:
        return portal_sessions.open_session(connection, email, is_trusted=False, now=clock.now())


def letters() -> list[dict[str, Any]]:
    """What was mailed, oldest first."""
    with reading() as connection:
        rows = connection.execute(select(mail_message).order_by(mail_message.c.id)).mappings()
        return [dict(row) for row in rows]


def mailed_code() -> str:
    """The code of the newest letter."""
    found = re.search(r"^[0-9]{6}$", letters()[-1]["text"], re.MULTILINE)
    assert found is not None
    return found[0]
