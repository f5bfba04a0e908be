"""Callbacks of one dispute in several processes at once: taken back once, told once."""

from datetime import timedelta

from assure_app.billing.verification import verify
from tests.concurrency.test_online_rivals import all_at_once
from tests.mail.letters import messages
from tests.support.online import PayDesk

RIVALS = 4


def test_a_loss_told_at_once_is_booked_once(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    charge_id = pay_desk.stripe.pay(pay_desk.opened(number))
    pay_desk.deliver()
    dispute_id = pay_desk.stripe.dispute(charge_id)
    pay_desk.stripe.change_dispute(dispute_id, "lost")
    pay_desk.receive_all()

    all_at_once(*[pay_desk.work] * RIVALS)
    pay_desk.work(now=pay_desk.now + timedelta(minutes=3))

    assert [row["amount_cents"] for row in pay_desk.desk.rows()] == [100_000, -100_000]
    assert set(pay_desk.events()) == {"done"}
    lost = [each for each in messages() if each["subject"].startswith("Dispute over")]
    assert len(lost) == 1
    assert pay_desk.desk.stored(number)["balance_cents"] == 100_000
    assert verify() == []
