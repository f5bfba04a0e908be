"""A reminder is true at the moment it leaves, or it does not leave (R075)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update

from assure_app.billing import manual_payments, reminder_readers, reminders
from assure_app.billing.manual_payments import PaymentForm
from assure_app.billing.verification import verify
from assure_app.db.unit_of_work import unit_of_work
from assure_app.mail.undelivered import Undelivered
from assure_app.models.tables import mail_message
from tests.mail.letters import messages
from tests.mail.test_sender import Carrier
from tests.support.desk import Desk
from tests.support.reminding import ANITA, RAJ, ReminderDesk, deliver, open_reminder_desk

DUE_DAY = datetime(2026, 5, 31, 13, 0, tzinfo=UTC)
AWAY = Undelivered("the mail server could not be used (it does not answer)")


@pytest.fixture
def reminding(desk: Desk) -> ReminderDesk:
    return open_reminder_desk(desk)


@pytest.fixture
def number(reminding: ReminderDesk, desk: Desk) -> str:
    """An invoice over $1,000.00 whose reminder waits in the outbox."""
    made = desk.invoice()
    reminding.run(DUE_DAY)
    assert len(messages()) == 1
    return made


def pay(desk: Desk, number: str, amount: str) -> None:
    form = PaymentForm(amount=amount, method="Cash", date="2026-05-22")
    manual_payments.record_payment(
        desk.jane, number, form, form_token=f"{amount:a>32}", now=desk.now
    )


def test_nothing_changed_it_leaves_as_it_was_written(desk: Desk, number: str) -> None:
    written = messages()[0]["text"]
    carrier = Carrier()

    delivery = deliver(carrier, DUE_DAY)

    assert delivery is not None
    assert (delivery.is_sent, delivery.is_told) == (True, False)
    letter = carrier.letter
    assert letter.get_body(("plain",)).get_content() == written.replace("\n", "\r\n")  # type: ignore[union-attr]
    assert letter["List-Unsubscribe"] == f"<{messages()[0]['stop_link']}>"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter["Reply-To"] == desk.email_of_jane()
    assert len(desk.timeline()) == 1


def test_paid_in_part_meanwhile_it_asks_for_the_rest(desk: Desk, number: str) -> None:
    assert deliver(Carrier(AWAY), DUE_DAY) is not None
    pay(desk, number, "550")
    carrier = Carrier()
    later = DUE_DAY + timedelta(days=1)

    delivery = deliver(carrier, later)

    assert delivery is not None
    assert (delivery.is_sent, delivery.is_told) == (True, True)
    subject = f"Reminder: $450.00 for invoice {number} was due yesterday"
    assert carrier.letter["Subject"] == messages()[0]["subject"] == subject
    assert "$1,000.00 was" not in carrier.letter.as_string()
    assert desk.timeline()[-1] == (f"Reminder to {ANITA} goes late: 1 day overdue, $450", "System")
    assert verify() == []


def test_tried_often_it_is_told_once(desk: Desk, number: str) -> None:
    pay(desk, number, "550")

    for minutes in (0, 1, 6):
        deliver(Carrier(AWAY), DUE_DAY + timedelta(minutes=minutes))

    told = [text for text, _ in desk.timeline() if "goes late" in text]
    assert told == [f"Reminder to {ANITA} goes late: due today, $450"]


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("paid", "the invoice is Paid"),
        ("cancelled", "the invoice is Cancelled"),
        ("pending", "the whole balance is on its way"),
        ("stopped", "they take no reminders any more"),
        ("due later", "the due date was changed"),
        ("reminded again", "a newer one goes"),
    ],
)
def test_what_is_not_true_any_more_is_not_sent(
    reminding: ReminderDesk, desk: Desk, number: str, what: str, reason: str
) -> None:
    later = DUE_DAY + timedelta(hours=1)
    match what:
        case "paid":
            pay(desk, number, "1000")
        case "cancelled":
            reminding.change(number, stage="cancelled", cancelled_at=later)
        case "pending":
            reminding.change(number, balance_cents=0, pending_cents=100_000)
        case "stopped":
            reminder_readers.choose(reminding.link(), is_stopped=True, now=later)
        case "due later":
            reminding.change(number, due_on=date(2026, 6, 30))
        case "reminded again":
            reminding.run(DUE_DAY + timedelta(days=7))
    carrier = Carrier()

    delivery = deliver(carrier, later)

    assert carrier.letters == []
    assert delivery is not None
    assert (delivery.is_sent, delivery.is_given_up, delivery.is_told) == (False, False, True)
    first = messages()[0]
    assert (first["due_at"], first["sent_at"], first["failure"]) == (None, None, reason)
    assert (f"Reminder to {ANITA} was not sent: {reason}", "System") in desk.timeline()


def test_a_mistake_of_our_own_holds_up_no_other_letter(
    reminding: ReminderDesk, desk: Desk, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("assure_app.billing.reminder_letters.letter", broken)

    delivery = deliver(Carrier(), DUE_DAY)

    assert delivery is not None
    assert not delivery.is_sent
    assert messages()[0]["due_at"] == DUE_DAY + timedelta(minutes=1)
    assert messages()[0]["failure"] == "it could not be written (ZeroDivisionError)"


def test_a_long_link_stays_whole_in_its_header(number: str) -> None:
    assert number
    link = f"https://billing.{'a-long-name.' * 9}example/reminders/{'x' * 22}"
    with unit_of_work() as connection:
        connection.execute(update(mail_message).values(stop_link=link))
    carrier = Carrier()

    deliver(carrier, DUE_DAY)

    assert f"\r\nList-Unsubscribe: <{link}>\r\n".encode() in carrier.letters[0]


def test_each_reader_has_a_link_of_their_own(reminding: ReminderDesk, desk: Desk) -> None:
    reminding.add_contact("Raj Patel", RAJ)
    desk.invoice()
    reminding.run(DUE_DAY)
    desk.invoice(due_on=date(2026, 6, 4))
    reminding.run(DUE_DAY + timedelta(days=1))

    links = [(each["to_email"], each["stop_link"]) for each in messages()]

    assert len(links) == 4
    assert len(set(links)) == 2


def test_by_hand_it_says_the_same_and_a_double_click_sends_one(
    reminding: ReminderDesk, desk: Desk
) -> None:
    number = desk.invoice(due_on=date(2026, 5, 15))
    start = reminders.start(desk.jane, number, now=desk.now)
    assert (start.addresses, start.standing, start.last) == (ANITA, "7 days overdue, $1,000", "")
    known = {"form_token": start.form_token, "invoice_id": start.invoice_id, "now": desk.now}

    first = reminders.send_now(desk.jane, number, **known)  # type: ignore[arg-type]
    again = reminders.send_now(desk.jane, number, **known)  # type: ignore[arg-type]

    assert first.sentence == f"Reminder sent to {ANITA}: 7 days overdue, $1,000."
    assert again.is_repeat
    assert desk.timeline() == [(first.sentence.removesuffix("."), "Jane Chen")]
    (letter,) = messages()
    assert letter["reply_to"] == desk.jane.email
    assert reminders.start(desk.jane, number, now=desk.now).last == "May 22, 11:00 AM"
    assert reminding.sent() == [(number, None)]
