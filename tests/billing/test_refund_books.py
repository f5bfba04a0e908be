"""Refunds as Stripe tells of them: one row each, in any order, however often."""

import copy
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from random import Random
from typing import Any

import pytest
from sqlalchemy import func, select

from assure_app.billing import stripe_events, stripe_news, stripe_replay
from assure_app.billing.reading import stripe_page
from assure_app.billing.verification import verify
from assure_app.db.engine import engine
from assure_app.db.unit_of_work import unit_of_work
from assure_app.models.tables import invoice, mail_message, payment, stripe_exception, stripe_refund
from assure_app.stripe_gateway.records import RefundStatus
from tests.support.fake_stripe import CHEN
from tests.support.online import PayDesk
from tests.support.refunding import RefundDesk, refund_desk

PAID = (100_000, "Completed", "Anita Patel")
REFUNDED = (100_000, "Refunded", "Anita Patel")


@pytest.fixture
def paid(pay_desk: PayDesk) -> RefundDesk:
    return refund_desk(pay_desk)


@pytest.mark.parametrize(
    ("stripe_reason", "reason"),
    [
        ("duplicate", "Duplicate"),
        ("fraudulent", "Fraudulent"),
        ("requested_by_customer", "Requested by customer"),
        ("expired_uncaptured_charge", "Other"),
        ("", "Other"),
    ],
)
def test_a_refund_made_in_stripe_is_a_row_by_stripe_once(
    paid: RefundDesk, stripe_reason: str, reason: str
) -> None:
    pay_desk = paid.pay_desk

    pay_desk.stripe.refund(paid.charge_id, 40_000, reason=stripe_reason)
    pay_desk.deliver()
    pay_desk.deliver()

    assert paid.ledger() == [PAID, (-40_000, "Completed", "Stripe")]
    assert pay_desk.desk.rows()[1]["reason"] == reason
    assert paid.figures() == ("open", 40_000, 60_000)
    assert pay_desk.desk.timeline()[-2:] == [
        (f"Refund $400 of Card Visa •••• 4242 made in Stripe — {reason}", "Stripe"),
        ("Status changed from Paid to Partially paid", "Stripe"),
    ]
    assert [to for to, _ in paid.letters()] == ["anita@patelfamily.example"]
    assert (pay_desk.exceptions(), verify()) == ([], [])


def test_refunds_made_in_stripe_may_take_all_of_it_and_fail_later(paid: RefundDesk) -> None:
    stripe = paid.pay_desk.stripe
    first = stripe.refund(paid.charge_id, 60_000)
    stripe.refund(paid.charge_id, 40_000)
    paid.pay_desk.deliver()
    assert paid.ledger()[0] == REFUNDED

    stripe.change_refund(first, RefundStatus.CANCELED)
    paid.pay_desk.deliver()

    assert [status for _, status, _ in paid.ledger()] == ["Completed", "Failed", "Completed"]
    assert paid.pay_desk.desk.rows()[1]["failure_reason"] == "It was canceled in Stripe."
    assert paid.figures() == ("open", 40_000, 60_000)
    assert verify() == []


def test_a_refund_that_comes_before_its_payment_is_booked_after_it(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    charge_id = pay_desk.stripe.pay(pay_desk.opened(number))
    pay_desk.stripe.refund(charge_id, 25_000)
    stripe_events.receive(pay_desk.stripe.event("refund.created"), now=pay_desk.now)

    pay_desk.work()

    assert [row["amount_cents"] for row in pay_desk.desk.rows()] == [100_000, -25_000]
    pay_desk.deliver()
    assert len(pay_desk.desk.rows()) == 2
    assert verify() == []


def test_a_refund_of_a_bank_payment_that_is_pending_waits_for_it(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    charge_id = pay_desk.stripe.pay(pay_desk.opened(number), method="us_bank_account")
    refund_id = pay_desk.stripe.refund(charge_id, 100_000, status=RefundStatus.PENDING)
    pay_desk.deliver()
    assert [row["status"] for row in pay_desk.desk.rows()] == ["Pending"]

    pay_desk.stripe.settle(charge_id)
    pay_desk.deliver()
    pay_desk.stripe.change_refund(refund_id, RefundStatus.SUCCEEDED)
    pay_desk.deliver()

    assert [row["status"] for row in pay_desk.desk.rows()] == ["Refunded", "Completed"]
    assert (pay_desk.exceptions(), verify()) == ([], [])


def test_more_than_is_left_is_for_a_person_until_there_is_room(paid: RefundDesk) -> None:
    pay_desk = paid.pay_desk
    pay_desk.stripe.be_silent("create_refund", times=2)
    paid.refund("700")
    pay_desk.stripe.refund(paid.charge_id, 40_000, reason="duplicate")
    pay_desk.deliver()
    ((kind, sentence),) = pay_desk.exceptions()
    assert (kind, sentence) == (
        "refunded at Stripe",
        (
            f"$400.00 of a payment on {paid.number} was refunded in Stripe, which is more than the "
            "ledger has left of it. Compare the payment with Stripe."
        ),
    )
    (row,) = stripe_page.page(pay_desk.desk.jane, now=pay_desk.now).waiting
    assert not stripe_replay.replay(pay_desk.desk.jane, row.id, now=pay_desk.now).is_settled

    paid.sweep(hours=1)
    paid.sweep(hours=2)

    assert paid.ledger() == [
        PAID,
        (-70_000, "Failed", "Jane Chen"),
        (-40_000, "Completed", "Stripe"),
    ]
    assert (pay_desk.exceptions(), verify()) == ([], [])


def test_a_refund_that_failed_before_it_was_heard_of_gives_nothing_back(paid: RefundDesk) -> None:
    stripe = paid.pay_desk.stripe
    refund_id = stripe.refund(paid.charge_id, 40_000)
    stripe.change_refund(refund_id, RefundStatus.FAILED, "declined")

    paid.pay_desk.deliver()

    assert paid.ledger() == [PAID, (-40_000, "Failed", "Stripe")]
    assert paid.figures() == ("paid", 0, 100_000)
    assert verify() == []


def test_a_copied_token_is_a_refund_of_its_own(paid: RefundDesk) -> None:
    paid.refund("100")
    (own,) = paid.pay_desk.stripe.refunds.values()

    paid.pay_desk.stripe.refund(paid.charge_id, 10_000, metadata=own.metadata)
    paid.pay_desk.stripe.refund(paid.charge_id, 20_000, metadata={"assure_refund": "a\0b" * 50})
    paid.pay_desk.deliver()

    assert [(cents, by) for cents, _, by in paid.ledger()[1:]] == [
        (-10_000, "Jane Chen"),
        (-10_000, "Stripe"),
        (-20_000, "Stripe"),
    ]
    assert verify() == []


def test_a_refund_of_money_that_is_not_ours_is_none_of_ours(paid: RefundDesk) -> None:
    stripe = paid.pay_desk.stripe
    refund_id = stripe.refund(paid.charge_id, 10_000)
    stripe.refunds[refund_id] = replace(stripe.refunds[refund_id], charge_id="")
    stripe_events.receive(paid.pay_desk.stripe.event("refund.created"), now=paid.pay_desk.now)

    paid.pay_desk.work()

    assert paid.ledger() == [PAID]


def news_of_two_lives(paid: RefundDesk) -> list[stripe_news.News]:
    """Five things Stripe says of two refunds, each asked for at its own moment: one of ours, which
    was done and failed later, and one made in Stripe."""
    stripe = paid.pay_desk.stripe

    def said(kind: str, object_id: str) -> stripe_news.News:
        with copy.deepcopy(stripe).installed():
            news = stripe_news.of_object(CHEN, kind, object_id)
        assert news is not None
        return news

    stripe.be_silent("create_refund", after_acting=True)
    stripe.first_refund_status = RefundStatus.PENDING
    paid.refund("600")
    (ours,) = stripe.refunds
    told = [said("refund", ours)]
    stripe.change_refund(ours, RefundStatus.SUCCEEDED)
    told.append(said("refund", ours))
    theirs = stripe.refund(paid.charge_id, 40_000, status=RefundStatus.SUCCEEDED)
    told.append(said("refund", theirs))
    stripe.change_refund(ours, RefundStatus.FAILED, "declined")
    return [*told, said("charge", paid.charge_id), said("refund", ours)]


def test_every_order_with_duplicates_ends_alike(paid: RefundDesk) -> None:
    told = news_of_two_lives(paid)
    random = Random(5)
    orders = list(permutations(range(len(told))))
    if engine().dialect.name == "postgresql":
        orders = random.sample(orders, 15)

    ends = {
        end_of(paid.pay_desk, [told[which] for which in (*order, *random.sample(order, 2))])
        for order in orders
    }

    rows = (
        (-60_000, "Failed", "Jane Chen"),
        (-40_000, "Completed", "Stripe"),
        (100_000, "Completed", "Anita Patel"),
    )
    assert {end[:-1] for end in ends} == {(rows, ("open", 40_000, 60_000), ("done", "failed"), 0)}
    # Of the one that failed the client hears only if it was on its way before.
    assert {end[-1] for end in ends} == {3, 4}
    paid.pay_desk.deliver()
    assert verify() == []


class Undone(Exception):
    """Ends a transaction whose outcome was only looked at."""


def end_of(pay_desk: PayDesk, told: list[stripe_news.News]) -> tuple[Any, ...]:
    """Rows, figures, refunds, exceptions and letters once all this was booked; then undone."""
    end: tuple[Any, ...] = ()
    with suppress(Undone), unit_of_work() as connection:
        for news in told:
            news(connection, now=pay_desk.now + timedelta(seconds=1))
        rows = connection.execute(
            select(payment.c.amount_cents, payment.c.status, payment.c.paid_by)
        )
        names = ("stage", "balance_cents", "settled_cents")
        figures = connection.execute(select(*(invoice.c[name] for name in names))).one()
        end = (
            tuple(sorted(tuple(row) for row in rows)),
            tuple(figures),
            tuple(sorted(connection.scalars(select(stripe_refund.c.state)))),
            connection.scalar(select(func.count()).select_from(stripe_exception)),
            connection.scalar(select(func.count()).select_from(mail_message)),
        )
        raise Undone
    return end
