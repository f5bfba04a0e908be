"""Rivals around a back-fill: whoever comes in between, each invoice is charged once at most."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from assure_app.billing import backfill, manual_payments, off_session
from assure_app.billing.manual_payments import PaymentForm
from assure_app.billing.reading.backfill import backfill_card
from assure_app.billing.verification import verify
from assure_app.domain.errors import BillingError
from assure_app.stripe_gateway.records import SessionStatus
from tests.support.backfilling import ask_all, past, statuses
from tests.support.online import PayDesk
from tests.support.saving import save, work

RIVALS = 6


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What each act came to when all began in the same moment: its result, or its refusal."""
    barrier, outcomes = threading.Barrier(len(acts)), [None] * len(acts)

    def run(position: int, act: Callable[[], object]) -> None:
        barrier.wait()
        try:
            outcomes[position] = act()  # type: ignore[call-overload]
        except BillingError as refusal:
            outcomes[position] = refusal  # type: ignore[call-overload]

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return list(outcomes)


def offered(pay_desk: PayDesk, *cents: int) -> list[str]:
    """Past invoices that the client was just asked about."""
    numbers = past(pay_desk, work(pay_desk), *cents)
    save(pay_desk)
    return numbers


def test_confirmed_in_many_tabs_at_once_it_charges_once(pay_desk: PayDesk) -> None:
    numbers = offered(pay_desk, 100_000, 50_000, 25_000)
    _card, agreed = backfill_card(pay_desk.anita, now=pay_desk.now)

    begun = at_once(*[lambda: backfill.confirm(pay_desk.anita, agreed, now=pay_desk.now)] * RIVALS)
    at_once(*[lambda: ask_all(pay_desk)] * 2)
    pay_desk.deliver()

    assert sorted(str(getattr(each, "is_repeat", each)) for each in begun) == [
        "False",
        *["True"] * (RIVALS - 1),
    ]
    assert statuses(pay_desk, *numbers) == [
        [("backfill", "Completed", cents)] for cents in (100_000, 50_000, 25_000)
    ]
    assert pay_desk.stripe.taken_cents() == 175_000
    assert verify() == []


def test_of_now_and_not_now_at_once_one_counts(pay_desk: PayDesk) -> None:
    offered(pay_desk, 100_000)
    _card, agreed = backfill_card(pay_desk.anita, now=pay_desk.now)

    at_once(
        lambda: backfill.confirm(pay_desk.anita, agreed, now=pay_desk.now),
        lambda: backfill.decline(pay_desk.anita, now=pay_desk.now),
    )
    ask_all(pay_desk)

    step = backfill_card(pay_desk.anita, now=pay_desk.now)[0].step
    assert (step, pay_desk.stripe.taken_cents()) in {("done", 100_000), ("", 0)}


@pytest.mark.parametrize("rival", ["by hand", "on a page"])
def test_paid_in_another_way_at_the_same_moment_it_is_paid_once(
    pay_desk: PayDesk, rival: str
) -> None:
    number, _other = offered(pay_desk, 100_000, 50_000)
    _card, agreed = backfill_card(pay_desk.anita, now=pay_desk.now)
    start = manual_payments.start(pay_desk.desk.jane, number, now=pay_desk.now)
    form = PaymentForm(amount="1000", method="Check", date=start.date, reference="1")

    def by_hand() -> object:
        return manual_payments.record_payment(
            pay_desk.desk.jane, number, form, form_token=start.form_token, now=pay_desk.now
        )

    def on_a_page() -> object:
        session_id = pay_desk.opened(number)
        with pay_desk.stripe._lock:  # The back-fill may have closed it meanwhile.
            if pay_desk.stripe.sessions[session_id].status is SessionStatus.OPEN:
                pay_desk.stripe.pay(session_id)
        return session_id

    at_once(
        lambda: backfill.confirm(pay_desk.anita, agreed, now=pay_desk.now),
        by_hand if rival == "by hand" else on_a_page,
    )
    ask_all(pay_desk)
    pay_desk.deliver()
    pay_desk.sweep(after=timedelta(minutes=10))

    stored = pay_desk.desk.stored(number)
    paid_cents = stored["settled_cents"] + stored["pending_cents"]
    assert paid_cents <= 100_000
    assert (stored["overpaid_cents"], pay_desk.exceptions()) == (0, [])
    assert verify() == []


def test_two_workers_ask_for_one_asking_and_it_is_charged_once(pay_desk: PayDesk) -> None:
    numbers = offered(pay_desk, 100_000)
    _card, agreed = backfill_card(pay_desk.anita, now=pay_desk.now)
    backfill.confirm(pay_desk.anita, agreed, now=pay_desk.now)
    (asking,) = [row["id"] for row in pay_desk.checkouts() if row["source"] == "backfill"]

    at_once(*[lambda: off_session.ask(asking, now=pay_desk.now)] * 3, pay_desk.deliver)
    pay_desk.deliver()

    assert statuses(pay_desk, *numbers) == [[("backfill", "Completed", 100_000)]]
    assert pay_desk.stripe.taken_cents() == 100_000
