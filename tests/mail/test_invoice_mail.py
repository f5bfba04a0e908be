"""The letter of an invoice, readable in any client and safe whatever stands in it."""

from dataclasses import replace
from datetime import date

from assure_app.mail.invoice_mail import MailedInvoice, MailedLine, compose

LINE = MailedLine(
    description="Tax return",
    quantity_thousandths=1500,
    unit_price_cents=120_000,
    amount_cents=180_000,
    tax_rate_thousandths=8875,
    tax_cents=15_975,
)
INVOICE = MailedInvoice(
    firm="Chen Advisory",
    sender="Jane Chen",
    client="Patel Family",
    number="INV-1042",
    title="2025 return",
    issued_on=date(2026, 5, 16),
    due_on=date(2026, 6, 15),
    total_cents=195_975,
    settled_cents=0,
    pending_cents=0,
    balance_cents=195_975,
    lines=[LINE],
    link="https://billing.example/pay/8aQ2",
    is_payable=True,
)
TEXT = """\
Chen Advisory

Dear Anita,
thank you.

Invoice INV-1042
Amount due: $1,959.75
Due date: Jun 15, 2026
Billed to: Patel Family
Invoice date: May 16, 2026
For: 2025 return

Pay now: https://billing.example/pay/8aQ2

Tax return
  1.5 × $1,200.00, plus 8.875 % tax $159.75        $1,800.00

Subtotal                                           $1,800.00
Tax                                                  $159.75
Total                                              $1,959.75
Amount due                                         $1,959.75

Questions? Reply to this email: it reaches Jane Chen at Chen Advisory.
"""


def test_the_text_says_everything() -> None:
    letter = compose(replace(INVOICE, message="Dear Anita,\nthank you."))

    assert letter.subject == "Invoice INV-1042 from Chen Advisory: $1,959.75 due Jun 15, 2026"
    assert letter.text == TEXT


def test_the_html_says_the_same() -> None:
    letter = compose(replace(INVOICE, message="Dear Anita,\nthank you."))

    for said in (
        *("INV-1042", "$1,959.75", "Jun 15, 2026", "Patel Family", "2025 return", "Tax return"),
        *("1.5 × $1,200.00, plus 8.875 % tax $159.75", "$1,800.00", "Subtotal"),
        *("Dear Anita,<br>thank you.", "Jane Chen at Chen Advisory"),
    ):
        assert said in letter.html


def test_what_was_paid_is_taken_off() -> None:
    paid = replace(INVOICE, settled_cents=90_000, pending_cents=5_975, balance_cents=100_000)

    letter = compose(paid)

    assert letter.subject.endswith("$1,000.00 due Jun 15, 2026")
    for said in ("Paid so far", "−$900.00", "On its way", "−$59.75", "$1,000.00"):
        assert said in letter.text
        assert said in letter.html


def test_what_auto_pay_charges_is_said_and_not_asked_for() -> None:
    letter = compose(replace(INVOICE, charged_on=date(2026, 6, 15)))

    said = (
        "Auto-pay is on: your saved payment method will be charged $1,959.75 on Jun 15, 2026. You"
        " need do nothing."
    )
    for form in (letter.text, letter.html):
        assert said in form
        assert "See invoice" in form
        assert "Pay now" not in form


def test_nothing_due_names_no_due_date() -> None:
    free = replace(INVOICE, total_cents=0, balance_cents=0, lines=[])

    letter = compose(free)

    assert letter.subject == "Invoice INV-1042 from Chen Advisory: nothing due"
    assert "Due date" not in letter.text + letter.html


def test_whatever_people_typed_is_text() -> None:
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
    letter = compose(
        replace(
            INVOICE,
            firm=evil,
            sender=evil,
            client=evil,
            number=evil,
            title=evil,
            message=evil,
            lines=[replace(LINE, description=evil)],
        )
    )

    assert "<script" not in letter.html
    assert "<img" not in letter.html
    assert letter.html.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 10


def test_what_cannot_be_paid_online_can_be_seen() -> None:
    letter = compose(replace(INVOICE, is_payable=False))

    assert "See invoice: https://billing.example/pay/8aQ2" in letter.text
    assert ">See invoice</a>" in letter.html
    assert "Pay now" not in letter.text + letter.html


def test_there_is_nothing_to_load_and_one_place_to_go() -> None:
    html = compose(INVOICE).html

    for part in ("<img", "<link", "<script", "url("):
        assert part not in html
    assert (html.count("<a "), html.count("http")) == (1, 1)
    assert '<a href="https://billing.example/pay/8aQ2"' in html
