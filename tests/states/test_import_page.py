"""The import page of one tab: preview, question, problems, outcome, and hostile events."""

from sqlalchemy import func, select

from assure_app.billing.importing import files
from assure_app.billing.importing.examples import EXAMPLES
from assure_app.db.unit_of_work import reading
from assure_app.models.tables import invoice
from assure_app.states.import_page import ImportPage
from tests.billing.importing.files import OWN, XERO, xero_line
from tests.states.conftest import OpenTab, set_owner
from tests.states.support import Tab
from tests.support.desk import Desk

PAGE = "/invoices/import"


def keep(desk: Desk, text: str) -> str:
    """A file of the owner's; gives the address of its preview."""
    return f"{PAGE}?file={files.keep(desk.jane, 'mine.csv', text.encode(), now=desk.now)}"


def invoices() -> int:
    with reading() as connection:
        return connection.scalar(select(func.count()).select_from(invoice)) or 0


async def shown(tab: Tab) -> ImportPage:
    await tab.fire(ImportPage.load)
    return await tab.state(ImportPage)


async def test_a_file_is_shown_imported_once_and_then_told(desk: Desk, tab_of: OpenTab) -> None:
    tab = tab_of(desk.jane, keep(desk, EXAMPLES["xero-invoices"]))

    state = await shown(tab)
    assert (state.screen.name, state.screen.act, state.screen.why_not) == (
        *("mine.csv", "Import 2 invoices", ""),
    )
    assert state.figures[0] == ("New invoices", "2")
    assert invoices() == 0
    heard = await tab.fire(ImportPage.run)
    assert heard.var("screen").outcome == (
        "2 invoices, 2 new clients imported; 0 were there already."
    )
    again = await tab.fire(ImportPage.run)

    assert again.var("screen").outcome.startswith("This file was imported already: 2 invoices")
    assert (await shown(tab)).screen.outcome.startswith("This file was imported already")
    assert invoices() == 2


async def test_the_question_of_days_is_answered(desk: Desk, tab_of: OpenTab) -> None:
    line = xero_line(InvoiceDate="05/06/2026", DueDate="07/08/2026")
    tab = tab_of(desk.jane, keep(desk, f"{XERO}\n{line}\n"))

    state = await shown(tab)
    assert (state.screen.asks_dates, state.screen.dates) == (True, "month-first")
    await tab.fire(ImportPage.choose_dates, "day-first")
    await tab.fire(ImportPage.run)

    assert desk.stored("INV-7")["issued_on"].isoformat() == "2026-06-05"


async def test_problems_are_shown_fifty_at_a_time(desk: Desk, tab_of: OpenTab) -> None:
    tab = tab_of(desk.jane, keep(desk, "\n".join([OWN, *["A"] * 30])))

    state = await shown(tab)
    assert (len(state.problems), state.problem_range, state.has_later) == (50, "1–50", True)
    ranges = []
    for by in (1, 1, 1, -1, -1, -1, 1, 10**30):
        await tab.fire(ImportPage.turn, by)
        ranges.append((await tab.state(ImportPage)).problem_range)

    assert ranges == [
        *("51–100", "101–150", "151–179", "101–150", "51–100", "1–50", "51–100", "1–50")
    ]
    await tab.fire(ImportPage.run)
    assert invoices() == 0


async def test_books_that_changed_meanwhile_are_looked_at_again(
    desk: Desk, tab_of: OpenTab
) -> None:
    tab = tab_of(desk.jane, keep(desk, EXAMPLES["xero-invoices"]))
    assert (await shown(tab)).screen.why_not == ""
    desk.invoice(number="INV-3001")

    await tab.fire(ImportPage.run)

    state = await tab.state(ImportPage)
    assert state.screen.why_not == "Mend 1 problem first: nothing is imported yet."
    assert state.problems[0].sentence.startswith("INV-3001 exists already with another client")
    assert (invoices(), state.is_importing) == (1, False)


async def test_who_may_not_import_sees_a_sentence_only(desk: Desk, tab_of: OpenTab) -> None:
    tab = tab_of(desk.someone(view_billing=True), keep(desk, EXAMPLES["xero-invoices"]))

    state = await shown(tab)
    for handler in (ImportPage.run, ImportPage.choose_dates, ImportPage.turn):
        await tab.fire(handler, *([] if handler is ImportPage.run else ["x"]))

    assert state.denial == "You need “Edit billing” to do this. Ask an owner or admin of your firm."
    assert (state.screen.name, invoices()) == ("", 0)


async def test_a_file_of_another_firm_and_made_up_addresses(desk: Desk, tab_of: OpenTab) -> None:
    address = keep(desk, EXAMPLES["xero-invoices"])
    stranger = desk.stranger()
    set_owner(stranger, is_owner=True)
    olga = tab_of(stranger, address)

    assert (await shown(olga)).problem == "This file does not exist, or you may not see it."
    for query in ("file=-1", "file=x", "file=" + "9" * 50, "file=99999", "problem=made-up"):
        state = await shown(tab_of(desk.jane, f"{PAGE}?{query}"))
        assert state.screen.act == ""
    state = await shown(tab_of(desk.jane, f"{PAGE}?problem=too-large"))
    assert state.problem.startswith("The file is larger than 20 MB.")
