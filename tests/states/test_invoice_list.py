"""The list of one tab: what its filters and its address come to."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from assure_app.db.unit_of_work import unit_of_work
from assure_app.states.invoice_list import InvoiceList
from assure_app.states.list_filters import ListFilters
from tests.factories import make_client
from tests.states.conftest import OpenTab
from tests.states.support import Heard, Tab
from tests.support.desk import Desk


def numbers(heard: Heard) -> list[str]:
    return [row.number for row in heard.var("page").rows]


def asked_of_browser(heard: Heard) -> str:
    """The scripts that the browser was asked to run."""
    return " ".join(str(event.payload) for event in heard.events)


async def test_a_tile_filters_and_the_same_tile_again_shows_all(desk: Desk, tab: Tab) -> None:
    late = desk.invoice(due_on=date(2026, 5, 1))
    awaited = desk.invoice()
    await tab.open()

    filtered = await tab.fire(ListFilters.filter_by_tile, "Overdue")
    shown_all = await tab.fire(ListFilters.filter_by_tile, "Overdue")

    assert numbers(filtered) == [late]
    assert "tile=Overdue" in asked_of_browser(filtered)
    assert set(numbers(shown_all)) == {late, awaited}
    assert shown_all.var("tile") == ""


async def test_the_address_alone_brings_back_what_was_shown(desk: Desk, tab_of: OpenTab) -> None:
    with unit_of_work() as connection:
        other_id = make_client(connection, desk.jane.firm_id, name="Okafor Dental PLLC")
    small = desk.invoice(total_cents=10_000)
    large = desk.invoice(total_cents=90_000)
    replace(desk, client_id=other_id).invoice()
    tab = tab_of(desk.jane, f"/invoices?client={desk.client_id}&sort=total&order=up")

    heard = await tab.open()

    assert numbers(heard) == [small, large]
    assert heard.var("page").client_name == "Patel Family"
    assert (heard.var("page").matching, heard.var("page").total) == (2, 3)


async def test_a_header_sorts_and_again_turns_the_order_around(desk: Desk, tab: Tab) -> None:
    small, large = desk.invoice(total_cents=10_000), desk.invoice(total_cents=90_000)
    await tab.open()

    down = await tab.fire(ListFilters.sort_by, "total")
    up = await tab.fire(ListFilters.sort_by, "total")

    assert (numbers(down), numbers(up)) == ([large, small], [small, large])


async def test_searching_and_clearing(desk: Desk, tab: Tab) -> None:
    wanted, other = desk.invoice(number="INV-555"), desk.invoice(number="INV-666")
    await tab.open()

    found = await tab.fire(ListFilters.search_for, "inv-5")
    cleared = await tab.fire(ListFilters.clear)

    assert numbers(found) == [wanted]
    assert set(numbers(cleared)) == {wanted, other}
    assert "focusSearch" in asked_of_browser(cleared)


async def test_pages_are_turned_by_their_cursors(desk: Desk, tab: Tab) -> None:
    for _ in range(51):
        desk.invoice()
    first = await tab.open()

    second = await tab.fire(ListFilters.go_to, first.var("page").next_cursor)
    back = await tab.fire(ListFilters.go_to, second.var("page").previous_cursor)

    assert (len(numbers(first)), len(numbers(second))) == (50, 1)
    assert numbers(back) == numbers(first)


@pytest.mark.parametrize(
    "address",
    ["/invoices?page=made-up", "/invoices?q=" + "x" * 101],
    ids=["cursor", "search"],
)
async def test_an_address_that_cannot_be_used_says_so(
    desk: Desk, tab_of: OpenTab, address: str
) -> None:
    tab = tab_of(desk.jane, address)

    await tab.open()

    state = await tab.state(InvoiceList)
    assert any(state.problems.values())
    assert state.is_loaded


@pytest.mark.parametrize("value", ["abc", "-1", "9" * 40, None, 12.7, {}])
async def test_a_client_that_is_none_shows_every_client(desk: Desk, tab: Tab, value: Any) -> None:
    number = desk.invoice()
    await tab.open()

    await tab.fire_raw(f"{ListFilters.get_full_name()}.filter_by_client", {"client_id": value})

    state = await tab.state(InvoiceList)
    assert state.client_id == 0
    assert [row.number for row in state.page.rows] == [number]
