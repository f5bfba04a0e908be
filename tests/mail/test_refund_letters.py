"""Letters about a refund: when it arrives, and that it failed; nothing else of it."""

from dataclasses import replace

from assure_app.mail.refund_letters import MailedRefund, failed_for_staff, on_its_way

REFUND = MailedRefund(
    firm="Chen Advisory",
    client="Patel Family",
    number="INV-1042",
    amount_cents=10_000,
    method="Visa •••• 4242",
    arrives="between Nov 30 and Dec 7",
    invoice_link="https://billing.example/pay/8aQ2",
    desk_link="https://billing.example/invoices?invoice=INV-1042",
    reason="The card was lost or stolen.",
)
ON_ITS_WAY = """\
Chen Advisory

Your refund is on its way

Chen Advisory sent $100.00 back to Visa •••• 4242. It shows on your statement between Nov 30 and \
Dec 7; how soon is up to your bank.

Invoice: INV-1042
Amount: $100.00
Method: Visa •••• 4242
Arrives: between Nov 30 and Dec 7

See invoice: https://billing.example/pay/8aQ2

Questions? Reply to this email: it reaches Chen Advisory.
"""


def test_the_client_hears_when_the_money_arrives() -> None:
    letter = on_its_way(REFUND)

    assert letter.subject == "Your refund is on its way: $100.00 for invoice INV-1042"
    assert letter.text == ON_ITS_WAY
    for said in ("$100.00", "INV-1042", "Visa •••• 4242", "between Nov 30 and Dec 7"):
        assert said in letter.html
    assert (letter.html.count("<a "), letter.html.count("http")) == (1, 1)


def test_the_firm_hears_what_failed_and_why() -> None:
    letter = failed_for_staff(REFUND)

    assert letter.subject == "Refund failed: Patel Family, $100.00 for invoice INV-1042"
    for said in ("The card was lost or stolen.", "Nothing is tried again", REFUND.desk_link):
        assert said in letter.text
        assert said in letter.html


def test_whatever_people_typed_is_text() -> None:
    evil = "<script>alert(1)</script>"
    typed = replace(REFUND, firm=evil, client=evil, number=evil, method=evil, reason=evil)

    for letter in (on_its_way(typed), failed_for_staff(typed)):
        assert "<script" not in letter.html
        assert "&lt;script&gt;" in letter.html
