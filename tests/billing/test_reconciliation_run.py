"""The nightly comparison: once a night, to the cent, and no alarm for what is under way."""

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select, update

from assure_app.billing import payout_books, reconciliation_run, stripe_events, stripe_exceptions
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.models.reconciliation import PayoutState
from assure_app.models.tables import (
    notification,
    payout_part,
    reconciliation_difference,
    stripe_account,
    stripe_payout,
)
from assure_app.models.tables import (
    reconciliation_run as run_table,
)
from assure_app.stripe_gateway.balance_records import PayoutStatus
from assure_app.stripe_gateway.records import ChargeStatus, DisputeStatus, RefundStatus
from tests.support.fake_stripe import CHEN
from tests.support.online import PayDesk

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
FEE = "Stripe kept ${} of a payment of $1,000.00 on INV-N, but the ledger has a fee of $32.00."
REFUNDED = "$25.00 of a payment on INV-N was refunded in Stripe, and the ledger does not show it."


def fall_asleep(pay_desk: PayDesk, *, at: Any = None) -> None:
    """The account's night comes at this moment."""
    with unit_of_work() as connection:
        connection.execute(update(stripe_account).values(reconcile_at=at or pay_desk.now))


def work(pay_desk: PayDesk, *, after: timedelta = HOUR, most: int = 200) -> int:
    """The worker does all that is due this much later; how many steps that were."""
    for steps in range(most):
        if reconciliation_run.reconcile_next(now=pay_desk.now + after) is None:
            return steps
    raise AssertionError("it never ends")


def night(pay_desk: PayDesk, *, after: timedelta = HOUR) -> dict[str, Any]:
    """A night passes; the run of it."""
    fall_asleep(pay_desk, at=pay_desk.now + after)
    work(pay_desk, after=after)
    return runs()[-1]


def runs() -> list[dict[str, Any]]:
    with reading() as connection:
        rows = connection.execute(select(run_table).order_by(run_table.c.id))
        return [dict(row) for row in rows.mappings()]


def found(*, is_open: bool = True) -> list[tuple[str, str, str]]:
    """Kind, sentence and mending act of each difference, the invoices without their numbers."""
    table = reconciliation_difference
    with reading() as connection:
        rows = connection.execute(
            select(table)
            .where(table.c.closed_at.is_(None) if is_open else table.c.closed_at.is_not(None))
            .order_by(table.c.id)
        )
        return [(row.kind, nameless(row.sentence), row.mending) for row in rows]


def nameless(sentence: str) -> str:
    return re.sub(r"INV-\d+", "INV-N", sentence)


def paid(pay_desk: PayDesk, *, method: str = "card", fee_cents: int = 3_200) -> str:
    """An invoice paid online, told of and booked; the charge."""
    charge_id = pay_desk.stripe.pay(pay_desk.opened(pay_desk.invoice()), method=method)
    if method != "card":
        pay_desk.stripe.settle(charge_id, fee_cents=0)
    else:
        pay_desk.stripe.learn_fee(charge_id, fee_cents)
    pay_desk.deliver()
    return charge_id


def test_everything_agrees_to_the_cent(pay_desk: PayDesk) -> None:
    card, bank = paid(pay_desk), paid(pay_desk, method="us_bank_account")
    pay_desk.stripe.refund(card, 25_000)
    pay_desk.stripe.dispute(bank, "lost", reason="insufficient_funds")
    pay_desk.stripe.decline(pay_desk.opened(pay_desk.invoice()))
    pay_desk.deliver()

    run = night(pay_desk)

    assert found() == []
    counted = {name: run[name] for name in ("payments", "payments_cents", "fees_cents")}
    assert counted == {"payments": 2, "payments_cents": 200_000, "fees_cents": 3_200}
    assert (run["refunds"], run["refunds_cents"]) == (1, 25_000)
    assert (run["disputes"], run["disputes_cents"]) == (1, 100_000)
    assert run["movements"] == 4
    assert (run["phase"], run["problem"], run["differences"]) == ("done", "", 0)
    assert (run["available_cents"], run["pending_cents"]) == (0, 100_000 - 3_200 - 25_000 - 1_500)


def test_once_a_night_and_again_the_next(pay_desk: PayDesk) -> None:
    fall_asleep(pay_desk)
    work(pay_desk)
    work(pay_desk, after=2 * HOUR)
    assert [run["night"] for run in runs()] == [date(2026, 5, 22)]

    work(pay_desk, after=DAY)
    work(pay_desk, after=DAY + HOUR)

    assert [run["night"] for run in runs()] == [date(2026, 5, 22), date(2026, 5, 23)]
    assert runs()[1]["since"] == runs()[0]["until"] - timedelta(days=7)
    fall_asleep(pay_desk, at=pay_desk.now + DAY)
    work(pay_desk, after=DAY + 2 * HOUR)
    assert len(runs()) == 2


def test_a_new_account_waits_for_its_first_night(pay_desk: PayDesk) -> None:
    work(pay_desk)
    assert runs() == []

    with reading() as connection:
        first = connection.scalar(select(stripe_account.c.reconcile_at))
    assert first is not None
    assert first.isoformat() == "2026-05-23T07:00:00+00:00"


def test_what_is_under_way_is_no_difference(pay_desk: PayDesk) -> None:
    stripe = pay_desk.stripe
    stripe.pay(pay_desk.opened(pay_desk.invoice()), method="us_bank_account")
    pay_desk.deliver()
    fee_unknown = stripe.pay(pay_desk.opened(pay_desk.invoice()))
    pay_desk.deliver()
    stripe.first_refund_status = RefundStatus.PENDING
    stripe.refund(fee_unknown, 1_000)
    pay_desk.deliver()
    stripe.pay_out(CHEN, status=PayoutStatus.IN_TRANSIT)
    pay_desk.start(pay_desk.invoice())

    run = night(pay_desk)

    assert found() == []
    assert run["payments"] == 1
    assert run["refunds"] == 1
    assert run["payouts"] == 1


def test_what_happened_in_these_minutes_is_left_for_later(pay_desk: PayDesk) -> None:
    charge_id = paid(pay_desk)
    pay_desk.stripe.now = pay_desk.now + HOUR - timedelta(minutes=1)
    pay_desk.stripe.refund(charge_id, 1_000)
    pay_desk.stripe.pay(pay_desk.opened(pay_desk.invoice()))

    night(pay_desk)
    assert found() == []

    night(pay_desk, after=DAY + HOUR)
    assert [kind for kind, _, _ in found()] == ["charge not booked", "refund not booked"]


def test_what_waits_in_the_inbox_is_left_for_later(pay_desk: PayDesk) -> None:
    charge_id = paid(pay_desk)
    pay_desk.stripe.refund(charge_id, 1_000)
    told = pay_desk.stripe.event("refund.created")
    stripe_events.receive(told, now=pay_desk.now)

    night(pay_desk)
    assert found() == []

    pay_desk.work()
    night(pay_desk, after=DAY)
    assert found() == []


def test_each_difference_is_told_once_with_its_one_act(pay_desk: PayDesk) -> None:
    stripe = pay_desk.stripe
    charge_id, other = paid(pay_desk), paid(pay_desk)
    stripe.change_charge(charge_id, fee_cents=3_150)
    stripe.refund(other, 2_500)
    stripe.pay(pay_desk.opened(pay_desk.invoice()), fee_cents=3_200)
    stripe.take_in_dashboard(CHEN, 7_500)

    run = night(pay_desk)
    again = night(pay_desk, after=DAY)

    assert sorted(found()) == [
        (
            "charge not booked",
            "Stripe took $1,000.00 for an invoice here, and the ledger does not show it.",
            "book",
        ),
        (
            "charge not booked",
            "Stripe took $75.00 that no invoice here asked for.",
            "set aside",
        ),
        (
            "fee",
            FEE.format("31.50"),
            "take fee",
        ),
        (
            "refund not booked",
            REFUNDED,
            "book",
        ),
    ]
    assert (run["differences"], again["differences"]) == (4, 4)
    assert run["payments"] == 1
    with reading() as connection:
        is_it = notification.c.kind == "difference"
        told = connection.execute(select(notification.c.text).where(is_it)).scalars().all()
    assert sorted(map(nameless, told)) == sorted(sentence for _, sentence, _ in found())


def test_what_is_gone_closes_itself_and_opens_when_it_is_back(pay_desk: PayDesk) -> None:
    charge_id = paid(pay_desk)
    pay_desk.stripe.change_charge(charge_id, fee_cents=3_150)
    night(pay_desk)
    assert len(found()) == 1

    pay_desk.stripe.change_charge(charge_id, fee_cents=3_200)
    night(pay_desk, after=DAY)

    assert found() == []
    with reading() as connection:
        closed = connection.execute(select(reconciliation_difference)).mappings().one()
    assert (closed["closed_by"], closed["how"]) == ("System", "Books and Stripe agree by now.")
    pay_desk.stripe.change_charge(charge_id, fee_cents=3_100)
    night(pay_desk, after=2 * DAY)
    assert [sentence for _, sentence, _ in found()] == [FEE.format("31.00")]
    assert found(is_open=False) == []


def test_what_a_person_looks_after_already_is_linked_and_settled_there(pay_desk: PayDesk) -> None:
    foreign = pay_desk.stripe.take_in_dashboard(CHEN, 7_500)
    pay_desk.stripe.learn_fee(foreign, 248)
    pay_desk.deliver()
    night(pay_desk)
    assert [mending for _, _, mending in found()] == ["hand over"]

    with reading() as connection:
        exception_id = connection.scalar(select(reconciliation_difference.c.exception_id))
    stripe_exceptions.resolve(
        pay_desk.desk.jane, exception_id, "A book sale", now=pay_desk.now + HOUR
    )
    night(pay_desk, after=DAY)

    assert found() == []
    with reading() as connection:
        closed = connection.execute(select(reconciliation_difference)).mappings().one()
    assert (closed["closed_by"], closed["how"]) == ("Jane Chen", "A book sale")


def test_open_things_are_looked_at_however_old_they_are(pay_desk: PayDesk) -> None:
    stripe = pay_desk.stripe
    waiting = stripe.pay(pay_desk.opened(pay_desk.invoice()), method="us_bank_account")
    disputed = paid(pay_desk)
    dispute_id = stripe.dispute(disputed)
    pay_desk.deliver()
    night(pay_desk)
    late = pay_desk.now + 39 * DAY
    with unit_of_work() as connection:
        connection.execute(update(run_table).values(until=late, since=late, reached=late))
    stripe.change_charge(waiting, status=ChargeStatus.SUCCEEDED, fee_cents=0)
    lost = DisputeStatus.LOST
    stripe.disputes[dispute_id] = replace(stripe.disputes[dispute_id], status=lost)

    night(pay_desk, after=40 * DAY)

    assert sorted(kind for kind, _, _ in found()) == ["charge status", "dispute state"]


def test_a_row_that_stripe_does_not_have_is_found(pay_desk: PayDesk) -> None:
    charge_id = paid(pay_desk)
    del pay_desk.stripe.charges[charge_id]

    night(pay_desk)

    assert found() == [
        (
            "charge not at Stripe",
            "The books have a payment of $1,000.00 on INV-N, which Stripe does not have.",
            "ask again",
        )
    ]


def test_payouts_are_kept_with_what_they_carried(pay_desk: PayDesk) -> None:
    card = paid(pay_desk)
    pay_desk.stripe.refund(card, 10_000)
    pay_desk.deliver()
    payout_id = pay_desk.stripe.pay_out(CHEN)
    pay_desk.deliver()
    pay_desk.stripe.change_payout(payout_id, PayoutStatus.PAID)

    run = night(pay_desk)

    with reading() as connection:
        payout = connection.execute(select(stripe_payout)).mappings().one()
        parts = connection.execute(select(payout_part).order_by(payout_part.c.id)).mappings().all()
    assert (payout["state"], payout["amount_cents"], payout["bank"]) == (
        "paid",
        86_800,
        "STRIPE TEST BANK •••• 6789",
    )
    assert payout["is_itemized"]
    assert [(part["kind"], part["net_cents"]) for part in parts] == [
        ("charge", 96_800),
        ("refund", -10_000),
        ("payout", -86_800),
    ]
    assert (run["payouts"], run["payouts_cents"], run["differences"]) == (1, 86_800, 0)
    with unit_of_work() as connection:
        connection.execute(update(stripe_payout).values(amount_cents=86_801))
    night(pay_desk, after=DAY)
    assert [sentence for _, sentence, _ in found()] == [
        "A payout is over $868.01, but what it carried comes to $868.00."
    ]


def test_a_payout_that_failed_is_told_once(pay_desk: PayDesk) -> None:
    paid(pay_desk)
    payout_id = pay_desk.stripe.pay_out(CHEN)
    pay_desk.deliver()
    pay_desk.stripe.change_payout(
        payout_id,
        PayoutStatus.FAILED,
        failure_code="account_closed",
        failure_sentence="The bank account has been closed.",
    )
    pay_desk.deliver()
    night(pay_desk)

    with reading() as connection:
        told = connection.execute(
            select(notification.c.text, notification.c.detail).where(
                notification.c.kind == "payout"
            )
        ).all()
    assert [tuple(row) for row in told] == [
        (
            "The payout of $968.00 due May 24, 2026 failed",
            "The bank account has been closed. The money is back in your Stripe balance.",
        )
    ]


def test_a_telling_of_before_takes_no_payout_back(pay_desk: PayDesk) -> None:
    stripe = pay_desk.stripe
    payout_id = stripe.pay_out(CHEN, amount_cents=5, is_automatic=False, is_itemized=False)
    on_its_way = stripe.payouts[payout_id]
    stripe.change_payout(payout_id, PayoutStatus.PAID)

    for told in (stripe.payouts[payout_id], on_its_way):
        with unit_of_work() as connection:
            payout_books.book(connection, told, None, now=pay_desk.now)

    with reading() as connection:
        known = payout_books.find(connection, CHEN, payout_id)
    assert known is not None
    assert known.state is PayoutState.PAID


def test_a_silent_stripe_is_asked_again_and_given_up_at_last(pay_desk: PayDesk) -> None:
    paid(pay_desk)
    fall_asleep(pay_desk, at=pay_desk.now + HOUR)
    pay_desk.stripe.be_silent("list_charges_made", times=1)
    work(pay_desk)
    assert (runs()[0]["attempts"], runs()[0]["finished_at"]) == (1, None)

    work(pay_desk, after=HOUR + timedelta(minutes=1))
    assert (runs()[0]["phase"], runs()[0]["payments"]) == ("done", 1)

    fall_asleep(pay_desk, at=pay_desk.now + DAY)
    pay_desk.stripe.be_silent("list_charges_made", times=99)
    for hours in range(24, 48):
        work(pay_desk, after=timedelta(hours=hours))
        fall_asleep(pay_desk, at=pay_desk.now + 9 * DAY)
    assert runs()[1]["finished_at"] is not None
    assert runs()[1]["problem"].startswith("Stripe cannot be reached")

    pay_desk.stripe.faults.clear()
    after = night(pay_desk, after=30 * DAY)
    assert after["since"] == runs()[0]["until"] - timedelta(days=7)


def test_long_lists_are_read_page_by_page(pay_desk: PayDesk) -> None:
    for _ in range(3):
        paid(pay_desk)
    pay_desk.stripe.page_size = 1

    run = night(pay_desk)

    assert (run["payments"], run["differences"]) == (3, 0)


def test_an_account_that_let_us_go_is_not_asked(pay_desk: PayDesk) -> None:
    with unit_of_work() as connection:
        connection.execute(update(stripe_account).values(disabled_reason="disconnected"))
    fall_asleep(pay_desk)
    pay_desk.stripe.calls.clear()

    work(pay_desk)

    assert (runs(), pay_desk.stripe.calls) == ([], [])
