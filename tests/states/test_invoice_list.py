"""The list of one tab: what its filters and its address come to."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import update

from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.errors import Unavailable
from assure_app.models.tables import invoice
from assure_app.states import invoice_list
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


async def test_status_and_days_narrow_the_list_and_stand_in_the_address(
    desk: Desk, tab_of: OpenTab
) -> None:
    desk.invoice(issued_on=date(2026, 4, 30), draft=True)
    wanted = desk.invoice(issued_on=date(2026, 5, 1), draft=True)
    desk.invoice(issued_on=date(2026, 5, 2))
    tab = tab_of(desk.jane)
    await tab.open()

    await tab.fire(ListFilters.filter_by_status, "Draft")
    await tab.fire(ListFilters.filter_from, "2026-05-01")
    heard = await tab.fire(ListFilters.filter_to, "2026-05-31")
    again = await tab_of(desk.jane, "/invoices?status=Draft&from=2026-05-01&to=2026-05-31").open()

    assert numbers(heard) == numbers(again) == [wanted]
    assert "status=Draft&from=2026-05-01&to=2026-05-31" in asked_of_browser(heard)
    assert (heard.var("count"), heard.var("folded_filters")) == ("1 of 3", 3)
    assert heard.var("export_address") == (
        "/invoices/export.csv?status=Draft&from=2026-05-01&to=2026-05-31"
    )


@pytest.mark.parametrize(
    ("address", "field", "sentence"),
    [
        ("from=2026-02-30", "from", "Enter a date that exists, for example 2026-05-22."),
        ("to=tomorrow", "to", "Enter a date that exists, for example 2026-05-22."),
        (
            "from=2026-05-02&to=2026-05-01",
            "to",
            "The last day comes before the first. Change one of them.",
        ),
    ],
)
async def test_a_day_that_cannot_be_narrows_nothing_and_says_so_at_its_field(
    desk: Desk, tab_of: OpenTab, address: str, field: str, sentence: str
) -> None:
    number = desk.invoice()

    heard = await tab_of(desk.jane, f"/invoices?{address}").open()

    others = dict.fromkeys({"search", "from", "to", "form"} - {field}, "")
    assert heard.var("problems") == {field: sentence} | others
    assert numbers(heard) == [number]


@pytest.mark.parametrize("address", ["status=Late", "status=paid", "tile=Drafted", "sort=number;"])
async def test_an_unknown_word_in_the_address_is_left_out(
    desk: Desk, tab_of: OpenTab, address: str
) -> None:
    number = desk.invoice()

    heard = await tab_of(desk.jane, f"/invoices?{address}").open()

    assert numbers(heard) == [number]
    assert 'assure.address("invoices", "", false)' in asked_of_browser(heard)


async def test_the_place_of_a_page_that_has_gone_leaves_the_address(
    desk: Desk, tab_of: OpenTab
) -> None:
    for _ in range(51):
        desk.invoice()
    tab = tab_of(desk.jane)
    first = await tab.open()
    cursor = first.var("page").next_cursor
    second = await tab.fire(ListFilters.go_to, cursor)
    with unit_of_work() as connection:
        connection.execute(
            update(invoice)
            .where(invoice.c.number == numbers(second)[0])
            .values(issued_on=date(2026, 5, 20))
        )

    heard = await tab_of(desk.jane, f"/invoices?page={cursor}").open()

    assert len(numbers(heard)) == 50
    assert 'assure.address("invoices", "", false)' in asked_of_browser(heard)


async def test_an_open_drawer_leads_through_the_new_list_at_once(
    desk: Desk, tab_of: OpenTab
) -> None:
    days = (date(2026, 5, 1), date(2026, 5, 2), date(2026, 5, 3))
    older, opened, newer = (desk.invoice(issued_on=day) for day in days)
    tab = tab_of(desk.jane, f"/invoices?invoice={opened}")
    before = (await tab.open()).var("invoice")

    after = (await tab.fire(ListFilters.filter_from, "2026-05-02")).var("invoice")

    assert (before.previous_number, before.next_number) == (newer, older)
    assert (after.previous_number, after.next_number) == (newer, "")


async def test_a_list_that_cannot_be_read_says_so_and_is_read_again(
    desk: Desk, tab: Tab, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = desk.invoice()

    def unavailable(*_: object, **__: object) -> None:
        raise Unavailable

    with monkeypatch.context() as broken:
        broken.setattr(invoice_list, "read_page", unavailable)
        heard = await tab.open()
    again = await tab.fire(ListFilters.try_again)

    assert heard.var("failure") == Unavailable().sentence
    assert (again.var("failure"), numbers(again)) == ("", [number])
