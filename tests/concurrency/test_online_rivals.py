"""Clients, firm users and callbacks at once: never more than the balance, and each charge once."""

import secrets
import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from assure_app.billing import (
    cancellation,
    checkout_results,
    manual_payments,
    online_payments,
    saved_methods,
    stripe_events,
)
from assure_app.billing.cancellation import CancelForm
from assure_app.billing.manual_payments import PaymentForm
from assure_app.billing.verification import verify
from assure_app.domain.errors import BillingError
from assure_app.stripe_gateway.records import SessionStatus
from tests.mail.letters import messages
from tests.support.fake_stripe import CHEN
from tests.support.online import PayDesk

RIVALS = 6


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


def pay_every_open_page(pay_desk: PayDesk) -> None:
    """Whoever still has a page open pays on it."""
    for session in list(pay_desk.stripe.sessions.values()):
        if session.status is SessionStatus.OPEN:
            pay_desk.stripe.pay(session.id)


def recording(pay_desk: PayDesk, number: str, amount: str) -> Callable[[], object]:
    form = PaymentForm(amount=amount, method="Check", date="2026-05-22")
    token = secrets.token_urlsafe(24)
    return lambda: manual_payments.record_payment(
        pay_desk.desk.jane, number, form, form_token=token, now=pay_desk.now
    )


def taken_cents(pay_desk: PayDesk) -> int:
    """Everything that came in, by hand and by Stripe."""
    by_hand = sum(row["amount_cents"] for row in pay_desk.desk.rows() if row["source"] == "manual")
    return by_hand + pay_desk.stripe.charged_cents()


def test_many_tabs_together_never_take_more_than_the_balance(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()

    outcomes = all_at_once(*[lambda: pay_desk.start(number) for _ in range(RIVALS)])
    pay_every_open_page(pay_desk)
    pay_desk.deliver()

    assert outcomes["done"] >= 1
    assert pay_desk.stripe.charged_cents() == 100_000
    assert pay_desk.desk.stored(number)["stage"] == "paid"
    assert pay_desk.states().count("completed") == 1
    assert verify() == []


def test_one_click_from_many_threads_is_one_page(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()

    outcomes = all_at_once(
        *[lambda: pay_desk.start(number, token="one-form-token-00001") for _ in range(RIVALS)]
    )

    assert outcomes == {"done": RIVALS}
    assert len(pay_desk.stripe.sessions) == 1


@pytest.mark.parametrize("repeat", range(2))
def test_a_client_and_a_firm_user_together_never_take_more(pay_desk: PayDesk, repeat: int) -> None:
    number = pay_desk.invoice()
    opened = pay_desk.opened(number, "700")

    def pay() -> None:
        if pay_desk.stripe.sessions[opened].status is SessionStatus.OPEN:
            with pay_desk.stripe._lock:
                if pay_desk.stripe.sessions[opened].status is SessionStatus.OPEN:
                    pay_desk.stripe.pay(opened)
        pay_desk.deliver()

    all_at_once(
        pay,
        recording(pay_desk, number, f"{600 + repeat}"),
        recording(pay_desk, number, "500"),
        lambda: pay_desk.start(number, "800"),
    )
    pay_every_open_page(pay_desk)
    pay_desk.deliver()

    stored = pay_desk.desk.stored(number)
    assert taken_cents(pay_desk) <= 100_000
    assert stored["settled_cents"] == taken_cents(pay_desk)
    assert (stored["overpaid_cents"], pay_desk.exceptions()) == (0, [])
    assert verify() == []


def test_cancelling_while_a_client_pays_keeps_the_books_true(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    form = CancelForm(reason="Agreed", written_off="$1,000.00")

    all_at_once(
        lambda: pay_desk.start(number),
        lambda: pay_desk.start(number),
        lambda: cancellation.cancel(
            pay_desk.desk.jane,
            number,
            form,
            form_token="a-form-token-of-jane",
            now=pay_desk.now,
        ),
    )
    pay_every_open_page(pay_desk)
    pay_desk.deliver()

    stored = pay_desk.desk.stored(number)
    if stored["stage"] == "cancelled":
        assert pay_desk.stripe.charged_cents() == 0
    else:
        assert (stored["stage"], pay_desk.stripe.charged_cents()) == ("paid", 100_000)
    assert verify() == []


def test_callbacks_delivered_together_are_booked_once(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    session_id = pay_desk.opened(number)
    pay_desk.stripe.decline(session_id)
    charge_id = pay_desk.stripe.pay(session_id)
    token = pay_desk.checkouts()[0]["token"]

    outcomes = all_at_once(
        *[pay_desk.receive_all for _ in range(3)],
        lambda: online_payments.apply_charge(CHEN, charge_id, now=pay_desk.now),
        lambda: checkout_results.return_from_checkout(
            pay_desk.anita, pay_desk.pay_token(number), token, now=pay_desk.now
        ),
        lambda: pay_desk.sweep(after=timedelta(hours=1)),
    )
    assert outcomes == {"done": 6}
    assert len(pay_desk.events()) == len(pay_desk.stripe.told)
    assert all_at_once(*[pay_desk.work for _ in range(4)]) == {"done": 4}

    assert sorted(row["status"] for row in pay_desk.desk.rows()) == ["Completed", "Failed"]
    assert set(pay_desk.events()) == {"done"}
    assert len(messages()) == 1
    assert verify() == []


def test_an_event_is_taken_by_one_of_many(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    pay_desk.stripe.pay(pay_desk.opened(number))
    pay_desk.receive_all()
    taken: list[object] = []

    all_at_once(*[lambda: taken.append(stripe_events._take(pay_desk.now)) for _ in range(3)])

    assert len({each.id for each in taken if each is not None}) == len(  # type: ignore[attr-defined]
        [each for each in taken if each is not None]
    )


def test_a_client_who_saves_in_many_tabs_is_one_customer_with_one_default(
    pay_desk: PayDesk,
) -> None:
    numbers = [pay_desk.invoice() for _ in range(4)]

    outcomes = all_at_once(*[partial(pay_desk.start, each, saves=True) for each in numbers])
    assert outcomes == {"done": 4}
    pay_every_open_page(pay_desk)
    pay_desk.receive_all()
    assert all_at_once(*[pay_desk.work for _ in range(4)]) == {"done": 4}
    pay_desk.work(now=pay_desk.now + timedelta(minutes=1))

    assert len(pay_desk.stripe.customers) == 1
    assert sorted(row["is_default"] for row in pay_desk.methods()) == [False] * 3 + [True]
    assert set(pay_desk.events()) == {"done"}
    assert verify() == []


def test_choosing_and_removing_at_once_leaves_one_default_that_can_be_used(
    pay_desk: PayDesk,
) -> None:
    for _ in range(3):
        pay_desk.stripe.pay(pay_desk.opened(pay_desk.invoice(), saves=True))
    pay_desk.deliver()

    outcomes = all_at_once(
        *[
            partial(saved_methods.make_default, pay_desk.anita, each, now=pay_desk.now)
            for each in (1, 2, 3)
        ],
        *[partial(saved_methods.remove, pay_desk.anita, 1, now=pay_desk.now) for _ in range(3)],
    )
    pay_desk.deliver()

    assert outcomes["done"] >= 5  # Whoever chose the removed one may have been told so.
    gone, *left = pay_desk.methods()
    assert gone["removed_at"] is not None
    assert [row["is_default"] for row in left].count(True) == 1
    assert [each.customer_id for each in pay_desk.stripe.methods.values()].count(None) == 1
