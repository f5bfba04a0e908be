"""Two refunders at once with eight tabs, and Stripe's callbacks: never more than the payment."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

from assure_app.billing import stripe_refunds
from assure_app.billing.verification import verify
from assure_app.domain.errors import BillingError
from tests.support.online import PayDesk
from tests.support.refunding import RefundDesk, refund_desk

TABS = 8
TOKEN = "one-form-token-00001"


def all_at_once(*acts: Callable[[], object]) -> Counter[str]:
    """Run the acts in threads that start together; count the outcomes by name."""
    barrier = threading.Barrier(len(acts))
    outcomes: list[str] = []

    def run(act: Callable[[], object]) -> None:
        barrier.wait()
        try:
            act()
        except BillingError as refusal:
            outcomes.append(type(refusal).__name__)
        else:
            outcomes.append("done")

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(outcomes)


def two_refunders(desk: RefundDesk, amount: str) -> list[Callable[[], object]]:
    """Jane and Marcus, each with four tabs."""
    jane = desk.pay_desk.desk.jane
    marcus = replace(jane, name="Marcus Webb")
    return [partial(desk.refund, amount, by=who) for who in (jane, marcus) for _ in range(4)]


def test_two_refunders_with_eight_tabs_never_give_back_more(pay_desk: PayDesk) -> None:
    desk = refund_desk(pay_desk)

    outcomes = all_at_once(*two_refunders(desk, "300"))
    pay_desk.deliver()

    assert outcomes == {"done": 3, "RefundExceedsRefundable": TABS - 3}
    assert pay_desk.stripe.refunded_cents() == 90_000
    assert desk.figures() == ("open", 90_000, 10_000)
    assert desk.states() == ["done"] * 3
    assert verify() == []


def test_a_silent_stripe_makes_no_room_for_a_rival(pay_desk: PayDesk) -> None:
    desk = refund_desk(pay_desk)
    pay_desk.stripe.be_silent("create_refund", after_acting=True)

    outcomes = all_at_once(*two_refunders(desk, "1000"))
    assert outcomes == {"done": 1, "NotRefundable": TABS - 1}
    all_at_once(
        *[lambda: desk.sweep(minutes=6) for _ in range(2)],
        *[pay_desk.deliver for _ in range(2)],
        *[lambda: stripe_refunds.ask(1, now=pay_desk.now + timedelta(minutes=6)) for _ in range(2)],
    )

    assert pay_desk.stripe.refunded_cents() == 100_000
    assert (len(pay_desk.stripe.refunds), desk.states()) == (1, ["done"])
    assert len(desk.letters()) == 1
    assert verify() == []


def test_one_form_from_many_threads_is_one_refund(pay_desk: PayDesk) -> None:
    desk = refund_desk(pay_desk)

    outcomes = all_at_once(*[lambda: desk.refund("100", token=TOKEN) for _ in range(TABS)])

    assert outcomes == {"done": TABS}
    assert (len(pay_desk.stripe.refunds), len(desk.ledger())) == (1, 2)
    assert verify() == []


def test_a_refund_here_and_one_in_stripe_at_once_stay_within_the_payment(
    pay_desk: PayDesk,
) -> None:
    desk = refund_desk(pay_desk)

    def in_stripe() -> None:
        with pay_desk.stripe._lock:
            left = 100_000 - pay_desk.stripe.charges[desk.charge_id].amount_refunded_cents
            if left >= 60_000:
                pay_desk.stripe.refund(desk.charge_id, 60_000)

    all_at_once(in_stripe, lambda: desk.refund("700"), in_stripe)
    pay_desk.deliver()

    given_back = -sum(
        cents for cents, status, _ in desk.ledger() if cents < 0 and status != "Failed"
    )
    assert given_back == pay_desk.stripe.refunded_cents() <= 100_000
    assert (pay_desk.exceptions(), verify()) == ([], [])
