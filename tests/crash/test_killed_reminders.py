"""Killed while it reminds: each client is reminded once, and nobody is left out."""

import signal
from datetime import UTC, datetime
from email import message_from_bytes

import pytest

from assure_app.billing import reminders
from assure_app.billing.verification import verify
from assure_app.db import engine
from assure_app.mail import sender
from assure_app.mail.smtp import MailServer
from tests.mail.letters import messages
from tests.mail.smtp_stub import mail_server
from tests.support.desk import Desk
from tests.support.killed import die_at, end, run_and_die, run_apart, start
from tests.support.reminding import ReminderDesk, deliver, open_reminder_desk

DUE_DAY = datetime(2026, 5, 31, 13, 0, tzinfo=UTC)


@pytest.fixture
def reminding(desk: Desk) -> ReminderDesk:
    return open_reminder_desk(desk)


def run(now: datetime) -> None:
    while reminders.remind_next(now=now):
        pass


def work(database: str, now: datetime) -> None:
    """A worker of its own."""
    engine.configure(database)
    run(now)


def deliver_all(database: str, port: int, now: datetime) -> None:
    engine.configure(database)
    while deliver(MailServer(host="127.0.0.1", port=port), now):
        pass


def deliver_and_die(database: str, port: int, now: datetime) -> None:
    """Die once the letter is written anew and kept so, before the server has it."""
    die_at("mail.sender._deliver before")
    deliver_all(database, port, now)


@pytest.mark.parametrize(
    "where",
    [
        "billing.reminder_plans.take after",
        "billing.reminder_plans.move_on after",
        "billing.reminder_readers.with_links after",
        "billing.reminders._insert after",
        "mail.outbox.enqueue after",
        "billing.activity.append after",
        "billing.reminder_plans.finish after",
        "billing.reminder_plans.is_due after",
    ],
)
def test_killed_anywhere_in_the_run_it_goes_on_where_it_was(
    reminding: ReminderDesk, desk: Desk, database: str, where: str
) -> None:
    numbers = [desk.invoice() for _ in range(2)]
    before = len(messages())

    run_and_die(database, where, run, DUE_DAY)
    assert len(messages()) == len(reminding.sent()) >= before

    reminding.run(DUE_DAY)
    reminding.run(DUE_DAY)
    assert reminding.sent() == [(number, 0) for number in numbers]
    assert [each["subject"].split()[4] for each in messages()] == numbers
    assert len(desk.timeline()) == 2
    assert verify() == []


def test_two_workers_and_a_killed_one_remind_each_client_once(
    reminding: ReminderDesk, desk: Desk, database: str
) -> None:
    numbers = sorted(desk.invoice() for _ in range(12))
    run_and_die(database, "mail.outbox.enqueue after", run, DUE_DAY)

    children = [start(work, database, DUE_DAY) for _ in range(2)]
    for child in children:
        end(child)

    assert sorted(reminding.sent()) == [(number, 0) for number in numbers]
    assert len(messages()) == 12
    assert verify() == []


def test_killed_between_its_writing_and_its_leaving_a_letter_goes_once(
    reminding: ReminderDesk, desk: Desk, database: str
) -> None:
    desk.invoice()
    reminding.run(DUE_DAY)

    with mail_server() as heard:
        run_apart(deliver_and_die, database, heard.port, DUE_DAY, status=-signal.SIGKILL)
        assert heard.letters == []
        run_apart(deliver_all, database, heard.port, DUE_DAY + sender.LEASE)

    (letter,) = map(message_from_bytes, heard.letters)
    assert letter["Message-ID"] == messages()[0]["message_id"]
    assert len(desk.timeline()) == 1
