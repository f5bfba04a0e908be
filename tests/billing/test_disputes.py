"""Disputes, inquiries and late returns: the books move once, whoever tells what in which order."""

import copy
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from random import Random
from typing import Any

import pytest
from sqlalchemy import func, select

from assure_app.billing import refunds, stripe_exceptions, stripe_news, stripe_replay
from assure_app.billing.verification import verify
from assure_app.db.engine import engine
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.errors import NotRefundable
from assure_app.models.tables import dispute, invoice, payment, stripe_exception
from tests.mail.letters import messages
from tests.support.fake_stripe import CHEN, FakeStripe
from tests.support.online import PayDesk

CARD = "Card Visa •••• 4242"
TO_DO = (
    "The payer’s bank contests $1,000.00 on {number} (fraudulent). "
    "Answer in Stripe by Jun 1, 2026 with evidence: unanswered, the money is lost."
)


def paid(pay_desk: PayDesk, *, method: str = "card", amount: str = "1000") -> tuple[str, str]:
    """An invoice over $1,000.00 of which this was paid online: its number, and the charge."""
    number = pay_desk.invoice()
    charge_id = pay_desk.stripe.pay(pay_desk.opened(number, amount), method=method)
    if method != "card":
        pay_desk.stripe.settle(charge_id)
    pay_desk.deliver()
    return number, charge_id


def ledger(pay_desk: PayDesk) -> list[tuple[str, int, str, str]]:
    return [
        (row["kind"], row["amount_cents"], row["status"], row["reference"])
        for row in pay_desk.desk.rows()
    ]


def told_since(pay_desk: PayDesk, count: int) -> list[str]:
    return [text for text, _ in pay_desk.desk.timeline()[count:]]


def to_staff() -> list[str]:
    return [
        each["subject"] for each in messages() if each["to_email"] != "anita@patelfamily.example"
    ]


def stored() -> list[dict[str, Any]]:
    with reading() as connection:
        return [dict(row) for row in connection.execute(select(dispute)).mappings()]


def test_a_dispute_is_flagged_and_lost(pay_desk: PayDesk) -> None:
    number, charge_id = paid(pay_desk)
    before = len(pay_desk.desk.timeline())

    dispute_id = pay_desk.stripe.dispute(charge_id)
    pay_desk.deliver()

    assert ledger(pay_desk) == [("payment", 100_000, "Completed", "")]
    assert pay_desk.desk.stored(number)["stage"] == "paid"
    assert pay_desk.exceptions() == [("disputed", TO_DO.format(number=number))]
    with pytest.raises(NotRefundable, match="contesting"):
        refunds.start(pay_desk.desk.jane, pay_desk.row()["id"], now=pay_desk.now)

    pay_desk.stripe.change_dispute(dispute_id, "lost")
    pay_desk.deliver()

    assert ledger(pay_desk) == [
        ("payment", 100_000, "Completed", ""),
        ("return", -100_000, "Completed", "Dispute"),
    ]
    after = pay_desk.desk.stored(number)
    assert (after["stage"], after["balance_cents"]) == ("open", 100_000)
    assert told_since(pay_desk, before) == [
        f"Dispute of $1,000 of {CARD} opened — fraudulent: answer in Stripe by Jun 1, 2026",
        f"$1,000 of {CARD} lost in a dispute — fraudulent",
        "Status changed from Paid to Sent",
    ]
    assert pay_desk.exceptions() == []
    assert to_staff() == [
        f"$1,000.00 disputed: Patel Family, invoice {number}",
        f"Dispute over $1,000.00 lost: Patel Family, invoice {number}",
    ]
    assert verify() == []


def test_a_dispute_that_is_won_leaves_no_trace_in_the_ledger(pay_desk: PayDesk) -> None:
    number, charge_id = paid(pay_desk)
    dispute_id = pay_desk.stripe.dispute(charge_id)
    pay_desk.deliver()
    before = len(pay_desk.desk.timeline())

    pay_desk.stripe.change_dispute(dispute_id, "under_review")
    pay_desk.deliver()
    pay_desk.stripe.change_dispute(dispute_id, "won")
    pay_desk.stripe.tell_of_dispute("funds_reinstated", dispute_id)
    pay_desk.deliver()

    assert ledger(pay_desk) == [("payment", 100_000, "Completed", "")]
    assert pay_desk.desk.stored(number)["stage"] == "paid"
    assert told_since(pay_desk, before) == [
        f"Dispute of $1,000 of {CARD} answered: the bank decides",
        f"Dispute of $1,000 of {CARD} won: the payment stands",
    ]
    assert pay_desk.exceptions() == []
    assert to_staff()[1:] == [f"Dispute over $1,000.00 won: Patel Family, invoice {number}"]
    assert verify() == []


def test_an_inquiry_moves_no_money_until_it_becomes_a_dispute(pay_desk: PayDesk) -> None:
    number, charge_id = paid(pay_desk)
    dispute_id = pay_desk.stripe.dispute(charge_id, "warning_needs_response", reason="general")
    pay_desk.deliver()

    assert [row["kind"] for row in stored()] == ["inquiry"]
    assert "No money has moved" in pay_desk.exceptions()[0][1]
    with reading() as connection:
        (exception_id,) = connection.scalars(select(stripe_exception.c.id))
    stripe_exceptions.resolve(pay_desk.desk.jane, exception_id, "Asked them.", now=pay_desk.now)
    assert pay_desk.exceptions() == []

    pay_desk.stripe.change_dispute(dispute_id, "needs_response")
    pay_desk.deliver()

    assert [row["kind"] for row in stored()] == ["contest"]
    assert "Answer in Stripe by" in pay_desk.exceptions()[0][1]
    assert "contests" in pay_desk.exceptions()[0][1]
    assert ledger(pay_desk) == [("payment", 100_000, "Completed", "")]
    assert to_staff() == [
        f"A bank asks about $1,000.00: Patel Family, invoice {number}",
        f"$1,000.00 disputed: Patel Family, invoice {number}",
    ]


def test_an_open_dispute_may_be_asked_about_again(pay_desk: PayDesk) -> None:
    _, charge_id = paid(pay_desk)
    dispute_id = pay_desk.stripe.dispute(charge_id)
    pay_desk.deliver()
    with reading() as connection:
        (exception_id,) = connection.scalars(select(stripe_exception.c.id))

    asked = stripe_replay.replay(pay_desk.desk.jane, exception_id, now=pay_desk.now)
    pay_desk.stripe.change_dispute(dispute_id, "lost")
    again = stripe_replay.replay(pay_desk.desk.jane, exception_id, now=pay_desk.now)

    assert (asked.is_settled, again.is_settled) == (False, True)
    assert "Answer in Stripe by" in asked.sentence
    assert len(ledger(pay_desk)) == 2
    assert pay_desk.exceptions() == []


def test_an_inquiry_that_is_closed_is_gone(pay_desk: PayDesk) -> None:
    _, charge_id = paid(pay_desk)
    dispute_id = pay_desk.stripe.dispute(charge_id, "warning_needs_response")
    pay_desk.stripe.change_dispute(dispute_id, "warning_closed")
    pay_desk.deliver()

    assert ledger(pay_desk) == [("payment", 100_000, "Completed", "")]
    assert pay_desk.exceptions() == []
    assert verify() == []


@pytest.mark.parametrize(
    ("reason", "label", "why", "days"),
    [
        ("insufficient_funds", "Bank return", "insufficient funds", 2),
        ("incorrect_account_details", "Bank return", "the account details were wrong", 90),
        ("debit_not_authorized", "Dispute", "the customer says the debit was not authorized", 50),
    ],
)
def test_a_bank_payment_is_returned_late(
    pay_desk: PayDesk, reason: str, label: str, why: str, days: int
) -> None:
    number, charge_id = paid(pay_desk, method="us_bank_account")

    pay_desk.stripe.dispute(charge_id, "lost", reason=reason, evidence_due_at=None)
    pay_desk.receive_all()
    pay_desk.work(now=pay_desk.now + timedelta(days=days))

    assert ledger(pay_desk)[1:] == [("return", -100_000, "Completed", label)]
    assert pay_desk.desk.rows()[1]["failure_reason"] == why
    assert pay_desk.desk.stored(number)["balance_cents"] == 100_000
    assert pay_desk.exceptions() == []
    (letter,) = [each for each in messages() if "$1,000.00 went back" in each["text"]]
    assert "vidence" not in letter["text"]
    assert verify() == []


def test_a_dispute_is_told_before_its_payment(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    charge_id = pay_desk.stripe.pay(pay_desk.opened(number), method="us_bank_account")
    pay_desk.deliver()
    pay_desk.stripe.settle(charge_id)
    dispute_id = pay_desk.stripe.dispute(charge_id, "lost", reason="insufficient_funds")

    with unit_of_work() as connection:
        stripe_news.of_dispute(CHEN, dispute_id)(connection, now=pay_desk.now)

    assert ledger(pay_desk) == [
        ("payment", 100_000, "Completed", ""),
        ("return", -100_000, "Completed", "Bank return"),
    ]
    pay_desk.deliver()
    assert len(ledger(pay_desk)) == 2
    assert verify() == []


def test_a_charge_brings_its_disputes_along(pay_desk: PayDesk) -> None:
    _, charge_id = paid(pay_desk)
    pay_desk.stripe.dispute(charge_id, "lost")

    with unit_of_work() as connection:
        stripe_news.of_charge(CHEN, charge_id)(connection, now=pay_desk.now)

    assert ledger(pay_desk)[1:] == [("return", -100_000, "Completed", "Dispute")]


def test_money_that_comes_back_after_a_loss_is_a_new_row_once(pay_desk: PayDesk) -> None:
    number, charge_id = paid(pay_desk)
    dispute_id = pay_desk.stripe.dispute(charge_id)
    pay_desk.stripe.change_dispute(dispute_id, "lost")
    pay_desk.deliver()
    before = len(pay_desk.desk.timeline())

    pay_desk.stripe.change_dispute(dispute_id, "won")
    pay_desk.stripe.tell_of_dispute("funds_reinstated", dispute_id)
    pay_desk.deliver()

    assert ledger(pay_desk) == [
        ("payment", 100_000, "Completed", ""),
        ("return", -100_000, "Completed", "Dispute"),
        ("payment", 100_000, "Completed", "Dispute reversed"),
    ]
    assert pay_desk.desk.stored(number)["stage"] == "paid"
    assert told_since(pay_desk, before) == [
        f"$1,000 of {CARD} came back: the lost dispute was reversed",
        "Status changed from Sent to Paid",
        f"Dispute of $1,000 of {CARD} won: the payment stands",
    ]
    assert verify() == []


def test_a_loss_that_took_no_money_changes_nothing(pay_desk: PayDesk) -> None:
    _, charge_id = paid(pay_desk)
    pay_desk.stripe.dispute(charge_id, "lost", withdrawn_cents=0)
    pay_desk.deliver()

    assert ledger(pay_desk) == [("payment", 100_000, "Completed", "")]
    assert verify() == []


def test_a_dispute_of_a_part_takes_that_part(pay_desk: PayDesk) -> None:
    number, charge_id = paid(pay_desk)
    pay_desk.stripe.dispute(charge_id, "lost", amount_cents=30_000)
    pay_desk.stripe.dispute(charge_id, "lost", amount_cents=20_000)
    pay_desk.deliver()

    assert [row[1] for row in ledger(pay_desk)] == [100_000, -30_000, -20_000]
    assert pay_desk.desk.stored(number)["balance_cents"] == 50_000
    assert verify() == []


def test_what_no_room_is_left_for_is_named_to_a_person(pay_desk: PayDesk) -> None:
    number, charge_id = paid(pay_desk)
    pay_desk.stripe.dispute(charge_id, "lost", amount_cents=70_000)
    dispute_id = pay_desk.stripe.dispute(charge_id, "lost", amount_cents=100_000)
    pay_desk.deliver()

    assert [row[1] for row in ledger(pay_desk)] == [100_000, -70_000, -30_000]
    assert pay_desk.desk.stored(number)["balance_cents"] == 100_000
    ((kind, sentence),) = pay_desk.exceptions()
    assert kind == "mismatch"
    assert "took $1,000.00" in sentence
    assert "$700.00 of that had gone back before" in sentence
    assert verify() == []

    pay_desk.stripe.change_dispute(dispute_id, "won")
    pay_desk.deliver()

    assert [row[1] for row in ledger(pay_desk)] == [100_000, -70_000, -30_000, 30_000]
    assert pay_desk.exceptions() == []
    assert verify() == []


def test_a_dispute_of_a_strangers_payment_is_for_a_person_until_it_is_over(
    pay_desk: PayDesk,
) -> None:
    _, charge_id = paid(pay_desk)
    foreign = pay_desk.stripe.charges[charge_id]
    pay_desk.stripe.charges["ch_foreign"] = replace(foreign, id="ch_foreign", metadata={})
    dispute_id = pay_desk.stripe.dispute("ch_foreign")
    pay_desk.deliver()

    assert [kind for kind, _ in pay_desk.exceptions()] == ["unknown charge", "disputed"]
    assert stored() == []

    pay_desk.stripe.change_dispute(dispute_id, "lost")
    pay_desk.deliver()

    assert [kind for kind, _ in pay_desk.exceptions()] == ["unknown charge"]
    assert len(ledger(pay_desk)) == 1


def test_a_return_on_a_cancelled_invoice_leaves_it_cancelled(pay_desk: PayDesk) -> None:
    number, charge_id = paid(pay_desk, amount="400")
    with unit_of_work() as connection:
        connection.execute(invoice.update().values(cancelled_at=pay_desk.now, stage="cancelled"))
    pay_desk.stripe.dispute(charge_id, "lost")
    pay_desk.deliver()

    assert pay_desk.desk.stored(number)["stage"] == "cancelled"
    assert ledger(pay_desk)[1:] == [("return", -40_000, "Completed", "Dispute")]
    assert verify() == []


def life(stripe: FakeStripe, session_id: str, outcome: str) -> list[stripe_news.News]:
    """What Stripe says in the life of a dispute, each asked for at its own moment."""

    def said(kind: str, object_id: str) -> stripe_news.News:
        with copy.deepcopy(stripe).installed():
            news = stripe_news.of_object(CHEN, kind, object_id)
        assert news is not None
        return news

    charge_id = stripe.pay(session_id, fee_cents=2_930)
    told = [said("charge", charge_id)]
    dispute_id = stripe.dispute(charge_id, "warning_needs_response")
    told.append(said("dispute", dispute_id))
    stripe.change_dispute(dispute_id, "needs_response")
    told.append(said("dispute", dispute_id))
    stripe.change_dispute(dispute_id, "under_review")
    told.append(said("charge", charge_id))
    stripe.change_dispute(dispute_id, outcome)
    told.append(said("dispute", dispute_id))
    return told


class Undone(Exception):
    """Ends a transaction whose outcome was only looked at."""


def end_of(pay_desk: PayDesk, told: list[stripe_news.News]) -> tuple[object, ...]:
    """Rows, figures, dispute and open exceptions once all of this was booked; then undone."""
    end: tuple[object, ...] = ()
    with suppress(Undone), unit_of_work() as connection:
        for news in told:
            news(connection, now=pay_desk.now)
        booked = select(payment.c.kind, payment.c.amount_cents).order_by(payment.c.id)
        figures = connection.execute(select(invoice.c.stage, invoice.c.balance_cents)).one()
        is_open = stripe_exception.c.resolved_at.is_(None)
        end = (
            tuple(tuple(row) for row in connection.execute(booked)),
            tuple(figures),
            connection.scalar(select(dispute.c.state)),
            connection.scalar(select(func.count()).select_from(stripe_exception).where(is_open)),
        )
        raise Undone
    return end


@pytest.mark.parametrize(
    ("outcome", "rows", "figures"),
    [
        ("lost", (("payment", 100_000), ("return", -100_000)), ("open", 100_000)),
        ("won", (("payment", 100_000),), ("paid", 0)),
    ],
)
def test_every_order_with_duplicates_ends_alike(
    pay_desk: PayDesk, outcome: str, rows: object, figures: object
) -> None:
    number = pay_desk.invoice()
    told = life(pay_desk.stripe, pay_desk.opened(number), outcome)
    random = Random(5)
    is_quick = engine().dialect.name == "sqlite" and outcome == "lost"
    orders = random.sample(list(permutations(range(len(told)))), 30 if is_quick else 8)

    ends = {
        end_of(pay_desk, [told[which] for which in (*order, *random.sample(order, 2))])
        for order in orders
    }

    assert ends == {(rows, figures, outcome, 0)}
    pay_desk.deliver()
    assert verify() == []
