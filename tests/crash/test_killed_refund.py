"""A process killed between any two steps of a refund: given back once, booked once."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest

from assure_app.billing.verification import verify
from tests.support import killed
from tests.support.desk import Desk
from tests.support.fake_stripe import FakeStripe
from tests.support.online import PayDesk, open_pay_desk
from tests.support.refunding import RefundDesk, refund_desk

TOKEN = "one-form-token-00001"

STEPS_OF_REFUNDING = [
    "billing.ledger_rows.append after",
    "billing.refund_record.add after",
    "billing.stripe_refunds.reserve after",
    "billing.stripe_refunds.ask before",
    "billing.refund_record.take after",
    "stripe_gateway.refunds.create_refund before",
    "stripe_gateway.refunds.create_refund after",
    "billing.refund_record.move after",
    "billing.ledger_rows.change_status before",
    "billing.invoice_record.save after",
    "billing.refund_letters.post after",
    "billing.stripe_refunds.require_made before",
]
STEPS_OF_HEARING = [
    "billing.stripe_events._take after",
    "billing.refund_record.add after",
    "billing.refund_letters.post after",
    "billing.stripe_events._mark before",
    "billing.stripe_events._mark after",
]


@pytest.fixture
def desk_with_card(desk: Desk, tmp_path: Path) -> RefundDesk:
    """A paid invoice whose Stripe outlives a killed process."""
    stripe = FakeStripe(file=tmp_path / "stripe")
    stripe._keep()
    with stripe.installed():
        return refund_desk(open_pay_desk(desk, stripe))


def refund(desk: RefundDesk, file: Path) -> None:
    with _stripe_at(desk, file):
        desk.refund("400", token=TOKEN)


def deliver(desk: RefundDesk, file: Path) -> None:
    with _stripe_at(desk, file):
        desk.pay_desk.deliver()


def _stripe_at(desk: RefundDesk, file: Path) -> AbstractContextManager[FakeStripe]:
    """The Stripe that is kept in the file, put in the place of the desk's."""
    stripe = FakeStripe.of(file)
    object.__setattr__(desk.pay_desk, "stripe", stripe)
    return stripe.installed()


def run_and_die(
    desk: RefundDesk, database: str, where: str, act: Callable[[RefundDesk, Path], None]
) -> RefundDesk:
    """Do the act in a process of its own that dies at the place; the desk with Stripe after it."""
    pay_desk = desk.pay_desk
    file = pay_desk.stripe.file
    assert file is not None
    bare = PayDesk(pay_desk.desk, pay_desk.anita, FakeStripe(), pay_desk.now)
    killed.run_and_die(database, where, act, replace(desk, pay_desk=bare), file)
    left = PayDesk(pay_desk.desk, pay_desk.anita, FakeStripe.of(file), pay_desk.now)
    return replace(desk, pay_desk=left)


@pytest.mark.parametrize("where", STEPS_OF_REFUNDING)
def test_a_refund_that_was_killed_is_one_refund(
    desk_with_card: RefundDesk, database: str, where: str
) -> None:
    left = run_and_die(desk_with_card, database, where, refund)
    with left.pay_desk.stripe.installed():
        left.sweep(minutes=6)
        again = left.refund("400", token=TOKEN)
        left.pay_desk.deliver()

    assert again.payment_id == left.pay_desk.desk.rows()[1]["id"]
    assert left.pay_desk.stripe.refunded_cents() == 40_000
    assert left.ledger()[1:] == [(-40_000, "Completed", "Jane Chen")]
    assert (left.states(), left.figures()) == (["done"], ("open", 40_000, 60_000))
    assert len(left.letters()) == 1
    assert verify() == []


@pytest.mark.parametrize("where", STEPS_OF_HEARING)
def test_hearing_of_a_refund_that_was_killed_books_it_once(
    desk_with_card: RefundDesk, database: str, where: str
) -> None:
    desk_with_card.pay_desk.stripe.refund(desk_with_card.charge_id, 40_000)

    left = run_and_die(desk_with_card, database, where, deliver)
    with left.pay_desk.stripe.installed():
        left.pay_desk.deliver()

    assert left.ledger()[1:] == [(-40_000, "Completed", "Stripe")]
    assert len(left.letters()) == 1
    assert verify() == []
