"""The contacts' handlers: fired by who may not, at who is out of reach, with anything at all."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from reflex.state import BaseState
from sqlalchemy import insert, select

from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.permissions import Principal
from assure_app.models.tables import client_assignment, contact, portal_session, team
from assure_app.states.settings.contact_dialog import ContactDialog
from assure_app.states.settings.contacts import Contacts, ContactSwitch
from assure_app.states.shell import Shell
from tests.auth.contacts import change_contact, enter, make_contact
from tests.auth.people import join_team, make_person
from tests.factories import make_client
from tests.states.conftest import OpenTab, set_owner
from tests.states.support import Tab
from tests.states.test_settings_pages import HOSTILE, Act, fire, name_of
from tests.support.desk import Desk

STATES: tuple[type[BaseState], ...] = (Contacts, ContactDialog, ContactSwitch)
QUILL = "vera@quill.example"
RIGHTS = {"view_billing": True, "edit_billing": True, "all_clients": True}
RAVI = {"name": "Ravi", "email": "ravi@x.example", "role": "owner"}


@dataclass(frozen=True)
class Firm:
    """Jane's firm with a contact of each of two clients, and another firm's client and contact."""

    desk: Desk
    other_client: int
    anita: int
    vera: int
    foreign_client: int
    foreign_contact: int

    def acts(self) -> list[Act]:
        """Everything that can be done here, in its order."""
        return [
            (Contacts.search_for, {"text": "Quill"}),
            (ContactDialog.open, {"contact_id": self.vera}),
            (ContactDialog.submit, {"form": RAVI | {"name": "Vera Taken"}}),
            (ContactDialog.closed, {}),
            (ContactDialog.open, {"contact_id": 0}),
            (ContactDialog.search_for, {"text": "Quill"}),
            (ContactDialog.add, {"client_id": self.foreign_client}),
            (ContactDialog.remove, {"client_id": self.foreign_client}),
            (ContactDialog.add, {"client_id": self.desk.client_id}),
            (ContactDialog.submit, {"form": RAVI}),
            (ContactSwitch.open, {"contact_id": self.anita}),
            (ContactSwitch.submit, {}),
            (ContactSwitch.closed, {}),
        ]


@pytest.fixture
def office(desk: Desk) -> Firm:
    stranger = desk.stranger()
    with unit_of_work() as connection:
        other = make_client(connection, desk.jane.firm_id, name="Quill & Co")
        foreign = make_client(connection, stranger.firm_id, name="Rao Trust")
    office = Firm(
        desk=desk,
        other_client=other,
        anita=make_contact(desk.client_id),
        vera=make_contact(other, QUILL, name="Vera Quill"),
        foreign_client=foreign,
        foreign_contact=make_contact(foreign, "mira@trust.example", name="Mira Rao"),
    )
    enter(QUILL)
    return office


def stored() -> list[Any]:
    """Every contact, and every session in the portal."""
    with reading() as connection:
        return [
            sorted(connection.execute(select(each)).all(), key=repr)
            for each in (contact, portal_session)
        ]


def colleague(desk: Desk, **rights: bool) -> Principal:
    """Somebody of Jane's firm with these rights, as far as opening a tab asks."""
    user_id = make_person("sarah@x.example", firm_id=desk.jane.firm_id, name="Sarah Kim")
    join_team(user_id, desk.jane.firm_id, "Hers", **rights)
    return replace(desk.jane, user_id=user_id)


async def open_edit(tab: Tab, contact_id: int) -> None:
    await tab.fire(ContactDialog.open, contact_id)


def test_no_handler_of_the_contacts_is_left_out(office: Firm) -> None:
    known = {name_of(handler) for handler, _ in office.acts()} | {name_of(Contacts.load)}

    there = {
        name_of(handler)
        for state in STATES
        for name, handler in state.event_handlers.items()
        if name != "setvar"
    }

    assert there == known


async def test_by_who_may_the_same_acts_change_add_and_switch_off(
    office: Firm, tab_of: OpenTab
) -> None:
    tab = tab_of(colleague(office.desk, **RIGHTS))
    heard = (await tab.fire(Contacts.load)).text
    assert "Vera Quill" in heard
    assert "Mira Rao" not in heard

    for act in office.acts():
        await fire(tab, act)

    with reading() as connection:
        rows = connection.execute(select(contact).order_by(contact.c.id)).all()
        ended = connection.scalar(select(portal_session.c.revoked_at))
    assert [(row.name, row.client_id, row.is_active) for row in rows] == [
        ("Anita Patel", office.desk.client_id, False),
        ("Vera Taken", office.other_client, True),
        ("Mira Rao", office.foreign_client, True),
        ("Ravi", office.desk.client_id, True),
    ]
    assert ended is not None


async def test_a_form_sent_twice_adds_once(office: Firm, tab_of: OpenTab) -> None:
    tab = tab_of(office.desk.jane)
    await open_edit(tab, 0)
    await tab.fire(ContactDialog.add, office.desk.client_id)

    await tab.fire(ContactDialog.submit, RAVI)
    after_one = stored()
    await tab.fire(ContactDialog.submit, RAVI)
    await tab.fire(ContactDialog.submit, RAVI | {"email": "another@x.example"})

    assert stored() == after_one
    assert len(after_one[0]) == 4


async def test_a_stale_dialog_says_so_and_keeps_what_was_typed(
    office: Firm, tab_of: OpenTab
) -> None:
    tab = tab_of(office.desk.jane)
    await open_edit(tab, office.vera)
    change_contact(office.vera, role="viewer")
    before = stored()

    heard = await tab.fire(ContactDialog.submit, RAVI)

    assert heard.var("problems")["form"].startswith("Vera Quill was changed meanwhile.")
    assert (await tab.state(ContactDialog)).start.contact_id == office.vera
    assert stored() == before


async def test_who_only_looks_sees_the_list_and_changes_nothing(
    office: Firm, tab_of: OpenTab
) -> None:
    tab, before = tab_of(colleague(office.desk, view_billing=True, all_clients=True)), stored()

    assert "Vera Quill" in (await tab.fire(Contacts.load)).text
    assert (await tab.state(Contacts)).page.may_change is False
    for act in office.acts()[1:]:
        heard_of_it = await fire(tab, act)
        assert "Quill" not in heard_of_it, name_of(act[0])
        assert "Edit billing" in heard_of_it, name_of(act[0])

    assert stored() == before


async def test_without_billing_nothing_is_learnt(office: Firm, tab_of: OpenTab) -> None:
    tab, before = tab_of(colleague(office.desk, all_clients=True)), stored()

    assert "Quill" not in (await tab.fire(Contacts.load)).text
    for act in office.acts():
        heard = await fire(tab, act)
        assert "Quill" not in heard, name_of(act[0])
        assert "billing" in heard, name_of(act[0])

    assert stored() == before


async def test_clients_not_assigned_are_out_of_reach(office: Firm, tab_of: OpenTab) -> None:
    sarah = colleague(office.desk, edit_billing=True)
    with unit_of_work() as connection:
        seen = {"user_id": sarah.user_id, "client_id": office.desk.client_id}
        connection.execute(insert(client_assignment).values(seen))
    tab, before = tab_of(sarah), stored()

    heard = (await tab.fire(Contacts.load)).text
    assert "Anita Patel" in heard
    assert "Quill" not in heard
    for hidden in (office.vera, office.foreign_contact):
        await open_edit(tab, hidden)
        await tab.fire(ContactDialog.submit, RAVI)
        await tab.fire(ContactSwitch.open, hidden)
        await tab.fire(ContactSwitch.submit)
    for hidden in (office.other_client, office.foreign_client):
        await open_edit(tab, 0)
        assert "Quill" not in (await tab.fire(ContactDialog.search_for, "quill")).text
        await tab.fire(ContactDialog.add, hidden)
        heard_last = await tab.fire(ContactDialog.submit, RAVI)
        assert heard_last.var("problems")["client"] == "Search for the client and add it."

    assert stored() == before


async def test_an_open_dialog_ends_with_the_right_to_use_it(office: Firm, tab_of: OpenTab) -> None:
    tab = tab_of(office.desk.jane)
    await open_edit(tab, office.vera)
    await tab.fire(ContactSwitch.open, office.anita)
    set_owner(office.desk.jane, is_owner=False)
    before = stored()

    for act in office.acts():
        await fire(tab, act)

    assert stored() == before


async def test_hostile_arguments_end_in_a_sentence_and_never_in_an_error(
    office: Firm, tab_of: OpenTab
) -> None:
    before = stored()
    out_of_reach = (office.foreign_client, office.foreign_contact)

    for handler, payload in [act for act in office.acts() if act[1]]:
        sent = [dict.fromkeys(payload, value) for value in HOSTILE]
        if "form" in payload:
            sent += [{"form": dict.fromkeys(RAVI, value)} for value in HOSTILE]
        else:
            sent += [dict.fromkeys(payload, value) for value in out_of_reach]
        for opened in (0, office.vera):
            tab = tab_of(office.desk.jane)
            await open_edit(tab, opened)
            await tab.fire(ContactDialog.add, office.desk.client_id)
            for each in sent:
                await tab.fire_raw(name_of(handler), each)
        assert stored() == before, name_of(handler)


async def test_what_is_not_asked_about_is_not_done(office: Firm, tab_of: OpenTab) -> None:
    tab, before = tab_of(office.desk.jane), stored()

    for form in (RAVI, {}):
        await tab.fire(ContactDialog.submit, form)
    await tab.fire(ContactSwitch.submit)

    assert stored() == before


async def test_the_list_goes_with_the_right_to_see_it(office: Firm, tab_of: OpenTab) -> None:
    tab = tab_of(colleague(office.desk, **RIGHTS))
    await tab.fire(Contacts.load)
    await open_edit(tab, office.vera)
    with unit_of_work() as connection:
        connection.execute(team.update().values(view_billing=False, edit_billing=False))

    await tab.fire(Shell.load_frame)

    assert (await tab.state(Contacts)).page.rows == ()
    assert (await tab.state(ContactDialog)).start.contact_id == 0
