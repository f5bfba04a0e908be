"""The firm's dialog of a client's methods: fired by who may not, at who is out of reach."""

from typing import Any

import pytest
from sqlalchemy import select

from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.models.tables import method_page, payment_method, team
from assure_app.states.settings.client_methods import ClientMethodsDialog as Dialog
from assure_app.states.shell import Shell
from tests.states.conftest import OpenTab
from tests.states.test_settings_contacts import RIGHTS, colleague
from tests.states.test_settings_pages import HOSTILE, Act, fire, name_of
from tests.support.online import PayDesk
from tests.support.saving import save, work

AGREED = {"consent": "on"}


@pytest.fixture
def office(pay_desk: PayDesk) -> PayDesk:
    """A client that saved a card and a bank account, with work on auto-pay."""
    work(pay_desk)
    save(pay_desk)
    save(pay_desk, "us_bank_account")
    return pay_desk


def acts(office: PayDesk) -> list[Act]:
    """Everything that can be done here, in its order."""
    return [
        (Dialog.open, {"client_id": office.desk.client_id}),
        (Dialog.make_default, {"row_id": 2}),
        (Dialog.ask, {"row_id": 2}),
        (Dialog.back, {}),
        (Dialog.begin, {}),
        (Dialog.add, {"form": {}}),
        (Dialog.ask, {"row_id": 1}),
        (Dialog.remove, {}),
        (Dialog.closed, {}),
    ]


def stored() -> list[Any]:
    """Every method, and every page that was asked for."""
    with reading() as connection:
        return [
            list(connection.execute(select(table).order_by(table.c.id)).all())
            for table in (payment_method, method_page)
        ]


def test_no_handler_is_left_out(office: PayDesk) -> None:
    known = {name_of(handler) for handler, _ in acts(office)} | {name_of(Dialog.load)}

    there = {
        name_of(handler) for name, handler in Dialog.event_handlers.items() if name != "setvar"
    }

    assert there == known


async def test_who_may_edit_changes_what_is_saved(office: PayDesk, tab_of: OpenTab) -> None:
    tab = tab_of(colleague(office.desk, **RIGHTS))

    for act in acts(office):
        await fire(tab, act)

    rows = office.methods()
    assert [(row["is_default"], row["removed_at"] is None) for row in rows] == [
        (False, False),
        (True, True),
    ]


async def test_a_page_is_asked_for_once_the_client_agreed(office: PayDesk, tab_of: OpenTab) -> None:
    tab = tab_of(office.desk.jane)
    await tab.fire(Dialog.open, office.desk.client_id)
    await tab.fire(Dialog.begin)

    refused = await tab.fire(Dialog.add, {})
    gone = await tab.fire(Dialog.add, AGREED)
    again = await tab.fire(Dialog.add, AGREED)

    assert refused.var("problems")["consent"].startswith("Ask the client first")
    assert gone.redirect.startswith("https://checkout.example/")
    assert again.redirect == gone.redirect


async def test_who_comes_back_finds_what_was_saved(office: PayDesk, tab_of: OpenTab) -> None:
    tab = tab_of(office.desk.jane)
    await tab.fire(Dialog.open, office.desk.client_id)
    await tab.fire(Dialog.begin)
    gone = await tab.fire(Dialog.add, AGREED)
    office.stripe.save_on_page(gone.redirect.rpartition("/")[2])
    with reading() as connection:
        back = str(
            connection.scalar(select(method_page.c.success_url).order_by(method_page.c.id.desc()))
        )

    heard = await tab_of(office.desk.jane, back.partition("//")[2].partition("/")[2]).fire(
        Dialog.load
    )

    assert heard.var("news") == "It was saved."
    assert len(heard.var("shown").rows) == 3


async def test_a_warning_that_changed_is_shown_before_anything_goes(
    office: PayDesk, tab_of: OpenTab
) -> None:
    tab = tab_of(office.desk.jane)
    await tab.fire(Dialog.open, office.desk.client_id)
    asked = await tab.fire(Dialog.ask, 1)
    assert asked.var("asked").warning.endswith("STRIPE TEST BANK •••• 6789 is charged.")
    work(office, "Payroll")

    refused = await tab.fire(Dialog.remove)
    assert refused.var("asked").warning.startswith("Bookkeeping 2026 and Payroll are on auto-pay")
    assert "What depends on it has changed" in refused.var("problems")["form"]
    await tab.fire(Dialog.remove)

    assert [row["removed_at"] is None for row in office.methods()] == [False, True]


async def test_who_only_looks_sees_them_and_changes_nothing(
    office: PayDesk, tab_of: OpenTab
) -> None:
    tab = tab_of(colleague(office.desk, view_billing=True, all_clients=True))
    before = stored()

    opened = await tab.fire(Dialog.open, office.desk.client_id)
    assert opened.var("shown").rows[0].name == "Visa •••• 4242"
    assert not opened.var("shown").may_change
    for act in acts(office)[1:]:
        if act[0] not in (Dialog.back, Dialog.closed):
            assert "Edit billing" in await fire(tab, act), name_of(act[0])

    assert stored() == before


async def test_without_billing_or_the_client_nothing_is_learnt(
    office: PayDesk, tab_of: OpenTab
) -> None:
    before = stored()
    people = (
        colleague(office.desk, all_clients=True),
        office.desk.stranger(),
    )

    for person in people:
        tab = tab_of(person)
        for act in acts(office):
            heard = await fire(tab, act)
            assert "4242" not in heard, name_of(act[0])
            assert "6789" not in heard, name_of(act[0])

    assert stored() == before


async def test_hostile_arguments_end_in_a_sentence(office: PayDesk, tab_of: OpenTab) -> None:
    before = stored()
    tab = tab_of(office.desk.jane)

    for handler, payload in [act for act in acts(office) if act[1]]:
        sent = [dict.fromkeys(payload, value) for value in HOSTILE]
        if "form" in payload:
            sent = [{"form": {}}]
        await tab.fire(Dialog.open, office.desk.client_id)
        for each in sent:
            await tab.fire_raw(name_of(handler), each)

    assert stored() == before


async def test_what_it_shows_goes_with_the_right_to_see_it(
    office: PayDesk, tab_of: OpenTab
) -> None:
    tab = tab_of(colleague(office.desk, **RIGHTS))
    await tab.fire(Dialog.open, office.desk.client_id)
    with unit_of_work() as connection:
        connection.execute(team.update().values(view_billing=False, edit_billing=False))

    await tab.fire(Shell.load_frame)

    assert (await tab.state(Dialog)).shown.rows == ()
