"""Killed while it sends: an invoice is sent with its mail or not at all, and no mail is lost."""

import os
import pickle
import signal
import subprocess
import sys
from email import message_from_bytes

import pytest

from assure_app.billing import sending
from assure_app.billing.reading.send_rows import SendForm
from assure_app.billing.verification import verify
from assure_app.mail import sender
from tests.mail.letters import messages
from tests.mail.smtp_stub import mail_server
from tests.support.desk import Desk

ANITA = "anita@patelfamily.example"
FORM = SendForm(to=ANITA, keep="on")

SENDS = """
import os, pickle, signal, sys
from importlib import import_module
from assure_app.billing import sending
from assure_app.db import engine

engine.configure(sys.argv[1])
where, principal, number, form, now = pickle.load(sys.stdin.buffer)
if where:
    module = import_module(f"assure_app.{where.rpartition('.')[0]}")
    name = where.rpartition(".")[2]
    original = getattr(module, name)

    def dying(*args, **kwargs):
        original(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(module, name, dying)
sending.send(principal, number, form, version=0, now=now)
os.kill(os.getpid(), signal.SIGKILL)
"""

DELIVERS = """
import os, pickle, signal, sys
from assure_app.billing.undelivered import tell_of_undelivered
from assure_app.db import engine
from assure_app.mail import sender
from assure_app.mail.smtp import MailServer

engine.configure(sys.argv[1])
port, dies, now = pickle.load(sys.stdin.buffer)
if dies:
    sender._mark_sent = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
server = MailServer(host="127.0.0.1", port=port)
while sender.deliver_next(
    server, mail_from="billing@chen.example", now=lambda: now, on_given_up=tell_of_undelivered
):
    pass
"""


def start(program: str, database: str, told: object) -> "subprocess.Popen[bytes]":
    child = subprocess.Popen(
        [sys.executable, "-c", program, database],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(os.environ),
    )
    assert child.stdin
    with child.stdin as pipe:
        pipe.write(pickle.dumps(told))
    return child


def end(child: "subprocess.Popen[bytes]", status: int = 0) -> None:
    assert child.stderr
    with child.stderr as pipe:
        said = pipe.read().decode()
    assert child.wait() == status, said


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

    end(start(SENDS, database, (where, desk.jane, number, FORM, desk.now)), -signal.SIGKILL)

    assert desk.stored(number) == before
    assert (desk.timeline(), messages()) == ([], [])
    assert not sending.send(desk.jane, number, FORM, version=0, now=desk.now).is_repeat
    assert len(messages()) == 1
    assert verify() == []


def test_killed_after_its_commit_it_is_sent_and_not_again(desk: Desk, database: str) -> None:
    number = desk.invoice(draft=True)

    end(start(SENDS, database, ("", desk.jane, number, FORM, desk.now)), -signal.SIGKILL)

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
        end(start(DELIVERS, database, (heard.port, True, desk.now)), -signal.SIGKILL)
        end(start(DELIVERS, database, (heard.port, False, desk.now)))
        assert len(heard.letters) == 1  # still claimed by the one that was killed
        end(start(DELIVERS, database, (heard.port, False, desk.now + sender.LEASE)))

    first, second = (message_from_bytes(letter)["Message-ID"] for letter in heard.letters)
    assert first == second == messages()[0]["message_id"]
    assert messages()[0]["sent_at"] == desk.now + sender.LEASE


def test_two_processes_deliver_each_message_once(desk: Desk, database: str) -> None:
    numbers = [desk.invoice(draft=True) for _ in range(12)]
    for number in numbers:
        sending.send(desk.jane, number, FORM, version=0, now=desk.now)

    with mail_server() as heard:
        children = [start(DELIVERS, database, (heard.port, False, desk.now)) for _ in range(2)]
        for child in children:
            end(child)

    received = {message_from_bytes(letter)["Message-ID"] for letter in heard.letters}
    assert len(heard.letters) == len(received) == 12
    assert all(message["sent_at"] == desk.now for message in messages())
