"""The clients whom a person may bill, and a new one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, insert, select
from sqlalchemy.dialects import postgresql

from assure_app.domain.email_address import LONGEST_EMAIL, normal_address, refusal
from assure_app.domain.entry import Entry
from assure_app.domain.permissions import Principal
from assure_app.models.tables import client, client_assignment, contact, engagement

NAME_LIMIT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownClient:
    """A client of the firm."""

    id: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewClient:
    """A client and the person there, as read from a form; both of the contact's fields or none."""

    name: str
    contact_name: str = ""
    contact_email: str = ""


def visible_to(principal: Principal) -> ColumnElement[bool]:
    """The condition that keeps a query to the clients a person may see (R136, R139)."""
    own_firm = client.c.firm_id == principal.firm_id
    if principal.sees_all_clients:
        return own_firm
    assigned = select(client_assignment.c.client_id).where(
        client_assignment.c.user_id == principal.user_id
    )
    return own_firm & client.c.id.in_(assigned)


def find(connection: Connection, principal: Principal, name: str) -> KnownClient | None:
    """The client whom this person may see and who is called so, in capitals or not."""
    return _called(connection, visible_to(principal), name)


def exists(connection: Connection, principal: Principal, name: str) -> bool:
    """Whether the firm has a client called so, also one whom this person may not see."""
    return _called(connection, client.c.firm_id == principal.firm_id, name) is not None


def engagements_of(connection: Connection, client_id: int) -> list[KnownClient]:
    """The engagements of a client, by name."""
    rows = connection.execute(
        select(engagement.c.id, engagement.c.name)
        .where(engagement.c.client_id == client_id)
        .order_by(engagement.c.name, engagement.c.id)
    )
    return [KnownClient(id=row.id, name=row.name) for row in rows]


def read_new(
    entry: Entry, *, name: object, contact_name: object, contact_email: object
) -> NewClient:
    """Read a new client from the fields of a form, each problem noted at its field."""
    new = NewClient(
        name=entry.line("client_name", name, limit=NAME_LIMIT, name="The name"),
        contact_name=entry.line("contact_name", contact_name, limit=NAME_LIMIT, name="The name"),
        contact_email=_email(entry, contact_email),
    )
    if not new.name:
        entry.refuse("client_name", "Enter the client's name.")
    if new.contact_name and not new.contact_email:
        entry.refuse("contact_email", "Enter the contact's email, for example ana@firm.com.")
    if new.contact_email and not new.contact_name:
        entry.refuse("contact_name", "Enter the name of the person behind the email.")
    return new


def add(connection: Connection, principal: Principal, new: NewClient, *, now: datetime) -> int:
    """Add a client, with its contact, and let the person who added it see it.

    The caller holds the firm, so that two people do not add one name at once.
    """
    values = {"firm_id": principal.firm_id, "name": new.name, "created_at": now}
    (client_id,) = connection.execute(insert(client).values(values)).inserted_primary_key or (0,)
    add_contact(connection, int(client_id), new)
    if not principal.sees_all_clients:
        seen = {"user_id": principal.user_id, "client_id": client_id}
        connection.execute(insert(client_assignment).values(seen))
    return int(client_id)


def add_contact(connection: Connection, client_id: int, new: NewClient) -> None:
    """Add the contact to the client unless there is one with this email."""
    if not new.contact_email:
        return
    same = select(contact.c.id).where(
        contact.c.client_id == client_id, func.lower(contact.c.email) == new.contact_email
    )
    if connection.execute(same).first() is None:
        values = {"client_id": client_id, "name": new.contact_name, "email": new.contact_email}
        write_contacts(connection, [values])


def write_contacts(connection: Connection, rows: Sequence[Mapping[str, object]]) -> None:
    """Write contacts, but for those that somebody else is writing at this very moment."""
    is_alone = connection.dialect.name == "sqlite"  # It has one writer.
    added = postgresql.insert(contact).on_conflict_do_nothing()
    connection.execute((insert(contact) if is_alone else added).inline(), rows)


def _email(entry: Entry, text: object) -> str:
    typed = entry.line("contact_email", text, limit=LONGEST_EMAIL, name="The email")
    if typed and not normal_address(typed):
        entry.refuse("contact_email", refusal(typed))
    return normal_address(typed)


def _called(
    connection: Connection, condition: ColumnElement[bool], name: str
) -> KnownClient | None:
    """The exact name goes before the same one in other capitals."""
    rows = connection.execute(
        select(client.c.id, client.c.name)
        .where(condition, func.lower(client.c.name) == func.lower(name))
        .order_by(client.c.id)
        .limit(20)
    ).all()
    best = next((row for row in rows if row.name == name), rows[0] if rows else None)
    return KnownClient(id=best.id, name=best.name) if best else None
