"""What people change of themselves: name, email, password, and where they are signed in."""

from datetime import datetime

from sqlalchemy import Connection, func, select, update
from sqlalchemy.exc import IntegrityError

from assure_app.auth import lockout, passwords, sessions
from assure_app.auth.lockout import SignInRefused
from assure_app.billing import audit, people
from assure_app.billing.reading.settings_rows import Profile, SessionRow
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain import email_address
from assure_app.domain.calendar import moment_text
from assure_app.domain.entry import Entry
from assure_app.domain.errors import InvalidInput
from assure_app.domain.permissions import Principal
from assure_app.mail import outbox
from assure_app.mail.address_letter import SUBJECT, AddressLetter
from assure_app.models.tables import firm, firm_user, user_session

LONGEST_NAME = 200
MOST_SESSIONS = 20
_WRONG = "That is not your current password."


def profile(principal: Principal, *, now: datetime) -> Profile:
    """What the person sees of themself, with the browsers where they are signed in."""
    mine = user_session.c.user_id == principal.user_id
    live = (user_session.c.revoked_at.is_(None), user_session.c.expires_at > now)
    with reading() as connection:
        person = people.find(connection, principal.firm_id, principal.user_id)
        zone = str(connection.scalar(select(firm.c.timezone).where(firm.c.id == principal.firm_id)))
        newest = (user_session.c.id == principal.session_id).desc(), user_session.c.id.desc()
        rows = connection.execute(
            select(user_session).where(mine, *live).order_by(*newest).limit(MOST_SESSIONS)
        ).all()
        count = connection.scalar(select(func.count()).select_from(user_session).where(mine, *live))
    return Profile(
        name=person.name,
        email=person.email,
        sessions=tuple(
            SessionRow(
                id=row.id,
                since=moment_text(row.created_at, zone, now=now),
                until=moment_text(row.expires_at, zone, now=now),
                is_this=row.id == principal.session_id,
            )
            for row in rows
        ),
        others=max(0, int(count or 0) - 1),
    )


def rename(principal: Principal, name: str, *, now: datetime) -> str:
    """Change one's own name; gives the sentence to show. Raises InvalidInput."""
    entry = Entry()
    new = entry.line("name", name, limit=LONGEST_NAME, name="The name")
    if not new:
        entry.refuse("name", "Enter your name.")
    entry.check()
    with unit_of_work() as connection:
        person = people.find(connection, principal.firm_id, principal.user_id)
        if new == person.name:
            return "Nothing was changed."
        _set(connection, principal, name=new)
        _note(connection, principal, f"{person.name} is now named {new}", now)
    return "Your name was saved."


def change_email(principal: Principal, email: str, current_password: str, *, now: datetime) -> str:
    """Change the email one signs in with; gives the sentence to show. Raises InvalidInput.

    The old address gets a letter: a stranger at an open browser cannot do it unseen.
    """
    new = email_address.normal_address(email)
    if not new:
        raise InvalidInput({"email": email_address.refusal(email)})
    if new == principal.email:
        return "Nothing was changed."
    attempt, _ = _check_password(principal, current_password, now)
    try:
        with unit_of_work() as connection:
            lockout.forgive(connection, attempt)
            if connection.execute(select(firm_user.c.id).where(firm_user.c.email == new)).first():
                raise _taken(new)
            _set(connection, principal, email=new)
            told = f"{principal.name} changed their email from {principal.email} to {new}"
            _note(connection, principal, told, now)
            _tell_old_address(connection, principal, new, now)
    except IntegrityError as error:  # Somebody else took the address at this very moment.
        raise _taken(new) from error
    return f"From now on you sign in with {new}."


def change_password(
    principal: Principal, *, current_password: str, new_password: str, now: datetime
) -> str:
    """Change one's own password and end every other session; gives the sentence to show.

    Raises InvalidInput by field.
    """
    if problem := passwords.problem_of(new_password):
        raise InvalidInput({"new_password": problem})
    attempt, stored = _check_password(principal, current_password, now)
    password_hash = passwords.hash_password(new_password)
    with unit_of_work() as connection:
        lockout.forgive(connection, attempt)
        # Of two changes made at once from the same password the second is refused.
        changed = connection.execute(
            update(firm_user)
            .where(firm_user.c.id == principal.user_id, firm_user.c.password_hash == stored)
            .values(password_hash=password_hash)
        )
        if changed.rowcount != 1:
            raise InvalidInput({"current_password": _WRONG})
        people.end_sessions(connection, principal.user_id, now=now, but=principal.session_id)
        _note(connection, principal, f"{principal.name} changed their password", now)
    return "Your password was changed, and every other browser was signed out."


def sign_out_others(principal: Principal, *, now: datetime) -> str:
    """End every session of one's own but this one; gives the sentence to show."""
    ended = sessions.revoke_all(principal.user_id, now=now, but=principal.session_id)
    if not ended:
        return "You are signed in nowhere else."
    return (
        "The other browser was signed out."
        if ended == 1
        else (f"{ended} other browsers were signed out.")
    )


def _check_password(
    principal: Principal, password: str, now: datetime
) -> tuple[lockout.Attempt, str]:
    """The counted try and the stored hash. Whoever finds an open browser may not guess for ever."""
    if not password:
        raise InvalidInput({"current_password": "Enter your current password."})
    try:
        attempt = lockout.begin(principal.email, "", now=now)
    except SignInRefused as refused:
        raise InvalidInput({"current_password": refused.sentence}) from refused
    with reading() as connection:
        stored = connection.scalar(
            select(firm_user.c.password_hash).where(firm_user.c.id == principal.user_id)
        )
    if not passwords.verify(stored, password):
        raise InvalidInput({"current_password": _WRONG})
    return attempt, str(stored)


def _tell_old_address(
    connection: Connection, principal: Principal, new: str, now: datetime
) -> None:
    name = str(connection.scalar(select(firm.c.name).where(firm.c.id == principal.firm_id)))
    letter = AddressLetter(name=principal.name, firm=name, new_email=new)
    outbox.enqueue(
        connection,
        firm_id=principal.firm_id,
        to_email=principal.email,
        from_name=name,
        subject=SUBJECT,
        text=letter.text,
        html=letter.html,
        now=now,
    )


def _taken(email: str) -> InvalidInput:
    return InvalidInput({"email": f"{email} belongs to a user already."})


def _set(connection: Connection, principal: Principal, **values: str) -> None:
    connection.execute(
        update(firm_user).where(firm_user.c.id == principal.user_id).values(**values)
    )


def _note(connection: Connection, principal: Principal, text: str, now: datetime) -> None:
    audit.note(connection, firm_id=principal.firm_id, user_id=principal.user_id, text=text, at=now)
