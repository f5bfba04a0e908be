"""Killed while it sends: an invoice is sent with its mail or not at all, and no mail is lost."""

import signal
from datetime import datetime
from email import message_from_bytes

import pytest

from assure_app.billing import sending
from assure_app.billing.reading.send_rows import SendForm
from assure_app.billing.undelivered import tell_of_undelivered
from assure_app.billing.verification import verify
from assure_app.db import engine
from assure_app.mail import sender
from assure_app.mail.smtp import MailServer
from tests.mail.letters import messages
from tests.mail.smtp_stub import mail_server
from tests.support.desk import Desk
from tests.support.killed import die_at, end, run_and_die, run_apart, start

ANITA = "anita@patelfamily.example"
FORM = SendForm(to=ANITA, keep="on")


def send(desk: Desk, number: str) -> None:
    sending.send(desk.jane, number, FORM, version=0, now=desk.now)


def deliver(database: str, port: int, now: datetime) -> None:
    """Deliver all that is due, as the worker does."""
    engine.configure(database)
    server = MailServer(host="127.0.0.1", port=port)
    while sender.deliver_next(
        server, mail_from="billing@chen.example", now=lambda: now, on_given_up=tell_of_undelivered
    ):
        pass


def deliver_and_die(database: str, port: int, now: datetime) -> None:
    """Die once the mail server has taken the first message, before that is noted."""
    die_at("mail.sender._mark_sent before")
    deliver(database, port, now)


@pytest.mark.parametrize(
    "where",
    [
        "billing.invoice_record.save",
        "billing.activity.append",
        "mail.outbox.enqueue",
        "billing.invoice_letters.keep_as_contacts",
    ],
)
def test_killed_before_its_commit_nothing_was_sent(desk: Desk, database: str, where: str) -> None:
    number = desk.invoice(draft=True)
    before = desk.stored(number)

    run_and_die(database, f"{where} after", send, desk, number)

    assert desk.stored(number) == before
    assert (desk.timeline(), messages()) == ([], [])
    assert not sending.send(desk.jane, number, FORM, version=0, now=desk.now).is_repeat
    assert len(messages()) == 1
    assert verify() == []


def test_killed_after_its_commit_it_is_sent_and_not_again(desk: Desk, database: str) -> None:
    number = desk.invoice(draft=True)

    run_and_die(database, "", send, desk, number)

    assert sending.send(desk.jane, number, FORM, version=0, now=desk.now).is_repeat
    assert [message["to_email"] for message in messages()] == [ANITA]
    assert len(desk.timeline()) == 1
    assert verify() == []


def test_killed_after_the_server_took_it_it_goes_again_under_the_same_id(
    desk: Desk, database: str
) -> None:
    number = desk.invoice(draft=True)
    sending.send(desk.jane, number, FORM, version=0, now=desk.now)

    with mail_server() as heard:
        run_apart(deliver_and_die, database, heard.port, desk.now, status=-signal.SIGKILL)
        run_apart(deliver, database, heard.port, desk.now)
        assert len(heard.letters) == 1  # still claimed by the one that was killed
        run_apart(deliver, database, heard.port, desk.now + sender.LEASE)

    first, second = (message_from_bytes(letter)["Message-ID"] for letter in heard.letters)
    assert first == second == messages()[0]["message_id"]
    assert messages()[0]["sent_at"] == desk.now + sender.LEASE


def test_two_processes_deliver_each_message_once(desk: Desk, database: str) -> None:
    numbers = [desk.invoice(draft=True) for _ in range(12)]
    for number in numbers:
        sending.send(desk.jane, number, FORM, version=0, now=desk.now)

    with mail_server() as heard:
        children = [start(deliver, database, heard.port, desk.now) for _ in range(2)]
        for child in children:
            end(child)

    received = {message_from_bytes(letter)["Message-ID"] for letter in heard.letters}
    assert len(heard.letters) == len(received) == 12
    assert all(message["sent_at"] == desk.now for message in messages())
