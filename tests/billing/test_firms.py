"""Opening a firm with its owner, from nothing but an empty database."""

from dataclasses import replace

import pytest

from assure_app.auth import sessions
from assure_app.auth.passwords import hash_password, problem_of
from assure_app.billing import firms
from assure_app.billing.firms import NewFirm
from assure_app.domain.errors import InvalidInput
from tests.factories import MOMENT

PASSWORD = "correct horse battery"
NEW = NewFirm(
    name="Okonkwo & Daughters",
    timezone="America/Denver",
    owner_name="Ada Okonkwo",
    owner_email="Ada@Okonkwo.example",
    password_hash="",
)


def test_the_owner_of_a_new_firm_signs_in(database: str) -> None:
    assert database

    firm_id = firms.open_firm(replace(NEW, password_hash=hash_password(PASSWORD)), now=MOMENT)

    token = sessions.sign_in("ada@okonkwo.example", PASSWORD, "127.0.0.1", now=MOMENT)
    owner = sessions.principal_of(token, now=MOMENT)
    assert owner is not None
    assert (owner.firm_id, owner.name, owner.is_owner) == (firm_id, "Ada Okonkwo", True)


@pytest.mark.parametrize(
    ("overrides", "field"),
    [
        ({"name": " "}, "name"),
        ({"owner_name": ""}, "owner"),
        ({"owner_email": "ada@"}, "email"),
        ({"owner_email": "ada@a@b.example"}, "email"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
    ],
)
def test_what_cannot_be_a_firm_is_refused(
    database: str, overrides: dict[str, str], field: str
) -> None:
    assert database

    with pytest.raises(InvalidInput) as refusal:
        firms.open_firm(replace(NEW, **overrides), now=MOMENT)

    assert list(refusal.value.problems) == [field]


def test_a_firm_and_an_e_mail_are_taken_once(database: str) -> None:
    assert database
    firms.open_firm(NEW, now=MOMENT)

    with pytest.raises(InvalidInput) as refusal:
        firms.open_firm(replace(NEW, name="OKONKWO & Daughters"), now=MOMENT)

    assert set(refusal.value.problems) == {"name", "email"}


@pytest.mark.parametrize("password", ["", "short", "demo-demo-demo", "x" * 1025])
def test_a_password_that_cannot_be_taken(password: str) -> None:
    assert problem_of(password) != ""
    assert problem_of(PASSWORD) == ""
