"""Giving back through Stripe: reserved first, asked once, booked once, whatever Stripe does."""

from dataclasses import replace
from datetime import date

import pytest

from assure_app.billing import cancellation, refunds
from assure_app.billing.reading.invoice_detail import detail
from assure_app.billing.reading.invoice_query import Query
from assure_app.billing.refunds import RefundForm
from assure_app.billing.stripe_refunds import UNANSWERED, RefundNotMade
from assure_app.billing.verification import verify
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.errors import (
    FormAlreadyUsed,
    NotRefundable,
    PermissionDenied,
    RefundExceedsRefundable,
)
from assure_app.stripe_gateway.outcomes import Reason, Refused
from assure_app.stripe_gateway.records import RefundStatus
from tests.factories import make_payment
from tests.support.fake_stripe import CHEN, make_account
from tests.support.online import PayDesk
from tests.support.refunding import RefundDesk, refund_desk

TOKEN = "one-form-token-00001"
PAID = (100_000, "Completed", "Anita Patel")
REFUNDED = (100_000, "Refunded", "Anita Patel")


@pytest.fixture
def desk_with_card(pay_desk: PayDesk) -> RefundDesk:
    return refund_desk(pay_desk)


def test_a_card_payment_goes_back_whole(desk_with_card: RefundDesk) -> None:
    told = desk_with_card.refund(reason="Service not rendered")

    number, pay_desk = desk_with_card.number, desk_with_card.pay_desk
    assert told.sentence == (
        f"A refund of $1,000.00 is on its way. {number} is Sent, balance $1,000.00."
    )
    (asked,) = pay_desk.stripe.refunds.values()
    (stored,) = desk_with_card.stored()
    assert (asked.charge_id, asked.amount_cents) == (desk_with_card.charge_id, 100_000)
    assert asked.reason == "requested_by_customer"
    assert asked.metadata == {
        "assure_refund": stored["token"],
        "assure_reason": "Service not rendered",
    }
    back = pay_desk.desk.rows()[1]
    assert desk_with_card.ledger() == [REFUNDED, (-100_000, "Completed", "Jane Chen")]
    assert (back["reason"], back["notes"], back["fee_cents"]) == (
        "Service not rendered",
        "twice",
        0,
    )
    assert (back["reverses_id"], back["method_detail"]) == (
        desk_with_card.payment_id,
        "Visa •••• 4242",
    )
    assert desk_with_card.figures() == ("open", 100_000, 0)
    assert pay_desk.desk.timeline()[-3:] == [
        ("Refund $1,000 of Card Visa •••• 4242 started — Service not rendered", "Jane Chen"),
        ("Status changed from Paid to Sent", "Jane Chen"),
        ("Refund $1,000 of Card Visa •••• 4242 confirmed", "Stripe"),
    ]
    assert desk_with_card.letters() == [
        (
            "anita@patelfamily.example",
            f"Your refund is on its way: $1,000.00 for invoice {number}",
        )
    ]
    pay_desk.deliver()
    assert len(pay_desk.desk.rows()) == 2
    assert verify() == []


def test_a_card_refund_leaves_the_firm_without_the_fee(pay_desk: PayDesk) -> None:
    desk = refund_desk(pay_desk, amount="100", total_cents=10_000)
    jane, now = pay_desk.desk.jane, pay_desk.now

    started = refunds.start(jane, desk.payment_id, now=now)
    form = RefundForm(amount="100", reason="Fraudulent")
    told = refunds.preview(jane, desk.payment_id, form, now=now)
    desk.refund("100")

    assert started.how == (
        "This refund goes through Stripe, back to Visa •••• 4242. A card refund takes "
        "5–10 business days: Anita sees it between May 29 and Jun 5."
    )
    assert (told.balance_after, told.status_after) == ("$100.00", "Sent")
    assert (told.fee_lost, told.net) == ("$3.20", "−$3.20")
    assert [each.sentence for each in told.warnings] == [
        "“Fraudulent” also puts this card and email on Stripe’s block lists."
    ]
    shown = detail(jane, desk.number, Query(), now=now)
    assert (shown.balance, shown.status) == (told.balance_after, told.status_after)
    assert (shown.payments[1].fee, shown.payments[1].net) == ("$3.20", "−$3.20")


def test_a_bank_payment_goes_back_in_days(pay_desk: PayDesk) -> None:
    desk = refund_desk(pay_desk, method="us_bank_account")
    pay_desk.stripe.first_refund_status = RefundStatus.PENDING
    started = refunds.start(pay_desk.desk.jane, desk.payment_id, now=pay_desk.now)

    told = desk.refund("400")

    assert "takes 5–7 business days: Anita sees it between May 29 and Jun 2." in started.how
    assert told.sentence.startswith("A refund of $400.00 is on its way.")
    assert desk.ledger() == [PAID, (-40_000, "Pending", "Jane Chen")]
    assert desk.figures() == ("open", 40_000, 60_000)
    pay_desk.stripe.change_refund(next(iter(pay_desk.stripe.refunds)), RefundStatus.SUCCEEDED)
    desk.sweep(days=1)
    assert desk.ledger() == [PAID, (-40_000, "Completed", "Jane Chen")]
    assert (desk.states(), len(desk.letters())) == (["done"], 1)
    assert verify() == []


def test_partial_refunds_until_nothing_is_left(desk_with_card: RefundDesk) -> None:
    for amount in ("300", "300", "399.99"):
        desk_with_card.refund(amount)

    with pytest.raises(RefundExceedsRefundable) as refusal:
        desk_with_card.refund("0.02")
    assert refusal.value.sentence == "The most you can refund is $0.01."
    desk_with_card.refund("0.01")
    with pytest.raises(NotRefundable):
        desk_with_card.refund("0.01")

    assert desk_with_card.ledger()[0] == REFUNDED
    assert desk_with_card.pay_desk.stripe.refunded_cents() == 100_000
    assert desk_with_card.figures() == ("open", 100_000, 0)
    assert verify() == []


def test_a_doubled_submit_is_one_refund(desk_with_card: RefundDesk) -> None:
    first = desk_with_card.refund("100", token=TOKEN)
    again = desk_with_card.refund("100", token=TOKEN)
    other = desk_with_card.refund("100")

    assert (again.payment_id, again.is_repeat) == (first.payment_id, True)
    assert other.payment_id != first.payment_id
    assert desk_with_card.pay_desk.stripe.refunded_cents() == 20_000
    with pytest.raises(FormAlreadyUsed):
        desk_with_card.refund("200", token=TOKEN)


def test_a_refusal_writes_no_money_and_says_why(desk_with_card: RefundDesk) -> None:
    stripe = desk_with_card.pay_desk.stripe
    stripe.change_charge(desk_with_card.charge_id, amount_refunded_cents=100_000)

    for _ in range(2):
        with pytest.raises(RefundNotMade) as refusal:
            desk_with_card.refund(token=TOKEN)

    assert refusal.value.sentence == (
        "Stripe did not make this refund, and no money moved. Refunded already."
    )
    assert desk_with_card.ledger() == [PAID, (-100_000, "Failed", "Jane Chen")]
    assert desk_with_card.figures() == ("paid", 0, 100_000)
    assert desk_with_card.pay_desk.desk.timeline()[-2:] == [
        ("Refund $1,000 of Card Visa •••• 4242 refused — Refunded already.", "Stripe"),
        ("Status changed from Sent to Paid", "Stripe"),
    ]
    assert (desk_with_card.states(), desk_with_card.letters()) == (["refused"], [])
    stripe.change_charge(desk_with_card.charge_id, amount_refunded_cents=0)
    desk_with_card.refund()
    assert desk_with_card.ledger()[0] == REFUNDED
    assert verify() == []


@pytest.mark.parametrize("after_acting", [False, True])
def test_a_silent_stripe_is_asked_again_under_the_same_key(
    desk_with_card: RefundDesk, *, after_acting: bool
) -> None:
    stripe = desk_with_card.pay_desk.stripe
    stripe.be_silent("create_refund", after_acting=after_acting, times=2)

    told = desk_with_card.refund("400", token=TOKEN)
    again = desk_with_card.refund("400", token=TOKEN)

    assert (told.sentence, told.is_unanswered) == (UNANSWERED, True)
    assert (again.is_repeat, again.is_unanswered) == (True, True)
    assert desk_with_card.ledger()[1:] == [(-40_000, "Pending", "Jane Chen")]
    assert desk_with_card.figures() == ("open", 40_000, 60_000)
    assert desk_with_card.letters() == []
    assert verify() == []

    desk_with_card.sweep(minutes=4)
    assert desk_with_card.states() == ["new"]
    desk_with_card.sweep(minutes=5)

    assert desk_with_card.ledger()[1:] == [(-40_000, "Completed", "Jane Chen")]
    assert len(stripe.refunds) == 1
    assert len(desk_with_card.letters()) == 1
    desk_with_card.pay_desk.deliver()
    assert verify() == []


@pytest.mark.parametrize("after_acting", [False, True])
def test_past_the_life_of_a_key_the_refund_is_looked_for_first(
    desk_with_card: RefundDesk, *, after_acting: bool
) -> None:
    stripe = desk_with_card.pay_desk.stripe
    stripe.be_silent("create_refund", after_acting=after_acting)
    desk_with_card.refund("400")
    stripe.answers.clear()  # So long after, Stripe knows nothing of the key.
    stripe.be_silent("list_refunds")

    desk_with_card.sweep(hours=23)
    assert (desk_with_card.states(), stripe.calls.count("create_refund")) == (["new"], 1)
    desk_with_card.sweep(hours=24)

    assert stripe.calls.count("create_refund") == (1 if after_acting else 2)
    assert (desk_with_card.states(), len(stripe.refunds)) == (["done"], 1)
    assert verify() == []


def test_an_account_that_let_us_go_refuses_at_first_and_says_nothing_later(
    desk_with_card: RefundDesk,
) -> None:
    stripe = desk_with_card.pay_desk.stripe
    stripe.be_silent("create_refund", after_acting=True)
    desk_with_card.refund("100")
    del stripe.accounts[CHEN]

    with pytest.raises(RefundNotMade):
        desk_with_card.refund("200")
    desk_with_card.sweep(hours=1)
    assert desk_with_card.states() == ["new", "refused"]

    stripe.accounts[CHEN] = make_account(CHEN)
    desk_with_card.sweep(hours=2)
    assert desk_with_card.states() == ["done", "refused"]
    assert desk_with_card.figures() == ("open", 10_000, 90_000)
    assert verify() == []


def test_a_refusal_that_nobody_saw_is_told_by_mail(desk_with_card: RefundDesk) -> None:
    stripe = desk_with_card.pay_desk.stripe
    stripe.be_silent("create_refund")
    desk_with_card.refund("1000")
    stripe.refund(desk_with_card.charge_id, 100_000, reason="duplicate")

    desk_with_card.sweep(hours=1)

    assert desk_with_card.ledger() == [
        REFUNDED,
        (-100_000, "Failed", "Jane Chen"),
        (-100_000, "Completed", "Stripe"),
    ]
    assert [subject.partition(":")[0] for _, subject in desk_with_card.letters()] == [
        "Refund failed",
        "Your refund is on its way",
    ]
    desk_with_card.pay_desk.deliver()
    assert desk_with_card.pay_desk.exceptions() == []
    assert verify() == []


def test_pending_for_a_week_and_then_failed(desk_with_card: RefundDesk) -> None:
    stripe = desk_with_card.pay_desk.stripe
    stripe.first_refund_status = RefundStatus.PENDING
    desk_with_card.refund()
    for day in range(1, 8):
        desk_with_card.sweep(days=day)
    assert desk_with_card.ledger() == [PAID, (-100_000, "Pending", "Jane Chen")]
    assert stripe.calls.count("retrieve_refund") == 7

    (refund_id,) = stripe.refunds
    stripe.change_refund(refund_id, RefundStatus.FAILED, "lost_or_stolen_card")
    desk_with_card.sweep(days=8)

    assert desk_with_card.ledger() == [PAID, (-100_000, "Failed", "Jane Chen")]
    assert desk_with_card.figures() == ("paid", 0, 100_000)
    back = desk_with_card.pay_desk.desk.rows()[1]
    assert back["failure_reason"] == "The card was lost or stolen."
    desk_with_card.sweep(days=30)
    assert (len(stripe.refunds), verify()) == (1, [])


def test_one_that_was_done_can_still_fail(desk_with_card: RefundDesk) -> None:
    stripe = desk_with_card.pay_desk.stripe
    desk_with_card.refund()
    assert desk_with_card.ledger()[0] == REFUNDED
    (refund_id,) = stripe.refunds

    stripe.change_refund(refund_id, RefundStatus.FAILED, "expired_or_canceled_card")
    desk_with_card.pay_desk.deliver()

    assert desk_with_card.ledger() == [PAID, (-100_000, "Failed", "Jane Chen")]
    assert desk_with_card.figures() == ("paid", 0, 100_000)
    assert desk_with_card.pay_desk.desk.rows()[1]["completed_at"] is None
    assert desk_with_card.pay_desk.desk.timeline()[-2:] == [
        (
            "Refund $1,000 of Card Visa •••• 4242 failed — The card has expired or was canceled.",
            "Stripe",
        ),
        ("Status changed from Sent to Paid", "Stripe"),
    ]
    (told,) = desk_with_card.letters()[1:]
    assert told == (
        desk_with_card.pay_desk.desk.email_of_jane(),
        f"Refund failed: Patel Family, $1,000.00 for invoice {desk_with_card.number}",
    )
    assert stripe.calls.count("create_refund") == 1
    desk_with_card.refund()
    assert desk_with_card.ledger()[0] == REFUNDED
    assert verify() == []


def test_a_page_that_asks_too_much_after_a_failed_refund_is_closed(
    desk_with_card: RefundDesk,
) -> None:
    pay_desk = desk_with_card.pay_desk
    desk_with_card.refund("600")
    pay_desk.start(desk_with_card.number, "600")
    (refund_id,) = pay_desk.stripe.refunds

    pay_desk.stripe.change_refund(refund_id, RefundStatus.FAILED, "declined")
    pay_desk.deliver()
    desk_with_card.sweep(seconds=0)

    assert pay_desk.states() == ["completed", "expired"]
    assert verify() == []


def test_even_an_owner_needs_stripe_admin(desk_with_card: RefundDesk) -> None:
    pay_desk = desk_with_card.pay_desk
    owner = desk_with_card.without_stripe_admin()
    clerk = replace(
        pay_desk.desk.someone(view_billing=True, all_clients=True), is_stripe_admin=True
    )
    with unit_of_work() as connection:
        invoice_id = pay_desk.desk.rows()[0]["invoice_id"]
        check_id = make_payment(connection, invoice_id)

    for person in (owner, clerk):
        with pytest.raises(PermissionDenied):
            desk_with_card.refund(by=person)
    with pytest.raises(PermissionDenied):
        refunds.start(owner, desk_with_card.payment_id, now=pay_desk.now)

    check, card = detail(owner, desk_with_card.number, Query(), now=pay_desk.now).payments
    assert (check.is_refundable, check.refund_block) == (True, "")
    assert (card.is_refundable, card.refund_block) == (
        False,
        "You need “Stripe admin” to refund a card or bank payment. Ask the owner of your firm.",
    )
    assert pay_desk.desk.audit() == [
        "Jane Chen was denied: refund a payment through Stripe (needs Stripe admin)",
        "Sarah Kim was denied: refund a payment (needs Edit billing)",
        "Jane Chen was denied: refund a payment through Stripe (needs Stripe admin)",
    ]
    assert pay_desk.stripe.refunds == {}
    form = RefundForm(amount="100", reason="Other")
    refunds.refund_payment(owner, check_id, form, form_token=TOKEN, now=pay_desk.now)


def test_a_cancelled_invoice_stays_cancelled(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    charge_id = pay_desk.stripe.pay(pay_desk.opened(number, "400"))
    pay_desk.deliver()
    form = cancellation.CancelForm(reason="Agreed", written_off="$600.00")
    cancellation.cancel(pay_desk.desk.jane, number, form, form_token=TOKEN, now=pay_desk.now)
    desk = RefundDesk(pay_desk, number, charge_id, pay_desk.desk.rows()[0]["id"])

    told = desk.refund("400")

    assert (told.status, told.balance) == ("Cancelled", "")
    assert desk.ledger()[0] == (40_000, "Refunded", "Anita Patel")
    assert verify() == []


def test_what_was_paid_too_much_goes_back(desk_with_card: RefundDesk) -> None:
    pay_desk = desk_with_card.pay_desk
    with unit_of_work() as connection:
        make_payment(connection, pay_desk.desk.rows()[0]["invoice_id"], amount_cents=25_000)
    assert pay_desk.desk.stored(desk_with_card.number)["overpaid_cents"] == 25_000

    desk_with_card.refund("250")

    assert pay_desk.desk.stored(desk_with_card.number)["overpaid_cents"] == 0
    assert desk_with_card.figures() == ("paid", 0, 100_000)
    assert verify() == []


def test_a_part_of_a_bank_payment_that_is_refused_says_what_may_help(pay_desk: PayDesk) -> None:
    desk = refund_desk(pay_desk, method="us_bank_account")
    refusal = Refused(reason=Reason.INVALID, code="x", sentence="Stripe did not accept this.")
    pay_desk.stripe.next_refusal = refusal

    with pytest.raises(RefundNotMade) as told:
        desk.refund("10")

    assert told.value.why == (
        "Stripe did not accept this. If this is a part of a bank payment, try all that is left "
        "of it."
    )


def test_a_late_invoice_is_overdue_again(pay_desk: PayDesk) -> None:
    desk = refund_desk(pay_desk, due_on=date(2026, 5, 1))

    assert desk.refund().status == "Overdue"


def test_a_refusal_stands_beside_a_refund_that_copied_its_token(desk_with_card: RefundDesk) -> None:
    stripe = desk_with_card.pay_desk.stripe
    stripe.be_silent("create_refund")
    desk_with_card.refund("1000")
    token = desk_with_card.stored()[0]["token"]
    stripe.refund(desk_with_card.charge_id, 30_000, metadata={"assure_refund": token})

    desk_with_card.sweep(hours=1)

    assert desk_with_card.ledger() == [
        PAID,
        (-100_000, "Failed", "Jane Chen"),
        (-30_000, "Completed", "Stripe"),
    ]
    assert verify() == []
