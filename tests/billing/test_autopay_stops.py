"""Money that went back is never charged again by itself, by whichever way it went (R093, R125)."""

from datetime import date, timedelta

import pytest

from assure_app.billing import autopay_acts, refunds
from assure_app.billing.refunds import RefundForm
from assure_app.billing.verification import verify
from assure_app.domain.autopay import AutopayState
from assure_app.stripe_gateway.records import RefundStatus
from tests.support.autopay import AutopayDesk, open_autopay_desk
from tests.support.online import PayDesk

DAY = timedelta(days=1)
LATER = date(2026, 5, 25)
SAID = (
    "Auto-pay stopped for this invoice: money that went back is not charged again by itself",
    "System",
)


@pytest.fixture
def desk(pay_desk: PayDesk) -> AutopayDesk:
    return open_autopay_desk(pay_desk)


def pay_part(desk: AutopayDesk, number: str, amount: str = "400") -> str:
    """Anita pays a part on Stripe's page; the charge."""
    charge_id = desk.pay.stripe.pay(desk.pay.opened(number, amount))
    desk.pay.deliver()
    return charge_id


def refund(desk: AutopayDesk, amount: str = "400.00") -> None:
    """Jane gives the first payment back."""
    form = RefundForm(amount=amount, reason="Requested by customer", notes="")
    first = desk.pay.desk.rows()[0]["id"]
    refunds.refund_payment(
        desk.pay.desk.jane, first, form, form_token="refund of the tests", now=desk.now
    )


def charged_cents(desk: AutopayDesk) -> int:
    return sum(row["amount_cents"] for row in desk.pay.desk.rows() if row["source"] == "autopay")


def test_a_refunded_part_is_not_charged_on_the_due_day(desk: AutopayDesk) -> None:
    desk.save()
    number = desk.invoice(due_on=LATER)
    pay_part(desk, number)

    refund(desk)
    for day in range(9):
        desk.work(after=day * DAY)

    assert charged_cents(desk) == 0
    assert desk.state(number) is AutopayState.STOPPED
    assert SAID in desk.timeline(number)
    assert verify() == []


def test_a_part_refunded_in_stripe_itself_stops_the_tries_to_come(desk: AutopayDesk) -> None:
    method_id = desk.save()
    desk.pay.stripe.declines[method_id] = ["insufficient_funds"]
    number = desk.invoice()
    charge_id = pay_part(desk, number)
    desk.work()

    desk.pay.stripe.refund(charge_id, 40_000)
    desk.pay.deliver()
    for day in range(9):
        desk.work(after=day * DAY)

    assert [row["status"] for row in desk.pay.desk.rows() if row["source"] == "autopay"] == [
        "Failed"
    ]
    assert desk.state(number) is AutopayState.STOPPED


def test_a_part_refunded_while_the_rest_is_under_way_stays_refunded(desk: AutopayDesk) -> None:
    desk.save("us_bank_account")
    number = desk.invoice()
    pay_part(desk, number)
    desk.work()
    debit = list(desk.pay.stripe.charges)[-1]

    refund(desk)
    desk.pay.stripe.settle(debit)
    desk.pay.deliver()
    for day in range(9):
        desk.work(after=day * DAY)

    assert charged_cents(desk) == 60_000
    assert desk.pay.desk.stored(number)["balance_cents"] == 40_000
    assert desk.state(number) is AutopayState.STOPPED
    assert verify() == []


def lose_to_the_bank(desk: AutopayDesk, charge_id: str) -> None:
    """The client disputes the charge, and the firm loses."""
    desk.pay.stripe.change_dispute(desk.pay.stripe.dispute(charge_id), "lost")
    desk.pay.deliver()


def test_what_a_bank_took_back_is_not_charged_again(desk: AutopayDesk) -> None:
    desk.save()
    number = desk.invoice(due_on=LATER)
    charge_id = pay_part(desk, number)

    lose_to_the_bank(desk, charge_id)
    for day in range(9):
        desk.work(after=day * DAY)

    assert desk.pay.desk.stored(number)["balance_cents"] == 100_000
    assert charged_cents(desk) == 0
    assert desk.state(number) is AutopayState.STOPPED


def test_a_charge_of_its_own_that_a_bank_took_back_is_not_made_again(desk: AutopayDesk) -> None:
    desk.save()
    number = desk.invoice()
    desk.work()
    (charge_id,) = desk.pay.stripe.charges

    lose_to_the_bank(desk, charge_id)
    for day in range(9):
        desk.work(after=day * DAY)

    assert desk.pay.desk.stored(number)["balance_cents"] == 100_000
    assert charged_cents(desk) == 100_000
    assert desk.state(number) is AutopayState.DONE


def test_a_refund_that_failed_at_once_gave_nothing_back(desk: AutopayDesk) -> None:
    desk.save()
    number = desk.invoice(due_on=LATER)
    charge_id = pay_part(desk, number)

    desk.pay.stripe.refund(charge_id, 40_000, status=RefundStatus.FAILED)
    desk.pay.deliver()
    desk.work(after=3 * DAY)

    assert charged_cents(desk) == 60_000
    assert desk.state(number) is AutopayState.DONE


def test_what_was_refunded_before_auto_pay_was_on_is_not_charged_by_switching_it_on(
    desk: AutopayDesk,
) -> None:
    desk.switch(on=False)
    desk.save()
    number = desk.invoice()
    pay_part(desk, number, "1000")
    refund(desk, "1000.00")

    desk.switch(on=True)
    for day in range(5):
        desk.work(after=day * DAY)
    before = (charged_cents(desk), desk.state(number))
    autopay_acts.go_on(desk.pay.desk.jane, number, now=desk.now)
    for day in range(5):
        desk.work(after=day * DAY)

    assert before == (0, AutopayState.STOPPED)
    assert charged_cents(desk) == 100_000
    assert verify() == []


def test_the_firm_lets_it_charge_again_on_purpose(desk: AutopayDesk) -> None:
    desk.save()
    number = desk.invoice(due_on=LATER)
    pay_part(desk, number)
    refund(desk)

    autopay_acts.go_on(desk.pay.desk.jane, number, now=desk.now)
    desk.work()
    desk.work(after=3 * DAY)

    assert charged_cents(desk) == 100_000
    assert desk.state(number) is AutopayState.DONE


def test_a_corrected_entry_by_hand_moved_no_money_and_stops_nothing(desk: AutopayDesk) -> None:
    desk.save()
    number = desk.invoice(due_on=LATER)
    desk.record(number, "400.00")

    refund(desk)
    desk.work(after=3 * DAY)

    assert charged_cents(desk) == 100_000
