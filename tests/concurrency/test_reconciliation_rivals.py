"""Several workers in one night, and several people at one button: compared once, mended once."""

from datetime import timedelta

from sqlalchemy import select, update

from assure_app.billing import reconciliation, reconciliation_run
from assure_app.billing.verification import verify
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.models.tables import (
    notification,
    payout_part,
    reconciliation_difference,
    stripe_account,
    stripe_payout,
)
from assure_app.models.tables import reconciliation_run as run_table
from tests.concurrency.test_online_rivals import all_at_once
from tests.support.fake_stripe import CHEN
from tests.support.online import PayDesk

RIVALS = 4
HOUR = timedelta(hours=1)


def test_several_workers_compare_once_and_several_people_mend_once(pay_desk: PayDesk) -> None:
    stripe = pay_desk.stripe
    for _ in range(3):
        stripe.learn_fee(stripe.pay(pay_desk.opened(pay_desk.invoice())), 3_200)
    pay_desk.deliver()
    stripe.pay(pay_desk.opened(pay_desk.invoice()), fee_cents=3_200)
    stripe.pay_out(CHEN)
    stripe.told.clear()
    with unit_of_work() as connection:
        connection.execute(update(stripe_account).values(reconcile_at=pay_desk.now + HOUR))

    def work() -> None:
        for minutes in (60, 75, 90):
            while reconciliation_run.reconcile_next(now=pay_desk.now + timedelta(minutes=minutes)):
                pass

    all_at_once(*[work] * RIVALS)
    work()

    with reading() as connection:
        run = connection.execute(select(run_table)).mappings().one()
        found = connection.execute(select(reconciliation_difference.c.id)).scalars().all()
        told = connection.execute(
            select(notification.c.id).where(notification.c.kind == "difference")
        ).all()
        payouts = connection.execute(select(stripe_payout.c.id)).all()
        parts = connection.execute(select(payout_part.c.id)).all()
    assert (run["phase"], run["payments"], run["payouts"], run["differences"]) == ("done", 3, 1, 1)
    assert (len(found), len(told), len(payouts), len(parts)) == (1, 1, 1, 5)

    def mend() -> None:
        reconciliation.mend(pay_desk.desk.jane, found[0], now=pay_desk.now + 2 * HOUR)

    all_at_once(*[mend] * RIVALS)

    assert len(pay_desk.desk.rows()) == 4
    assert verify() == []
    with reading() as connection:
        closed = connection.execute(select(reconciliation_difference)).mappings().one()
    assert closed["closed_by"] == "Jane Chen"
