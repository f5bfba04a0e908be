"""Who a cookie names, and for how long."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from assure_app.auth import passwords, sessions
from assure_app.auth.sessions import SignInRefused
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.permissions import TeamRights
from assure_app.models.tables import audit_entry, firm_user, user_session
from tests.auth.people import PASSWORD, join_team, make_person, open_session
from tests.factories import MOMENT, make_firm
from tests.support.engines import listening

pytestmark = pytest.mark.usefixtures("database")


def sign_in(email: str = "jane@chenadvisory.com", password: str = PASSWORD) -> str:
    return sessions.sign_in(email, password, "192.0.2.1", now=MOMENT)


def test_signing_in_opens_a_session_that_is_kept_as_a_hash_only() -> None:
    user_id = make_person(name="Jane Chen", is_owner=True)

    token = sign_in(" Jane@ChenAdvisory.com ")
    principal = sessions.principal_of(token, now=MOMENT)

    assert principal is not None
    assert (principal.user_id, principal.name, principal.is_owner) == (user_id, "Jane Chen", True)
    assert len(token) >= 43
    with reading() as connection:
        assert connection.scalars(select(user_session.c.token_hash)).all() == [
            sessions.hash_token(token)
        ]
        assert connection.scalars(select(audit_entry.c.text)).all() == ["Jane Chen signed in"]


def test_the_rights_are_the_union_of_the_teams_and_of_no_other_firms() -> None:
    with unit_of_work() as connection:
        firm_id, other_firm_id = make_firm(connection), make_firm(connection)
    user_id = make_person(firm_id=firm_id)
    join_team(user_id, firm_id, "Viewers", view_billing=True)
    join_team(user_id, firm_id, "Everyone's", all_clients=True)
    join_team(user_id, other_firm_id, "Elsewhere", edit_billing=True)
    token = open_session(user_id, "token", now=MOMENT)

    principal = sessions.principal_of(token, now=MOMENT)

    assert principal is not None
    assert principal.rights == TeamRights(view_billing=True, all_clients=True)


def test_the_person_is_found_with_one_query() -> None:
    token = open_session(make_person(), "token", now=MOMENT)
    statements: list[str] = []

    with listening(before_cursor_execute=lambda *given: statements.append(given[2])):
        sessions.principal_of(token, now=MOMENT)

    assert len([one for one in statements if one.startswith("SELECT")]) == 1


def test_a_session_lasts_fourteen_days_to_the_second() -> None:
    make_person()
    token = sign_in()
    end = MOMENT + timedelta(days=14)

    assert sessions.principal_of(token, now=end - timedelta(seconds=1)) is not None
    assert sessions.principal_of(token, now=end) is None


@pytest.mark.parametrize("token", ["", "unknown", "x" * 10_000])
def test_a_token_that_is_none_names_nobody(token: str) -> None:
    assert sessions.principal_of(token, now=MOMENT) is None


def test_signing_out_ends_this_session_and_no_other() -> None:
    make_person()
    here, elsewhere = sign_in(), sign_in()

    sessions.sign_out(here, now=MOMENT)
    sessions.sign_out(here, now=MOMENT)
    sessions.sign_out("unknown", now=MOMENT)

    assert sessions.principal_of(here, now=MOMENT) is None
    assert sessions.principal_of(elsewhere, now=MOMENT) is not None


def test_revoking_ends_every_session_of_this_person_only() -> None:
    user_id, other_id = make_person(), make_person("marcus@chenadvisory.com")
    mine, also_mine = sign_in(), sign_in()
    other = open_session(other_id, "other", now=MOMENT)

    sessions.revoke_all(user_id, now=MOMENT)

    assert sessions.principal_of(mine, now=MOMENT) is None
    assert sessions.principal_of(also_mine, now=MOMENT) is None
    assert sessions.principal_of(other, now=MOMENT) is not None


def test_an_inactive_person_has_no_principal_and_cannot_sign_in() -> None:
    user_id = make_person()
    token = sign_in()
    with unit_of_work() as connection:
        connection.execute(
            update(firm_user).where(firm_user.c.id == user_id).values(is_active=False)
        )

    assert sessions.principal_of(token, now=MOMENT) is None
    with pytest.raises(SignInRefused) as refused:
        sign_in()
    assert refused.value.sentence == "Email or password is not right. Check both and try again."


@pytest.mark.parametrize("email", ["jane@chenadvisory.com", "nobody@nowhere.example"])
def test_a_wrong_password_and_an_unknown_email_are_refused_alike(email: str) -> None:
    make_person()

    with pytest.raises(SignInRefused) as refused:
        sign_in(email, "wrong")

    assert refused.value.sentence == "Email or password is not right. Check both and try again."
    assert (refused.value.field, refused.value.must_wait) == ("password", False)


def test_a_weaker_hash_is_renewed_at_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    user_id = make_person()
    monkeypatch.setattr(passwords, "needs_rehash", lambda _hash: True)
    with reading() as connection:
        before = connection.scalar(select(firm_user.c.password_hash))

    sign_in()

    with reading() as connection:
        after = connection.scalar(
            select(firm_user.c.password_hash).where(firm_user.c.id == user_id)
        )
    assert after is not None
    assert after != before
    assert passwords.verify(after, PASSWORD)
