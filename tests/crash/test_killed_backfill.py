"""Killed between any two steps of a back-fill: all of it or nothing, and each charged once."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from assure_app.billing import backfill
from assure_app.billing.reading.backfill import backfill_card
from assure_app.billing.verification import verify
from assure_app.db.unit_of_work import reading
from assure_app.models.tables import backfill_item, backfill_offer
from tests.support import killed
from tests.support.backfilling import ask_all, past, statuses
from tests.support.desk import Desk
from tests.support.fake_stripe import FakeStripe
from tests.support.online import PayDesk, open_pay_desk
from tests.support.saving import save, work

LATER = timedelta(minutes=10)
IN_THE_ANSWER = [
    "billing.backfill_offers.answer after",
    "billing.backfill_offers.add_item after",
    "billing.audit.note before",
]
IN_THE_CHARGES = [
    "stripe_gateway.payment_intents.charge_off_session before",
    "stripe_gateway.payment_intents.charge_off_session after",
    "billing.ledger_rows.append after",
]


@pytest.fixture
def pay_desk(desk: Desk, tmp_path: Path) -> PayDesk:
    """A desk whose Stripe outlives a killed process, and whose client has just saved a card."""
    stripe = FakeStripe(file=tmp_path / "stripe")
    stripe._keep()
    opened = open_pay_desk(desk, stripe)
    with stripe.installed():
        engagement = work(opened)
        past(opened, engagement, 100_000, 50_000, 25_000)
        save(opened)
    return opened


def confirm(pay_desk: PayDesk, file: Path) -> None:
    with _stripe_at(pay_desk, file):
        _card, agreed = backfill_card(pay_desk.anita, now=pay_desk.now)
        backfill.confirm(pay_desk.anita, agreed, now=pay_desk.now)


def charge(pay_desk: PayDesk, file: Path) -> None:
    with _stripe_at(pay_desk, file):
        ask_all(pay_desk)


def _stripe_at(pay_desk: PayDesk, file: Path) -> AbstractContextManager[FakeStripe]:
    stripe = FakeStripe.of(file)
    object.__setattr__(pay_desk, "stripe", stripe)
    return stripe.installed()


def run_and_die(pay_desk: PayDesk, database: str, where: str, act: Callable[..., None]) -> PayDesk:
    """Do the act in a process of its own that dies at the place; the desk with Stripe after it."""
    file = pay_desk.stripe.file
    assert file is not None
    told = PayDesk(pay_desk.desk, pay_desk.anita, FakeStripe(), pay_desk.now)
    killed.run_and_die(database, where, act, told, file)
    return PayDesk(pay_desk.desk, pay_desk.anita, FakeStripe.of(file), pay_desk.now)


def require_paid(pay_desk: PayDesk) -> None:
    """Every invoice was charged once, and the card says so."""
    with reading() as connection:
        items = connection.execute(select(backfill_item)).all()
    numbers = [row.number for row in backfill_card(pay_desk.anita, now=pay_desk.now)[0].rows]
    assert len(items) == 3
    assert statuses(pay_desk, *numbers) == [
        [("backfill", "Completed", cents)] for cents in (100_000, 50_000, 25_000)
    ]
    assert pay_desk.stripe.taken_cents() == 175_000
    assert pay_desk.exceptions() == []
    assert verify() == []


@pytest.mark.parametrize("where", IN_THE_ANSWER)
def test_killed_in_the_answer_nothing_was_agreed_to(
    pay_desk: PayDesk, database: str, where: str
) -> None:
    after = run_and_die(pay_desk, database, where, confirm)

    with after.stripe.installed():
        after.sweep(after=LATER)
        with reading() as connection:
            answer = connection.scalar(select(backfill_offer.c.answer))
        assert (answer, after.checkouts(), after.stripe.charges) == ("waiting", [], {})
        _card, agreed = backfill_card(after.anita, now=after.now)
        backfill.confirm(after.anita, agreed, now=after.now)
        ask_all(after)
        require_paid(after)


@pytest.mark.parametrize("where", IN_THE_CHARGES)
def test_killed_in_the_charges_the_sweep_finishes_them(
    pay_desk: PayDesk, database: str, where: str
) -> None:
    file = pay_desk.stripe.file
    assert file is not None
    confirm(pay_desk, file)

    after = run_and_die(pay_desk, database, where, charge)

    with after.stripe.installed():
        after.sweep(after=LATER)
        after.deliver()
        require_paid(after)


def test_killed_after_the_answer_the_sweep_charges(pay_desk: PayDesk, database: str) -> None:
    after = run_and_die(pay_desk, database, "", confirm)

    with after.stripe.installed():
        after.sweep(after=LATER)
        require_paid(after)
