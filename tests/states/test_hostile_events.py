"""What hostile, foreign and stale events do to the states of the invoices page: nothing."""

from typing import Any

import pytest
from sqlalchemy import update

from assure_app.db.unit_of_work import unit_of_work
from assure_app.models.tables import user_session
from assure_app.states.cancel_dialog import CancelDialog
from assure_app.states.invoice_drawer import InvoiceDrawer
from assure_app.states.invoice_list import InvoiceList
from assure_app.states.list_filters import ListFilters
from assure_app.states.list_selection import ListSelection
from assure_app.states.live_refresh import LiveRefresh
from assure_app.states.mark_paid_dialog import MarkPaidDialog
from assure_app.states.payment_dialog import PaymentDialog
from assure_app.states.refund_dialog import RefundDialog
from assure_app.states.shell import Shell
from assure_app.states.why_dialog import WhyDialog
from tests.factories import MOMENT
from tests.states.desk import JANE, OLGA, SARAH, add_invoices, form, ledger_rows, make_office
from tests.states.support import Desk, Tab, open_desk

pytestmark = pytest.mark.usefixtures("sqlite_database")
WRONG_VALUES: tuple[Any, ...] = (12.7, -5000, 10**30, "abc", None, True, {}, [], "\0", [{}])


async def open_tab(desk: Desk, *, cookie: str = JANE, address: str = "/invoices") -> Tab:
    tab = Tab(desk, cookie=cookie, address=address)
    await tab.fire(Shell.load)
    if cookie != SARAH:
        await tab.fire(InvoiceDrawer.load)
    return tab


async def test_a_search_shows_what_was_typed_last() -> None:
    number = make_office()
    add_invoices(number, 3)
    async with open_desk() as desk:
        tab = await open_tab(desk)

        for text in ("Patel", "INV-70", number):
            await tab.fire(ListFilters.search_for, text)

        listed = await tab.state(InvoiceList)
        assert (listed.search, [row.number for row in listed.page.rows]) == (number, [number])


async def test_a_cursor_made_by_hand_keeps_the_rows_and_says_so() -> None:
    make_office()
    async with open_desk() as desk:
        tab = await open_tab(desk)

        for cursor in ("AAAA", "x" * 5_000, "WyJkYXRlIixmYWxzZV0", "\0"):
            await tab.fire(ListFilters.go_to, cursor)

            listed = await tab.state(InvoiceList)
            assert listed.problems["form"].startswith("This page of the list no longer exists.")
            assert (len(listed.page.rows), listed.cursor) == (1, "")


@pytest.mark.parametrize(
    ("handler", "names"),
    [
        (ListFilters.filter_by_tile, ["tile"]),
        (ListFilters.search_for, ["text"]),
        (ListFilters.filter_by_client, ["client_id"]),
        (ListFilters.sort_by, ["column"]),
        (ListFilters.go_to, ["cursor"]),
        (ListFilters.filter_by_status, ["status"]),
        (ListFilters.filter_from, ["day"]),
        (ListFilters.filter_to, ["day"]),
        (ListSelection.select, ["number", "is_selected"]),
        (ListSelection.select_page, ["is_selected"]),
        (InvoiceDrawer.open, ["number"]),
        (PaymentDialog.open, ["number"]),
        (PaymentDialog.typed, ["form"]),
        (PaymentDialog.submit, ["form"]),
        (MarkPaidDialog.open, ["number"]),
        (MarkPaidDialog.typed, ["form"]),
        (MarkPaidDialog.submit, ["form"]),
        (CancelDialog.open, ["number"]),
        (CancelDialog.submit, ["form"]),
        (WhyDialog.ask, ["number", "figure"]),
        (WhyDialog.ask_tile, ["tile"]),
        (RefundDialog.open, ["payment_id"]),
        (RefundDialog.typed, ["form"]),
        (RefundDialog.submit, ["form"]),
    ],
    ids=lambda value: value.fn.__qualname__ if hasattr(value, "fn") else value[0],
)
async def test_wrong_types_end_in_a_sentence_and_never_in_an_error(
    handler: Any, names: list[str]
) -> None:
    number = make_office()
    async with open_desk() as desk:
        tab = await open_tab(desk, address=f"/invoices?invoice={number}")
        await tab.fire(PaymentDialog.open, number)
        full_name = f"{handler.state_full_name}.{handler.fn.__name__}"

        for value in WRONG_VALUES:
            await tab.fire_raw(full_name, dict.fromkeys(names, value))
        await tab.fire(LiveRefresh.refresh)

        assert ledger_rows() == 0


async def test_a_foreign_invoice_is_not_there() -> None:
    number = make_office()
    async with open_desk() as desk:
        tab = await open_tab(desk, cookie=OLGA)

        heard = await tab.fire(InvoiceDrawer.open, number)
        drawer = await tab.state(InvoiceDrawer)
        opened = await tab.fire(PaymentDialog.open, number)

        assert drawer.problem == "This invoice does not exist, or you may not see it."
        assert drawer.invoice.number == ""
        assert "Patel" not in heard.text
        assert "1,000.00" not in heard.text + opened.text
        assert (await tab.state(PaymentDialog)).start.number == ""


async def test_a_refusal_names_its_field_and_writes_nothing() -> None:
    number = make_office()
    async with open_desk() as desk:
        tab = await open_tab(desk, address=f"/invoices?invoice={number}")
        await tab.fire(PaymentDialog.open, number)

        await tab.fire(PaymentDialog.submit, form(amount="0.005", method="Card"))

        problems = (await tab.state(PaymentDialog)).problems
        assert problems["amount"] == "Use at most two decimals: the smallest unit is one cent."
        assert problems["method"].startswith("Card and ACH go through Stripe")
        assert (problems["date"], problems["form"], ledger_rows()) == ("", "", 0)


async def test_a_refresh_moves_the_balance_and_keeps_the_dialog() -> None:
    number = make_office()
    async with open_desk() as desk:
        typing = await open_tab(desk, address=f"/invoices?invoice={number}")
        await typing.fire(PaymentDialog.open, number)
        await typing.fire(PaymentDialog.typed, form(amount="800", notes="half a sent"))
        before = (await typing.state(PaymentDialog)).start
        other = await open_tab(desk, address=f"/invoices?invoice={number}")
        await other.fire(PaymentDialog.open, number)
        await other.fire(PaymentDialog.submit, form(amount="150"))

        await typing.hear_push(LiveRefresh.refresh)

        dialog = await typing.state(PaymentDialog)
        assert dialog.start == before
        assert dialog.preview.balance_before == "$850.00"
        assert dialog.preview.balance_after == "$50.00"


@pytest.mark.parametrize("cookie", ["", "made up"])
async def test_a_stranger_s_tab_gets_nothing_but_the_way_to_the_sign_in(cookie: str) -> None:
    number = make_office()
    async with open_desk() as desk:
        tab = Tab(desk, cookie=cookie, address=f"/invoices?invoice={number}")

        heard = await tab.fire(InvoiceDrawer.open, number)

        assert heard.redirect.startswith("/sign-in?next=/invoices")
        assert "Patel" not in heard.text
        assert "$" not in heard.text


async def test_a_session_revoked_under_an_open_drawer_empties_the_tab() -> None:
    number = make_office()
    async with open_desk() as desk:
        tab = await open_tab(desk, address=f"/invoices?invoice={number}")
        with unit_of_work() as connection:
            connection.execute(update(user_session).values(revoked_at=MOMENT))

        heard = await tab.fire(PaymentDialog.open, number)

        assert heard.redirect.startswith("/sign-in")
        drawer, listed = await tab.state(InvoiceDrawer), await tab.state(InvoiceList)
        assert (drawer.is_open, drawer.invoice.number, listed.page.rows) == (False, "", ())
