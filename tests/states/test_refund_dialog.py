"""The Refund dialog of one tab (R077–R095)."""

from typing import Any

import pytest
from sqlalchemy import select, update

from assure_app.db.unit_of_work import unit_of_work
from assure_app.models.tables import firm_user
from assure_app.models.tables import invoice as invoice_table
from assure_app.states.invoice_drawer import InvoiceDrawer
from assure_app.states.refund_dialog import RefundDialog
from tests.factories import make_payment
from tests.states.support import Heard, Tab
from tests.states.test_invoice_list import asked_of_browser
from tests.support.desk import Desk
from tests.support.fake_refunds import ALREADY_REFUNDED
from tests.support.fake_stripe import FakeStripe
from tests.support.online import open_pay_desk
from tests.support.refunding import RefundDesk, refund_desk

WHOLE = {"amount": "100.00", "reason": "Duplicate", "notes": "paid twice"}


async def dialog_of(desk: Desk, tab: Tab) -> Heard:
    """The dialog for a check over $100.00, opened from the drawer of its invoice."""
    number = desk.invoice()
    with unit_of_work() as connection:
        known = invoice_table.c.number == number
        invoice_id = connection.scalar(select(invoice_table.c.id).where(known))
        payment_id = make_payment(connection, invoice_id or 0)
    await tab.open()
    await tab.fire(InvoiceDrawer.open, number)
    return await tab.fire(RefundDialog.open, payment_id)


async def test_it_opens_with_all_that_is_left_and_no_reason(desk: Desk, tab: Tab) -> None:
    heard = await dialog_of(desk, tab)

    start, preview = heard.var("start"), heard.var("preview")
    assert (start.amount, start.is_settled_outside) == ("100.00", True)
    assert (preview.balance_after, preview.status_after) == ("$1,000.00", "Sent")
    assert not any(heard.var("problems").values())


async def test_a_reason_must_be_chosen_and_typing_elsewhere_keeps_the_sentence(
    desk: Desk, tab: Tab
) -> None:
    await dialog_of(desk, tab)

    refused = await tab.fire(RefundDialog.submit, WHOLE | {"reason": ""})
    still = await tab.fire(RefundDialog.typed, WHOLE | {"reason": "", "amount": "50"})
    chosen = await tab.fire(RefundDialog.typed, WHOLE | {"amount": "50"})

    assert refused.var("problems")["reason"] == "Choose the reason for this refund."
    assert "refused" in asked_of_browser(refused)
    assert (await tab.state(RefundDialog)).preview.balance_after == "$950.00"
    assert still.var("preview").balance_after == "$950.00"
    assert chosen.var("problems")["reason"] == ""


async def test_refunding_closes_the_dialog_and_shows_both_rows(desk: Desk, tab: Tab) -> None:
    await dialog_of(desk, tab)

    heard = await tab.fire(RefundDialog.submit, WHOLE)

    refund, payment = heard.var("invoice").payments
    assert (refund.amount, payment.status) == ("−$100.00", "Refunded")
    assert heard.var("invoice").balance == "$1,000.00"
    assert "close" in asked_of_browser(heard)
    assert "Refund recorded." in heard.text


async def test_the_same_form_sent_twice_is_one_refund(desk: Desk, tab: Tab) -> None:
    await dialog_of(desk, tab)

    await tab.fire(RefundDialog.submit, WHOLE | {"amount": "30"})
    await tab.fire(RefundDialog.submit, WHOLE | {"amount": "30"})

    assert [row["amount_cents"] for row in desk.rows()] == [10_000, -3_000]


@pytest.mark.parametrize("payment_id", [0, -1, 2**40, 1.5, "1", None, [], True])
async def test_a_payment_that_is_none_opens_nothing(desk: Desk, tab: Tab, payment_id: Any) -> None:
    await tab.open()

    name = f"{RefundDialog.get_full_name()}.open"
    heard = await tab.fire_raw(name, {"payment_id": payment_id})

    assert "This payment does not exist, or you may not see it." in heard.text
    assert (await tab.state(RefundDialog)).start.form_token == ""


def paid_by_card(desk: Desk, stripe: FakeStripe) -> RefundDesk:
    """An invoice paid through Stripe, at a desk whose owner administers the firm's account."""
    with unit_of_work() as connection:
        connection.execute(update(firm_user).values(is_stripe_admin=True))
    return refund_desk(open_pay_desk(desk, stripe))


async def test_what_stripe_refused_is_said_and_another_try_is_another_form(
    desk: Desk, tab: Tab
) -> None:
    with FakeStripe().installed() as stripe:
        paid = paid_by_card(desk, stripe)
        await tab.open()
        await tab.fire(InvoiceDrawer.open, paid.number)
        heard = await tab.fire(RefundDialog.open, paid.payment_id)
        assert "goes through Stripe" in heard.var("start").how
        assert (heard.var("preview").fee_lost, heard.var("preview").net) == ("$29.30", "−$29.30")

        stripe.next_refusal = ALREADY_REFUNDED
        refused = await tab.fire(RefundDialog.submit, WHOLE)
        stripe.next_refusal = None
        done = await tab.fire(RefundDialog.submit, WHOLE | {"amount": "50"})

    assert "Refunded already." in refused.var("problems")["form"]
    assert refused.var("invoice").payments[0].status == "Failed"
    assert "A refund of $50.00 is on its way." in done.text
    assert [status for _, status, _ in paid.ledger()] == ["Completed", "Failed", "Completed"]


async def test_a_silent_stripe_is_told_of(desk: Desk, tab: Tab) -> None:
    with FakeStripe().installed() as stripe:
        paid = paid_by_card(desk, stripe)
        await tab.open()
        await tab.fire(InvoiceDrawer.open, paid.number)
        await tab.fire(RefundDialog.open, paid.payment_id)
        stripe.be_silent("create_refund")

        heard = await tab.fire(RefundDialog.submit, WHOLE)

    assert "Stripe has not answered yet: we keep asking." in heard.text
    assert "close" in asked_of_browser(heard)
    assert heard.var("invoice").payments[0].progress.startswith("Stripe has not answered yet")
