"""Opening a firm on this installation, with the owner who then signs in."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import available_timezones

from sqlalchemy import insert, select

from assure_app.billing import audit, firm_names
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain import email_address
from assure_app.domain.entry import Entry
from assure_app.models.tables import firm, firm_user

_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFirm:
    """A firm and its owner as typed; the password is hashed before it comes here."""

    name: str
    timezone: str
    owner_name: str
    owner_email: str
    password_hash: str


def open_firm(new: NewFirm, *, now: datetime) -> int:
    """Open the firm and give back its id.

    Raises InvalidInput with a sentence for each field: a name or email that is taken or empty, a
    time zone that does not exist.
    """
    entry = Entry()
    name = entry.line("name", new.name, limit=_LONGEST_NAME, name="The firm's name")
    owner = entry.line("owner", new.owner_name, limit=_LONGEST_NAME, name="The owner's name")
    email = email_address.normal_address(new.owner_email)
    if not name:
        entry.refuse("name", "The firm needs a name.")
    if not owner:
        entry.refuse("owner", "The owner needs a name.")
    if not email:
        entry.refuse("email", email_address.refusal(new.owner_email))
    if new.timezone not in available_timezones():
        entry.refuse("timezone", "Name the time zone as in America/New_York.")
    with unit_of_work() as connection:
        firm_names.queue(connection)
        if firm_names.is_taken(connection, name):
            entry.refuse("name", f"There is a firm named {name} already.")
        if connection.execute(select(firm_user.c.id).where(firm_user.c.email == email)).first():
            entry.refuse("email", f"{email} belongs to a user already.")
        entry.check()
        values = {"name": name, "timezone": new.timezone, "created_at": now}
        (firm_id,) = connection.execute(insert(firm).values(values)).inserted_primary_key or (0,)
        person = {
            "firm_id": firm_id,
            "name": owner,
            "email": email,
            "password_hash": new.password_hash,
            "is_owner": True,
            "created_at": now,
        }
        (user_id,) = connection.execute(insert(firm_user).values(person)).inserted_primary_key or (
            0,
        )
        audit.note(connection, firm_id=firm_id, user_id=user_id, text=f"{name} was opened", at=now)
    return int(firm_id)
