"""Sending many drafts at once: what can go goes, and the rest says why not (R140)."""

from dataclasses import replace

import pytest

from assure_app.billing import bulk_sending, invoice_record, invoices
from assure_app.billing.reading.send_rows import Refused
from assure_app.billing.verification import verify
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.errors import Busy, InvalidInput
from assure_app.models import Contact
from tests.factories import MOMENT, insert, make_client
from tests.mail.letters import messages
from tests.support.desk import Desk

ANITA = "anita@patelfamily.example"


def add_contact(client_id: int, email: str = ANITA) -> None:
    with unit_of_work() as connection:
        insert(connection, Contact, client_id=client_id, name="Anita Patel", email=email)


def test_many_are_sent_each_for_itself(desk: Desk) -> None:
    add_contact(desk.client_id)
    with unit_of_work() as connection:
        nobody = make_client(connection, desk.jane.firm_id, name="Quill & Co")
    ready = [desk.invoice(draft=True, number=f"INV-{each}") for each in (1, 2)]
    sent = desk.invoice(number="INV-3")
    cancelled = desk.invoice(number="INV-4", draft=True, cancelled_at=MOMENT)
    with unit_of_work() as connection:
        lonely = invoices.create_invoice(
            connection,
            desk.jane,
            invoices.NewInvoice(
                client_id=nobody,
                number="INV-5",
                issued_on=MOMENT.date(),
                due_on=MOMENT.date(),
                lines=[invoices.Line(description="Advice", unit_price_cents=500)],
            ),
            now=desk.now,
        )
    numbers = [*ready, sent, cancelled, lonely, "INV-6", ready[0]]

    preview = bulk_sending.preview_many(desk.jane, numbers, now=desk.now)
    outcome = bulk_sending.send_many(desk.jane, numbers, now=desk.now)

    assert outcome.sent == ("INV-1", "INV-2")
    assert outcome.refused == (
        Refused(number="INV-3", sentence="INV-3 was sent already."),
        Refused(number="INV-4", sentence="INV-4 is Cancelled. It cannot be sent."),
        Refused(number="INV-5", sentence="Quill & Co has no email address."),
        Refused(number="INV-6", sentence="This invoice does not exist, or you may not see it."),
    )
    assert outcome.sentence == "Sent 2 invoices, 4 were not sent."
    assert (preview.ready, preview.total) == (2, "$2,000.00")
    assert [(row.number, row.problem) for row in preview.rows[2:]] == [
        (each.number, each.sentence) for each in outcome.refused
    ]
    assert (preview.rows[0].addresses, preview.rows[0].client) == (ANITA, "Patel Family")
    assert len(messages()) == 2
    assert verify() == []


def test_many_again_sends_nothing_again(desk: Desk) -> None:
    add_contact(desk.client_id)
    numbers = [desk.invoice(draft=True) for _ in range(3)]
    bulk_sending.send_many(desk.jane, numbers, now=desk.now)

    again = bulk_sending.send_many(desk.jane, numbers, now=desk.now)

    assert again.sent == ()
    assert [each.sentence for each in again.refused] == [
        f"{number} was sent already." for number in numbers
    ]
    assert len(messages()) == 3


@pytest.mark.parametrize("numbers", [[], [None, 3], [f"INV-{each}" for each in range(201)]])
def test_from_1_to_200_are_sent_at_once(desk: Desk, numbers: list[object]) -> None:
    for act in (bulk_sending.send_many, bulk_sending.preview_many):
        with pytest.raises(InvalidInput, match="Choose from 1 to 200 invoices"):
            act(desk.jane, numbers, now=desk.now)


def test_a_database_that_is_held_is_not_waited_for_two_hundred_times(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def busy(_connection: object, _principal: object, number: str) -> None:
        asked.append(number)
        raise Busy

    monkeypatch.setattr(invoice_record, "find_and_lock", busy)

    outcome = bulk_sending.send_many(desk.jane, ["INV-1", "INV-2", "INV-3"], now=desk.now)

    assert asked == ["INV-1"]
    assert {each.sentence for each in outcome.refused} == {Busy().sentence}
    assert len(outcome.refused) == 3


def test_what_is_not_as_it_was_shown_does_not_go_with_the_others(desk: Desk) -> None:
    add_contact(desk.client_id)
    numbers = [desk.invoice(draft=True) for _ in range(2)]
    shown = bulk_sending.preview_many(desk.jane, numbers, now=desk.now).rows
    with unit_of_work() as connection:
        found = invoice_record.find_and_lock(connection, desk.jane, numbers[0])
        invoice_record.save(connection, found, replace(found, total_cents=9, balance_cents=9))

    outcome = bulk_sending.send_many(desk.jane, numbers, shown=shown, now=desk.now)

    sentence = f"{numbers[0]} was changed meanwhile. Close this and look at it again."
    assert outcome.sent == (numbers[1],)
    assert outcome.refused == (Refused(number=numbers[0], sentence=sentence),)
    assert [message["invoice_id"] for message in messages()] == [desk.stored(numbers[1])["id"]]


def test_addresses_that_were_not_shown_get_no_letter(desk: Desk) -> None:
    add_contact(desk.client_id)
    number = desk.invoice(draft=True)
    shown = bulk_sending.preview_many(desk.jane, [number], now=desk.now).rows
    add_contact(desk.client_id, "somebody@else.example")

    outcome = bulk_sending.send_many(desk.jane, [number], shown=shown, now=desk.now)

    assert (outcome.sent, messages()) == ((), [])
