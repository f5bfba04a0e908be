"""Teams, what they give, and what is lost with them (R136, R137)."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from assure_app.billing import teams
from assure_app.billing.reading import teams as reading_teams
from assure_app.billing.reading.settings_rows import TeamForm, TeamRow
from assure_app.billing.teams import MemberChange
from assure_app.db.unit_of_work import reading
from assure_app.domain.errors import InvalidInput, NotFound, PermissionDenied
from assure_app.domain.permissions import Principal
from assure_app.models.tables import team, team_member
from tests.auth.people import make_person
from tests.support.desk import Desk

VIEWERS = TeamForm(name="Viewers", view_billing=True)


def rows(desk: Desk) -> list[TeamRow]:
    return list(reading_teams.page(desk.jane))


def make(desk: Desk, form: TeamForm = VIEWERS, *joining: int) -> int:
    teams.create(desk.jane, form, members=MemberChange(joining=joining), now=desk.now)
    with reading() as connection:
        named = select(team.c.id).where(team.c.name == form.name)
        return int(connection.scalar(named) or 0)


def test_a_team_is_made_with_members_and_edit_implies_view(desk: Desk) -> None:
    lena = make_person("lena@chenadvisory.example", firm_id=desk.jane.firm_id, name="Lena")

    make(desk, TeamForm(name=" Billing  desk ", edit_billing=True, all_clients=True), lena)

    (row,) = rows(desk)
    assert (row.name, row.rights, row.members) == (
        "Billing desk",
        ("View billing", "Edit billing", "Access all clients"),
        "1 member",
    )
    assert desk.audit() == [
        (
            "Jane Chen made the team Billing desk: View billing, Edit billing, Access all clients"
            " · Lena joined"
        )
    ]


def test_names_are_unique_in_the_firm_whatever_the_capitals(desk: Desk) -> None:
    make(desk)
    teams.create(desk.stranger(), VIEWERS, now=desk.now)

    with pytest.raises(InvalidInput) as refused:
        teams.create(desk.jane, TeamForm(name="viewers"), now=desk.now)

    assert refused.value.problems == {"name": "There is a team named viewers already."}
    team_id = make(desk, TeamForm(name="Preparers"))
    with pytest.raises(InvalidInput):
        change(desk, team_id, name="VIEWERS")
    assert change(desk, team_id, name="PREPARERS") == "PREPARERS was saved."


def change(desk: Desk, team_id: int, **wanted: Any) -> str:
    before = reading_teams.start(desk.jane, team_id).form
    after = replace(before, **wanted)
    return teams.change(desk.jane, team_id, before=before, after=after, now=desk.now)


def test_a_right_is_given_and_taken_away_and_it_is_told(desk: Desk) -> None:
    team_id = make(desk)

    change(desk, team_id, edit_billing=True)
    change(desk, team_id, edit_billing=False, view_billing=False)

    assert rows(desk)[0].rights == ()
    assert desk.audit()[1:] == [
        "Jane Chen changed the team Viewers: Edit billing given",
        "Jane Chen changed the team Viewers: Edit billing taken away · View billing taken away",
    ]


def test_only_what_was_changed_is_written(desk: Desk) -> None:
    team_id = make(desk)
    before = reading_teams.start(desk.jane, team_id).form
    change(desk, team_id, all_clients=True)

    teams.change(
        desk.jane, team_id, before=before, after=replace(before, name="Lookers"), now=desk.now
    )

    assert (rows(desk)[0].name, rows(desk)[0].rights) == (
        "Lookers",
        ("View billing", "Access all clients"),
    )


def test_deleting_tells_who_loses_what_that_no_other_team_gives(desk: Desk) -> None:
    firm_id = desk.jane.firm_id
    lena = make_person("lena@chenadvisory.example", firm_id=firm_id, name="Lena")
    omar = make_person("omar@chenadvisory.example", firm_id=firm_id, name="Omar")
    boss = make_person("boss@chenadvisory.example", firm_id=firm_id, name="Boss", is_admin=True)
    team_id = make(
        desk, TeamForm(name="Desk", edit_billing=True, all_clients=True), lena, omar, boss
    )
    make(desk, VIEWERS, omar)

    loss = reading_teams.loss(desk.jane, team_id)

    assert loss.sentences == (
        "Lena loses View billing, Edit billing and Access all clients.",
        "Omar loses Edit billing and Access all clients.",
    )
    assert teams.remove(desk.jane, team_id, now=desk.now) == "Desk was deleted."
    with reading() as connection:
        assert connection.scalar(select(func.count()).select_from(team_member)) == 1
    assert desk.audit()[-1] == "Jane Chen deleted the team Desk (3 members)"
    with pytest.raises(NotFound):
        teams.remove(desk.jane, team_id, now=desk.now)


def test_an_empty_team_takes_nothing_from_anybody(desk: Desk) -> None:
    assert reading_teams.loss(desk.jane, make(desk)).sentences == ("Nobody loses anything.",)


def test_another_firms_team_is_not_there(desk: Desk) -> None:
    team_id, stranger = make(desk), desk.stranger()

    for act in (
        lambda: teams.remove(stranger, team_id, now=desk.now),
        lambda: teams.change(stranger, team_id, before=VIEWERS, after=VIEWERS, now=desk.now),
        lambda: reading_teams.start(stranger, team_id),
        lambda: reading_teams.loss(stranger, team_id),
    ):
        with pytest.raises(NotFound):
            act()
    assert len(rows(desk)) == 1


def test_nobody_else_changes_teams(desk: Desk) -> None:
    team_id = make(desk)
    sarah: Principal = desk.someone(view_billing=True, edit_billing=True, all_clients=True)

    for act in (
        lambda: teams.create(sarah, TeamForm(name="Mine"), now=desk.now),
        lambda: teams.change(sarah, team_id, before=VIEWERS, after=VIEWERS, now=desk.now),
        lambda: teams.remove(sarah, team_id, now=desk.now),
        lambda: reading_teams.page(sarah),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert len(rows(desk)) == 1


def test_a_name_in_accents_is_told_to_be_taken(desk: Desk) -> None:
    make(desk, TeamForm(name="Équipe"))

    with pytest.raises(InvalidInput) as refused:
        teams.create(desk.jane, TeamForm(name="Équipe"), now=desk.now)

    assert refused.value.problems == {"name": "There is a team named Équipe already."}


def test_a_search_that_no_database_can_hold_breaks_nothing(desk: Desk) -> None:
    found = reading_teams.matching_people(desk.jane, 0, "jan\0e", added=(), removed=())

    assert [each.name for each in found] == ["Jane Chen"]
