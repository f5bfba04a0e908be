"""Browsers in the portal: a session is a row about an address, and ends when the row is revoked.

Whoever has a session is looked up among the contacts at every event: a contact made inactive, or
whose email was changed, is out at once, and a new role counts at once.
"""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.portal_access import PortalPerson, PortalPrincipal, PortalRole, entering
from assure_app.domain.tokens import digest
from assure_app.models.tables import client, contact, portal_session

LIFETIME = timedelta(hours=12)
TRUSTED_LIFETIME = timedelta(days=30)
MOST_CONTACTS = 50
_TOKEN_BYTES = 32


def person_of(cookie_token: str, *, now: datetime) -> PortalPerson | None:
    """Whoever the token belongs to, with the clients they are a contact of as of now, or None."""
    if not cookie_token:
        return None
    with reading() as connection:
        session = connection.execute(
            select(portal_session.c.id, portal_session.c.email).where(
                portal_session.c.token_hash == digest(cookie_token),
                portal_session.c.revoked_at.is_(None),
                portal_session.c.expires_at > now,
            )
        ).one_or_none()
        contacts = contacts_of(connection, session.email) if session else ()
    if session is None or not contacts:
        return None
    return PortalPerson(session_id=session.id, email=session.email, contacts=contacts)


def contacts_of(connection: Connection, email: str) -> tuple[PortalPrincipal, ...]:
    """The contacts with this address who may enter, the oldest first."""
    rows = connection.execute(
        select(contact, client.c.firm_id)
        .join(client, client.c.id == contact.c.client_id)
        .where(contact.c.email == email, contact.c.is_active)
        .order_by(contact.c.id)
        .limit(MOST_CONTACTS)
    )
    return entering(
        PortalPrincipal(
            contact_id=row.id,
            client_id=row.client_id,
            firm_id=row.firm_id,
            name=row.name,
            email=row.email,
            role=PortalRole(row.role),
        )
        for row in rows
    )


def open_session(connection: Connection, email: str, *, is_trusted: bool, now: datetime) -> str:
    """Open a session in the caller's transaction, and give the only copy of its token."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    lifetime = TRUSTED_LIFETIME if is_trusted else LIFETIME
    connection.execute(
        insert(portal_session).values(
            email=email,
            token_hash=digest(token),
            is_trusted=is_trusted,
            created_at=now,
            expires_at=now + lifetime,
        )
    )
    return token


def sign_out(cookie_token: str, *, now: datetime) -> None:
    """End the session of this token; a token that has none changes nothing."""
    with unit_of_work() as connection:
        connection.execute(
            update(portal_session)
            .where(
                portal_session.c.token_hash == digest(cookie_token),
                portal_session.c.revoked_at.is_(None),
            )
            .values(revoked_at=now)
        )
