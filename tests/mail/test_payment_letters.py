"""Letters about a payment that arrived or failed: what they say, and to whom they say nothing."""

from dataclasses import replace
from datetime import date

import pytest

from assure_app.mail.invoice_mail import Letter
from assure_app.mail.payment_letters import MailedPayment, failed, failed_for_staff, received

PAYMENT = MailedPayment(
    firm="Chen Advisory",
    client="Patel Family",
    payer="Anita Patel",
    number="INV-1042",
    amount_cents=150_000,
    method="Visa •••• 4242",
    made_on=date(2026, 5, 22),
    balance_cents=120_000,
    invoice_link="https://billing.example/pay/8aQ2",
)
DESK = "https://billing.example/invoices?invoice=INV-1042"
RECEIVED = """\
Chen Advisory

$1,500.00 received

Thank you, Anita Patel. Chen Advisory received your payment.

Invoice: INV-1042
Method: Visa •••• 4242
Date: May 22, 2026
Still due: $1,200.00

See invoice: https://billing.example/pay/8aQ2

Questions? Reply to this email: it reaches Chen Advisory.
"""
FAILED = """\
Chen Advisory

$1,500.00 did not go through

Anita Patel, your payment to Chen Advisory failed, and nothing was charged. The invoice stands as \
it did before; please pay it in another way.

Invoice: INV-1042
Method: Visa •••• 4242
Date: May 22, 2026
Reason: The account was closed.
Still due: $2,700.00

Pay now: https://billing.example/pay/8aQ2

Questions? Reply to this email: it reaches Chen Advisory.
"""
FAILURE = replace(PAYMENT, balance_cents=270_000, reason="The account was closed.")


def test_a_payment_received() -> None:
    letter = received(PAYMENT)

    assert letter.subject == "Payment received: $1,500.00 for invoice INV-1042"
    assert letter.text == RECEIVED


def test_a_payment_failed() -> None:
    letter = failed(FAILURE)

    assert letter.subject == "Payment failed: $1,500.00 for invoice INV-1042"
    assert letter.text == FAILED


def test_the_firm_hears_whose_payment_failed() -> None:
    letter = failed_for_staff(FAILURE, desk_link=DESK)

    assert letter.subject == "Payment failed: Patel Family, $1,500.00 for invoice INV-1042"
    for said in (
        *("Anita Patel of Patel Family", "The account was closed.", "Still due", "$2,700.00"),
        *("Client", "Open invoice", DESK),
    ):
        assert said in letter.text
        assert said in letter.html


@pytest.mark.parametrize("letter", [received(PAYMENT), failed(FAILURE)])
def test_the_html_says_the_same_and_leads_to_the_invoice(letter: Letter) -> None:
    for said in ("$1,500.00", "INV-1042", "Visa •••• 4242", "May 22, 2026", "Still due"):
        assert said in letter.html
    assert (letter.html.count("<a "), letter.html.count("http")) == (1, 1)
    assert '<a href="https://billing.example/pay/8aQ2"' in letter.html


def test_whatever_people_typed_is_text() -> None:
    evil = "<script>alert(1)</script>"
    typed = replace(FAILURE, firm=evil, client=evil, payer=evil, number=evil, reason=evil)

    for letter in (received(typed), failed(typed), failed_for_staff(typed, desk_link=DESK)):
        assert "<script" not in letter.html
        assert "&lt;script&gt;" in letter.html
