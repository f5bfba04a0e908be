"""A refund, a dispute and a late return of one charge, told in any order: the books end alike."""

import copy
from collections.abc import Callable
from contextlib import suppress
from itertools import permutations
from random import Random

import pytest
from sqlalchemy import select

from assure_app.billing import stripe_news
from assure_app.billing.verification import Tally, differences, verify
from assure_app.db.engine import engine
from assure_app.db.unit_of_work import unit_of_work
from assure_app.models.tables import invoice, payment
from assure_app.stripe_gateway.records import RefundStatus
from tests.support.fake_stripe import CHEN
from tests.support.online import PayDesk

Life = Callable[[PayDesk, str], list[stripe_news.News]]


def said(pay_desk: PayDesk, kind: str, object_id: str) -> stripe_news.News:
    """What Stripe says of an object at this moment."""
    with copy.deepcopy(pay_desk.stripe).installed():
        news = stripe_news.of_object(CHEN, kind, object_id)
    assert news is not None
    return news


def a_refund_that_fails_beside_a_lost_dispute(
    pay_desk: PayDesk, charge_id: str
) -> list[stripe_news.News]:
    stripe = pay_desk.stripe
    refund_id = stripe.refund(charge_id, 40_000)
    told = [said(pay_desk, "refund", refund_id)]
    dispute_id = stripe.dispute(charge_id)
    told.append(said(pay_desk, "dispute", dispute_id))
    stripe.change_dispute(dispute_id, "lost")
    told.append(said(pay_desk, "dispute", dispute_id))
    stripe.change_refund(refund_id, RefundStatus.FAILED, "lost_or_stolen_card")
    told.append(said(pay_desk, "refund", refund_id))
    return told


def a_refund_that_stands_beside_a_late_return(
    pay_desk: PayDesk, charge_id: str
) -> list[stripe_news.News]:
    stripe = pay_desk.stripe
    refund_id = stripe.refund(charge_id, 40_000)
    told = [said(pay_desk, "refund", refund_id)]
    dispute_id = stripe.dispute(charge_id, "lost", reason="insufficient_funds")
    told += [said(pay_desk, "dispute", dispute_id), said(pay_desk, "charge", charge_id)]
    return told


class Undone(Exception):
    """Ends a transaction whose outcome was only looked at."""


def end_of(pay_desk: PayDesk, told: list[stripe_news.News]) -> tuple[int, int, tuple[str, ...]]:
    """What the payment was reversed by, the balance, and what `verify` finds; then undone."""
    end: tuple[int, int, tuple[str, ...]] = (0, 0, ())
    with suppress(Undone), unit_of_work() as connection:
        for news in told:
            news(connection, now=pay_desk.now)
        counting = select(payment.c.amount_cents).where(
            payment.c.status != "Failed", payment.c.kind != "payment"
        )
        balance = connection.scalar(select(invoice.c.balance_cents))
        found = tuple(differences(connection, Tally()))
        end = (sum(connection.scalars(counting)), int(balance or 0), found)
        raise Undone
    return end


@pytest.mark.parametrize(
    "life", [a_refund_that_fails_beside_a_lost_dispute, a_refund_that_stands_beside_a_late_return]
)
def test_every_order_takes_the_payment_back_once(pay_desk: PayDesk, life: Life) -> None:
    charge_id = pay_desk.stripe.pay(pay_desk.opened(pay_desk.invoice()))
    told = [said(pay_desk, "charge", charge_id), *life(pay_desk, charge_id)]
    random = Random(6)
    orders = list(permutations(range(len(told))))
    most = 16 if engine().dialect.name == "sqlite" else 5
    orders = random.sample(orders, min(most, len(orders)))

    ends = {
        end_of(pay_desk, [told[which] for which in (*order, random.choice(order))])
        for order in orders
    }

    assert ends == {(-100_000, 100_000, ())}
    pay_desk.deliver()
    assert verify() == []


def test_the_rest_of_a_loss_finds_its_place_once_a_refund_failed(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    charge_id = pay_desk.stripe.pay(pay_desk.opened(number))
    pay_desk.deliver()
    refund_id = pay_desk.stripe.refund(charge_id, 40_000)
    pay_desk.stripe.dispute(charge_id, "lost")
    pay_desk.deliver()
    rows = [(row["amount_cents"], row["status"]) for row in pay_desk.desk.rows()]
    assert rows == [(100_000, "Completed"), (-40_000, "Completed"), (-60_000, "Completed")]
    assert [kind for kind, _ in pay_desk.exceptions()] == ["mismatch"]

    pay_desk.stripe.change_refund(refund_id, RefundStatus.FAILED, "lost_or_stolen_card")
    pay_desk.deliver()

    rows = [(row["amount_cents"], row["status"]) for row in pay_desk.desk.rows()]
    assert rows == [
        (100_000, "Completed"),
        (-40_000, "Failed"),
        (-60_000, "Completed"),
        (-40_000, "Completed"),
    ]
    assert "mismatch" not in [kind for kind, _ in pay_desk.exceptions()]
    assert pay_desk.desk.stored(number)["balance_cents"] == 100_000
    assert verify() == []
