"""Delivering what waits: once at a time, again when it failed, and never forever."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any

import pytest
from sqlalchemy import update

from assure_app.billing.undelivered import tell_of_undelivered
from assure_app.billing.verification import verify
from assure_app.db.unit_of_work import unit_of_work
from assure_app.mail import outbox, sender
from assure_app.mail.undelivered import Undelivered
from assure_app.models.tables import mail_message
from tests.mail.letters import messages
from tests.support.desk import Desk

FROM = "billing@chen.example"
ANITA = "anita@patelfamily.example"


class Carrier:
    """A transport that keeps what it is given, or refuses it."""

    def __init__(self, *failures: Undelivered) -> None:
        self.letters: list[bytes] = []
        self._failures: Iterator[Undelivered] = iter(failures)

    def deliver(self, letter: bytes, *, sender: str, to: str) -> None:
        assert (sender, to) == (FROM, str(read(letter)["To"]))
        self.letters.append(letter)
        for failure in self._failures:
            raise failure

    @property
    def letter(self) -> EmailMessage:
        """The last one, read."""
        return read(self.letters[-1])


def read(letter: bytes) -> EmailMessage:
    return BytesParser(policy=default).parsebytes(letter)


def enqueue(desk: Desk, **overrides: Any) -> None:
    letter = {
        "to_email": ANITA,
        "from_name": "Chen Advisory",
        "subject": "Invoice INV-1042",
        "text": "Due: $5.00",
        "html": "<p>Due: $5.00</p>",
    }
    with unit_of_work() as connection:
        outbox.enqueue(connection, firm_id=desk.jane.firm_id, now=desk.now, **letter | overrides)


def deliver(
    carrier: Carrier, now: datetime, attach: sender.Attach | None = None
) -> sender.Delivery | None:
    return sender.deliver_next(
        carrier,
        mail_from=FROM,
        now=lambda: now,
        on_given_up=tell_of_undelivered,
        attach=attach,
    )


def test_what_is_due_is_delivered_once(desk: Desk) -> None:
    enqueue(desk, reply_to="jane@chenadvisory.example")
    carrier = Carrier()

    first = deliver(carrier, desk.now)
    second = deliver(carrier, desk.now + timedelta(days=1))

    assert first == sender.Delivery(firm_id=desk.jane.firm_id, is_sent=True)
    assert second is None
    (message,) = messages()
    assert (message["due_at"], message["sent_at"], message["attempts"]) == (None, desk.now, 1)
    letter = carrier.letter
    assert letter["From"] == "Chen Advisory <billing@chen.example>"
    assert letter["To"] == ANITA
    assert letter["Reply-To"] == "jane@chenadvisory.example"
    assert letter["Subject"] == "Invoice INV-1042"
    assert letter["Message-ID"] == message["message_id"]
    assert letter["Date"].datetime == desk.now
    assert letter.get_body(("plain",)).get_content() == "Due: $5.00\r\n"  # type: ignore[union-attr]
    assert letter.get_body(("html",)).get_content() == "<p>Due: $5.00</p>\r\n"  # type: ignore[union-attr]


@pytest.mark.parametrize("is_refused", [False, True])
@pytest.mark.parametrize("has_secret", [False, True])
def test_a_secret_is_kept_only_until_it_went_out_or_never_will(
    desk: Desk, *, has_secret: bool, is_refused: bool
) -> None:
    enqueue(desk, has_secret=has_secret)
    refusal = Undelivered("the server refused it", is_final=True)
    carrier = Carrier(refusal) if is_refused else Carrier()

    deliver(carrier, desk.now)

    (message,) = messages()
    assert message["due_at"] is None
    assert "Due: $5.00" in carrier.letter.as_string()
    kept = ("", "") if has_secret else ("Due: $5.00", "<p>Due: $5.00</p>")
    assert (message["text"], message["html"]) == kept


def test_a_secret_that_is_to_be_tried_again_is_kept(desk: Desk) -> None:
    enqueue(desk, has_secret=True)

    deliver(Carrier(Undelivered("nobody answers", is_final=False)), desk.now)

    (message,) = messages()
    assert (message["sent_at"], message["text"]) == (None, "Due: $5.00")


def test_it_goes_over_the_wire_as_plain_seven_bit_lines(desk: Desk) -> None:
    enqueue(desk, from_name="Müller & Søn", subject="Rechnung – " + "ü" * 200, text="ü" * 5_000)
    carrier = Carrier()

    deliver(carrier, desk.now)

    raw = carrier.letters[0]
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert carrier.letter["From"] == "Müller & Søn <billing@chen.example>"
    assert carrier.letter["Subject"] == "Rechnung – " + "ü" * 200


@pytest.mark.parametrize(
    "name", ['Chen", Bcc: <all@b.example>', "a@b.example, c", "Chen\\", "=?utf-8?q?x=0D=0AY?="]
)
def test_a_firms_name_stays_a_name(desk: Desk, name: str) -> None:
    enqueue(desk, from_name=name)
    carrier = Carrier()

    deliver(carrier, desk.now)

    (sent_by,) = carrier.letter["From"].addresses
    assert sent_by.addr_spec == FROM
    assert carrier.letter["Bcc"] is None
    assert set(carrier.letter.keys()) == {
        *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"),
        *("MIME-Version", "Content-Type"),
    }


def test_a_failed_one_is_tried_later_and_later_and_then_given_up(desk: Desk) -> None:
    number = desk.invoice()
    enqueue(desk, invoice_id=desk.stored(number)["id"])
    refusal = Undelivered("the mail server could not be used (it does not answer)")
    carrier = Carrier(*[refusal] * 20)
    now, waits = desk.now, []

    while (due := messages()[0]["due_at"]) is not None:
        waits.append(due - now)
        assert deliver(carrier, due - timedelta(seconds=1)) is None
        outcome = deliver(carrier, due)
        now = due

    minutes = [int(wait.total_seconds()) // 60 for wait in waits]
    assert minutes == [0, 1, 5, 30, 120, 240, 480, 960]
    assert outcome == sender.Delivery(firm_id=desk.jane.firm_id, is_given_up=True)
    assert len(carrier.letters) == sender.MOST_ATTEMPTS == 8
    assert messages()[0]["failure"] == refusal.reason
    assert desk.timeline() == [
        (f"Email to {ANITA} could not be delivered: {refusal.reason}", "System")
    ]
    assert verify() == []


def test_what_will_never_be_taken_is_given_up_at_once(desk: Desk) -> None:
    number = desk.invoice()
    enqueue(desk, invoice_id=desk.stored(number)["id"])
    carrier = Carrier(Undelivered("the mail server answered 550 No such user", is_final=True))

    outcome = deliver(carrier, desk.now)

    assert outcome == sender.Delivery(firm_id=desk.jane.firm_id, is_given_up=True)
    (message,) = messages()
    assert (message["due_at"], message["sent_at"], message["attempts"]) == (None, None, 1)
    assert len(desk.timeline()) == 1


def test_a_letter_of_no_invoice_is_told_in_the_audit_log(desk: Desk) -> None:
    enqueue(desk)

    deliver(Carrier(Undelivered("it is full", is_final=True)), desk.now)

    assert desk.audit() == [f"Email to {ANITA} could not be delivered: it is full"]


def test_killed_after_the_delivery_it_goes_again_under_the_same_id(desk: Desk) -> None:
    enqueue(desk)
    carrier = Carrier()
    claimed = sender.claim(desk.now)  # and its process is killed before it marks it
    assert claimed is not None
    carrier.deliver(sender.as_letter(claimed, FROM), sender=FROM, to=ANITA)

    early = deliver(carrier, desk.now + sender.LEASE - timedelta(seconds=1))
    late = deliver(carrier, desk.now + sender.LEASE)

    assert early is None
    assert late == sender.Delivery(firm_id=desk.jane.firm_id, is_sent=True)
    assert len({read(letter)["Message-ID"] for letter in carrier.letters}) == 1
    assert len(carrier.letters) == 2
    assert messages()[0]["attempts"] == 2


def test_killed_at_its_last_attempt_it_is_given_up(desk: Desk) -> None:
    enqueue(desk)
    with unit_of_work() as connection:
        connection.execute(update(mail_message).values(attempts=sender.MOST_ATTEMPTS))
    carrier = Carrier()

    outcome = deliver(carrier, desk.now)

    assert outcome == sender.Delivery(firm_id=desk.jane.firm_id, is_given_up=True)
    assert carrier.letters == []


def test_who_comes_back_after_the_claim_ran_out_changes_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    enqueue(desk)
    slow = Carrier(Undelivered("it does not answer", is_final=True))

    def deliver_while_another_does(letter: bytes, *, sender: str, to: str) -> None:
        deliver(Carrier(), desk.now + timedelta(minutes=5))
        raise Undelivered("it does not answer", is_final=True)

    monkeypatch.setattr(slow, "deliver", deliver_while_another_does)

    deliver(slow, desk.now)

    (message,) = messages()
    assert message["sent_at"] == desk.now + timedelta(minutes=5)
    assert message["failure"] == ""
    assert desk.audit() == []


def test_eight_threads_deliver_each_message_once(desk: Desk) -> None:
    for each in range(20):
        enqueue(desk, to_email=f"a{each}@b.example")
    carrier = Carrier()
    barrier = threading.Barrier(8)

    def run() -> None:
        barrier.wait()
        while any(message["sent_at"] is None for message in messages()):
            deliver(carrier, desk.now)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    receivers = [read(letter)["To"] for letter in carrier.letters]
    assert sorted(receivers) == sorted(f"a{each}@b.example" for each in range(20))
    assert {message["attempts"] for message in messages()} == {1}


def test_a_paper_goes_along_the_same_at_every_attempt(desk: Desk) -> None:
    enqueue(desk, paper="of INV-1042")
    carrier = Carrier(Undelivered("it does not answer"))

    def attach(paper: str) -> sender.Attachment:
        return sender.Attachment(file_name="Invoice.pdf", content=f"%PDF {paper}".encode())

    first = deliver(carrier, desk.now, attach)
    deliver(carrier, desk.now + timedelta(hours=1), attach)

    assert first == sender.Delivery(firm_id=desk.jane.firm_id)
    assert len(carrier.letters) == 2
    for letter in map(read, carrier.letters):
        (file,) = letter.iter_attachments()
        assert (file.get_filename(), file.get_content_type()) == ("Invoice.pdf", "application/pdf")
        assert file.get_payload(decode=True) == b"%PDF of INV-1042"
        body = letter.get_body(("plain",))
        assert body is not None
        assert body.get_content() == "Due: $5.00\r\n"
    assert all(byte < 128 for byte in carrier.letters[0])


def test_a_letter_is_not_held_up_by_its_paper(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    enqueue(desk, paper="unreadable")
    carrier = Carrier()

    def attach(paper: str) -> sender.Attachment:
        raise RuntimeError(paper)

    assert deliver(carrier, desk.now, attach) == sender.Delivery(
        firm_id=desk.jane.firm_id, is_sent=True
    )
    assert list(carrier.letter.iter_attachments()) == []
    assert "could not be set" in caplog.text
