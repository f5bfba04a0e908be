"""The Why dialog of one tab."""

from assure_app.states.why_dialog import WhyDialog
from tests.states.conftest import OpenTab, set_owner
from tests.states.support import Tab
from tests.states.test_invoice_list import asked_of_browser
from tests.support.desk import Desk


async def test_a_figure_is_explained(desk: Desk, tab: Tab) -> None:
    number = desk.invoice()
    await tab.open()

    heard = await tab.fire(WhyDialog.ask, number, "balance")

    assert heard.var("why").title == "Why $1,000.00?"
    assert "open" in asked_of_browser(heard)


async def test_a_tile_is_explained_and_leads_to_all_that_it_counts(
    desk: Desk, tab_of: OpenTab
) -> None:
    number = desk.invoice()
    tab = tab_of(desk.jane, "/invoices?q=nothing+like+this")
    await tab.open()

    asked = await tab.fire(WhyDialog.ask_tile, "Awaiting")
    shown = await tab.fire(WhyDialog.show_tile)

    assert asked.var("why").title == "Why 1 Awaiting?"
    assert [row.number for row in shown.var("page").rows] == [number]
    assert "tile=Awaiting" in asked_of_browser(shown)


async def test_strangers_and_made_up_figures_get_a_sentence(desk: Desk, tab_of: OpenTab) -> None:
    number = desk.invoice()
    olga = desk.stranger()
    set_owner(olga, is_owner=True)
    tab = tab_of(olga)

    for heard in (
        await tab.fire(WhyDialog.ask, number, "balance"),
        await tab.fire(WhyDialog.ask, number, "profit"),
        await tab.fire(WhyDialog.ask_tile, "Everything"),
    ):
        assert "does not exist" in heard.text
        assert "1,000" not in heard.text


async def test_without_view_billing_no_figure_is_explained(desk: Desk, tab_of: OpenTab) -> None:
    number = desk.invoice()
    tab = tab_of(desk.someone())

    for heard in (
        await tab.fire(WhyDialog.ask, number, "balance"),
        await tab.fire(WhyDialog.ask_tile, "Awaiting"),
    ):
        assert "View billing" in heard.text
        assert "1,000" not in heard.text
