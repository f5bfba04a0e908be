"""A client's contact as stored: held while it is decided on, saved with all that follows."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from assure_app.billing import clients
from assure_app.billing.clients import KnownClient
from assure_app.billing.reading.contact_rows import ContactForm
from assure_app.domain.errors import NotFound
from assure_app.domain.permissions import Principal
from assure_app.domain.portal_access import PortalRole
from assure_app.models.tables import client, contact, portal_session


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredContact:
    """A contact as stored."""

    id: int
    client: KnownClient
    name: str
    email: str
    role: PortalRole
    is_active: bool

    @property
    def form(self) -> ContactForm:
        """The contact as the dialog shows it."""
        return ContactForm(name=self.name, email=self.email, role=self.role.value)

    @property
    def may_pay(self) -> bool:
        """Whether they may pay the client's invoices."""
        return self.is_active and self.role.may_pay

    @property
    def may_enter(self) -> bool:
        """Whether the portal lets them in."""
        return self.is_active and self.role.may_enter


def hold_client(connection: Connection, principal: Principal, client_id: int) -> KnownClient:
    """Hold the client, so that changes of its contacts come one after the other.

    Raises NotFound for one whom the person may not see.
    """
    row = connection.execute(
        select(client.c.id, client.c.name)
        .where(client.c.id == client_id, clients.visible_to(principal))
        .with_for_update(key_share=True)
    ).one_or_none()
    if row is None:
        raise NotFound("client")
    return KnownClient(id=row.id, name=row.name)


def hold(connection: Connection, principal: Principal, contact_id: int) -> StoredContact:
    """The contact as of now, its client held. Raises NotFound, also for one out of reach."""
    client_id = connection.scalar(select(contact.c.client_id).where(contact.c.id == contact_id))
    if client_id is None:
        raise NotFound("contact")
    try:
        of_client = hold_client(connection, principal, client_id)
    except NotFound as error:
        raise NotFound("contact") from error
    found = _first(connection, of_client, contact.c.id == contact_id)
    if found is None:
        raise NotFound("contact")
    return found


def same_email(
    connection: Connection, of_client: KnownClient, email: str, *, but: int = 0
) -> StoredContact | None:
    """The client's contact with this email, in capitals or not, apart from one."""
    is_same = (func.lower(contact.c.email) == email.lower()) & (contact.c.id != but)
    return _first(connection, of_client, is_same)


def insert_into(connection: Connection, of_client: KnownClient, wanted: ContactForm) -> None:
    """Write a new contact of the client."""
    values = {
        "client_id": of_client.id,
        "name": wanted.name,
        "email": wanted.email,
        "role": wanted.role,
    }
    connection.execute(insert(contact).values(values))


def save(
    connection: Connection, before: StoredContact, after: StoredContact, now: datetime
) -> None:
    """Write what changed, and end the sessions of an address that lost its way in."""
    connection.execute(
        update(contact)
        .where(contact.c.id == before.id)
        .values(
            name=after.name,
            email=after.email,
            role=after.role.value,
            is_active=after.is_active,
        )
    )
    if before.may_enter and (not after.may_enter or after.email != before.email):
        _end_sessions(connection, before.email, now)


def _first(
    connection: Connection, of_client: KnownClient, condition: ColumnElement[bool]
) -> StoredContact | None:
    of_this = select(contact).where(contact.c.client_id == of_client.id, condition)
    row = connection.execute(of_this.order_by(contact.c.id).limit(1)).one_or_none()
    if row is None:
        return None
    return StoredContact(
        id=row.id,
        client=of_client,
        name=row.name,
        email=row.email,
        role=PortalRole(row.role),
        is_active=row.is_active,
    )


def _end_sessions(connection: Connection, email: str, now: datetime) -> None:
    """End the sessions of an address that nobody may enter with any more.

    Somebody who still is a contact elsewhere, perhaps of another firm, stays signed in there.
    """
    others = select(contact.c.id).where(
        contact.c.email == email,
        contact.c.is_active,
        contact.c.role.in_([each.value for each in PortalRole if each.may_enter]),
    )
    connection.execute(
        update(portal_session)
        .where(
            portal_session.c.email == email,
            portal_session.c.revoked_at.is_(None),
            ~others.exists(),
        )
        .values(revoked_at=now)
    )
