"""The settings' handlers: fired by who may not, at who is out of reach, with anything at all."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from reflex.state import BaseState
from sqlalchemy import select

from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.permissions import Principal
from assure_app.models import Team
from assure_app.models.tables import (
    client_assignment,
    firm,
    firm_user,
    invitation,
    team,
    team_member,
)
from assure_app.states.settings.audit import AuditLog
from assure_app.states.settings.firm import FirmPage
from assure_app.states.settings.invite_dialog import InviteDialog
from assure_app.states.settings.member_dialog import MemberDialog
from assure_app.states.settings.members import Members
from assure_app.states.settings.profile import ProfilePage
from assure_app.states.settings.start import SettingsStart
from assure_app.states.settings.teams import TeamDialog, TeamRemoval, Teams
from tests.auth.people import join_team, make_person
from tests.factories import insert, make_client
from tests.states.conftest import OpenTab, set_owner
from tests.states.support import Tab
from tests.support.desk import Desk

Act = tuple[Any, dict[str, Any]]
STATES: tuple[type[BaseState], ...] = (
    *(Members, MemberDialog, InviteDialog, Teams, TeamDialog, TeamRemoval),
    *(FirmPage, AuditLog, ProfilePage, SettingsStart),
)
LOADERS: tuple[Any, ...] = (
    *(Members.load, Teams.load, FirmPage.load, AuditLog.load, ProfilePage.load, SettingsStart.go),
)
OF_DIALOGS = (
    *(MemberDialog.submit, InviteDialog.submit, TeamDialog.submit),
    *(TeamRemoval.submit, Members.deactivate),
)
TABLES = (firm_user, team, team_member, client_assignment, firm, invitation)
FIELDS = (
    *("name", "email", "role", "stripe_admin", "team-1", "team-2"),
    *("view_billing", "edit_billing", "all_clients"),
    *("timezone", "prefix", "next_number", "due_days"),
    *("card_percent", "card_fixed", "ach_percent", "ach_fixed"),
    *("email_password", "current_password", "new_password"),
)
TOO_LONG = "x" * 5_000
HOSTILE: tuple[Any, ...] = (
    *(None, True, 12.7, float("nan"), -1, 0, 2**31 - 1, 2**31, 10**30),
    *({}, {"id": 1}, [], [{}], TOO_LONG, "\0", "\ud800", "1; DROP TABLE firm"),
)
FIRM = {
    "name": "Taken Over LLP",
    "timezone": "Europe/Paris",
    "prefix": "X-",
    "next_number": "7",
    "due_days": "1",
    "card_percent": "9",
    "card_fixed": "9",
    "ach_percent": "9",
    "ach_fixed": "9",
}


@dataclass(frozen=True)
class Firm:
    """Jane's firm with Lena, who sees billing, the team that lets her, and another firm."""

    desk: Desk
    lena: int
    invited: int
    team: int
    spare_team: int
    foreign_team: int
    foreign_client: int
    stranger: Principal

    def acts(self) -> list[Act]:
        """Everything that can be done here to another person, a team or the firm, in its order."""
        person = {"user_id": self.lena}
        member = {"name": "Lena O.", "role": "Admin", "stripe_admin": "on"}
        return [
            (Members.search_for, {"text": "Lena"}),
            (MemberDialog.open, person),
            (MemberDialog.search_for, {"text": "Patel"}),
            (MemberDialog.remove, {"row_id": self.foreign_client}),
            (MemberDialog.add, {"row_id": self.desk.client_id}),
            (MemberDialog.submit, {"form": member | {f"team-{self.spare_team}": "on"}}),
            (MemberDialog.closed, {}),
            (Members.ask_to_deactivate, person),
            (Members.deactivate, {}),
            (Members.reactivate, person),
            (Members.invite_again, {"user_id": self.invited}),
            (InviteDialog.open, {}),
            (InviteDialog.submit, {"form": {"name": "M", "email": "m@x.example", "role": "Admin"}}),
            (InviteDialog.closed, {}),
            (TeamDialog.open, {"team_id": self.team}),
            (TeamDialog.typed, {"form": {"edit_billing": "on"}}),
            (TeamDialog.search_for, {"text": "Lena"}),
            (TeamDialog.remove, {"row_id": self.lena}),
            (TeamDialog.add, {"row_id": self.desk.jane.user_id}),
            (TeamDialog.submit, {"form": {"name": "Taken over", "edit_billing": "on"}}),
            (TeamDialog.closed, {}),
            (TeamRemoval.open, {"team_id": self.spare_team}),
            (TeamRemoval.submit, {}),
            (FirmPage.typed, {"form": FIRM}),
            (FirmPage.submit, {"form": FIRM}),
            (AuditLog.go_to, {"cursor": ""}),
        ]

    def own_acts(self) -> list[Act]:
        """What people do to themselves."""
        return [
            (ProfilePage.save_name, {"form": {"name": "N"}}),
            (ProfilePage.save_email, {"form": {"email": "n@x.example", "email_password": "x"}}),
            (ProfilePage.save_password, {"form": {"current_password": "x", "new_password": "y"}}),
            (ProfilePage.sign_out_others, {}),
        ]


@pytest.fixture
def office(desk: Desk) -> Firm:
    firm_id, stranger = desk.jane.firm_id, desk.stranger()
    lena = make_person("lena@quill.example", firm_id=firm_id, name="Lena Quill")
    invited = make_person("ivo@quill.example", firm_id=firm_id, name="Ivo", password_hash="")
    join_team(lena, firm_id, "Viewers", view_billing=True, edit_billing=True, all_clients=True)
    with unit_of_work() as connection:
        viewers = connection.execute(select(team.c.id)).scalar_one()
        return Firm(
            desk=desk,
            lena=lena,
            invited=invited,
            team=viewers,
            spare_team=insert(connection, Team, firm_id=firm_id, name="Spare"),
            foreign_team=insert(connection, Team, firm_id=stranger.firm_id, name="Theirs"),
            foreign_client=make_client(connection, stranger.firm_id),
            stranger=stranger,
        )


def stored() -> dict[str, list[Any]]:
    """Every row that the settings can change."""
    with reading() as connection:
        return {
            each.name: sorted(connection.execute(select(each)).all(), key=repr) for each in TABLES
        }


def person(desk: Desk, user_id: int) -> Principal:
    """Somebody of the desk's firm, as far as opening a tab asks."""
    return replace(desk.jane, user_id=user_id)


def name_of(handler: Any) -> str:
    return f"{handler.state_full_name}.{handler.fn.__name__}"


async def fire(tab: Tab, act: Act) -> str:
    """Fire by name, as a hostile client would; gives all that the tab hears."""
    handler, payload = act
    return (await tab.fire_raw(name_of(handler), payload)).text


def test_no_handler_of_the_settings_is_left_out(office: Firm) -> None:
    known = {name_of(handler) for handler, _ in office.acts() + office.own_acts()}
    known |= {name_of(handler) for handler in LOADERS}

    there = {
        name_of(handler)
        for state in STATES
        for name, handler in state.event_handlers.items()
        if name != "setvar"
    }

    assert there == known


async def test_by_who_may_the_same_acts_change_every_table(office: Firm, tab_of: OpenTab) -> None:
    tab, before = tab_of(office.desk.jane), stored()
    for load in LOADERS:
        await tab.fire(load)

    for act in office.acts():
        await fire(tab, act)

    assert [name for name, rows in stored().items() if rows == before[name]] == []


async def test_who_manages_nothing_changes_and_learns_nothing(
    office: Firm, tab_of: OpenTab
) -> None:
    sarah = make_person("sarah@x.example", firm_id=office.desk.jane.firm_id, name="Sarah Kim")
    join_team(sarah, office.desk.jane.firm_id, "All", view_billing=True, edit_billing=True)
    tab, before = tab_of(person(office.desk, sarah)), stored()

    for load in LOADERS:
        assert "Quill" not in (await tab.fire(load)).text
    for act in office.acts():
        heard = await fire(tab, act)
        assert "Quill" not in heard, name_of(act[0])
        assert "Manage firm" in heard, name_of(act[0])

    assert stored() == before


async def test_an_open_dialog_ends_with_the_right_to_use_it(office: Firm, tab_of: OpenTab) -> None:
    tab = tab_of(office.desk.jane)
    for act in office.acts():
        if act[0] in (MemberDialog.open, TeamDialog.open, InviteDialog.open, TeamRemoval.open):
            await fire(tab, act)
    set_owner(office.desk.jane, is_owner=False)
    before = stored()

    for act in office.acts():
        await fire(tab, act)

    assert stored() == before


async def test_an_admin_changes_no_owner_and_makes_none(office: Firm, tab_of: OpenTab) -> None:
    jane = {"user_id": office.desk.jane.user_id}
    marcus = make_person("marcus@quill.example", firm_id=office.desk.jane.firm_id, is_admin=True)
    tab, before = tab_of(person(office.desk, marcus)), stored()
    owner = {"role": "Owner"}
    acts: list[Act] = [
        (MemberDialog.open, jane),
        (MemberDialog.add, {"row_id": office.desk.client_id}),
        (MemberDialog.submit, {"form": {"name": "J.", "role": "Member"}}),
        (MemberDialog.submit, {"form": {"name": "J.", "role": "Owner"}}),
        (MemberDialog.closed, {}),
        (Members.ask_to_deactivate, jane),
        (Members.deactivate, {}),
        (Members.reactivate, jane),
        (Members.invite_again, jane),
        (MemberDialog.open, {"user_id": office.lena}),
        (MemberDialog.submit, {"form": owner | {"name": "Lena Quill"}}),
        (MemberDialog.open, {"user_id": marcus}),
        (MemberDialog.submit, {"form": owner | {"name": "Marcus"}}),
        (InviteDialog.open, {}),
        (InviteDialog.submit, {"form": owner | {"name": "M", "email": "m@x.example"}}),
    ]

    for act in acts:
        await fire(tab, act)

    assert stored() == before


def hostile(office: Firm, payload: dict[str, Any]) -> list[dict[str, Any]]:
    """Every argument of a handler replaced by what no page sends, and every field of its form."""
    foreign = (office.stranger.user_id, office.foreign_team, office.foreign_client)
    sent = [dict.fromkeys(payload, value) for value in (*HOSTILE, *foreign)]
    if "form" in payload:
        # The last of them is text that a name may well hold.
        sent += [{"form": dict.fromkeys(FIELDS, value)} for value in HOSTILE[:-1]]
        sent += [{"form": {value: "on"}} for value in ("", "team-", "team-²", f"team-{10**30}")]
    return sent


async def test_hostile_arguments_end_in_a_sentence_and_never_in_an_error(
    office: Firm, tab_of: OpenTab
) -> None:
    opens = [act for act in office.acts() if act[0].fn.__name__ == "open"]
    before = stored()

    # What takes no argument cannot be lied to: after its question it simply is the answer.
    for handler, payload in [act for act in office.acts() + office.own_acts() if act[1]]:
        tab = tab_of(office.desk.jane)
        for act in [*((load, {}) for load in LOADERS), *opens]:
            await fire(tab, act)
        for sent in hostile(office, payload):
            await tab.fire_raw(name_of(handler), sent)
        assert stored() == before, name_of(handler)


async def test_what_is_not_asked_about_is_not_done(office: Firm, tab_of: OpenTab) -> None:
    tab, before = tab_of(office.desk.jane), stored()

    for act in office.acts():
        if act[0] in OF_DIALOGS:
            await fire(tab, act)

    assert stored() == before
