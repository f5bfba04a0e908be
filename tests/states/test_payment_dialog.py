"""The Record payment dialog of one tab (R018–R037)."""

from typing import Any

import pytest

from assure_app.states.invoice_drawer import InvoiceDrawer
from assure_app.states.payment_dialog import PaymentDialog
from tests.states.conftest import OpenTab
from tests.states.support import Heard, Tab
from tests.states.test_invoice_list import asked_of_browser
from tests.support.desk import Desk

CHECK = {"amount": "400", "method": "Check", "date": "2026-05-22", "reference": "4521", "notes": ""}


async def dialog_of(desk: Desk, tab: Tab) -> Heard:
    """The dialog, opened from the drawer of a sent invoice over $1,000.00."""
    number = desk.invoice()
    await tab.open()
    await tab.fire(InvoiceDrawer.open, number)
    return await tab.fire(PaymentDialog.open, number)


async def test_it_opens_with_the_balance_today_and_what_they_would_do(desk: Desk, tab: Tab) -> None:
    heard = await dialog_of(desk, tab)

    start, preview = heard.var("start"), heard.var("preview")
    assert (start.amount, start.date, start.latest_date) == ("1,000.00", "2026-05-22", "2026-05-22")
    assert (preview.balance_after, preview.status_after) == ("$0.00", "Paid")
    assert "open" in asked_of_browser(heard)


async def test_typing_previews_and_writes_nothing(desk: Desk, tab: Tab) -> None:
    await dialog_of(desk, tab)

    heard = await tab.fire(PaymentDialog.typed, CHECK)

    preview = heard.var("preview")
    assert (preview.balance_after, preview.status_after) == ("$600.00", "Partially paid")
    assert desk.rows() == []


async def test_recording_closes_the_dialog_says_so_and_shows_the_new_figures(
    desk: Desk, tab: Tab
) -> None:
    await dialog_of(desk, tab)

    heard = await tab.fire(PaymentDialog.submit, CHECK)

    assert [row["amount_cents"] for row in desk.rows()] == [40_000]
    assert heard.var("invoice").balance == "$600.00"
    assert heard.var("page").rows[0].status == "Partially paid"
    assert "close" in asked_of_browser(heard)
    assert "Payment recorded." in heard.text


async def test_the_same_form_sent_twice_is_one_row(desk: Desk, tab: Tab) -> None:
    await dialog_of(desk, tab)

    await tab.fire(PaymentDialog.submit, CHECK)
    await tab.fire(PaymentDialog.submit, CHECK)

    assert len(desk.rows()) == 1


async def test_a_refusal_stands_at_its_field_and_can_be_mended(desk: Desk, tab: Tab) -> None:
    await dialog_of(desk, tab)

    refused = await tab.fire(PaymentDialog.submit, CHECK | {"amount": "1000.01"})
    mended = await tab.fire(PaymentDialog.submit, CHECK)

    assert refused.var("problems")["amount"] == "The most you can record is $1,000.00."
    assert "refused" in asked_of_browser(refused)
    assert "Payment recorded." in mended.text
    assert len(desk.rows()) == 1


@pytest.mark.parametrize(
    "form",
    [None, 7, [], {}, {"amount": ["400"], "method": {"a": 1}}, CHECK | {"method": "Card"}],
    ids=["nothing", "number", "list", "empty", "wrong types", "Card"],
)
async def test_whatever_a_browser_sends_is_refused_in_words(
    desk: Desk, tab: Tab, form: Any
) -> None:
    await dialog_of(desk, tab)

    heard = await tab.fire_raw(f"{PaymentDialog.get_full_name()}.submit", {"form": form})

    assert heard.var("problems")["method"]
    assert desk.rows() == []


async def test_without_edit_billing_nothing_opens_and_nothing_is_written(
    desk: Desk, tab_of: OpenTab
) -> None:
    number = desk.invoice()
    tab = tab_of(desk.someone())

    heard = await tab.fire(PaymentDialog.open, number)
    await tab.fire(PaymentDialog.submit, CHECK)

    assert "Edit billing" in heard.text
    assert "1,000" not in heard.text
    assert desk.rows() == []
