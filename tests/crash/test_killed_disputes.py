"""A process killed between any two steps of booking a dispute: taken back once, told once."""

from datetime import timedelta
from pathlib import Path

import pytest

from assure_app.billing.verification import verify
from tests.crash.test_killed_online import deliver, run_and_die
from tests.mail.letters import messages
from tests.support.desk import Desk
from tests.support.fake_stripe import FakeStripe
from tests.support.online import PayDesk, open_pay_desk

STEPS = [
    "billing.dispute_record.add after",
    "billing.ledger_rows.append after",
    "billing.dispute_record.add_row after",
    "billing.stripe_events._mark after",
]


@pytest.fixture
def pay_desk(desk: Desk, tmp_path: Path) -> PayDesk:
    """A desk whose Stripe outlives a killed process."""
    stripe = FakeStripe(file=tmp_path / "stripe")
    stripe._keep()
    return open_pay_desk(desk, stripe)


@pytest.mark.parametrize("where", STEPS)
def test_a_loss_that_was_killed_is_booked_once(
    pay_desk: PayDesk, database: str, where: str
) -> None:
    number = pay_desk.invoice()
    with pay_desk.stripe.installed():
        charge_id = pay_desk.stripe.pay(pay_desk.opened(number))
        pay_desk.deliver()
        pay_desk.stripe.dispute(charge_id, "lost")

    left = run_and_die(pay_desk, database, number, where, deliver)
    with left.stripe.installed():
        left.receive_all()
        left.work(now=left.now + timedelta(minutes=3))

    assert [row["amount_cents"] for row in left.desk.rows()] == [100_000, -100_000]
    assert set(left.events()) == {"done"}
    assert len(messages()) == 2  # The client's receipt of before, and one to the firm.
    assert left.desk.stored(number)["balance_cents"] == 100_000
    assert verify() == []
