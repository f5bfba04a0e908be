"""The frame of a tab, and what a tab does when something changed elsewhere (R137, R144)."""

from assure_app.billing import manual_payments
from assure_app.billing.manual_payments import PaymentForm
from assure_app.states.invoice_drawer import InvoiceDrawer
from assure_app.states.invoice_list import InvoiceList
from assure_app.states.live_refresh import LiveRefresh
from assure_app.states.payment_dialog import PaymentDialog
from tests.states.conftest import OpenTab, set_owner
from tests.states.support import Tab
from tests.support.desk import Desk


def pay_elsewhere(desk: Desk, number: str, amount: str) -> None:
    """Another person records a payment, in another tab."""
    form = PaymentForm(amount=amount, method="Cash", date="2026-05-22")
    start = manual_payments.start(desk.jane, number, now=desk.now)
    manual_payments.record_payment(
        desk.jane, number, form, form_token=start.form_token, now=desk.now
    )


async def test_the_frame_names_the_firm_and_the_person(tab: Tab) -> None:
    heard = await tab.open()

    frame = heard.var("desk")
    assert (frame.firm, frame.initial, frame.person) == ("Chen Advisory", "C", "Jane Chen")


async def test_without_view_billing_a_tab_holds_no_amount(desk: Desk, tab_of: OpenTab) -> None:
    number = desk.invoice()
    tab = tab_of(desk.someone(), f"/invoices?invoice={number}")

    heard = await tab.open()

    assert heard.var("desk").views_billing is False
    assert "$" not in heard.text
    assert "Patel" not in heard.text


async def test_a_change_elsewhere_shows_and_leaves_what_is_typed(desk: Desk, tab: Tab) -> None:
    number = desk.invoice()
    await tab.open()
    await tab.fire(InvoiceDrawer.open, number)
    opened = await tab.fire(PaymentDialog.open, number)
    await tab.fire(PaymentDialog.typed, {"amount": "300", "method": "Cash", "date": "2026-05-22"})
    pay_elsewhere(desk, number, "200")

    heard = await tab.hear_push(LiveRefresh.refresh)

    assert heard.var("invoice").balance == "$800.00"
    assert heard.var("page").rows[0].balance == "$800.00"
    assert heard.var("preview").balance_after == "$500.00"
    state = await tab.state(PaymentDialog)
    assert state.start == opened.var("start")


async def test_who_lost_the_right_meanwhile_keeps_no_amount(desk: Desk, tab: Tab) -> None:
    desk.invoice()
    await tab.open()
    set_owner(desk.jane, is_owner=False)

    heard = await tab.hear_push(LiveRefresh.refresh)

    assert heard.var("desk").views_billing is False
    assert (await tab.state(InvoiceList)).page.rows == ()
    assert desk.audit() == []


async def test_a_tab_without_a_session_is_sent_to_sign_in(desk: Desk, tab: Tab) -> None:
    desk.invoice()

    heard = await Tab(tab.desk, cookie="made up", address=tab.address).open()

    assert heard.redirect.startswith("/sign-in?next=")
    assert "$" not in heard.text
