"""Reminders beside everything else: eight workers, double clicks, a payment at the same moment."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from assure_app.billing import manual_payments, reminder_readers, reminder_settings, reminders
from assure_app.billing.manual_payments import PaymentForm
from assure_app.billing.reading.reminder_rows import PlanForm
from assure_app.billing.verification import verify
from assure_app.db.unit_of_work import reading
from assure_app.models.tables import reminder_reader
from tests.concurrency.test_rivals import RIVALS, all_at_once
from tests.mail.letters import messages
from tests.support.desk import Desk
from tests.support.reminding import ANITA, RAJ, ReminderDesk, open_reminder_desk

DUE_DAY = datetime(2026, 5, 31, 13, 0, tzinfo=UTC)
TOKEN = "one-form-token-00000000000000001"


@pytest.fixture
def reminding(desk: Desk) -> ReminderDesk:
    return open_reminder_desk(desk)


def run(_: int = 0) -> None:
    while reminders.remind_next(now=DUE_DAY):
        pass


def test_eight_workers_remind_each_client_once(reminding: ReminderDesk, desk: Desk) -> None:
    reminding.add_contact("Raj Patel", RAJ)
    numbers = [desk.invoice() for _ in range(10)]

    outcomes = all_at_once(run)
    run()

    assert outcomes == {"done": RIVALS}
    assert reminding.sent() == [(number, 0) for number in numbers]
    assert len(messages()) == 20
    assert verify() == []


def test_eight_clicks_on_one_form_are_one_reminder(reminding: ReminderDesk, desk: Desk) -> None:
    number = desk.invoice()
    known = {"form_token": TOKEN, "invoice_id": desk.stored(number)["id"], "now": DUE_DAY}

    outcomes = all_at_once(lambda _: reminders.send_now(desk.jane, number, **known))

    assert outcomes == {"done": 1, "repeat": 7}
    assert [each["to_email"] for each in messages()] == [ANITA]


def test_a_payment_beside_the_run_is_reminded_of_before_it_or_not_at_all(
    reminding: ReminderDesk, desk: Desk
) -> None:
    number = desk.invoice()
    form = PaymentForm(amount="1000", method="Cash", date="2026-05-22")

    def act(rival: int) -> None:
        if rival % 2:
            run()
        else:
            manual_payments.record_payment(desk.jane, number, form, form_token=TOKEN, now=desk.now)

    all_at_once(act)
    run()

    texts = [text for text, _ in desk.timeline()]
    paid = next(each for each, text in enumerate(texts) if text.startswith("Payment"))
    told = [each for each, text in enumerate(texts) if text.startswith("Reminder sent")]
    assert told in ([], [paid - 1])
    assert len(messages()) == len(told)
    assert verify() == []


def test_eight_first_letters_to_one_person_bear_one_link(
    reminding: ReminderDesk, desk: Desk
) -> None:
    numbers = [desk.invoice() for _ in range(RIVALS)]
    ids = [desk.stored(number)["id"] for number in numbers]

    outcomes = all_at_once(
        lambda rival: reminders.send_now(
            desk.jane,
            numbers[rival],
            form_token=f"{TOKEN}-{rival}",
            invoice_id=ids[rival],
            now=DUE_DAY,
        )
    )

    assert outcomes == {"done": RIVALS}
    assert len({each["stop_link"] for each in messages()}) == 1
    with reading() as connection:
        assert connection.scalar(select(func.count()).select_from(reminder_reader)) == 1


def test_eight_who_save_the_first_plan_are_one(desk: Desk) -> None:
    def save(rival: int) -> None:
        form = PlanForm(is_on=True, days=("0", str(rival + 1)), hour="9")
        reminder_settings.save(desk.jane, form, version=0, now=desk.now)

    outcomes = all_at_once(save)

    assert outcomes == {"done": 1, "PlanChanged": 7}
    assert len(desk.audit()) == 1


def test_eight_clicks_on_the_link_stop_once(reminding: ReminderDesk, desk: Desk) -> None:
    desk.invoice()
    run()
    link = reminding.link()

    all_at_once(lambda _: reminder_readers.choose(link, is_stopped=True, now=DUE_DAY))

    assert len(desk.audit()) == 1
