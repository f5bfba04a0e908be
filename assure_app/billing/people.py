"""The people of a firm as the services decide on them: the firm is held, and then looked at."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

from assure_app.domain.errors import NotFound, PermissionDenied
from assure_app.domain.membership import Role, Standing, role_of
from assure_app.domain.permissions import Permission, Principal
from assure_app.models.tables import firm, firm_user, invitation, user_session


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A user of the firm as stored; without a password they were invited and have not come yet."""

    id: int
    firm_id: int
    name: str
    email: str
    role: Role
    is_stripe_admin: bool
    is_active: bool
    is_invited: bool

    @property
    def standing(self) -> Standing:
        """What decides their power in the firm."""
        return Standing(
            user_id=self.id,
            role=self.role,
            is_stripe_admin=self.is_stripe_admin,
            is_active=self.is_active,
        )


def hold_firm(connection: Connection, principal: Principal) -> Person:
    """Hold the firm's people until the transaction ends, and give who acts, as of now.

    Changes of people and teams of one firm so happen one after the other: of two owners who demote
    each other the second is an owner no more. Raises PermissionDenied for whoever does not, or not
    any more, manage the firm. Invoices may be written meanwhile.
    """
    connection.execute(
        select(firm.c.id).where(firm.c.id == principal.firm_id).with_for_update(key_share=True)
    )
    actor = find(connection, principal.firm_id, principal.user_id)
    if not actor.is_active or actor.role is Role.MEMBER:
        raise PermissionDenied(Permission.MANAGE_FIRM)
    return actor


def find(connection: Connection, firm_id: int, user_id: int) -> Person:
    """A person of this firm. Raises NotFound, also for another firm's."""
    row = connection.execute(
        select(firm_user).where(firm_user.c.id == user_id, firm_user.c.firm_id == firm_id)
    ).one_or_none()
    if row is None:
        raise NotFound("person")
    return Person(
        id=row.id,
        firm_id=row.firm_id,
        name=row.name,
        email=row.email,
        role=role_of(is_owner=row.is_owner, is_admin=row.is_admin),
        is_stripe_admin=row.is_stripe_admin,
        is_active=row.is_active,
        is_invited=not row.password_hash,
    )


def other_active_owners(connection: Connection, firm_id: int, user_id: int) -> int:
    """How many owners the firm has who can sign in, apart from this person.

    Somebody invited who has not chosen a password yet is not counted: nobody could sign in.
    """
    others = select(func.count()).where(
        firm_user.c.firm_id == firm_id,
        firm_user.c.id != user_id,
        firm_user.c.is_owner,
        firm_user.c.is_active,
        firm_user.c.password_hash != "",
    )
    return int(connection.scalar(others) or 0)


def end_sessions(connection: Connection, user_id: int, *, now: datetime, but: int = 0) -> int:
    """End a person's sessions from their next event on, but for one; how many there were."""
    ended = connection.execute(
        update(user_session)
        .where(
            user_session.c.user_id == user_id,
            user_session.c.id != but,
            user_session.c.revoked_at.is_(None),
            user_session.c.expires_at > now,
        )
        .values(revoked_at=now)
    )
    return int(ended.rowcount)


def end_invitations(connection: Connection, user_id: int) -> None:
    """Make every link that the person has not used worthless."""
    connection.execute(
        delete(invitation).where(invitation.c.user_id == user_id, invitation.c.used_at.is_(None))
    )
