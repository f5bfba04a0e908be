"""What stands on an invoice, a receipt and a refund receipt, and what never does (R105, R113)."""

from dataclasses import asdict
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, delete, select, update

from assure_app.billing import invoice_record, papers, sending, stripe_accounts
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.reading import papers as reading_papers
from assure_app.billing.reading.send_rows import SendForm
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.documents import typesetting
from assure_app.documents.paper import (
    InvoicePaper,
    Paper,
    ReceiptPaper,
    RefundReceiptPaper,
    from_text,
)
from assure_app.domain.errors import NotFound, PermissionDenied
from assure_app.domain.portal_access import PortalPerson, PortalPrincipal, PortalRole
from assure_app.models.tables import client, invoice, invoice_line
from assure_app.worker import post
from tests.factories import make_client, make_invoice, make_payment
from tests.mail.letters import messages
from tests.support.desk import Desk
from tests.support.fake_stripe import CHEN, make_account
from tests.support.online import PayDesk
from tests.support.pdf import read_pdf

LATER = datetime(2026, 5, 25, 3, 0, tzinfo=UTC)
"""May 24 in New York."""


def invoice_id(number: str) -> int:
    with reading() as connection:
        return int(connection.scalars(select(invoice.c.id).where(invoice.c.number == number)).one())


def record(connection: Connection, number: str) -> InvoiceRecord:
    return invoice_record.by_id(connection, invoice_id(number))


def invoice_paper(number: str) -> InvoicePaper:
    with reading() as connection:
        return papers.invoice_paper(connection, record(connection, number))


def add(number: str, **payment: object) -> int:
    with unit_of_work() as connection:
        return make_payment(connection, invoice_id(number), **payment)


def receipt(number: str, row_id: int) -> ReceiptPaper:
    with reading() as connection:
        return papers.receipt_paper(connection, record(connection, number), row_id)


def refund_receipt(number: str, row_id: int) -> RefundReceiptPaper:
    with reading() as connection:
        return papers.refund_receipt_paper(connection, record(connection, number), row_id)


def client_person(desk: Desk, client_id: int = 0) -> PortalPerson:
    """Somebody who may look at the client's invoices."""
    contact = PortalPrincipal(
        contact_id=1,
        client_id=client_id or desk.client_id,
        firm_id=desk.jane.firm_id,
        name="Anita Patel",
        email="anita@patelfamily.example",
        role=PortalRole.VIEWER,
    )
    return PortalPerson(session_id=1, email=contact.email, contacts=(contact,))


def test_an_open_invoice_asks_for_what_is_due(desk: Desk) -> None:
    number = desk.invoice(title="Returns of 2025", total_cents=276_213)
    with unit_of_work() as connection:
        stripe_accounts.connect(connection, desk.jane.firm_id, make_account(CHEN), now=desk.now)
        connection.execute(
            update(invoice_line).values(
                description="Bookkeeping", quantity_thousandths=3_500, unit_price_cents=77_142,
                amount_cents=270_000, tax_rate_thousandths=2_300, tax_cents=6_213,
            )
        )  # fmt: skip
    add(number, amount_cents=25_005)
    add(number, amount_cents=10_000, status="Pending", source="online", method="ACH",
        method_detail="STRIPE TEST BANK •••• 6789")  # fmt: skip
    add(number, amount_cents=5_000, status="Failed", source="online", method="Card")

    paper = invoice_paper(number)

    assert (paper.firm, paper.client, paper.title) == (
        "Chen Advisory", "Patel Family", "Returns of 2025",
    )  # fmt: skip
    assert (paper.issued, paper.due) == ("May 1, 2026", "May 31, 2026")
    assert paper.made_at == datetime(2026, 5, 1, 16, 0, tzinfo=UTC)
    assert (paper.lead, paper.amount, paper.note) == (
        "Amount due", "$2,412.08", "Due May 31, 2026",
    )  # fmt: skip
    (line,) = paper.lines
    assert asdict(line) == {
        "description": "Bookkeeping",
        "quantity": "3.5",
        "price": "$771.42",
        "tax": "2.3%",
        "amount": "$2,700.00",
    }
    assert paper.sums == (
        ("Subtotal", "$2,700.00"),
        ("Tax", "$62.13"),
        ("Total", "$2,762.13"),
        ("Paid", "−$250.05"),
        ("On its way", "−$100.00"),
        ("Balance due", "$2,412.08"),
    )
    assert [(each.day, each.what, each.amount) for each in paper.payments] == [
        ("May 22, 2026", "Payment · Check", "$250.05"),
        ("May 22, 2026", "Payment · STRIPE TEST BANK •••• 6789, on its way", "$100.00"),
    ]
    assert (paper.is_settled, paper.is_payable) == (False, True)
    assert paper.link.endswith(f"/pay/{desk.stored(number)['pay_token']}")


def test_a_paid_invoice_says_when(desk: Desk) -> None:
    number = desk.invoice()
    add(number, amount_cents=40_000, completed_at=LATER)
    add(number, amount_cents=60_000)

    paper = invoice_paper(number)

    assert (paper.lead, paper.amount) == ("Paid in full", "$1,000.00")
    assert paper.note == "The last payment arrived on May 24, 2026. Thank you."
    assert paper.sums[-1] == ("Balance due", "$0.00")
    assert (paper.is_settled, paper.is_payable) == (True, False)


def test_what_is_overpaid_is_the_clients_to_know(desk: Desk) -> None:
    number = desk.invoice()
    add(number, amount_cents=100_000)
    add(number, amount_cents=20_000)

    assert invoice_paper(number).sums == (
        ("Total", "$1,000.00"),
        ("Paid", "−$1,200.00"),
        ("Overpaid", "$200.00"),
        ("Balance due", "$0.00"),
    )


def test_an_invoice_whose_last_money_is_on_its_way_asks_for_nothing(desk: Desk) -> None:
    number = desk.invoice()
    add(number, amount_cents=100_000, status="Pending", source="online", method="ACH")

    paper = invoice_paper(number)

    assert (paper.lead, paper.amount, paper.note) == (
        "Nothing more to pay", "$0.00", "$1,000.00 is on its way.",
    )  # fmt: skip
    assert paper.is_settled is False


def test_a_cancelled_invoice_says_so_and_not_why(desk: Desk) -> None:
    number = desk.invoice(
        cancelled_at=LATER, written_off_cents=100_000, cancel_reason="They went bankrupt"
    )

    paper = invoice_paper(number)

    assert (paper.lead, paper.amount) == ("Cancelled", "$0.00")
    assert paper.note == "This invoice was cancelled on May 24, 2026. Nothing is due."
    assert paper.sums == (
        ("Total", "$1,000.00"), ("Cancelled", "−$1,000.00"), ("Balance due", "$0.00"),
    )  # fmt: skip
    assert "bankrupt" not in str(paper)


def test_a_draft_is_for_the_firm_alone_and_leads_nowhere(desk: Desk) -> None:
    number = desk.invoice(draft=True)
    token = desk.stored(number)["pay_token"]

    paper = reading_papers.invoice_for_firm(desk.jane, number)

    assert (paper.lead, paper.note) == ("Draft", "This invoice was not sent yet.")
    assert (paper.link, paper.is_payable) == ("", False)
    with pytest.raises(NotFound):
        reading_papers.invoice_for_client(client_person(desk), token)


def test_an_invoice_of_nothing_is_a_paper(desk: Desk) -> None:
    number = desk.invoice(total_cents=0)
    with unit_of_work() as connection:
        connection.execute(delete(invoice_line))

    paper = invoice_paper(number)

    assert (paper.lines, paper.payments) == ((), ())
    assert paper.note == "Nothing is due."


def test_a_receipt_follows_what_was_given_back(desk: Desk) -> None:
    number = desk.invoice()
    add(number, amount_cents=5_000, status="Failed", source="online", method="Card")
    paid = add(number, amount_cents=40_000, source="online", method="Card",
               method_detail="Visa •••• 4242")  # fmt: skip
    before = receipt(number, paid)
    refund = add(number, reverses_id=paid, amount_cents=-15_000, completed_at=LATER,
                 method="Card", source="online")  # fmt: skip

    after, returned = receipt(number, paid), refund_receipt(number, refund)

    assert (before.number, before.invoice) == (f"{number}-2", number)
    assert (before.amount, before.day, before.method) == (
        "$400.00", "May 22, 2026", "Visa •••• 4242",
    )  # fmt: skip
    assert before.reversals == ()
    assert before.sums == (
        ("Total", "$1,000.00"), ("Paid", "−$400.00"), ("Balance due", "$600.00"),
    )  # fmt: skip
    assert after.reversals == (
        ("Paid on May 22, 2026", "$400.00"),
        ("Refunded on May 24, 2026", "−$150.00"),
        ("Left of this payment", "$250.00"),
    )
    assert (returned.number, returned.amount, returned.day) == (
        f"{number}-3", "$150.00", "May 24, 2026",
    )  # fmt: skip
    assert returned.method == "Visa •••• 4242"
    assert returned.payment == after.reversals
    assert returned.sums[-1] == ("Balance due", "$750.00")


def test_what_the_bank_took_back_is_no_refund(desk: Desk) -> None:
    number = desk.invoice()
    paid = add(number, amount_cents=100_000, source="online", method="ACH")
    taken = add(number, kind="return", reverses_id=paid, amount_cents=-100_000, method="ACH",
                source="online")  # fmt: skip

    assert receipt(number, paid).reversals[1] == (
        "Returned by the bank on May 22, 2026", "−$1,000.00",
    )  # fmt: skip
    with pytest.raises(NotFound):
        refund_receipt(number, taken)


def test_there_is_no_receipt_of_what_did_not_arrive(desk: Desk) -> None:
    number, other = desk.invoice(), desk.invoice()
    pending = add(number, status="Pending", source="online", method="ACH")
    failed = add(number, status="Failed", source="online", method="ACH")
    paid = add(number)
    elsewhere = add(other)

    for row_id in (pending, failed, elsewhere, 0, -1, 999_999_999):
        with pytest.raises(NotFound):
            receipt(number, row_id)
    with pytest.raises(NotFound):
        refund_receipt(number, paid)


def test_a_paper_holds_nothing_that_its_client_never_sees(desk: Desk) -> None:
    number = desk.invoice(number="INV-77")
    paid = add(number, reference="4521", notes="Anita is difficult", paid_by="Marcus Webb",
               fee_cents=987)  # fmt: skip
    refund = add(number, reverses_id=paid, amount_cents=-5_000, reason="Duplicate",
                 notes="Our mistake", paid_by="Marcus Webb")  # fmt: skip
    with unit_of_work() as connection:
        other = make_client(connection, desk.jane.firm_id, name="Okafor Dental")
        make_payment(connection, make_invoice(connection, other, number="INV-88"))
    person, token = client_person(desk), desk.stored(number)["pay_token"]
    made: list[Paper] = [
        reading_papers.invoice_for_client(person, token),
        reading_papers.receipt_for_client(person, token, paid),
        reading_papers.refund_receipt_for_client(person, token, refund),
    ]

    for paper in made:
        text = read_pdf(typesetting.pdf(paper)).text
        assert "INV-77" in text
        for hidden in ("4521", "difficult", "Marcus", "Jane", "9.87", "Duplicate", "mistake",
                       "Okafor", "INV-88"):  # fmt: skip
            assert hidden not in text


def test_papers_are_for_who_may_see_the_invoice(desk: Desk) -> None:
    number = desk.invoice()
    paid = add(number)
    refund = add(number, reverses_id=paid, amount_cents=-5_000)
    token = desk.stored(number)["pay_token"]
    with unit_of_work() as connection:
        other = make_client(connection, desk.jane.firm_id, name="Okafor Dental")
    lena = desk.someone(view_billing=True)
    stranger, sarah = desk.stranger(), desk.someone(all_clients=True)
    neighbour = client_person(desk, other)

    for nobody, refusal in ((lena, NotFound), (stranger, NotFound), (sarah, PermissionDenied)):
        with pytest.raises(refusal):
            reading_papers.invoice_for_firm(nobody, number)
        with pytest.raises(refusal):
            reading_papers.receipt_for_firm(nobody, paid)
        with pytest.raises(refusal):
            reading_papers.refund_receipt_for_firm(nobody, refund)
    with pytest.raises(NotFound):
        reading_papers.invoice_for_client(neighbour, token)
    with pytest.raises(NotFound):
        reading_papers.receipt_for_client(neighbour, token, paid)
    with pytest.raises(NotFound):
        reading_papers.refund_receipt_for_client(neighbour, token, refund)
    assert reading_papers.receipt_for_firm(desk.jane, paid).number == f"{number}-1"
    assert reading_papers.refund_receipt_for_firm(desk.jane, refund).number == f"{number}-2"


def test_one_state_of_the_books_makes_one_file(desk: Desk) -> None:
    number = desk.invoice()

    first, second = typesetting.pdf(invoice_paper(number)), typesetting.pdf(invoice_paper(number))
    with unit_of_work() as connection:
        connection.execute(update(client).values(name="Patel & Sons"))

    assert first == second
    assert typesetting.pdf(invoice_paper(number)) != first


def test_an_invoices_letter_bears_it_as_it_stood_when_it_was_sent(desk: Desk) -> None:
    number = desk.invoice(draft=True)
    form = SendForm(to="anita@patelfamily.example, tom@patelfamily.example")

    sending.send(desk.jane, number, form, version=0, now=desk.now)
    add(number, amount_cents=30_000)

    first, second = [from_text(letter["paper"]) for letter in messages()]
    assert first == second
    assert (first.kind, first.number, first.lead) == ("invoice", number, "Amount due")
    assert first.amount == "$1,000.00"
    assert read_pdf(post.attachment(messages()[0]["paper"]).content).title.startswith("Invoice")


def test_the_letter_of_a_payment_that_arrived_bears_its_receipt(pay_desk: PayDesk) -> None:
    number = pay_desk.invoice()
    charge_id = pay_desk.stripe.pay(pay_desk.opened(number), method="us_bank_account")
    pay_desk.deliver()
    assert messages() == []
    pay_desk.stripe.settle(charge_id)
    pay_desk.deliver()
    pay_desk.deliver()

    (letter,) = messages()
    file = post.attachment(letter["paper"])
    assert file.file_name == f"Receipt-{number}-1.pdf"
    assert "Paid $1,000.00" in read_pdf(file.content).text


def test_the_letter_of_a_payment_that_failed_bears_none(pay_desk: PayDesk) -> None:
    charge_id = pay_desk.stripe.pay(pay_desk.opened(pay_desk.invoice()), method="us_bank_account")
    pay_desk.deliver()
    pay_desk.stripe.fail(charge_id)
    pay_desk.deliver()

    assert {letter["paper"] for letter in messages()} == {""}
