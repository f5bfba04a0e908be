"""Reminders by a firm's plan: who is reminded of what on which day, and who is not (R071, R075)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update

from assure_app.billing import manual_payments, reminder_readers, reminders
from assure_app.billing.manual_payments import PaymentForm
from assure_app.billing.verification import verify
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.reminders import Plan
from assure_app.models.tables import contact
from assure_app.settings import get_settings
from tests.factories import make_client, make_firm, make_invoice, make_payment
from tests.mail.letters import messages
from tests.support.desk import Desk
from tests.support.reminding import ANITA, RAJ, ReminderDesk, open_reminder_desk

THREE_BEFORE = datetime(2026, 5, 28, 13, 0, tzinfo=UTC)
"""9:00 in New York, three days before the invoice is due."""
ON_THE_DAY = THREE_BEFORE + timedelta(days=3)
SEVEN_AFTER = ON_THE_DAY + timedelta(days=7)


@pytest.fixture
def reminding(desk: Desk) -> ReminderDesk:
    return open_reminder_desk(desk)


def pay(desk: Desk, number: str, amount: str, token: str = "a" * 32) -> None:
    form = PaymentForm(amount=amount, method="Check", date="2026-05-22")
    manual_payments.record_payment(desk.jane, number, form, form_token=token, now=desk.now)


def test_a_client_is_reminded_at_the_hour_and_once(reminding: ReminderDesk, desk: Desk) -> None:
    number = desk.invoice()
    reminding.run(THREE_BEFORE - timedelta(days=1))

    early = reminding.run(THREE_BEFORE - timedelta(seconds=1))
    told = reminding.run(THREE_BEFORE)
    again = reminding.run(THREE_BEFORE + timedelta(hours=5))

    assert (early, again) == ([], [])
    assert [each.firm_id for each in told] == [desk.jane.firm_id, None]
    assert reminding.sent() == [(number, -3)]
    (letter,) = messages()
    assert letter["to_email"] == ANITA
    assert letter["subject"] == f"Reminder: $1,000.00 for invoice {number} is due in 3 days"
    assert desk.timeline() == [(f"Reminder sent to {ANITA}: due in 3 days, $1,000", "System")]
    assert verify() == []


def test_through_the_weeks_it_is_each_step_once(reminding: ReminderDesk, desk: Desk) -> None:
    number = desk.invoice()

    for days in range(45):
        reminding.run(THREE_BEFORE - timedelta(days=5) + timedelta(days=days))

    assert reminding.sent() == [(number, days) for days in (-3, 0, 7, 14, 30)]
    assert [text.rpartition(": ")[2] for text, _ in desk.timeline()] == [
        "due in 3 days, $1,000",
        "due today, $1,000",
        "7 days overdue, $1,000",
        "14 days overdue, $1,000",
        "30 days overdue, $1,000",
    ]
    assert reminding.stored()["due_at"] == datetime(2026, 7, 7, 13, 0, tzinfo=UTC)


def test_after_weeks_in_which_nothing_ran_it_is_the_newest_step_alone(
    reminding: ReminderDesk, desk: Desk
) -> None:
    number = desk.invoice()

    reminding.run(SEVEN_AFTER + timedelta(days=3))

    assert reminding.sent() == [(number, 7)]
    assert desk.timeline() == [(f"Reminder sent to {ANITA}: 10 days overdue, $1,000", "System")]


def test_the_letter_tells_what_is_paid_what_is_on_its_way_and_what_is_left(
    reminding: ReminderDesk, desk: Desk
) -> None:
    number = desk.invoice(title="Tax return 2025")
    pay(desk, number, "550")
    with unit_of_work() as connection:
        make_payment(
            connection,
            desk.stored(number)["id"],
            method="ACH",
            source="online",
            status="Pending",
            amount_cents=5_000,
        )

    reminding.run(SEVEN_AFTER)

    (letter,) = messages()
    assert letter["subject"] == f"Reminder: $400.00 for invoice {number} was due 7 days ago"
    for line in (
        *("For: Tax return 2025", "Due date: May 31, 2026", "Total: $1,000.00"),
        *("Paid so far: −$550.00", "On its way: −$50.00", "Amount due: $400.00"),
    ):
        assert f"\n{line}\n" in letter["text"]
    stop = reminder_readers.PATH + "/" + reminding.link()
    assert letter["stop_link"].endswith(stop)
    assert f"Stop reminders: {letter['stop_link']}" in letter["text"]
    assert letter["stop_link"] in letter["html"]
    assert f"/pay/{desk.stored(number)['pay_token']}" in letter["text"]


@pytest.mark.parametrize("state", ["draft", "paid", "cancelled", "wholly pending", "sent today"])
def test_nobody_is_reminded_of_what_is_not_owed(
    reminding: ReminderDesk, desk: Desk, state: str
) -> None:
    number = desk.invoice(draft=state == "draft")
    match state:
        case "paid":
            pay(desk, number, "1000")
        case "cancelled":
            reminding.change(number, stage="cancelled", cancelled_at=desk.now)
        case "wholly pending":
            with unit_of_work() as connection:
                make_payment(
                    connection,
                    desk.stored(number)["id"],
                    method="ACH",
                    source="online",
                    status="Pending",
                    amount_cents=100_000,
                )
        case "sent today":
            reminding.change(number, opened_at=ON_THE_DAY - timedelta(hours=2))

    reminding.run(ON_THE_DAY)

    assert reminding.sent() == []
    assert messages() == []


def test_what_was_pending_on_its_day_is_reminded_of_by_the_next_step(
    reminding: ReminderDesk, desk: Desk
) -> None:
    number = desk.invoice()
    reminding.change(number, balance_cents=0, pending_cents=100_000)
    reminding.run(ON_THE_DAY)
    reminding.change(number, balance_cents=100_000, pending_cents=0)

    reminding.run(ON_THE_DAY + timedelta(days=1))
    assert reminding.sent() == []
    reminding.run(SEVEN_AFTER)

    assert reminding.sent() == [(number, 7)]


def test_a_new_due_date_has_its_own_steps(reminding: ReminderDesk, desk: Desk) -> None:
    number = desk.invoice()
    reminding.run(THREE_BEFORE)
    reminding.change(number, due_on=date(2026, 6, 10))

    reminding.run(ON_THE_DAY)
    reminding.run(datetime(2026, 6, 7, 13, 0, tzinfo=UTC))

    assert reminding.sent() == [(number, -3), (number, -3)]


def test_a_new_plan_reminds_nobody_of_what_was_never_planned(
    reminding: ReminderDesk, desk: Desk
) -> None:
    number = desk.invoice()
    reminding.plan(Plan(is_on=False), at=desk.now)
    reminding.run(ON_THE_DAY)

    reminding.turn_on(0, 7, at=ON_THE_DAY + timedelta(hours=1))
    reminding.run(ON_THE_DAY + timedelta(days=1))
    assert reminding.sent() == []
    reminding.run(SEVEN_AFTER)

    assert reminding.sent() == [(number, 7)]


def test_a_plan_changed_on_its_way_sends_nothing_twice(reminding: ReminderDesk, desk: Desk) -> None:
    numbers = [desk.invoice() for _ in range(3)]
    reminders.remind_next(now=ON_THE_DAY)
    assert reminding.stored()["running_through"] == date(2026, 5, 31)

    reminding.turn_on(0, 3, at=ON_THE_DAY)
    reminding.run(ON_THE_DAY)

    assert reminding.sent() == [(number, 0) for number in numbers]


def test_no_client_gets_two_in_one_day(reminding: ReminderDesk, desk: Desk) -> None:
    number = desk.invoice()
    start = reminders.start(desk.jane, number, now=ON_THE_DAY - timedelta(hours=2))
    reminders.send_now(
        desk.jane,
        number,
        form_token=start.form_token,
        invoice_id=start.invoice_id,
        now=ON_THE_DAY - timedelta(hours=2),
    )

    reminding.run(ON_THE_DAY)

    assert reminding.sent() == [(number, None)]


def test_whoever_may_not_pay_is_switched_off_or_has_no_address_gets_none(
    reminding: ReminderDesk, desk: Desk
) -> None:
    reminding.add_contact("Raj Patel", RAJ, "signer")
    reminding.add_contact("Meera Patel", "meera@patelfamily.example", "viewer")
    reminding.add_contact("Asha Patel", "asha@patelfamily.example", "notify_only")
    reminding.add_contact("Gone Patel", "gone@patelfamily.example", is_active=False)
    reminding.add_contact("No Address", "nobody")
    desk.invoice()

    reminding.run(ON_THE_DAY)

    assert [letter["to_email"] for letter in messages()] == [ANITA, RAJ]
    assert desk.timeline() == [(f"Reminder sent to {ANITA}, {RAJ}: due today, $1,000", "System")]


def test_whoever_stopped_reminders_gets_none_but_still_the_invoice(
    reminding: ReminderDesk, desk: Desk
) -> None:
    reminding.add_contact("Raj Patel", RAJ)
    number = desk.invoice()
    reminding.run(THREE_BEFORE)

    reminder_readers.choose(reminding.link(), is_stopped=True, now=THREE_BEFORE)
    reminding.run(ON_THE_DAY)
    reminder_readers.choose(reminding.link(), is_stopped=False, now=ON_THE_DAY)
    reminding.run(SEVEN_AFTER)

    to = [letter["to_email"] for letter in messages()]
    assert to == [ANITA, RAJ, RAJ, ANITA, RAJ]
    assert reminding.sent() == [(number, -3), (number, 0), (number, 7)]
    assert desk.audit() == [
        f"Anita Patel ({ANITA}), contact of Patel Family, stopped reminders",
        f"Anita Patel ({ANITA}), contact of Patel Family, takes reminders again",
    ]


def test_who_stopped_them_at_another_address_gets_them_at_the_new_one(
    reminding: ReminderDesk, desk: Desk
) -> None:
    number = desk.invoice()
    reminding.run(THREE_BEFORE)
    before = reminding.link()
    reminder_readers.choose(before, is_stopped=True, now=THREE_BEFORE)
    with unit_of_work() as connection:
        is_anita = contact.c.id == reminding.contact_id
        connection.execute(update(contact).where(is_anita).values(email="new@patelfamily.example"))

    reminding.run(ON_THE_DAY)

    assert reminding.sent() == [(number, -3), (number, 0)]
    assert messages()[-1]["to_email"] == "new@patelfamily.example"
    assert reminding.link("new@patelfamily.example") != before


def test_a_run_that_was_cut_off_keeps_its_days(reminding: ReminderDesk, desk: Desk) -> None:
    reminding.turn_on(0, 1, at=desk.now)
    first, second = desk.invoice(), desk.invoice()

    reminders.remind_next(now=ON_THE_DAY)
    reminding.run(ON_THE_DAY + timedelta(days=1))

    assert reminding.sent() == [(first, 0), (second, 0), (first, 1)]


def test_with_nobody_to_remind_nothing_is_written(reminding: ReminderDesk, desk: Desk) -> None:
    desk.invoice()
    reminding.run(THREE_BEFORE)
    reminder_readers.choose(reminding.link(), is_stopped=True, now=THREE_BEFORE)

    reminding.run(ON_THE_DAY)

    assert len(reminding.sent()) == 1


def test_another_firm_has_its_own_plan_hour_and_clients(
    reminding: ReminderDesk, desk: Desk
) -> None:
    with unit_of_work() as connection:
        firm_id = make_firm(connection, name="Northside CPA", timezone="Asia/Tokyo")
        make_invoice(connection, make_client(connection, firm_id, name="Zephyr Cycles"))
    number = desk.invoice()

    reminding.run(ON_THE_DAY)

    assert reminding.sent() == [(number, 0)]


def test_where_no_mail_can_leave_nothing_is_missed(
    reminding: ReminderDesk, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = desk.invoice()
    settings = get_settings()
    blocked = settings.model_copy(update={"stripe_secret_key": object(), "smtp_url": None})
    monkeypatch.setattr(reminders, "get_settings", lambda: blocked)
    assert not blocked.can_send_mail

    assert reminders.remind_next(now=ON_THE_DAY) is None
    monkeypatch.undo()
    reminding.run(ON_THE_DAY + timedelta(days=1))

    assert reminding.sent() == [(number, 0)]
    assert "was due yesterday" in messages()[0]["subject"]
