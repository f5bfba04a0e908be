"""A process killed between any two steps of an online payment: charged once, booked once."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest

from assure_app.billing import saved_methods
from assure_app.billing.verification import verify
from tests.mail.letters import messages
from tests.support import killed
from tests.support.desk import Desk
from tests.support.fake_stripe import FakeStripe
from tests.support.online import PayDesk, open_pay_desk

TOKEN = "one-form-token-00001"


@pytest.fixture
def pay_desk(desk: Desk, tmp_path: Path) -> PayDesk:
    """A desk whose Stripe outlives a killed process."""
    stripe = FakeStripe(file=tmp_path / "stripe")
    stripe._keep()
    return open_pay_desk(desk, stripe)


def start(pay_desk: PayDesk, file: Path, number: str) -> None:
    with _stripe_at(pay_desk, file):
        pay_desk.start(number, token=TOKEN)


def save(pay_desk: PayDesk, file: Path, number: str) -> None:
    with _stripe_at(pay_desk, file):
        pay_desk.start(number, token=TOKEN, saves=True)


def remove(pay_desk: PayDesk, file: Path, _number: str) -> None:
    with _stripe_at(pay_desk, file):
        saved_methods.remove(pay_desk.anita, 1, now=pay_desk.now)


def deliver(pay_desk: PayDesk, file: Path, _number: str) -> None:
    with _stripe_at(pay_desk, file):
        pay_desk.deliver()


def _stripe_at(pay_desk: PayDesk, file: Path) -> AbstractContextManager[FakeStripe]:
    """The Stripe that is kept in the file, put in the place of the desk's."""
    stripe = FakeStripe.of(file)
    object.__setattr__(pay_desk, "stripe", stripe)
    return stripe.installed()


def run_and_die(
    pay_desk: PayDesk, database: str, number: str, where: str, act: Callable[..., None]
) -> PayDesk:
    """Do the act in a process of its own that dies at the place; the desk with Stripe after it."""
    file = pay_desk.stripe.file
    assert file is not None
    told = PayDesk(pay_desk.desk, pay_desk.anita, FakeStripe(), pay_desk.now)
    killed.run_and_die(database, where, act, told, file, number)
    return PayDesk(pay_desk.desk, pay_desk.anita, FakeStripe.of(file), pay_desk.now)


STEPS_OF_STARTING = [
    "billing.checkouts.add before",
    "billing.checkouts.add after",
    "stripe_gateway.checkouts.create_checkout before",
    "stripe_gateway.checkouts.create_checkout after",
    "billing.checkouts.move before",
    "billing.checkouts.move after",
]
STEPS_OF_BOOKING = [
    "billing.stripe_events._take before",
    "billing.stripe_events._take after",
    "stripe_gateway.charges.retrieve_charge after",
    "billing.ledger_rows.append before",
    "billing.ledger_rows.append after",
    "billing.invoice_record.save after",
    "billing.charge_letters.post after",
    "billing.stripe_events._mark before",
    "billing.stripe_events._mark after",
]
STEPS_OF_SAVING = [
    "stripe_gateway.customers.create_customer after",
    "billing.stripe_customers._keep after",
]


@pytest.mark.parametrize("where", STEPS_OF_STARTING)
def test_a_start_that_was_killed_is_one_page(pay_desk: PayDesk, database: str, where: str) -> None:
    number = pay_desk.invoice()

    left = run_and_die(pay_desk, database, number, where, start)
    with left.stripe.installed():
        started = left.start(number, token=TOKEN)
        left.stripe.pay(left.stripe.only_session())
        left.deliver()

    assert len(left.stripe.sessions) == 1
    assert started.url.endswith(next(iter(left.stripe.sessions)))
    assert left.stripe.charged_cents() == 100_000
    assert left.desk.stored(number)["stage"] == "paid"
    assert verify() == []


@pytest.mark.parametrize("where", STEPS_OF_BOOKING)
def test_a_booking_that_was_killed_is_booked_once(
    pay_desk: PayDesk, database: str, where: str
) -> None:
    number = pay_desk.invoice()
    with pay_desk.stripe.installed():
        pay_desk.stripe.pay(pay_desk.opened(number))

    left = run_and_die(pay_desk, database, number, where, deliver)
    with left.stripe.installed():
        left.receive_all()
        left.work(now=left.now + timedelta(minutes=3))

    assert left.row()["status"] == "Completed"
    assert set(left.events()) == {"done"}
    assert len(messages()) == 1
    assert left.desk.stored(number)["stage"] == "paid"
    assert verify() == []


@pytest.mark.parametrize("where", STEPS_OF_SAVING)
def test_a_saving_that_was_killed_is_one_customer_and_one_page(
    pay_desk: PayDesk, database: str, where: str
) -> None:
    number = pay_desk.invoice()

    left = run_and_die(pay_desk, database, number, where, save)
    with left.stripe.installed():
        left.start(number, token=TOKEN, saves=True)
        left.stripe.pay(left.stripe.only_session())
        left.deliver()

    assert len(left.stripe.customers) == len(left.stripe.sessions) == 1
    assert [row["is_default"] for row in left.methods()] == [True]
    assert verify() == []


def test_a_removal_that_was_killed_can_be_asked_for_again(pay_desk: PayDesk, database: str) -> None:
    where = "stripe_gateway.payment_methods.detach_payment_method after"
    with pay_desk.stripe.installed():
        pay_desk.stripe.pay(pay_desk.opened(pay_desk.invoice(), saves=True))
        pay_desk.deliver()

    left = run_and_die(pay_desk, database, "", where, remove)
    with left.stripe.installed():
        saved_methods.remove(left.anita, 1, now=left.now)

    (method,) = left.methods()
    assert method["removed_at"] is not None
    assert [each.customer_id for each in left.stripe.methods.values()] == [None]
