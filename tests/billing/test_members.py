"""Inviting, changing and letting people go (R131–R139)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from assure_app.auth import passwords, sessions, welcome
from assure_app.billing import invitations, members
from assure_app.billing.invitations import LinkRefused, SentMomentsAgo
from assure_app.billing.members import ClientChange
from assure_app.billing.reading import members as reading_members
from assure_app.billing.reading.settings_rows import InviteForm, MemberForm
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.errors import InvalidInput, NotFound, PermissionDenied
from assure_app.domain.membership import MembershipRefused
from assure_app.models import Team
from assure_app.models.tables import (
    client_assignment,
    firm_user,
    invitation,
    mail_message,
    team_member,
    user_session,
)
from tests.auth.people import PASSWORD, make_person, open_session
from tests.factories import insert, make_client
from tests.support.desk import Desk

MAYA = InviteForm(name="Maya Lindgren", email="Maya@chenadvisory.example", role="Member")


def person(desk: Desk, **values: Any) -> int:
    return make_person(
        f"{values.get('name', 'Lena')}@chenadvisory.example".lower(),
        firm_id=desk.jane.firm_id,
        **values,
    )


def stored(user_id: int) -> dict[str, Any]:
    with reading() as connection:
        row = connection.execute(select(firm_user).where(firm_user.c.id == user_id))
        return dict(row.mappings().one())


def letters() -> list[dict[str, Any]]:
    with reading() as connection:
        found = connection.execute(select(mail_message).order_by(mail_message.c.id))
        return [dict(row) for row in found.mappings()]


def token_of(letter: dict[str, Any]) -> str:
    return str(letter["text"]).partition("token=")[2].split()[0]


def change(desk: Desk, user_id: int, **wanted: Any) -> str:
    before = reading_members.start(desk.jane, user_id).form
    clients = wanted.pop("clients", members.NO_CLIENTS)
    by = wanted.pop("by", desk.jane)
    after = replace(before, **wanted)
    return members.change(by, user_id, before=before, after=after, clients=clients, now=desk.now)


def admin(desk: Desk) -> Any:
    user_id = person(desk, name="Marcus", is_admin=True)
    return replace(desk.jane, user_id=user_id, name="Marcus", is_owner=False, is_admin=True)


def test_who_is_invited_chooses_a_password_once_and_is_signed_in(desk: Desk) -> None:
    said = members.invite(desk.jane, MAYA, now=desk.now)

    assert said == "Invitation sent to maya@chenadvisory.example."
    (letter,) = letters()
    token = token_of(letter)
    assert letter["to_email"] == "maya@chenadvisory.example"
    with pytest.raises(sessions.SignInRefused):
        sessions.sign_in("maya@chenadvisory.example", "", "", now=desk.now)

    session = welcome.accept(token, PASSWORD, now=desk.now)

    principal = sessions.principal_of(session, now=desk.now)
    assert principal is not None
    assert (principal.name, principal.is_admin) == ("Maya Lindgren", False)
    with pytest.raises(LinkRefused):
        welcome.accept(token, PASSWORD, now=desk.now)
    assert desk.audit() == [
        "Jane Chen invited Maya Lindgren (maya@chenadvisory.example)",
        "Maya Lindgren took up the invitation",
        "Maya Lindgren signed in",
    ]


def test_only_the_hash_of_a_link_is_kept(desk: Desk) -> None:
    members.invite(desk.jane, MAYA, now=desk.now)

    token = token_of(letters()[0])
    with reading() as connection:
        kept = connection.execute(select(invitation)).one()
    assert token not in str(kept)
    assert letters()[0]["has_secret"]
    assert invitations.find(token, now=desk.now).name == "Maya Lindgren"


@pytest.mark.parametrize("word", ["nobody has this password", "", "!", PASSWORD])
def test_nobody_signs_in_as_somebody_invited(desk: Desk, word: str) -> None:
    members.invite(desk.jane, MAYA, now=desk.now)

    with pytest.raises(sessions.SignInRefused):
        sessions.sign_in("maya@chenadvisory.example", word, "", now=desk.now)
    assert not passwords.verify("", word)


def test_a_newer_link_ends_the_older_and_a_week_ends_both(desk: Desk) -> None:
    members.invite(desk.jane, MAYA, now=desk.now)
    (maya,) = [row for row in reading_members.page(desk.jane).rows if row.is_invited]
    with pytest.raises(SentMomentsAgo):
        members.invite_again(desk.jane, maya.id, now=desk.now)

    later = desk.now + timedelta(minutes=2)
    members.invite_again(desk.jane, maya.id, now=later)

    old, new = (token_of(letter) for letter in letters())
    with pytest.raises(LinkRefused):
        invitations.find(old, now=later)
    assert invitations.find(new, now=later).user_id == maya.id
    with pytest.raises(LinkRefused):
        invitations.find(new, now=later + timedelta(days=7))


def test_a_link_outlives_no_deactivation(desk: Desk) -> None:
    members.invite(desk.jane, MAYA, now=desk.now)
    token = token_of(letters()[0])
    user_id = invitations.find(token, now=desk.now).user_id

    members.set_active(desk.jane, user_id, is_active=False, now=desk.now)
    members.set_active(desk.jane, user_id, is_active=True, now=desk.now)

    with pytest.raises(LinkRefused):
        welcome.accept(token, PASSWORD, now=desk.now)


def test_a_short_password_leaves_the_link_usable(desk: Desk) -> None:
    members.invite(desk.jane, MAYA, now=desk.now)
    token = token_of(letters()[0])

    with pytest.raises(InvalidInput) as refused:
        welcome.accept(token, "short", now=desk.now)

    assert list(refused.value.problems) == ["password"]
    assert welcome.accept(token, PASSWORD, now=desk.now)


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"name": " "}, "name"),
        ({"email": "maya@"}, "email"),
        ({"role": ""}, "role"),
        ({"role": "Owner"}, "role"),
    ],
)
def test_what_cannot_be_invited_is_said_at_its_field(
    desk: Desk, form: dict[str, str], field: str
) -> None:
    with pytest.raises((InvalidInput, MembershipRefused)) as refused:
        members.invite(desk.jane, replace(MAYA, **form), now=desk.now)  # type: ignore[arg-type]

    assert list(refused.value.problems) == [field]
    assert letters() == []


def test_an_address_is_invited_once_on_the_whole_installation(desk: Desk) -> None:
    stranger = desk.stranger()
    members.invite(stranger, MAYA, now=desk.now)

    with pytest.raises(InvalidInput) as refused:
        members.invite(desk.jane, MAYA, now=desk.now)

    assert list(refused.value.problems) == ["email"]
    assert len(letters()) == 1


def test_deactivating_ends_every_session_and_reactivating_brings_none_back(desk: Desk) -> None:
    lena = person(desk)
    token = open_session(lena, "session of lena", now=desk.now)
    assert sessions.principal_of(token, now=desk.now) is not None

    members.set_active(desk.jane, lena, is_active=False, now=desk.now)
    members.set_active(desk.jane, lena, is_active=True, now=desk.now)

    assert sessions.principal_of(token, now=desk.now) is None
    with reading() as connection:
        assert connection.scalar(select(user_session.c.revoked_at)) == desk.now
    assert desk.audit() == ["Jane Chen deactivated Jane Chen", "Jane Chen reactivated Jane Chen"]


def test_role_stripe_admin_teams_and_clients_change_together(desk: Desk) -> None:
    lena = person(desk, name="Lena")
    with unit_of_work() as connection:
        viewers = insert(connection, Team, firm_id=desk.jane.firm_id, name="Viewers")
    asked = ClientChange(assigned=(desk.client_id,))

    said = change(
        desk, lena, role="Admin", is_stripe_admin=True, team_ids=(viewers,), clients=asked
    )

    assert said == "Lena was saved."
    now_is = stored(lena)
    assert (now_is["is_owner"], now_is["is_admin"], now_is["is_stripe_admin"]) == (0, 1, 1)
    assert desk.audit() == [
        (
            "Jane Chen changed Lena: Member → Admin · Stripe admin given · joined Viewers"
            " · may see Patel Family"
        )
    ]
    (row,) = [row for row in reading_members.page(desk.jane).rows if row.id == lena]
    assert (row.badges, row.teams, row.clients) == (
        ("Admin", "Stripe admin"),
        "Viewers",
        "All clients",
    )


def test_only_what_was_changed_is_written(desk: Desk) -> None:
    lena = person(desk, name="Lena")
    before = reading_members.start(desk.jane, lena).form
    change(desk, lena, role="Admin")

    members.change(
        desk.jane, lena, before=before, after=replace(before, name="Lena O."), now=desk.now
    )

    assert (stored(lena)["name"], stored(lena)["is_admin"]) == ("Lena O.", True)


def test_nothing_of_another_firm_can_be_joined_assigned_or_changed(desk: Desk) -> None:
    stranger, lena = desk.stranger(), person(desk, name="Lena")
    with unit_of_work() as connection:
        foreign_team = insert(connection, Team, firm_id=stranger.firm_id, name="Theirs")
        foreign_client = make_client(connection, stranger.firm_id)

    change(
        desk,
        lena,
        team_ids=(foreign_team,),
        clients=ClientChange(assigned=(foreign_client,)),
    )

    with reading() as connection:
        assert connection.execute(select(team_member)).all() == []
        assert connection.execute(select(client_assignment)).all() == []
    form = MemberForm(name="x", role="Member")
    with pytest.raises(NotFound):
        members.change(stranger, lena, before=form, after=form, now=desk.now)
    with pytest.raises(NotFound):
        members.set_active(stranger, lena, is_active=False, now=desk.now)
    assert stored(lena)["is_active"]


def test_an_admin_reaches_no_owner_and_gives_no_stripe_admin(desk: Desk) -> None:
    marcus, lena = admin(desk), person(desk, name="Lena")

    for wanted in ({"role": "Owner"}, {"is_stripe_admin": True}):
        with pytest.raises(MembershipRefused):
            change(desk, lena, by=marcus, **wanted)
    with pytest.raises(MembershipRefused):
        members.set_active(marcus, desk.jane.user_id, is_active=False, now=desk.now)

    assert not stored(lena)["is_stripe_admin"]
    assert stored(desk.jane.user_id)["is_active"]


def test_who_lost_the_right_a_moment_ago_changes_nobody(desk: Desk) -> None:
    marcus, lena = admin(desk), person(desk, name="Lena")
    change(desk, marcus.user_id, role="Member")

    with pytest.raises(PermissionDenied):
        members.set_active(marcus, lena, is_active=False, now=desk.now)

    assert stored(lena)["is_active"]


def test_who_manages_nothing_is_refused_and_it_is_logged(desk: Desk) -> None:
    sarah = desk.someone(view_billing=True, edit_billing=True, all_clients=True)

    for act in (
        lambda: members.invite(sarah, MAYA, now=desk.now),
        lambda: members.set_active(sarah, desk.jane.user_id, is_active=False, now=desk.now),
        lambda: reading_members.page(sarah),
        lambda: reading_members.start(sarah, desk.jane.user_id),
    ):
        with pytest.raises(PermissionDenied):
            act()

    assert desk.audit() == [
        "Sarah Kim was denied: invite people (needs Manage firm)",
        "Sarah Kim was denied: change people (needs Manage firm)",
    ]


def test_clients_are_found_as_typed_and_at_most_twenty(desk: Desk) -> None:
    lena = person(desk, name="Lena")
    with unit_of_work() as connection:
        for number in range(25):
            make_client(connection, desk.jane.firm_id, name=f"Quill {number:02d}")

    found = reading_members.matching_clients(desk.jane, lena, "quill", added=(), removed=())
    others = reading_members.matching_clients(
        desk.jane, lena, "patel", added=(desk.client_id,), removed=()
    )
    picked = reading_members.assigned_clients(desk.jane, lena, added=(desk.client_id,), removed=())

    assert len(found) == 20
    assert others == ()
    assert ([row.name for row in picked.rows], picked.count) == (["Patel Family"], "1 client")


@pytest.mark.parametrize("text", ["%", "_", "\\"])
def test_a_sign_that_a_database_reads_as_any_is_only_itself(desk: Desk, text: str) -> None:
    assert reading_members.matching_clients(desk.jane, 1, text, added=(), removed=()) == ()
    assert reading_members.page(desk.jane, text).rows == ()


def test_a_search_that_no_database_can_hold_breaks_nothing(desk: Desk) -> None:
    lena = person(desk, name="Lena")

    found = reading_members.matching_clients(desk.jane, lena, "Pat\0el", added=(), removed=())

    assert [each.name for each in found] == ["Patel Family"]
    assert [row.name for row in reading_members.page(desk.jane, "Le\0na").rows] == ["Lena"]
