"""Whoever has not answered a dispute hears of it once more, three days before it is too late."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from assure_app.billing import dispute_deadlines
from assure_app.db.unit_of_work import reading
from assure_app.models.tables import notification
from tests.mail.letters import messages
from tests.support.online import PayDesk

DUE_AFTER = timedelta(days=10)
"""The local Stripe's disputes can be answered for so long."""
A_MINUTE = timedelta(minutes=1)


@pytest.fixture
def disputed(pay_desk: PayDesk) -> tuple[str, str]:
    """A card payment that is contested: its invoice's number, and the dispute."""
    number = pay_desk.invoice()
    charge_id = pay_desk.stripe.pay(pay_desk.opened(number, "1000"))
    pay_desk.deliver()
    dispute_id = pay_desk.stripe.dispute(charge_id)
    pay_desk.deliver()
    return number, dispute_id


def warn_all(now: datetime) -> None:
    """Everything that is due, and nothing a second time."""
    while dispute_deadlines.warn_next(now=now):
        pass


def warnings() -> list[tuple[str, str]]:
    """What the owner's bell says of answers that are missing."""
    wanted = (
        select(notification.c.text, notification.c.detail)
        .where(notification.c.user_id == 1, notification.c.text.contains("to answer"))
        .order_by(notification.c.id)
    )
    with reading() as connection:
        return [(row.text, row.detail) for row in connection.execute(wanted)]


def test_the_firm_is_warned_once_three_days_before(
    pay_desk: PayDesk, disputed: tuple[str, str]
) -> None:
    number, _ = disputed
    deadline = pay_desk.now + DUE_AFTER

    warn_all(deadline - timedelta(days=3) - A_MINUTE)
    assert warnings() == []
    for later in (timedelta(), timedelta(hours=1), timedelta(days=2)):
        warn_all(deadline - timedelta(days=3) + later)

    headline = "3 days left to answer the dispute over $1,000.00"
    subject = f"{headline}: Patel Family, invoice {number}"
    assert warnings() == [(subject, "Answer by Jun 1, 2026.")]
    (letter,) = [each for each in messages() if each["subject"] == subject]
    assert letter["to_email"] == pay_desk.desk.email_of_jane()
    assert "Answer in Stripe with evidence: unanswered, the dispute is lost." in letter["text"]


@pytest.mark.parametrize(
    ("before", "words"),
    [(timedelta(hours=30), "1 day left"), (timedelta(hours=1), "Last day")],
)
def test_a_late_warning_says_how_little_is_left(
    pay_desk: PayDesk, disputed: tuple[str, str], before: timedelta, words: str
) -> None:
    number, _ = disputed

    warn_all(pay_desk.now + DUE_AFTER - before)

    assert [text for text, _ in warnings()] == [
        f"{words} to answer the dispute over $1,000.00: Patel Family, invoice {number}"
    ]


def test_a_warning_that_comes_too_late_is_none(
    pay_desk: PayDesk, disputed: tuple[str, str]
) -> None:
    assert disputed

    warn_all(pay_desk.now + DUE_AFTER)
    warn_all(pay_desk.now + DUE_AFTER - A_MINUTE)

    assert warnings() == []


@pytest.mark.parametrize("status", ["under_review", "won", "lost"])
def test_what_was_answered_or_decided_needs_none(
    pay_desk: PayDesk, disputed: tuple[str, str], status: str
) -> None:
    pay_desk.stripe.change_dispute(disputed[1], status)
    pay_desk.deliver()

    warn_all(pay_desk.now + DUE_AFTER - timedelta(days=1))

    assert warnings() == []


def test_an_inquiry_that_becomes_a_dispute_is_warned_of_anew(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    charge_id = pay_desk.stripe.pay(pay_desk.opened(number, "1000"))
    pay_desk.deliver()
    dispute_id = pay_desk.stripe.dispute(charge_id, "warning_needs_response")
    pay_desk.deliver()
    warn_all(pay_desk.now + DUE_AFTER - timedelta(days=2))

    later = pay_desk.now + DUE_AFTER + timedelta(days=7)
    pay_desk.stripe.change_dispute(dispute_id, "needs_response", evidence_due_at=later)
    pay_desk.deliver()
    warn_all(later - timedelta(days=3))

    assert [text.partition(":")[0] for text, _ in warnings()] == [
        "2 days left to answer the bank’s question about $1,000.00",
        "3 days left to answer the dispute over $1,000.00",
    ]


def test_more_news_of_the_same_deadline_neither_moves_the_warning_nor_brings_it_back(
    pay_desk: PayDesk, disputed: tuple[str, str]
) -> None:
    deadline = pay_desk.now + DUE_AFTER
    pay_desk.stripe.change_dispute(disputed[1], "needs_response", is_charge_refundable=True)
    pay_desk.deliver()

    warn_all(deadline - timedelta(days=3))
    pay_desk.stripe.change_dispute(disputed[1], "needs_response", is_charge_refundable=False)
    pay_desk.deliver()

    assert len(warnings()) == 1
    assert dispute_deadlines.warn_next(now=deadline) is None


def test_a_bank_that_hears_nobody_needs_no_answer(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    charge_id = pay_desk.stripe.pay(pay_desk.opened(number, "1000"), method="us_bank_account")
    pay_desk.stripe.settle(charge_id)
    pay_desk.deliver()
    pay_desk.stripe.dispute(charge_id)
    pay_desk.deliver()

    warn_all(pay_desk.now + DUE_AFTER - timedelta(days=1))

    assert warnings() == []


def test_of_many_workers_one_warns(pay_desk: PayDesk, disputed: tuple[str, str]) -> None:
    assert disputed
    now = pay_desk.now + DUE_AFTER - timedelta(days=3)

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(warn_all, [now] * 4))

    assert len(warnings()) == 1
    assert len([each for each in messages() if "left to answer" in each["subject"]]) == 1
