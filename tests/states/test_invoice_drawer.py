"""The drawer of one tab: opened, walked through, closed, and left alone by strangers."""

from assure_app.states.invoice_drawer import InvoiceDrawer
from tests.states.conftest import OpenTab, set_owner
from tests.states.support import Tab
from tests.states.test_invoice_list import asked_of_browser
from tests.support.desk import Desk


async def test_opening_shows_the_invoice_and_names_it_in_the_address(desk: Desk, tab: Tab) -> None:
    number = desk.invoice()
    await tab.open()

    heard = await tab.fire(InvoiceDrawer.open, number)

    assert heard.var("invoice").number == number
    assert heard.var("invoice").balance == "$1,000.00"
    assert f"invoice={number}" in asked_of_browser(heard)


async def test_a_shared_link_opens_the_drawer(desk: Desk, tab_of: OpenTab) -> None:
    number = desk.invoice()

    heard = await tab_of(desk.jane, f"/invoices?invoice={number}").open()

    assert heard.var("is_open")
    assert heard.var("invoice").number == number


async def test_closing_gives_the_row_its_focus_back(desk: Desk, tab: Tab) -> None:
    number = desk.invoice()
    await tab.open()
    await tab.fire(InvoiceDrawer.open, number)

    heard = await tab.fire(InvoiceDrawer.close)

    assert heard.var("is_open") is False
    assert "drawerClosed" in asked_of_browser(heard)
    assert "invoice=" not in asked_of_browser(heard)


async def test_neighbours_follow_the_list(desk: Desk, tab_of: OpenTab) -> None:
    low, middle, high = (desk.invoice(total_cents=cents) for cents in (10_000, 20_000, 30_000))
    tab = tab_of(desk.jane, f"/invoices?sort=total&order=up&invoice={middle}")

    invoice = (await tab.open()).var("invoice")

    assert (invoice.previous_number, invoice.next_number) == (low, high)


async def test_another_firms_invoice_does_not_exist(desk: Desk, tab_of: OpenTab) -> None:
    number = desk.invoice()
    stranger = desk.stranger()
    set_owner(stranger, is_owner=True)

    tab = tab_of(stranger, f"/invoices?invoice={number}")

    heard = await tab.open()

    problem = (await tab.state(InvoiceDrawer)).problem
    assert problem == "This invoice does not exist, or you may not see it."
    assert "1,000" not in heard.text
