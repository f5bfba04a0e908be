"""Stopping auto-pay of an invoice, letting it go on and trying now, beside all that happens."""

from datetime import date, timedelta

import pytest

from assure_app.billing import autopay_acts, refunds
from assure_app.billing.autopay_acts import AutopayRefused
from assure_app.billing.refunds import RefundForm
from assure_app.billing.verification import verify
from assure_app.domain.autopay import AutopayState
from tests.support.autopay import AutopayDesk, open_autopay_desk
from tests.support.online import PayDesk

DAY = timedelta(days=1)


@pytest.fixture
def desk(pay_desk: PayDesk) -> AutopayDesk:
    return open_autopay_desk(pay_desk)


@pytest.mark.parametrize(
    ("code", "state", "tries"),
    [("account_closed", AutopayState.CLIENT, []), ("insufficient_funds", AutopayState.DONE, [5])],
)
def test_a_debit_that_fails_after_stop_and_go_on_counts_as_any_other(
    desk: AutopayDesk, code: str, state: AutopayState, tries: list[int]
) -> None:
    desk.save("us_bank_account")
    number = desk.invoice()
    desk.work()
    (charge_id,) = desk.pay.stripe.charges
    jane = desk.pay.desk.jane
    autopay_acts.stop(jane, number, now=desk.now)
    autopay_acts.go_on(jane, number, now=desk.now)
    desk.work()

    desk.pay.stripe.fail(charge_id, code=code)
    desk.pay.receive_all()
    desk.pay.work(now=desk.now + 2 * DAY)
    again: list[int] = []
    for day in range(2, 9):
        desk.work(after=day * DAY)
        if len(desk.pay.stripe.charges) > 1 + len(again):
            again.append(day)
            desk.pay.stripe.settle(list(desk.pay.stripe.charges)[-1])
            desk.pay.deliver()

    assert again == tries
    assert desk.state(number) is state
    assert verify() == []


def test_there_is_no_going_on_with_what_is_paid(desk: AutopayDesk) -> None:
    desk.save()
    number = desk.invoice(due_on=date(2026, 5, 23))
    jane = desk.pay.desk.jane
    autopay_acts.stop(jane, number, now=desk.now)
    desk.record(number, "1000.00")

    with pytest.raises(AutopayRefused, match="is Paid"):
        autopay_acts.go_on(jane, number, now=desk.now)
    form = RefundForm(amount="1000.00", reason="Other", notes="")
    row_id = desk.pay.row()["id"]
    refunds.refund_payment(jane, row_id, form, form_token="refund of the tests", now=desk.now)
    for day in range(5):
        desk.work(after=day * DAY)

    assert desk.pay.stripe.taken_cents() == 0
    assert verify() == []


def test_stopped_between_being_reserved_and_asked_for_it_is_not_charged(
    desk: AutopayDesk,
) -> None:
    desk.save()
    number = desk.invoice()
    desk.reserve_and_die()

    autopay_acts.stop(desk.pay.desk.jane, number, now=desk.now)
    desk.pay.sweep(after=timedelta(minutes=2))

    assert (desk.rows(number), desk.pay.states()) == ([], ["expired"])
    assert desk.state(number) is AutopayState.STOPPED


def test_a_bank_payment_that_was_asked_for_is_not_said_to_be_paid(desk: AutopayDesk) -> None:
    desk.save("us_bank_account")
    number = desk.invoice(due_on=date(2026, 5, 30))
    jane = desk.pay.desk.jane

    asked = autopay_acts.start(jane, number, "try", now=desk.now)
    done = autopay_acts.do(jane, asked, now=desk.now)

    assert done.sentence == f"The bank payment of $1,000.00 for {number} is under way."
    assert desk.rows(number) == [("autopay", "Pending", 100_000)]


def test_of_a_stopped_one_it_is_said_that_a_failure_has_auto_pay_go_on(desk: AutopayDesk) -> None:
    method_id = desk.save()
    desk.pay.stripe.declines[method_id] = ["insufficient_funds"]
    number = desk.invoice(due_on=date(2026, 5, 30))
    jane = desk.pay.desk.jane
    autopay_acts.stop(jane, number, now=desk.now)

    asked = autopay_acts.start(jane, number, "try", now=desk.now)
    done = autopay_acts.do(jane, asked, now=desk.now)
    again = autopay_acts.start(jane, number, "try", now=desk.now)

    assert asked.title == "Charge now"
    assert asked.sentence == (
        "Visa •••• 4242 is charged $1,000.00 now. If that fails, auto-pay goes on for this invoice."
    )
    assert done.sentence == (
        f"$1,000.00 could not be charged for {number}. The card has insufficient funds."
    )
    assert desk.state(number) is AutopayState.WAITING
    assert (again.title, again.sentence) == (
        "Try again now",
        "Visa •••• 4242 is charged $1,000.00 now.",
    )


def test_no_more_is_charged_by_hand_than_was_said(desk: AutopayDesk) -> None:
    method_id = desk.save()
    desk.pay.stripe.declines[method_id] = ["insufficient_funds"]
    number = desk.invoice()
    desk.record(number, "400.00")
    desk.work()
    jane = desk.pay.desk.jane
    asked = autopay_acts.start(jane, number, "try", now=desk.now)
    form = RefundForm(amount="400.00", reason="Other", notes="")
    row_id = desk.pay.desk.rows()[0]["id"]
    refunds.refund_payment(jane, row_id, form, form_token="refund of the tests", now=desk.now)

    with pytest.raises(AutopayRefused, match="has changed"):
        autopay_acts.do(jane, asked, now=desk.now)

    assert "$600.00" in asked.sentence
    assert desk.pay.stripe.taken_cents() == 0
    assert desk.state(number) is AutopayState.WAITING


def test_switched_off_between_being_reserved_and_asked_for_it_is_not_charged(
    desk: AutopayDesk,
) -> None:
    desk.save()
    number = desk.invoice()
    desk.reserve_and_die()

    desk.switch(on=False)
    desk.pay.sweep(after=timedelta(minutes=2))
    desk.work(after=DAY)

    assert (desk.rows(number), desk.pay.states()) == ([], ["expired"])
    assert desk.state(number) is AutopayState.WAITING
    assert verify() == []


def test_going_on_without_a_method_writes_to_nobody_again(desk: AutopayDesk) -> None:
    number = desk.invoice()
    desk.work()
    jane = desk.pay.desk.jane
    before = desk.letters()

    autopay_acts.stop(jane, number, now=desk.now)
    autopay_acts.go_on(jane, number, now=desk.now)
    desk.work()

    assert len(before) == 1
    assert desk.letters() == before
    assert desk.state(number) is AutopayState.CLIENT
