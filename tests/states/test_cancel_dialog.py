"""The Cancel invoice dialog of one tab (R129, R130)."""

from typing import Any

import pytest

from assure_app.states.cancel_dialog import CancelDialog
from assure_app.states.invoice_drawer import InvoiceDrawer
from tests.states.conftest import OpenTab
from tests.states.support import Tab
from tests.states.test_invoice_list import asked_of_browser
from tests.states.test_mark_paid_dialog import pay_elsewhere
from tests.support.desk import Desk

AGREED = {"reason": "Agreed with the client", "written_off": "$1,000.00"}


async def open_dialog(desk: Desk, tab: Tab) -> str:
    number = desk.invoice()
    await tab.open()
    await tab.fire(InvoiceDrawer.open, number)
    heard = await tab.fire(CancelDialog.open, number)
    assert heard.var("preview").written_off == "$1,000.00"
    assert "open" in asked_of_browser(heard)
    return number


async def test_it_cancels_and_says_what_was_given_up(desk: Desk, tab: Tab) -> None:
    number = await open_dialog(desk, tab)

    heard = await tab.fire(CancelDialog.submit, AGREED)

    assert desk.stored(number)["stage"] == "cancelled"
    invoice = heard.var("invoice")
    assert (invoice.status, invoice.balance, invoice.written_off) == ("Cancelled", "", "$1,000.00")
    assert f"{number} is cancelled. $1,000.00 is written off." in heard.text


async def test_a_payment_meanwhile_is_shown_and_nothing_cancelled(desk: Desk, tab: Tab) -> None:
    number = await open_dialog(desk, tab)
    pay_elsewhere(desk, number, "400")

    heard = await tab.fire(CancelDialog.submit, AGREED)

    assert heard.var("problems")["form"].startswith("$600.00 would be written off now")
    assert (heard.var("preview").kept, heard.var("preview").written_off) == ("$400.00", "$600.00")
    assert "refused" in asked_of_browser(heard)
    assert desk.stored(number)["stage"] == "open"


@pytest.mark.parametrize(
    "form", [None, 7, [], {}, {"reason": ["x"]}, AGREED | {"reason": " "}], ids=repr
)
async def test_without_a_reason_it_stays_open(desk: Desk, tab: Tab, form: Any) -> None:
    number = await open_dialog(desk, tab)

    heard = await tab.fire_raw(f"{CancelDialog.get_full_name()}.submit", {"form": form})

    assert heard.var("problems")["reason"] == "Say why this invoice is cancelled."
    assert desk.stored(number)["stage"] == "open"


async def test_without_edit_billing_nothing_opens(desk: Desk, tab_of: OpenTab) -> None:
    number = desk.invoice()
    tab = tab_of(desk.someone())

    heard = await tab.fire(CancelDialog.open, number)
    await tab.fire(CancelDialog.submit, AGREED)

    assert "Edit billing" in heard.text
    assert "1,000" not in heard.text
    assert desk.stored(number)["stage"] == "open"
