"""Guessing is slow: five tries for an email, fifty from an address, however they are sent."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from assure_app.auth import lockout, passwords, sessions
from assure_app.auth.sessions import SignInRefused
from assure_app.db.unit_of_work import reading
from assure_app.models.tables import audit_entry
from tests.auth.people import PASSWORD, make_person
from tests.factories import MOMENT

pytestmark = pytest.mark.usefixtures("database")
KNOWN, UNKNOWN = "jane@chenadvisory.com", "nobody@nowhere.example"
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _fast_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only counting is of interest here."""
    monkeypatch.setattr(
        passwords, "verify", lambda kept, password: kept is not None and password == PASSWORD
    )


def guess(email: str = KNOWN, *, minutes: float = 0, address: str = "192.0.2.1") -> SignInRefused:
    with pytest.raises(SignInRefused) as refused:
        sessions.sign_in(email, "wrong", address, now=MOMENT + minutes * MINUTE)
    return refused.value


def sign_in(*, minutes: float = 0, email: str = KNOWN, address: str = "192.0.2.1") -> str:
    return sessions.sign_in(email, PASSWORD, address, now=MOMENT + minutes * MINUTE)


@pytest.mark.parametrize("email", [KNOWN, UNKNOWN])
def test_the_fifth_failure_locks_known_and_unknown_alike(email: str) -> None:
    make_person(KNOWN)

    waits = [guess(email, minutes=minute).must_wait for minute in range(5)]
    refused = guess(email, minutes=5)

    assert waits == [False, False, False, False, True]
    assert refused.sentence == "Too many tries with this email: try again in 14 minutes."
    assert refused.field == "email"


def test_even_the_right_password_waits_until_fifteen_minutes_after_the_fifth() -> None:
    make_person(KNOWN)
    for minute in (0, 3, 6, 9, 12):
        guess(minutes=minute)

    with pytest.raises(SignInRefused, match="try again in 1 minute"):
        sign_in(minutes=26.9)
    assert sign_in(minutes=27)


def test_five_failures_over_more_than_fifteen_minutes_lock_nobody() -> None:
    make_person(KNOWN)
    for minute in (0, 4, 8, 12, 16):
        guess(minutes=minute)

    assert sign_in(minutes=16)


def test_a_right_password_forgives_earlier_failures() -> None:
    make_person(KNOWN)
    for _ in range(4):
        guess()
    sign_in()

    assert [guess().must_wait for _ in range(4)] == [False] * 4


def test_an_address_waits_after_fifty_failures_at_many_emails() -> None:
    make_person(KNOWN)
    for number in range(50):
        guess(f"guess{number}@nowhere.example", address="203.0.113.9")

    with pytest.raises(SignInRefused) as refused:
        sign_in(address="203.0.113.9")
    assert refused.value.field == ""
    assert refused.value.sentence == (
        "Too many tries from your network, whatever the email: try again in 15 minutes."
    )
    assert sign_in(address="192.0.2.1")


def test_tries_from_an_address_that_is_not_told_lock_their_emails_alone() -> None:
    make_person(KNOWN)
    for number in range(60):
        guess(f"guess{number}@nowhere.example", address="")
    for _ in range(5):
        guess(UNKNOWN, address="")

    assert guess(UNKNOWN, address="").sentence.startswith("Too many tries with this email")
    assert sign_in(address="")


def test_a_lockout_of_a_known_email_is_written_down_once() -> None:
    make_person(KNOWN, name="Jane Chen")
    for _ in range(8):
        guess()
        guess(UNKNOWN)

    with reading() as connection:
        texts = connection.scalars(select(audit_entry.c.text)).all()
    assert texts == ["Jane Chen is locked out for 15 minutes after 5 failed sign-ins"]


def test_of_twenty_guesses_at_once_five_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    make_person(KNOWN)
    looked_at: list[str] = []
    monkeypatch.setattr(passwords, "verify", lambda _kept, password: looked_at.append(password))
    barrier = Barrier(20)

    def attack(number: int) -> bool:
        barrier.wait()
        try:
            sessions.sign_in(KNOWN, f"guess {number}", "192.0.2.1", now=MOMENT)
        except SignInRefused as refused:
            return refused.must_wait
        raise AssertionError("a guess was let in")

    with ThreadPoolExecutor(20) as pool:
        waits = list(pool.map(attack, range(20)))

    assert len(looked_at) == lockout.EMAIL_LIMIT
    assert waits.count(True) == 16
