"""A process killed between any two steps of a refund: given back once, booked once."""

import os
import pickle
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from assure_app.billing.verification import verify
from tests.support.desk import Desk
from tests.support.fake_stripe import FakeStripe
from tests.support.online import PayDesk, open_pay_desk
from tests.support.refunding import RefundDesk, refund_desk

TOKEN = "one-form-token-00001"

CHILD = """
import os, pickle, signal, sys
from importlib import import_module
from pathlib import Path
from assure_app.db import engine
from tests.support.fake_stripe import FakeStripe

address, file, where, when, act = sys.argv[1:]
engine.configure(address)

def die():
    os.kill(os.getpid(), signal.SIGKILL)

with FakeStripe.of(Path(file)).installed() as stripe:
    desk = pickle.load(sys.stdin.buffer)
    object.__setattr__(desk.pay_desk, "stripe", stripe)
    module_name, name = where.rsplit(".", 1)
    module = import_module(f"assure_app.{module_name}")
    original = getattr(module, name)

    def dying(*args, **kwargs):
        if when == "after":
            original(*args, **kwargs)
        die()

    setattr(module, name, dying)
    if act == "refund":
        desk.refund("400", token="one-form-token-00001")
    else:
        desk.pay_desk.deliver()
"""

SQLITE, POSTGRESQL = "sqlite", "postgresql"
STEPS_OF_REFUNDING = [
    (SQLITE, "billing.stripe_refunds.ask before"),
    (SQLITE, "stripe_gateway.refunds.create_refund after"),
    (SQLITE, "billing.refund_letters.post after"),
    (POSTGRESQL, "billing.stripe_refunds.reserve after"),
    (POSTGRESQL, "stripe_gateway.refunds.create_refund after"),
]
STEPS_OF_HEARING = [
    (POSTGRESQL, "billing.refund_letters.post after"),
]


@pytest.fixture
def desk_with_card(desk: Desk, tmp_path: Path) -> RefundDesk:
    """A paid invoice whose Stripe outlives a killed process."""
    stripe = FakeStripe(file=tmp_path / "stripe")
    stripe._keep()
    with stripe.installed():
        return refund_desk(open_pay_desk(desk, stripe))


def run_and_die(desk: RefundDesk, database: str, where: str, act: str) -> RefundDesk:
    """Do the act in a process of its own that dies at the place; the desk with Stripe after it."""
    place, _, when = where.partition(" ")
    pay_desk = desk.pay_desk
    file = pay_desk.stripe.file
    assert file is not None
    bare = PayDesk(pay_desk.desk, pay_desk.anita, FakeStripe(), pay_desk.now)
    child = subprocess.run(
        [sys.executable, "-c", CHILD, database, str(file), place, when, act],
        input=pickle.dumps(replace(desk, pay_desk=bare)),
        capture_output=True,
        env=dict(os.environ),
        check=False,
    )
    assert child.returncode == -signal.SIGKILL, child.stderr.decode()
    left = PayDesk(pay_desk.desk, pay_desk.anita, FakeStripe.of(file), pay_desk.now)
    return replace(desk, pay_desk=left)


@pytest.mark.parametrize(("database", "where"), STEPS_OF_REFUNDING, indirect=["database"])
def test_a_refund_that_was_killed_is_one_refund(
    desk_with_card: RefundDesk, database: str, where: str
) -> None:
    left = run_and_die(desk_with_card, database, where, "refund")
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


@pytest.mark.parametrize(("database", "where"), STEPS_OF_HEARING, indirect=["database"])
def test_hearing_of_a_refund_that_was_killed_books_it_once(
    desk_with_card: RefundDesk, database: str, where: str
) -> None:
    desk_with_card.pay_desk.stripe.refund(desk_with_card.charge_id, 40_000)

    left = run_and_die(desk_with_card, database, where, "deliver")
    with left.pay_desk.stripe.installed():
        left.pay_desk.deliver()

    assert left.ledger()[1:] == [(-40_000, "Completed", "Stripe")]
    assert len(left.letters()) == 1
    assert verify() == []
