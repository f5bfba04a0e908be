"""Taking up an invitation: the link is used once, a password is chosen, a session opens."""

from datetime import datetime

from sqlalchemy import update

from assure_app.auth import passwords, sessions
from assure_app.billing import audit, invitations
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.errors import InvalidInput
from assure_app.models.tables import firm_user


def accept(token: str, password: str, *, now: datetime) -> str:
    """Keep the password of whom the link belongs to, and give the token of their new session.

    Raises LinkRefused, and InvalidInput for a password that cannot be taken; the link then still
    works.
    """
    invitations.find(token, now=now)
    if problem := passwords.problem_of(password):
        raise InvalidInput({"password": problem})
    password_hash = passwords.hash_password(password)
    with unit_of_work() as connection:
        invited = invitations.use(connection, token, now=now)
        connection.execute(
            update(firm_user)
            .where(firm_user.c.id == invited.user_id)
            .values(password_hash=password_hash)
        )
        text = f"{invited.name} took up the invitation"
        audit.note(connection, firm_id=invited.firm_id, user_id=invited.user_id, text=text, at=now)
        return sessions.open_session(connection, invited.user_id, now=now)
