"""A process killed between any two steps of a comparison: it goes on, and counts nothing twice."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from assure_app.billing import reconciliation_run
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.models.tables import (
    notification,
    payment,
    payout_part,
    reconciliation_difference,
    stripe_account,
    stripe_payout,
)
from assure_app.models.tables import reconciliation_run as run_table
from tests.crash.test_killed_online import run_and_die
from tests.support.desk import Desk
from tests.support.fake_stripe import CHEN, FakeStripe
from tests.support.online import PayDesk, open_pay_desk

HOUR = timedelta(hours=1)
STEPS = [
    "billing.payout_books.book after",
    "billing.reconciliation_runs.save_step after",
    "billing.reconciliation_differences.note after",
    "billing.reconciliation_runs.finish after",
]


@pytest.fixture
def pay_desk(desk: Desk, tmp_path: Path) -> PayDesk:
    """A desk whose Stripe outlives a killed process."""
    stripe = FakeStripe(file=tmp_path / "stripe")
    stripe._keep()
    return open_pay_desk(desk, stripe)


def compare(pay_desk: PayDesk, file: Path, _number: str) -> None:
    """The night's work, to its end."""
    with FakeStripe.of(file).installed():
        while reconciliation_run.reconcile_next(now=pay_desk.now + HOUR):
            pass


@pytest.mark.parametrize("where", STEPS)
def test_a_comparison_that_was_killed_goes_on(pay_desk: PayDesk, database: str, where: str) -> None:
    number = pay_desk.invoice()
    with pay_desk.stripe.installed() as stripe:
        charge_id = stripe.pay(pay_desk.opened(number))
        stripe.learn_fee(charge_id, 3_200)
        pay_desk.deliver()
        stripe.pay_out(CHEN)
        stripe.take_in_dashboard(CHEN, 7_500)
    with unit_of_work() as connection:
        connection.execute(update(stripe_account).values(reconcile_at=pay_desk.now))

    left = run_and_die(pay_desk, database, number, where, compare)
    with left.stripe.installed():
        for minutes in (60, 75):
            while reconciliation_run.reconcile_next(now=left.now + timedelta(minutes=minutes)):
                pass

    with reading() as connection:
        run = connection.execute(select(run_table)).mappings().one()
        found = connection.execute(select(reconciliation_difference.c.kind)).scalars().all()
        told = connection.execute(
            select(notification.c.id).where(notification.c.kind == "difference")
        ).all()
        kept = [
            len(connection.execute(select(table.c.id)).all())
            for table in (payment, stripe_payout, payout_part)
        ]
    assert (run["phase"], run["payments"], run["payments_cents"], run["payouts"]) == (
        "done",
        1,
        100_000,
        1,
    )
    assert (found, run["differences"], len(told)) == (["charge not booked"], 1, 1)
    assert kept == [1, 1, 2]
