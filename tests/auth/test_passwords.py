"""Passwords are hard to guess from their hashes, and answers tell nothing."""

from unittest.mock import Mock

import pytest

from assure_app.auth import passwords
from assure_app.settings import Settings
from tests.support import quick_hashes


@pytest.fixture(autouse=True)
def _real_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", quick_hashes.REAL)


def test_a_password_is_kept_as_argon2id_and_recognised() -> None:
    kept = passwords.hash_password("correct horse")

    assert kept.startswith("$argon2id$")
    assert passwords.verify(kept, "correct horse")
    assert not passwords.verify(kept, "correct horse ")
    assert not passwords.needs_rehash(kept)


def test_for_nobody_the_same_work_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    hasher = Mock(wraps=passwords._hasher)
    monkeypatch.setattr(passwords, "_hasher", hasher)

    assert not passwords.verify(None, "nobody has this password")
    assert hasher.verify.call_count == 1


@pytest.mark.parametrize("kept", ["!", "", "$argon2id$broken"])
def test_a_hash_that_is_none_matches_nothing(kept: str) -> None:
    assert not passwords.verify(kept, "anything")


def test_an_endless_password_is_refused_unread() -> None:
    kept = passwords.hash_password("x")

    assert not passwords.verify(kept, "x" * 5000)


def test_the_demo_password_opens_nothing_where_money_is_real(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = passwords.hash_password(passwords.DEMO_PASSWORD)
    assert passwords.verify(kept, passwords.DEMO_PASSWORD)

    real = Settings(stripe_secret_key="sk_live_1", stripe_webhook_secret="whsec_1")
    monkeypatch.setattr(passwords, "get_settings", lambda: real)

    assert not passwords.verify(kept, passwords.DEMO_PASSWORD)
