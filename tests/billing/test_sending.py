"""Sending invoices to clients: opened and posted together, or neither (R051, R141, A26)."""

import threading
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from assure_app.billing import bulk_sending, invoice_record, manual_payments, sending
from assure_app.billing.manual_payments import PaymentForm
from assure_app.billing.reading.send_rows import SendForm, Sending
from assure_app.billing.send_form import InvoiceChanged, MailNotSetUp, NotSendable
from assure_app.billing.verification import verify
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.errors import Busy, InvalidInput, NotFound, PermissionDenied
from assure_app.mail import outbox
from assure_app.models import Contact
from assure_app.models.tables import contact
from assure_app.settings import get_settings
from tests.factories import MOMENT, insert
from tests.mail.letters import messages
from tests.support.desk import Desk, open_desk

ANITA = "anita@patelfamily.example"
SENT = ("Invoice sent to client (email)", "Jane Chen")


def add_contact(client_id: int, email: str = ANITA) -> None:
    with unit_of_work() as connection:
        insert(connection, Contact, client_id=client_id, name="Anita Patel", email=email)


def contacts(client_id: int) -> list[tuple[str, str]]:
    with reading() as connection:
        wanted = select(contact.c.name, contact.c.email).where(contact.c.client_id == client_id)
        return [(row.name, row.email) for row in connection.execute(wanted)]


def send(desk: Desk, number: str, to: object = ANITA, **typed: Any) -> Sending:
    version = typed.pop("version", 0)
    form = SendForm(to=to, **typed)  # type: ignore[arg-type]
    return sending.send(desk.jane, number, form, version=version, now=desk.now)


def test_a_draft_is_opened_and_its_letter_waits(desk: Desk) -> None:
    number = desk.invoice(draft=True, number="INV-1042", total_cents=270_000)

    outcome = send(desk, number, message="Thank you, Anita.")

    assert outcome == Sending(
        number="INV-1042", status="Sent", sentence="INV-1042 sent to anita@patelfamily.example."
    )
    stored = desk.stored(number)
    assert (stored["stage"], stored["sent_at"], stored["opened_at"]) == ("open", MOMENT, MOMENT)
    assert desk.timeline() == [SENT]
    (message,) = messages()
    assert message["to_email"] == ANITA
    assert message["from_name"] == "Chen Advisory"
    assert message["reply_to"] == "jane@chenadvisory.example"
    assert message["subject"] == "Invoice INV-1042 from Chen Advisory: $2,700.00 due May 31, 2026"
    assert "Thank you, Anita." in message["text"]
    assert "Thank you, Anita." in message["html"]
    assert (message["invoice_id"], message["due_at"]) == (stored["id"], MOMENT)
    assert verify() == []


def test_the_dialog_starts_with_the_clients_addresses(desk: Desk) -> None:
    add_contact(desk.client_id)
    add_contact(desk.client_id, "ken@patelfamily.example")
    number = desk.invoice(draft=True, number="INV-1042")

    start = sending.start(desk.jane, number, now=desk.now)

    assert start.addresses == "anita@patelfamily.example, ken@patelfamily.example"
    assert (start.client, start.amount, start.due) == ("Patel Family", "$1,000.00", "May 31, 2026")
    assert start.subject == "Invoice INV-1042 from Chen Advisory: $1,000.00 due May 31, 2026"
    assert (start.has_contact, start.is_draft, start.can_send_mail, start.block) == (
        True,
        True,
        True,
        "",
    )
    assert start.version == 0


def test_each_address_gets_a_letter_of_its_own_and_once(desk: Desk) -> None:
    number = desk.invoice(draft=True)

    outcome = send(desk, number, f"{ANITA.upper()}; ken@b.example,\n{ANITA}")

    assert outcome.sentence == f"{number} sent to 2 addresses."
    assert [message["to_email"] for message in messages()] == [ANITA, "ken@b.example"]


def test_sent_twice_is_sent_once(desk: Desk) -> None:
    number = desk.invoice(draft=True)
    send(desk, number)

    again = send(desk, number)

    assert again.is_repeat
    assert again.sentence == f"{number} was sent already."
    assert len(messages()) == 1
    assert desk.timeline() == [SENT]


def test_an_invoice_over_nothing_is_paid_once_it_is_sent(desk: Desk) -> None:
    number = desk.invoice(draft=True, total_cents=0)

    outcome = send(desk, number)

    assert outcome.status == "Paid"
    assert desk.stored(number)["stage"] == "paid"
    assert desk.rows() == []
    assert messages()[0]["subject"] == f"Invoice {number} from Chen Advisory: nothing due"
    assert verify() == []


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"to": ""}, "to", "Enter the client’s email address."),
        ({"to": " , "}, "to", "Enter the client’s email address."),
        ({"to": None}, "to", "Enter the client’s email address."),
        ({"to": "anita"}, "to", "“anita” is not an email address."),
        (
            {"to": f"{ANITA}, Ken <ken@b.example>"},
            "to",
            "“Ken <ken@b.example>” is not an email address.",
        ),
        (
            {"to": ", ".join(f"a{each}@b.example" for each in range(11))},
            "to",
            "Send it to at most 10 addresses at once.",
        ),
        ({"to": "a" * 5_001}, "to", "To may hold at most 5,000 characters."),
        ({"message": "x" * 2_001}, "message", "Message may hold at most 2,000 characters."),
        (
            {"message": "bell\a"},
            "message",
            "Message holds characters that cannot be shown. Remove them.",
        ),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_sent(
    desk: Desk, typed: dict[str, Any], field: str, sentence: str
) -> None:
    number = desk.invoice(draft=True)
    before = desk.stored(number)

    with pytest.raises(InvalidInput) as refusal:
        send(desk, number, **typed)

    assert refusal.value.problems[field] == sentence
    assert messages() == []
    assert desk.timeline() == []
    assert desk.stored(number) == before


def test_a_draft_that_was_changed_meanwhile_is_not_sent(desk: Desk) -> None:
    number = desk.invoice(draft=True, version=3)

    with pytest.raises(InvoiceChanged):
        send(desk, number, version=2)
    with pytest.raises(InvoiceChanged):
        sending.mark_as_sent(desk.jane, number, version=2, now=desk.now)

    assert messages() == []
    assert desk.stored(number)["stage"] == "draft"


def test_a_cancelled_or_paid_invoice_is_not_sent(desk: Desk) -> None:
    cancelled = desk.invoice(draft=True, cancelled_at=MOMENT)
    paid = desk.invoice(total_cents=0)

    with pytest.raises(NotSendable) as refusal:
        send(desk, cancelled)
    for number in (cancelled, paid):
        with pytest.raises(NotSendable):
            sending.start(desk.jane, number, now=desk.now)
        with pytest.raises(NotSendable):
            sending.resend(desk.jane, number, SendForm(to=ANITA), version=0, now=desk.now)

    assert refusal.value.sentence == f"{cancelled} is Cancelled. It cannot be sent."
    assert messages() == []


def test_without_the_right_nothing_is_sent_and_the_denial_is_kept(desk: Desk) -> None:
    number = desk.invoice(draft=True)
    viewer = replace(desk, jane=desk.someone(view_billing=True, all_clients=True))

    with pytest.raises(PermissionDenied):
        send(viewer, number)

    assert desk.audit() == ["Sarah Kim was denied: send an invoice (needs Edit billing)"]
    assert messages() == []


def test_what_one_may_not_see_does_not_exist(desk: Desk) -> None:
    number = desk.invoice(draft=True)

    for person in (desk.stranger(), desk.someone(edit_billing=True)):
        with pytest.raises(NotFound):
            send(replace(desk, jane=person), number)

    assert messages() == []


@pytest.mark.parametrize(("host", "is_told"), [("0.0.0.0", True), ("127.0.0.1", False)])
def test_whose_letters_stay_in_a_mailbox_out_of_reach_is_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, host: str, is_told: bool
) -> None:
    number = desk.invoice(draft=True)
    settings = get_settings().model_copy(update={"host": host})
    monkeypatch.setattr(sending, "get_settings", lambda: settings)

    start = sending.start(desk.jane, number, now=desk.now)

    assert bool(start.caution) is is_told
    assert start.can_send_mail


def test_where_no_mail_can_be_sent_the_dialog_says_so_and_nothing_is_opened(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = desk.invoice(draft=True)
    settings = get_settings().model_copy(update={"stripe_secret_key": "set"})
    monkeypatch.setattr(sending, "get_settings", lambda: settings)

    start = sending.start(desk.jane, number, now=desk.now)

    sentence = "This installation cannot send email yet: SMTP_URL is not set."
    assert (start.can_send_mail, start.block) == (False, sentence)
    with pytest.raises(MailNotSetUp):
        send(desk, number)
    with pytest.raises(MailNotSetUp):
        bulk_sending.send_many(desk.jane, [number], now=desk.now)
    assert desk.stored(number)["stage"] == "draft"
    assert sending.mark_as_sent(desk.jane, number, version=0, now=desk.now).status == "Sent"


def test_marked_as_sent_it_is_open_and_no_letter_goes(desk: Desk) -> None:
    number = desk.invoice(draft=True)

    outcome = sending.mark_as_sent(desk.jane, number, version=0, now=desk.now)
    again = sending.mark_as_sent(desk.jane, number, version=0, now=desk.now)

    assert (outcome.status, outcome.sentence) == ("Sent", f"{number} marked as sent.")
    assert again.is_repeat
    assert desk.timeline() == [("Invoice marked as sent", "Jane Chen")]
    assert messages() == []


@pytest.mark.parametrize("keep", ["on", ""])
def test_a_new_address_is_kept_for_next_time_when_asked(desk: Desk, keep: str) -> None:
    number = desk.invoice(draft=True)

    send(desk, number, keep=keep)

    assert contacts(desk.client_id) == ([("Patel Family", ANITA)] if keep else [])


def test_a_client_who_has_a_contact_keeps_it(desk: Desk) -> None:
    add_contact(desk.client_id)
    number = desk.invoice(draft=True)

    send(desk, number, "other@b.example", keep="on")

    assert contacts(desk.client_id) == [("Anita Patel", ANITA)]


def test_sent_again_it_asks_for_what_is_due_now(desk: Desk) -> None:
    number = desk.invoice(draft=True)
    send(desk, number)
    paid = PaymentForm(amount="400", method="Cash", date="2026-05-22")
    manual_payments.record_payment(
        desk.jane, number, paid, form_token="one-form-token-00001", now=desk.now
    )
    start = sending.start(desk.jane, number, now=desk.now)
    form = SendForm(to=ANITA)

    outcome = sending.resend(desk.jane, number, form, version=start.version, now=desk.now)
    repeat = sending.resend(desk.jane, number, form, version=start.version, now=desk.now)

    assert not start.is_draft
    assert outcome.sentence == f"{number} sent again to {ANITA}."
    assert (outcome.status, repeat.is_repeat) == ("Partially paid", True)
    assert [message["subject"] for message in messages()] == [
        f"Invoice {number} from Chen Advisory: $1,000.00 due May 31, 2026",
        f"Invoice {number} from Chen Advisory: $600.00 due May 31, 2026",
    ]
    assert "Paid so far" in messages()[1]["text"]
    assert desk.timeline()[-1] == ("Invoice sent again to client (email)", "Jane Chen")
    assert len(desk.timeline()) == 3
    assert verify() == []


def test_a_draft_is_not_sent_again(desk: Desk) -> None:
    number = desk.invoice(draft=True)

    with pytest.raises(NotSendable):
        sending.resend(desk.jane, number, SendForm(to=ANITA), version=0, now=desk.now)

    assert messages() == []


def test_when_the_letter_cannot_be_written_the_invoice_stays_a_draft(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = desk.invoice(draft=True)

    def fail(*_args: object, **_kwargs: object) -> int:
        raise Busy

    monkeypatch.setattr(outbox, "enqueue", fail)

    with pytest.raises(Busy):
        send(desk, number)

    assert desk.stored(number)["stage"] == "draft"
    assert desk.timeline() == []


@pytest.mark.parametrize("is_sent", [False, True])
def test_another_invoice_that_took_the_number_is_not_sent(desk: Desk, is_sent: bool) -> None:
    number = desk.invoice(draft=True)
    looked_at = sending.start(desk.jane, number, now=desk.now)
    with unit_of_work() as connection:
        found = invoice_record.find_and_lock(connection, desk.jane, number)
        invoice_record.save(connection, found, replace(found, number="A-1"))
    desk.invoice(draft=not is_sent, number=number)
    seen = {"invoice_id": looked_at.invoice_id, "version": looked_at.version}

    for act in (sending.send, sending.resend):
        with pytest.raises(InvoiceChanged):
            act(desk.jane, number, SendForm(to=ANITA), **seen, now=desk.now)
    with pytest.raises(InvoiceChanged):
        sending.mark_as_sent(desk.jane, number, **seen, now=desk.now)

    assert messages() == []


def test_a_contact_that_somebody_adds_at_the_same_moment_is_no_obstacle(
    postgresql_database: str,
) -> None:
    assert postgresql_database
    desk = open_desk()
    number = desk.invoice(draft=True)
    outcomes: list[Sending] = []
    sender = threading.Thread(target=lambda: outcomes.append(send(desk, number, keep="on")))

    with unit_of_work() as connection:
        insert(connection, Contact, client_id=desk.client_id, name="Anita Patel", email=ANITA)
        sender.start()
        sender.join(0.5)  # It waits for this row, or it has not come so far yet.
    sender.join()

    assert [outcome.status for outcome in outcomes] == ["Sent"]
    assert contacts(desk.client_id) == [("Anita Patel", ANITA)]
