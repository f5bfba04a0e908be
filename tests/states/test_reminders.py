"""The reminders' handlers: fired by who may not, and with anything at all."""

from typing import Any

import pytest
from sqlalchemy import select

from assure_app.db.unit_of_work import reading
from assure_app.domain.permissions import Principal
from assure_app.models.tables import reminder, reminder_plan
from assure_app.states.invoice_drawer import InvoiceDrawer
from assure_app.states.remind_dialog import RemindDialog
from assure_app.states.settings.reminders import RemindersPage
from tests.auth.people import join_team, make_person
from tests.mail.letters import messages
from tests.states.conftest import OpenTab
from tests.states.support import Tab
from tests.states.test_invoice_list import asked_of_browser
from tests.states.test_settings_pages import HOSTILE, name_of
from tests.support.desk import Desk, open_desk
from tests.support.reminding import ANITA, open_reminder_desk

PLAN = {"on": "on", "day-0": "on", "day-21": "on", "hour": "15"}
ACTS: tuple[tuple[Any, dict[str, Any]], ...] = (
    (RemindersPage.typed, {"form": PLAN}),
    (RemindersPage.show, {"days": 0}),
    (RemindersPage.add_day, {"form": PLAN | {"other": "21", "side": "after"}}),
    (RemindersPage.submit, {"form": PLAN}),
    (RemindDialog.submit, {"form": {}}),
    (RemindDialog.closed, {}),
)


@pytest.fixture
def desk(sqlite_database: str) -> Desk:
    assert sqlite_database
    opened = open_desk()
    open_reminder_desk(opened)
    return opened


def stored() -> list[Any]:
    """Every plan, every reminder, every letter."""
    with reading() as connection:
        rows = [list(connection.execute(select(each))) for each in (reminder_plan, reminder)]
    return [*rows, len(messages())]


def colleague(desk: Desk, **rights: bool) -> Principal:
    user_id = make_person("sarah@x.example", firm_id=desk.jane.firm_id, name="Sarah Kim")
    if rights:
        join_team(user_id, desk.jane.firm_id, "Hers", **rights)
    return Principal(
        **{each: getattr(desk.jane, each) for each in desk.jane.__dataclass_fields__}
        | {"user_id": user_id}
    )


async def test_a_plan_is_tried_out_saved_and_kept(desk: Desk, tab_of: OpenTab) -> None:
    tab = tab_of(desk.jane)
    await tab.fire(RemindersPage.load)

    heard = await tab.fire(RemindersPage.add_day, {"other": "21", "side": "after"} | PLAN)
    assert [each.days for each in heard.var("preview").days] == [0, 21]
    heard = await tab.fire(RemindersPage.show, 21)
    assert heard.var("letter").headline == "$1,000.00 was due 21 days ago"
    heard = await tab.fire(RemindersPage.submit, PLAN)

    assert "Reminders are on." in heard.text
    ((plan,), _, _) = stored()
    assert (plan.steps, plan.hour, plan.version) == ("0,21", 15, 2)
    again = await tab.fire(RemindersPage.submit, PLAN | {"hour": "16"})
    assert "Reminders are on." in again.text


async def test_a_reminder_is_sent_once_for_each_opening(desk: Desk, tab_of: OpenTab) -> None:
    number = desk.invoice()
    tab = tab_of(desk.jane)
    await tab.open()
    await tab.fire(InvoiceDrawer.open, number)
    heard = await tab.fire(RemindDialog.open, number)
    assert "open" in asked_of_browser(heard)

    heard = await tab.fire(RemindDialog.submit, {})
    again = await tab.fire(RemindDialog.submit, {})

    assert f"Reminder sent to {ANITA}: due in 9 days, $1,000." in heard.text
    assert "This reminder was sent already." in again.text
    assert len(messages()) == 1


@pytest.mark.parametrize("rights", [{}, {"view_billing": True, "all_clients": True}])
async def test_who_may_not_changes_and_sends_nothing(
    desk: Desk, tab_of: OpenTab, rights: dict[str, bool]
) -> None:
    number = desk.invoice()
    tab, before = tab_of(colleague(desk, **rights)), stored()
    await tab.fire(RemindersPage.load)

    for handler, payload in (*ACTS, (RemindDialog.open, {"number": number}), *ACTS):
        heard = await tab.fire_raw(name_of(handler), payload)
        assert rights or "Reminder: $" not in heard.text

    assert stored() == before


async def test_hostile_arguments_end_in_a_sentence_and_never_in_an_error(
    desk: Desk, tab_of: OpenTab
) -> None:
    number = desk.invoice()
    tab, before = tab_of(desk.jane), stored()
    await tab.fire(RemindersPage.load)

    for value in HOSTILE:
        for handler, payload in (*ACTS, (RemindDialog.open, {"number": number})):
            if payload and handler is not RemindDialog.submit:
                await tab.fire_raw(name_of(handler), dict.fromkeys(payload, value))
        for field in ("hour", "day-0", f"day-{value!r}"[:40], "other", "side"):
            form = {"form": {field: value}}
            await tab.fire_raw(name_of(RemindersPage.add_day), form)
            await tab.fire_raw(name_of(RemindersPage.submit), form)

    assert stored() == before


async def test_what_is_being_changed_stays_and_what_another_saved_is_shown(
    desk: Desk, tab_of: OpenTab
) -> None:
    jane, other = tab_of(desk.jane), tab_of(desk.jane)
    await _loaded(jane)
    await _loaded(other)

    await other.fire(RemindersPage.submit, PLAN)
    await jane.fire(RemindersPage.typed, PLAN | {"hour": "7"})
    refused = await jane.fire(RemindersPage.submit, PLAN | {"hour": "7"})

    assert "changed the reminders meanwhile" in refused.var("problems")["form"]
    ((plan,), _, _) = stored()
    assert plan.hour == 15


async def _loaded(tab: Tab) -> None:
    await tab.fire(RemindersPage.load)
