"""The one-time link by which somebody new chooses a password; only its hash is kept."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from assure_app.billing import people
from assure_app.billing.people import Person
from assure_app.db.unit_of_work import reading
from assure_app.domain.email_address import normal_address
from assure_app.domain.errors import BillingError
from assure_app.domain.permissions import Principal
from assure_app.domain.tokens import digest
from assure_app.mail import outbox
from assure_app.mail.invitation_letter import InvitationLetter
from assure_app.models.tables import firm, firm_user, invitation
from assure_app.settings import get_settings

LIFETIME = timedelta(days=7)
SHORTEST_PAUSE = timedelta(minutes=1)
_LONGEST_TOKEN = 100
_TOKEN_BYTES = 32


class LinkRefused(BillingError):
    """The link was never given, was used, ran out, or was replaced by a newer one."""

    def __init__(self) -> None:
        super().__init__(
            "This link does not work any more: it was used, it ran out, or a newer one was sent."
            " If you have a password, sign in; else ask for a new link."
        )


class SentMomentsAgo(BillingError):
    """The last invitation is so young that another one would only make its link worthless."""

    def __init__(self) -> None:
        super().__init__("An invitation went out a moment ago. Wait a minute before the next.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """Whom a link that works belongs to."""

    user_id: int
    firm_id: int
    name: str
    email: str
    firm: str


def send(connection: Connection, principal: Principal, person: Person, *, now: datetime) -> None:
    """Make a new link, which ends every older one, and mail it, in the caller's transaction.

    Raises SentMomentsAgo within a minute of the last, so that a doubled click sends one.
    """
    young = select(invitation.c.id).where(
        invitation.c.user_id == person.id, invitation.c.created_at > now - SHORTEST_PAUSE
    )
    if connection.execute(young.limit(1)).first() is not None:
        raise SentMomentsAgo
    people.end_invitations(connection, person.id)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    connection.execute(
        insert(invitation).values(
            user_id=person.id,
            token_hash=digest(token),
            created_at=now,
            expires_at=now + LIFETIME,
        )
    )
    _mail(connection, principal, person, token, now)


def find(token: str, *, now: datetime) -> Invited:
    """Whom the link belongs to. Raises LinkRefused, with one sentence for every reason."""
    with reading() as connection:
        return _find(connection, token, now)


def use(connection: Connection, token: str, *, now: datetime) -> Invited:
    """Use the link up in the caller's transaction, once. Raises LinkRefused."""
    invited = _find(connection, token, now)
    used = connection.execute(
        update(invitation)
        .where(invitation.c.token_hash == digest(token), invitation.c.used_at.is_(None))
        .values(used_at=now)
    )
    if used.rowcount != 1:  # Somebody else used it since it was looked at.
        raise LinkRefused
    return invited


def _find(connection: Connection, token: str, now: datetime) -> Invited:
    if not token or len(token) > _LONGEST_TOKEN:
        raise LinkRefused
    joined = invitation.join(firm_user, firm_user.c.id == invitation.c.user_id).join(
        firm, firm.c.id == firm_user.c.firm_id
    )
    row = connection.execute(
        select(
            firm_user.c.id,
            firm_user.c.firm_id,
            firm_user.c.name,
            firm_user.c.email,
            firm.c.name.label("firm"),
        )
        .select_from(joined)
        .where(
            invitation.c.token_hash == digest(token),
            invitation.c.used_at.is_(None),
            invitation.c.expires_at > now,
            firm_user.c.is_active,
            firm_user.c.password_hash == "",
        )
    ).one_or_none()
    if row is None:
        raise LinkRefused
    return Invited(
        user_id=row.id, firm_id=row.firm_id, name=row.name, email=row.email, firm=row.firm
    )


def _mail(
    connection: Connection, principal: Principal, person: Person, token: str, now: datetime
) -> None:
    name = connection.scalar(select(firm.c.name).where(firm.c.id == principal.firm_id))
    letter = InvitationLetter(
        name=person.name,
        inviter=principal.name,
        firm=str(name),
        link=f"{get_settings().public_url}/welcome?token={token}",
        days=LIFETIME.days,
    )
    outbox.enqueue(
        connection,
        firm_id=principal.firm_id,
        to_email=person.email,
        from_name=str(name),
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        has_secret=True,
        now=now,
        reply_to=normal_address(principal.email),
    )
