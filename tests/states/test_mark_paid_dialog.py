"""The Mark paid dialog of one tab (R038)."""

from assure_app.billing import manual_payments
from assure_app.billing.manual_payments import PaymentForm
from assure_app.states.invoice_drawer import InvoiceDrawer
from assure_app.states.live_refresh import LiveRefresh
from assure_app.states.mark_paid_dialog import MarkPaidDialog
from tests.states.conftest import OpenTab
from tests.states.support import Tab
from tests.states.test_invoice_list import asked_of_browser
from tests.support.desk import Desk

WHOLE = {"amount": "1,000.00", "method": "Wire", "date": "2026-05-22", "reference": "FT-7"}


async def open_dialog(desk: Desk, tab: Tab) -> str:
    number = desk.invoice()
    await tab.open()
    await tab.fire(InvoiceDrawer.open, number)
    heard = await tab.fire(MarkPaidDialog.open, number)
    assert "open" in asked_of_browser(heard)
    return number


def pay_elsewhere(desk: Desk, number: str, amount: str) -> None:
    form = PaymentForm(amount=amount, method="Cash", date="2026-05-22")
    manual_payments.record_payment(desk.jane, number, form, form_token="e" * 20, now=desk.now)


async def test_it_records_the_whole_balance_and_shows_it(desk: Desk, tab: Tab) -> None:
    await open_dialog(desk, tab)

    heard = await tab.fire(MarkPaidDialog.submit, WHOLE)

    assert [row["amount_cents"] for row in desk.rows()] == [100_000]
    assert heard.var("invoice").status == "Paid"
    assert "close" in asked_of_browser(heard)
    assert "Payment recorded." in heard.text


async def test_a_balance_that_moved_is_refused_and_the_new_one_can_be_recorded(
    desk: Desk, tab: Tab
) -> None:
    number = await open_dialog(desk, tab)
    pay_elsewhere(desk, number, "400")

    refused = await tab.fire(MarkPaidDialog.submit, WHOLE)
    after_the_refusal = len(desk.rows())
    again = await tab.fire(MarkPaidDialog.submit, WHOLE | {"amount": "600.00"})

    assert refused.var("problems")["form"].startswith("The balance is $600.00 now, not $1,000.00.")
    assert "refused" in asked_of_browser(refused)
    assert (refused.var("start").balance, refused.var("start").amount) == ("$600.00", "600.00")
    assert after_the_refusal == 1
    assert again.var("invoice").status == "Paid"


async def test_a_change_elsewhere_shows_the_balance_as_it_is_now(desk: Desk, tab: Tab) -> None:
    number = await open_dialog(desk, tab)
    token = (await tab.state(MarkPaidDialog)).start.form_token
    pay_elsewhere(desk, number, "400")

    heard = await tab.hear_push(LiveRefresh.refresh)

    assert heard.var("start").balance == "$600.00"
    assert heard.var("start").form_token == token
    assert heard.var("preview").status_after == "Paid"


async def test_what_is_wrong_stands_at_its_field(desk: Desk, tab: Tab) -> None:
    await open_dialog(desk, tab)

    heard = await tab.fire(MarkPaidDialog.typed, WHOLE | {"date": "2026-05-23"})

    assert "future" in heard.var("problems")["date"]
    assert desk.rows() == []


async def test_without_edit_billing_nothing_opens(desk: Desk, tab_of: OpenTab) -> None:
    number = desk.invoice()
    tab = tab_of(desk.someone())

    heard = await tab.fire(MarkPaidDialog.open, number)
    await tab.fire(MarkPaidDialog.submit, WHOLE)

    assert "Edit billing" in heard.text
    assert "1,000" not in heard.text
    assert desk.rows() == []
