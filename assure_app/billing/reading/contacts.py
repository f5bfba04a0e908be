"""The page of the clients' contacts and its dialogs, inside the clients a person may see (R136)."""

import secrets
from typing import Any

from sqlalchemy import Row, Select, func, or_, select

from assure_app.billing import clients, method_rows, reminder_readers
from assure_app.billing.reading.contact_rows import (
    ContactForm,
    ContactRow,
    ContactsPage,
    ContactStart,
)
from assure_app.billing.reading.settings_rows import Choice, Picked
from assure_app.db.unit_of_work import reading
from assure_app.domain.calendar import day_of, long_day_text
from assure_app.domain.errors import NotFound
from assure_app.domain.permissions import Permission, Principal
from assure_app.domain.portal_access import PortalRole
from assure_app.models.tables import client, contact, firm, reminder_reader

MOST_ROWS = 50
MOST_MATCHES = 20


def page(principal: Principal, search: str = "") -> ContactsPage:
    """The contacts by their client's name; at most 50 whose client, name or email matches."""
    principal.require(Permission.VIEW_BILLING)
    matching = _matching(principal, search)
    ordered = matching.order_by(
        func.lower(client.c.name), client.c.id, func.lower(contact.c.name), contact.c.id
    )
    with reading() as connection:
        rows = connection.execute(ordered.limit(MOST_ROWS)).all()
        clients_here = {row.client_id for row in rows}
        methods = method_rows.autopay_names(connection, principal.firm_id, clients_here)
        count = int(connection.scalar(select(func.count()).select_from(matching.subquery())) or 0)
    hidden = f"The first {MOST_ROWS} of {count:,}. Search to find the others."
    return ContactsPage(
        rows=tuple(_row(row, methods.get(row.client_id, "No method")) for row in rows),
        note=hidden if count > MOST_ROWS else "",
        may_change=principal.has(Permission.EDIT_BILLING),
    )


def start(principal: Principal, contact_id: int) -> ContactStart:
    """What a dialog for the contact opens with; 0 is a new one. Raises NotFound."""
    principal.require(Permission.EDIT_BILLING)
    form_token = secrets.token_urlsafe(12)
    if not contact_id:
        return ContactStart(form_token=form_token)
    with reading() as connection:
        found = connection.execute(
            _matching(principal, "").where(contact.c.id == contact_id)
        ).one_or_none()
    if found is None:
        raise NotFound("contact")
    return ContactStart(
        contact_id=found.id,
        client=found.client,
        form=ContactForm(name=found.name, email=found.email, role=found.role),
        role=PortalRole(found.role).in_words,
        is_active=found.is_active,
        form_token=form_token,
    )


def picked_client(principal: Principal, client_id: int) -> Picked:
    """The client that a new contact is to belong to; nothing for one out of reach."""
    principal.require(Permission.EDIT_BILLING)
    wanted = _clients(principal).where(client.c.id == client_id)
    return Picked(rows=_choices(wanted))


def matching_clients(principal: Principal, search: str) -> tuple[Choice, ...]:
    """At most 20 clients whose name holds the text; none for no text."""
    principal.require(Permission.EDIT_BILLING)
    text = _searchable(search)
    if not text:
        return ()
    wanted = _clients(principal).where(client.c.name.icontains(text, autoescape=True))
    return _choices(wanted.order_by(func.lower(client.c.name), client.c.id).limit(MOST_MATCHES))


def _matching(principal: Principal, search: str) -> Select[Any]:
    wanted = (
        select(contact, client.c.name.label("client"), firm.c.timezone)
        .add_columns(reminder_reader.c.stopped_at)
        .join(client, client.c.id == contact.c.client_id)
        .join(firm, firm.c.id == client.c.firm_id)
        .outerjoin(reminder_reader, reminder_readers.is_of_address())
        .where(clients.visible_to(principal))
    )
    text = _searchable(search)
    if not text:
        return wanted
    searched = (client.c.name, contact.c.name, contact.c.email)
    return wanted.where(or_(*(each.icontains(text, autoescape=True) for each in searched)))


def _searchable(search: str) -> str:
    return search.replace("\x00", "").strip()


def _row(row: Row[Any], method: str) -> ContactRow:
    return ContactRow(
        id=row.id,
        client_id=row.client_id,
        client=row.client,
        name=row.name,
        email=row.email,
        role=PortalRole(row.role).in_words,
        is_active=row.is_active,
        method=method,
        reminders=_reminders(row),
    )


def _reminders(row: Row[Any]) -> str:
    """ "No reminders since May 25, 2026"."""
    if row.stopped_at is None:
        return ""
    return f"No reminders since {long_day_text(day_of(row.stopped_at, row.timezone))}"


def _clients(principal: Principal) -> Select[Any]:
    return select(client.c.id, client.c.name).where(clients.visible_to(principal))


def _choices(wanted: Select[Any]) -> tuple[Choice, ...]:
    with reading() as connection:
        return tuple(Choice(id=row.id, name=row.name) for row in connection.execute(wanted))
