"""Signed-in browsers: a session is a row, and ends the moment the row is revoked."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, case, func, insert, select, update

from assure_app.auth import lockout, passwords
from assure_app.auth.lockout import SignInRefused
from assure_app.billing import audit, people
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.permissions import Principal, TeamRights
from assure_app.domain.tokens import digest as hash_token
from assure_app.models.tables import firm_user, team, team_member, user_session

__all__ = [
    "LIFETIME",
    "SignInRefused",
    "hash_token",
    "open_session",
    "principal_of",
    "revoke_all",
    "sign_in",
    "sign_out",
]

LIFETIME = timedelta(days=14)
_TOKEN_BYTES = 32
_WRONG = "Email or password is not right. Check both and try again."


def sign_in(email: str, password: str, address: str, *, now: datetime) -> str:
    """The token of a new session for the person with this email and password.

    It is the only copy: the database keeps its SHA-256. Raises SignInRefused, with the same
    sentence whether the email is unknown, the password wrong or the person inactive.
    """
    email = email.strip().lower()
    attempt = lockout.begin(email, address, now=now)
    with reading() as connection:
        user = connection.execute(_user_by_email(email)).one_or_none()
    is_right = passwords.verify(user.password_hash if user is not None else None, password)
    if user is None or not is_right or not user.is_active:
        raise _refusal(attempt, user, now)
    with unit_of_work() as connection:
        lockout.forgive(connection, attempt)
        _renew_hash(connection, user, password)
        return open_session(connection, user.id, now=now)


def principal_of(cookie_token: str, *, now: datetime) -> Principal | None:
    """The person behind the token with their rights as of now, or None (R136).

    None also for a session that expired or was revoked, and for a person made inactive.
    """
    if not cookie_token:
        return None
    with reading() as connection:
        row = connection.execute(_principal(cookie_token, now)).one_or_none()
    if row is None:
        return None
    return Principal(
        session_id=row.session_id,
        user_id=row.id,
        firm_id=row.firm_id,
        name=row.name,
        email=row.email,
        is_owner=row.is_owner,
        is_admin=row.is_admin,
        is_stripe_admin=row.is_stripe_admin,
        rights=TeamRights(
            view_billing=bool(row.view_billing),
            edit_billing=bool(row.edit_billing),
            all_clients=bool(row.all_clients),
        ),
    )


def sign_out(cookie_token: str, *, now: datetime) -> None:
    """End the session of this token; a token that has none changes nothing."""
    with unit_of_work() as connection:
        ended = connection.execute(
            update(user_session)
            .where(
                user_session.c.token_hash == hash_token(cookie_token),
                user_session.c.revoked_at.is_(None),
            )
            .values(revoked_at=now)
            .returning(user_session.c.user_id)
        ).one_or_none()
        if ended is not None:
            _note(connection, user_id=ended.user_id, what="signed out", now=now)


def revoke_all(user_id: int, *, now: datetime, but: int = 0) -> int:
    """End every session of a person, but for one, from their next event on; how many ended."""
    with unit_of_work() as connection:
        ended = people.end_sessions(connection, user_id, now=now, but=but)
        what = "signed out other browsers" if but else "was signed out everywhere"
        if ended:
            _note(connection, user_id=user_id, what=what, now=now)
    return ended


def _user_by_email(email: str) -> Select[Any]:
    return select(
        firm_user.c.id,
        firm_user.c.firm_id,
        firm_user.c.name,
        firm_user.c.password_hash,
        firm_user.c.is_active,
    ).where(firm_user.c.email == email)


def _refusal(attempt: lockout.Attempt, user: Row[Any] | None, now: datetime) -> SignInRefused:
    if not attempt.locks_email:
        return SignInRefused(_WRONG, field="password")
    if user is not None:
        with unit_of_work() as connection:
            what = f"is locked out for 15 minutes after {lockout.EMAIL_LIMIT} failed sign-ins"
            _note(connection, user_id=user.id, what=what, now=now)
    return lockout.EmailMustWait(lockout.WINDOW)


def open_session(connection: Connection, user_id: int, *, now: datetime) -> str:
    """Open a session in the caller's transaction, and give the only copy of its token."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    connection.execute(
        insert(user_session).values(
            user_id=user_id, token_hash=hash_token(token), created_at=now, expires_at=now + LIFETIME
        )
    )
    _note(connection, user_id=user_id, what="signed in", now=now)
    return token


def _renew_hash(connection: Connection, user: Row[Any], password: str) -> None:
    """Hash the password again when today's parameters are stronger than its hash."""
    if passwords.needs_rehash(user.password_hash):
        connection.execute(
            update(firm_user)
            .where(firm_user.c.id == user.id, firm_user.c.password_hash == user.password_hash)
            .values(password_hash=passwords.hash_password(password))
        )


def _note(connection: Connection, *, user_id: int, what: str, now: datetime) -> None:
    user = connection.execute(
        select(firm_user.c.firm_id, firm_user.c.name).where(firm_user.c.id == user_id)
    ).one()
    text = f"{user.name} {what}"
    audit.note(connection, firm_id=user.firm_id, user_id=user_id, text=text, at=now)


def _principal(cookie_token: str, now: datetime) -> Select[Any]:
    def any_team(column: str) -> Any:
        return func.max(case((team.c[column], 1), else_=0)).label(column)

    people = user_session.join(firm_user, firm_user.c.id == user_session.c.user_id)
    members = people.outerjoin(team_member, team_member.c.user_id == firm_user.c.id)
    # The firm is compared too, so that a stray membership can never lend another firm's rights.
    teams = members.outerjoin(
        team, and_(team.c.id == team_member.c.team_id, team.c.firm_id == firm_user.c.firm_id)
    )
    rights = (any_team(name) for name in ("view_billing", "edit_billing", "all_clients"))
    return (
        select(user_session.c.id.label("session_id"), firm_user, *rights)
        .select_from(teams)
        .where(
            user_session.c.token_hash == hash_token(cookie_token),
            user_session.c.revoked_at.is_(None),
            user_session.c.expires_at > now,
            firm_user.c.is_active,
        )
        .group_by(user_session.c.id, firm_user.c.id)
    )
