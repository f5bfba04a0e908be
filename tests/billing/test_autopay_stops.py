"""Money that went back is never charged again by itself, by whichever way it went (R093, R125)."""

from datetime import date, timedelta

import pytest

from assure_app.billing import autopay_acts, refunds
from assure_app.billing.refunds import RefundForm
from assure_app.billing.stripe_refunds import RefundNotMade
from assure_app.billing.verification import verify
from assure_app.domain.autopay import AutopayState
from assure_app.stripe_gateway.outcomes import Reason, Refused
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


def refund(desk: AutopayDesk, amount: str = "400.00", *, of: int = 0) -> None:
    """Jane gives a payment back, the first one unless it is said which."""
    form = RefundForm(amount=amount, reason="Requested by customer", notes="")
    payment_id = of or desk.pay.desk.rows()[0]["id"]
    refunds.refund_payment(
        desk.pay.desk.jane,
        payment_id,
        form,
        form_token=f"refund of the tests {payment_id}",
        now=desk.now,
    )


def work_past_every_day(desk: AutopayDesk) -> None:
    """Auto-pay works until after the due day and every day on which it would try again."""
    for day in range(9):
        desk.work(after=day * DAY)


def charged_cents(desk: AutopayDesk) -> int:
    return sum(row["amount_cents"] for row in desk.pay.desk.rows() if row["source"] == "autopay")


def test_a_refunded_part_is_not_charged_on_the_due_day(desk: AutopayDesk) -> None:
    desk.save()
    number = desk.invoice(due_on=LATER)
    pay_part(desk, number)

    refund(desk)
    work_past_every_day(desk)

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
    work_past_every_day(desk)

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
    work_past_every_day(desk)

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
    work_past_every_day(desk)

    assert desk.pay.desk.stored(number)["balance_cents"] == 100_000
    assert charged_cents(desk) == 0
    assert desk.state(number) is AutopayState.STOPPED


def test_a_charge_of_its_own_that_a_bank_took_back_is_not_made_again(desk: AutopayDesk) -> None:
    desk.save()
    number = desk.invoice()
    desk.work()
    (charge_id,) = desk.pay.stripe.charges

    lose_to_the_bank(desk, charge_id)
    work_past_every_day(desk)

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


GOES_ON = ("Auto-pay goes on for this invoice: the refund gave nothing back", "System")


def fail_refund(desk: AutopayDesk, which: int = 0) -> None:
    """Stripe tells days later that the refund of this place did not arrive."""
    refund_id = list(desk.pay.stripe.refunds)[which]
    desk.pay.stripe.change_refund(refund_id, RefundStatus.FAILED, "lost_or_stolen_card")
    desk.pay.deliver()


def test_a_refund_that_fails_days_later_leaves_the_due_day_as_it_was(desk: AutopayDesk) -> None:
    desk.save()
    number = desk.invoice(due_on=LATER)
    pay_part(desk, number)
    refund(desk)
    stopped = desk.state(number)

    fail_refund(desk)
    desk.work()
    before_the_day = charged_cents(desk)
    work_past_every_day(desk)

    assert (stopped, before_the_day) == (AutopayState.STOPPED, 0)
    assert charged_cents(desk) == 60_000
    assert desk.state(number) is AutopayState.DONE
    assert GOES_ON in desk.timeline(number)
    assert verify() == []


def test_a_refund_that_stripe_refuses_changes_nothing_for_auto_pay(desk: AutopayDesk) -> None:
    desk.save()
    number = desk.invoice(due_on=LATER)
    pay_part(desk, number)
    desk.pay.stripe.next_refusal = Refused(
        reason=Reason.INVALID, code="charge_disputed", sentence="No."
    )

    with pytest.raises(RefundNotMade):
        refund(desk)
    work_past_every_day(desk)

    assert charged_cents(desk) == 60_000
    assert desk.timeline(number).count(GOES_ON) == 1


def test_a_refund_that_fails_does_not_bring_the_next_try_forward(desk: AutopayDesk) -> None:
    method_id = desk.save()
    desk.pay.stripe.declines[method_id] = ["insufficient_funds"]
    number = desk.invoice()
    pay_part(desk, number)
    desk.work()
    planned = desk.stored(number)
    refund(desk)

    fail_refund(desk)
    desk.work(after=DAY)

    assert planned.next_try_at is not None
    went_on = desk.stored(number)
    assert (went_on.state, went_on.next_try_at) == (AutopayState.WAITING, planned.next_try_at)
    assert (went_on.failures, went_on.tries) == (planned.failures, planned.tries)
    desk.work(after=3 * DAY)
    assert charged_cents(desk) == 120_000  # The try that failed, and the one that did not.
    assert verify() == []


def test_a_correction_by_hand_beside_a_failed_refund_gave_nothing_back(desk: AutopayDesk) -> None:
    desk.save()
    number = desk.invoice(due_on=LATER)
    desk.record(number, "300.00")
    refund(desk, "300.00")
    pay_part(desk, number)
    card = desk.pay.desk.rows()[-1]["id"]
    refund(desk, of=card)

    fail_refund(desk)
    work_past_every_day(desk)

    assert charged_cents(desk) == 60_000
    assert verify() == []


def test_whoever_lets_it_go_on_waits_for_no_day_planned_before(desk: AutopayDesk) -> None:
    method_id = desk.save()
    desk.pay.stripe.declines[method_id] = ["insufficient_funds"]
    number = desk.invoice()
    pay_part(desk, number)
    desk.work()
    refund(desk)

    autopay_acts.go_on(desk.pay.desk.jane, number, now=desk.now)
    desk.work()

    assert desk.stored(number).tries == 2
    assert desk.state(number) is AutopayState.DONE


def test_of_two_refunds_one_that_failed_does_not_let_it_go_on(desk: AutopayDesk) -> None:
    desk.save()
    number = desk.invoice(due_on=LATER)
    charge_id = pay_part(desk, number)
    refund(desk, "100.00")
    desk.pay.stripe.refund(charge_id, 5_000)
    desk.pay.deliver()

    fail_refund(desk)
    work_past_every_day(desk)
    left = (charged_cents(desk), desk.state(number))
    fail_refund(desk, 1)
    work_past_every_day(desk)

    assert left == (0, AutopayState.STOPPED)
    assert charged_cents(desk) == 60_000
    assert verify() == []


@pytest.mark.parametrize("is_first", [True, False])
def test_what_a_person_stopped_stays_stopped_when_a_refund_fails(
    desk: AutopayDesk, *, is_first: bool
) -> None:
    desk.save()
    number = desk.invoice(due_on=LATER)
    pay_part(desk, number)
    if is_first:
        autopay_acts.stop(desk.pay.desk.jane, number, now=desk.now)
    refund(desk)
    if not is_first:
        autopay_acts.stop(desk.pay.desk.jane, number, now=desk.now)

    fail_refund(desk)
    work_past_every_day(desk)

    assert charged_cents(desk) == 0
    assert desk.stored(number).stopped_by == "Jane Chen"


def test_what_a_bank_took_meanwhile_keeps_it_stopped(desk: AutopayDesk) -> None:
    desk.save()
    number = desk.invoice(due_on=LATER)
    charge_id = pay_part(desk, number)
    refund(desk, "100.00")
    lose_to_the_bank(desk, charge_id)

    fail_refund(desk)
    work_past_every_day(desk)

    assert charged_cents(desk) == 0
    assert desk.state(number) is AutopayState.STOPPED


def test_a_failed_refund_of_what_was_paid_before_auto_pay_was_on_leaves_it_done(
    desk: AutopayDesk,
) -> None:
    desk.switch(on=False)
    desk.save()
    number = desk.invoice()
    pay_part(desk, number, "1000")
    refund(desk, "1000.00")

    fail_refund(desk)
    desk.switch(on=True)
    work_past_every_day(desk)

    assert charged_cents(desk) == 0
    assert desk.state(number) is AutopayState.DONE
    assert GOES_ON not in desk.timeline(number)
    assert verify() == []


def test_what_was_refunded_before_auto_pay_was_on_is_not_charged_by_switching_it_on(
    desk: AutopayDesk,
) -> None:
    desk.switch(on=False)
    desk.save()
    number = desk.invoice()
    pay_part(desk, number, "1000")
    refund(desk, "1000.00")

    desk.switch(on=True)
    work_past_every_day(desk)
    before = (charged_cents(desk), desk.state(number))
    autopay_acts.go_on(desk.pay.desk.jane, number, now=desk.now)
    work_past_every_day(desk)

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
