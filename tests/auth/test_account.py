"""What people change of themselves."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from assure_app.auth import account, sessions
from assure_app.auth.sessions import SignInRefused
from assure_app.db.unit_of_work import reading
from assure_app.domain.errors import InvalidInput
from assure_app.domain.permissions import Principal
from assure_app.models.tables import mail_message
from tests.auth.people import PASSWORD, make_person
from tests.factories import MOMENT

pytestmark = pytest.mark.usefixtures("database")
NEW = "another good password"
EMAIL = "jane@chenadvisory.com"


def signed_in(email: str = EMAIL) -> Principal:
    token = sessions.sign_in(email, PASSWORD, "", now=MOMENT)
    principal = sessions.principal_of(token, now=MOMENT)
    assert principal is not None
    return principal


def test_a_new_password_ends_every_other_session_and_keeps_this_one() -> None:
    make_person(EMAIL)
    here, elsewhere = signed_in(), signed_in()

    account.change_password(here, current_password=PASSWORD, new_password=NEW, now=MOMENT)

    mine = account.profile(here, now=MOMENT).sessions
    assert [(row.id, row.is_this) for row in mine] == [(here.session_id, True)]
    assert elsewhere.session_id not in {row.id for row in mine}
    with pytest.raises(SignInRefused):
        sessions.sign_in(EMAIL, PASSWORD, "", now=MOMENT)
    assert sessions.sign_in(EMAIL, NEW, "", now=MOMENT)


@pytest.mark.parametrize(
    ("current", "new", "field"),
    [
        ("", NEW, "current_password"),
        ("wrong", NEW, "current_password"),
        (PASSWORD, "short", "new_password"),
        (PASSWORD, "demo-demo-demo", "new_password"),
    ],
)
def test_a_password_that_is_refused_changes_nothing(current: str, new: str, field: str) -> None:
    make_person(EMAIL)
    me = signed_in()

    with pytest.raises(InvalidInput) as refused:
        account.change_password(me, current_password=current, new_password=new, now=MOMENT)

    assert list(refused.value.problems) == [field]
    assert sessions.sign_in(EMAIL, PASSWORD, "", now=MOMENT)


def test_whoever_finds_an_open_browser_cannot_guess_for_ever() -> None:
    make_person(EMAIL)
    me = signed_in()
    for _ in range(5):
        with pytest.raises(InvalidInput):
            account.change_password(me, current_password="guess", new_password=NEW, now=MOMENT)

    with pytest.raises(InvalidInput, match="Too many tries"):
        account.change_password(me, current_password=PASSWORD, new_password=NEW, now=MOMENT)

    later = MOMENT + timedelta(minutes=15)
    account.change_password(me, current_password=PASSWORD, new_password=NEW, now=later)


def test_the_second_of_two_changes_from_one_password_is_refused() -> None:
    make_person(EMAIL)
    first, second = signed_in(), signed_in()
    account.change_password(first, current_password=PASSWORD, new_password=NEW, now=MOMENT)

    with pytest.raises(InvalidInput):
        account.change_password(second, current_password=PASSWORD, new_password=NEW, now=MOMENT)


def test_a_new_e_mail_needs_the_password_and_is_nobody_elses() -> None:
    make_person(EMAIL)
    make_person("olga@northsidecpa.example")
    me = signed_in()

    for email, password, field in (
        ("jane@", PASSWORD, "email"),
        ("jane@new.example", "wrong", "current_password"),
        ("Olga@northsidecpa.example", PASSWORD, "email"),
    ):
        with pytest.raises(InvalidInput) as refused:
            account.change_email(me, email, password, now=MOMENT)
        assert list(refused.value.problems) == [field]
    account.change_email(me, "Jane@New.example", PASSWORD, now=MOMENT)

    assert signed_in("jane@new.example").user_id == me.user_id
    assert account.profile(me, now=MOMENT).email == "jane@new.example"
    with reading() as connection:
        letter = connection.execute(select(mail_message)).one()
    assert letter.to_email == EMAIL
    assert "jane@new.example" in letter.text


def test_a_name_is_changed_by_oneself() -> None:
    make_person(EMAIL)
    me = signed_in()

    assert account.rename(me, " Jane  Q. Chen ", now=MOMENT) == "Your name was saved."

    assert account.profile(me, now=MOMENT).name == "Jane Q. Chen"
    with pytest.raises(InvalidInput):
        account.rename(me, " ", now=MOMENT)


def test_other_browsers_are_signed_out() -> None:
    make_person(EMAIL)
    here = signed_in()
    for _ in range(2):
        signed_in()
    assert account.profile(here, now=MOMENT).others == 2

    said = account.sign_out_others(here, now=MOMENT)

    assert said == "2 other browsers were signed out."
    assert account.profile(here, now=MOMENT).others == 0
    assert account.sign_out_others(here, now=MOMENT) == "You are signed in nowhere else."
    assert account.profile(replace(here, session_id=0), now=MOMENT).sessions
