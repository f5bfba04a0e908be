"""The ticks of one tab's list: what they outlast, and what takes them away."""

from typing import Any

import pytest
from sqlalchemy import delete

from assure_app.db.unit_of_work import unit_of_work
from assure_app.models import ClientAssignment
from assure_app.models.tables import client_assignment
from assure_app.states.invoice_list import InvoiceList
from assure_app.states.list_filters import ListFilters
from assure_app.states.list_selection import ListSelection
from assure_app.states.live_refresh import LiveRefresh
from tests.auth.people import join_team
from tests.factories import insert
from tests.states.conftest import OpenTab
from tests.states.support import Heard, Tab
from tests.states.test_invoice_list import numbers
from tests.support.desk import Desk


async def selected(tab: Tab) -> list[str]:
    return list((await tab.state(InvoiceList)).selection.numbers)


def told(heard: Heard) -> str:
    return " ".join(str(event.payload) for event in heard.events)


async def test_ticks_are_counted_and_added_up(desk: Desk, tab: Tab) -> None:
    first, second = desk.invoice(total_cents=10_000), desk.invoice(total_cents=25_050)
    desk.invoice()
    await tab.open()

    await tab.fire(ListSelection.select, second, True)
    heard = await tab.fire(ListSelection.select, first, True)
    assert heard.var("selection").numbers == (second, first)
    assert heard.var("selection").total == "$350.50"

    heard = await tab.fire(ListSelection.select, second, False)
    assert heard.var("selection").numbers == (first,)
    heard = await tab.fire(ListSelection.clear)
    assert (heard.var("selection").numbers, heard.var("selection").total) == ((), "")


async def test_ticks_last_over_pages_and_sorts_and_end_with_the_filter(
    desk: Desk, tab: Tab
) -> None:
    for _ in range(51):
        desk.invoice()
    first = await tab.open()
    one = numbers(first)[3]
    await tab.fire(ListSelection.select, one, True)

    second = await tab.fire(ListFilters.go_to, first.var("page").next_cursor)
    (other,) = numbers(second)
    await tab.fire(ListSelection.select, other, True)
    await tab.fire(ListFilters.sort_by, "client")
    assert await selected(tab) == [one, other]

    await tab.fire(ListFilters.filter_by_tile, "Awaiting")
    assert await selected(tab) == []


async def test_the_header_ticks_the_page_and_takes_only_its_ticks_away(
    desk: Desk, tab: Tab
) -> None:
    for _ in range(52):
        desk.invoice()
    first = await tab.open()

    heard = await tab.fire(ListSelection.select_page, True)
    assert heard.var("is_page_selected")
    assert list(heard.var("selection").numbers) == numbers(first)

    second = await tab.fire(ListFilters.go_to, first.var("page").next_cursor)
    assert not (await tab.state(InvoiceList)).is_page_selected
    await tab.fire(ListSelection.select_page, True)
    assert await selected(tab) == numbers(first) + numbers(second)
    await tab.fire(ListSelection.select_page, False)
    assert await selected(tab) == numbers(first)


async def test_two_hundred_are_the_most_and_it_is_said(
    desk: Desk, tab: Tab, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("billing.reading.selection", "states.list_selection"):
        monkeypatch.setattr(f"assure_app.{module}.MOST_SELECTED", 3)
    for _ in range(5):
        desk.invoice()
    opened = await tab.open()
    last = numbers(opened)[4]
    await tab.fire(ListSelection.select, last, True)

    heard = await tab.fire(ListSelection.select_page, True)

    assert await selected(tab) == [last, *numbers(opened)[:2]]
    assert "At most 3 invoices can be selected at once." in told(heard)
    assert "settleTicks" in told(heard)


async def test_what_left_the_persons_sight_is_ticked_no_more(desk: Desk, tab_of: OpenTab) -> None:
    sarah = desk.someone()
    join_team(sarah.user_id, sarah.firm_id, "Billing", edit_billing=True)
    with unit_of_work() as connection:
        insert(connection, ClientAssignment, user_id=sarah.user_id, client_id=desk.client_id)
    number = desk.invoice()
    tab = tab_of(sarah)
    await tab.open()
    await tab.fire(ListSelection.select, number, True)
    assert await selected(tab) == [number]

    with unit_of_work() as connection:
        connection.execute(delete(client_assignment))
    await tab.fire(LiveRefresh.refresh)

    assert await selected(tab) == []


async def test_nothing_gets_in_that_the_tab_does_not_show(desk: Desk, tab: Tab) -> None:
    paid = desk.invoice()
    shown = desk.invoice(draft=True)
    await tab.open()
    await tab.fire(ListFilters.filter_by_status, "Draft")

    for number in (paid, "INV-9999", "", None, 12, [shown], "\0"):
        await _fire(tab, number=number, is_selected=True)
    for value in ("yes", 1, None, [True]):
        await _fire(tab, number=shown, is_selected=value)

    assert await selected(tab) == []


async def test_who_may_only_look_ticks_nothing(desk: Desk, tab_of: OpenTab) -> None:
    number = desk.invoice()
    lena = desk.someone()
    join_team(lena.user_id, lena.firm_id, "Viewers", view_billing=True, all_clients=True)
    tab = tab_of(lena)
    await tab.open()
    assert len((await tab.state(InvoiceList)).page.rows) == 1

    heard = await tab.fire(ListSelection.select, number, True)

    assert "You need “Edit billing” to do this." in heard.text
    assert await selected(tab) == []


async def _fire(tab: Tab, **payload: Any) -> Heard:
    return await tab.fire_raw(f"{ListSelection.get_full_name()}.select", payload)
