"""Firms and people with passwords, and sessions without the slow part."""

from datetime import datetime, timedelta

from assure_app import clock
from assure_app.auth import passwords, sessions
from assure_app.db.unit_of_work import unit_of_work
from assure_app.models import Team, UserSession
from tests.factories import insert, make_firm, make_user

PASSWORD = "correct horse"
_hash = passwords.hash_password(PASSWORD)


def make_person(
    email: str = "jane@chenadvisory.com", *, firm_id: int | None = None, **overrides: object
) -> int:
    """A person who signs in with PASSWORD; in a firm of their own unless one is given."""
    values = {"email": email, "password_hash": _hash} | overrides
    with unit_of_work() as connection:
        firm_id = make_firm(connection) if firm_id is None else firm_id
        return make_user(connection, firm_id, **values)


def join_team(user_id: int, firm_id: int, name: str, **rights: bool) -> None:
    """A team with these rights, and the person in it."""
    with unit_of_work() as connection:
        team_id = insert(connection, Team, firm_id=firm_id, name=name, **rights)
        connection.execute(
            UserSession.metadata.tables["team_member"]
            .insert()
            .values(team_id=team_id, user_id=user_id)
        )


def open_session(user_id: int, token: str, *, now: datetime | None = None) -> str:
    """A session with a chosen token, without asking for a password."""
    now = now or clock.now()
    with unit_of_work() as connection:
        insert(
            connection,
            UserSession,
            user_id=user_id,
            token_hash=sessions.hash_token(token),
            created_at=now,
            expires_at=now + timedelta(days=14),
        )
    return token
