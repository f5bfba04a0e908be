"""Slows down guessing: after too many failures, an email or an address has to wait.

A try is counted before its password is looked at and forgiven when it was right, so guesses sent
side by side cannot slip past the limit. An email that nobody has is counted alike.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, text

from assure_app.db.unit_of_work import unit_of_work
from assure_app.models.tables import sign_in_attempt

WINDOW = timedelta(minutes=15)
EMAIL_LIMIT = 5
ADDRESS_LIMIT = 50
_LOCK_NUMBER = 5_167_001


class SignInRefused(Exception):
    """Nobody was signed in. `field` is where the sentence belongs; `must_wait` marks a lockout."""

    def __init__(self, sentence: str, *, field: str, must_wait: bool = False) -> None:
        self.sentence = sentence
        self.field = field
        self.must_wait = must_wait
        super().__init__(sentence)


class MustWait(SignInRefused):
    """Too many tries; the sentence says for what, and when the next one will be looked at."""

    def __init__(self, wait: timedelta, *, what: str, field: str) -> None:
        minutes = max(1, math.ceil(wait / timedelta(minutes=1)))
        unit = "minute" if minutes == 1 else "minutes"
        sentence = f"Too many tries {what}: try again in {minutes} {unit}."
        super().__init__(sentence, field=field, must_wait=True)


class EmailMustWait(MustWait):
    """Too many tries at one email. It reads the same whether or not anybody has the email."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(wait, what="with this email", field="email")


class AddressMustWait(MustWait):
    """Too many tries from one address, at whatever emails: no field of the form is at fault."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(wait, what="from your network, whatever the email", field="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A counted try; `locks_email` says that it was the last one allowed."""

    email: str
    locks_email: bool


def begin(email: str, address: str, *, limit: int = EMAIL_LIMIT, now: datetime) -> Attempt:
    """Count a try, or raise MustWait while this email or this address has to wait.

    The wait lasts until 15 minutes after the try that reached the limit. Without an address ("")
    only the email is counted: where a proxy's address stands for everyone, one person's guesses
    would lock out all. `limit` is how many tries an email may have.
    """
    email, address = email[:254], address[:64]
    with unit_of_work() as connection:
        _one_at_a_time(connection)
        _forget_old(connection, now)
        email_free_at = _free_at(connection, "email", email, limit, now)
        address_free_at = now
        if address:
            address_free_at = _free_at(connection, "address", address, ADDRESS_LIMIT, now)
        if address_free_at > max(now, email_free_at):
            raise AddressMustWait(address_free_at - now)
        if email_free_at > now:
            raise EmailMustWait(email_free_at - now)
        connection.execute(insert(sign_in_attempt).values(email=email, address=address, at=now))
        locks_email = _free_at(connection, "email", email, limit, now) > now
    return Attempt(email=email, locks_email=locks_email)


def forgive(connection: Connection, attempt: Attempt) -> None:
    """Forget the failures of an email, in the transaction that opens its session.

    Tries at other emails from the same address stay: one good password pays for no guesses.
    """
    connection.execute(delete(sign_in_attempt).where(sign_in_attempt.c.email == attempt.email))


def _free_at(
    connection: Connection, column: str, value: str, limit: int, now: datetime
) -> datetime:
    """When the next try is allowed; `now` when nothing stands against it."""
    newest_first = connection.scalars(
        select(sign_in_attempt.c.at)
        .where(sign_in_attempt.c[column] == value)
        .order_by(sign_in_attempt.c.at.desc())
        .limit(limit)
    ).all()
    if len(newest_first) < limit or newest_first[0] - newest_first[-1] >= WINDOW:
        return now
    free_at: datetime = newest_first[0] + WINDOW
    return max(free_at, now)


def _forget_old(connection: Connection, now: datetime) -> None:
    """Keep the table small. A try matters while a lockout that it led to may last."""
    connection.execute(delete(sign_in_attempt).where(sign_in_attempt.c.at < now - 2 * WINDOW))


def _one_at_a_time(connection: Connection) -> None:
    """Queue the counting on PostgreSQL; on SQLite the write lock does so already."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK_NUMBER})
