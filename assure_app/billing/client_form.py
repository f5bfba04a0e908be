"""Whom a form with lines is for: a client that is there, or a new one; read by one rule."""

from datetime import datetime

from sqlalchemy import Connection

from assure_app.billing import clients
from assure_app.billing.clients import KnownClient, NewClient
from assure_app.billing.reading.editor_form import EditorForm
from assure_app.domain.entry import Entry
from assure_app.domain.errors import InvalidInput
from assure_app.domain.permissions import Principal

_NOBODY = "Choose a client, or add a new one."


def read(
    connection: Connection, principal: Principal, entry: Entry, form: EditorForm
) -> tuple[KnownClient | None, NewClient | None]:
    """The client that is there, None where it is to be added or where none was named; and the new
    one, if the form has one. What is wrong is noted in `entry`."""
    if form.is_new_client:
        return _new(connection, principal, entry, form)
    name = entry.line("client", form.client, limit=clients.NAME_LIMIT, name="The name")
    if not name:
        entry.refuse("client", _NOBODY)
        return None, None
    known = clients.find(connection, principal, name)
    if known is None:
        entry.refuse(
            "client", f"No client is called “{name}”. Choose one from the list, or add a new one."
        )
    return known, None


def refuse_another(entry: Entry, form: EditorForm, *, kept: str, why: str) -> None:
    """Note why not, unless the form names the client that is `kept`, or none."""
    name = entry.line("client", form.client, limit=clients.NAME_LIMIT, name="The name")
    if form.is_new_client or (name and name != kept):
        entry.refuse("client", why)


def settle(
    connection: Connection,
    principal: Principal,
    known: KnownClient | None,
    new: NewClient | None,
    *,
    now: datetime,
) -> KnownClient:
    """The client that was read, added if it is new; one that is known gets the new contact.

    The caller holds the firm, so that two people do not add one name at once.
    """
    if known is None:
        if new is None:
            raise InvalidInput({"client": _NOBODY})
        return KnownClient(id=clients.add(connection, principal, new, now=now), name=new.name)
    if new is not None:
        clients.add_contact(connection, known.id, new)
    return known


def known_note(known: KnownClient | None, new: NewClient | None, *, becomes: str) -> str:
    """That a client to be added is there already, and what becomes of that; else ""."""
    if known is None or new is None:
        return ""
    return f"{known.name} is a client already: {becomes}."


def _new(
    connection: Connection, principal: Principal, entry: Entry, form: EditorForm
) -> tuple[KnownClient | None, NewClient | None]:
    """A name that is known already is found, not doubled."""
    new = clients.read_new(
        entry,
        name=form.client_name,
        contact_name=form.contact_name,
        contact_email=form.contact_email,
    )
    known = clients.find(connection, principal, new.name) if new.name else None
    if new.name and known is None and clients.exists(connection, principal, new.name):
        entry.refuse(
            "client_name",
            f"There is a client called “{new.name}” whom you may not see. "
            "Ask an owner or admin of your firm.",
        )
    return known, new
