"""What the question before auto-pay is turned on promises is what is then charged (R116)."""

from datetime import date, timedelta

import pytest

from assure_app.billing import autopay_acts, autopay_switch, manual_payments
from assure_app.billing.manual_payments import PaymentForm
from tests.support.autopay import DUE, AutopayDesk, open_autopay_desk
from tests.support.online import PayDesk

BEFORE_SIX = timedelta(hours=-6)
MORNING = timedelta(hours=19)
"""From the desk's 11:00 to 06:00 of the next day."""
PAST, TO_COME = date(2026, 4, 1), date(2026, 5, 23)


@pytest.fixture
def desk(pay_desk: PayDesk) -> AutopayDesk:
    return open_autopay_desk(pay_desk)


def promised(desk: AutopayDesk, *, after: timedelta = timedelta(0)) -> list[str]:
    """What the question says beyond what is charged from now on."""
    asked = autopay_switch.start(desk.pay.desk.jane, desk.engagement_id, now=desk.now + after)
    return list(asked.sentences[1:])


def test_what_is_due_by_now_is_told_with_its_sum_and_moment(desk: AutopayDesk) -> None:
    desk.switch(on=False)
    desk.save()
    past = [desk.invoice(due_on=PAST) for _ in range(2)]
    due = desk.invoice(due_on=DUE)
    coming = desk.invoice(due_on=TO_COME)
    part = PaymentForm(amount="250", method="Cash", date="2026-05-22")
    manual_payments.record_payment(
        desk.pay.desk.jane, past[0], part, form_token="f" * 32, now=desk.now
    )

    told = promised(desk)
    before_six = promised(desk, after=BEFORE_SIX)
    autopay_switch.switch(desk.pay.desk.jane, desk.engagement_id, turns_on=True, now=desk.now)
    desk.work()
    charged_at_once = [desk.rows(each) for each in (past[1], due, coming)]
    desk.work(after=MORNING)

    assert told == [
        "2 invoices are past due: $1,750.00 is charged May 23, 6:00 AM.",
        "1 invoice is due today: $1,000.00 is charged at once.",
    ]
    assert before_six == [
        "2 invoices are past due: $1,750.00 is charged May 22, 6:00 AM.",
        "1 invoice is due today: $1,000.00 is charged today, 6:00 AM.",
    ]
    assert charged_at_once == [[], [("autopay", "Completed", 100_000)], []]
    assert [desk.rows(each)[-1] for each in past] == [
        ("autopay", "Completed", 75_000),
        ("autopay", "Completed", 100_000),
    ]


def test_what_it_will_not_charge_is_not_promised(desk: AutopayDesk) -> None:
    earlier = desk.now - timedelta(days=5)
    left_to_client = desk.invoice(due_on=PAST, sent_at=earlier, opened_at=earlier)
    desk.save()
    stopped = desk.invoice(due_on=TO_COME)
    autopay_acts.stop(desk.pay.desk.jane, stopped, now=desk.now)
    desk.switch(on=False)

    told = promised(desk, after=timedelta(days=1))
    autopay_switch.switch(desk.pay.desk.jane, desk.engagement_id, turns_on=True, now=desk.now)
    desk.work(after=timedelta(days=3))

    assert told == ["No invoice that it charges is due yet."]
    assert [desk.rows(each) for each in (left_to_client, stopped)] == [[], []]
