"""Passwords are kept as argon2id hashes, and a wrong one takes as long as an unknown email."""

import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from assure_app.settings import get_settings

DEMO_PASSWORD = "demo-demo-demo"  # noqa: S105 - printed on the sign-in page of a sandbox
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 1024
AT_ONCE = 4

_hasher = PasswordHasher()
# Each hash takes 64 MiB; without a limit, a burst of guesses would take the machine's memory.
_slots = threading.BoundedSemaphore(AT_ONCE)


def problem_of(password: str) -> str:
    """Why a new password cannot be taken, or "" when it can."""
    if len(password) < SHORTEST_PASSWORD:
        return f"A password needs at least {SHORTEST_PASSWORD} characters."
    if len(password) > LONGEST_PASSWORD or password == DEMO_PASSWORD:
        return "Choose another password."
    return ""


def hash_password(password: str) -> str:
    """The hash to keep for a password."""
    with _slots:
        return _hasher.hash(password)


def verify(password_hash: str | None, password: str) -> bool:
    """Whether the password is the one that was hashed.

    None stands for a person who does not exist, "" for one who has not chosen a password yet: the
    same work is done, and the answer is no.
    """
    if len(password) > LONGEST_PASSWORD or _is_demo_for_real(password):
        return False
    try:
        with _slots:
            _hasher.verify(password_hash or _dummy_hash(), password)
    except (Argon2Error, InvalidHashError):
        return False
    return bool(password_hash)


def needs_rehash(password_hash: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)


def _is_demo_for_real(password: str) -> bool:
    """Whether everyone's demo password is tried where others than its owner can reach."""
    return password == DEMO_PASSWORD and not get_settings().offers_demo


@cache
def _dummy_hash() -> str:
    return _hasher.hash("nobody has this password")
