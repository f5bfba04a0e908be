"""Which rows lead to a paper, at the desk and in the portal (R133)."""

from assure_app.billing.reading.invoice_detail import detail
from assure_app.billing.reading.invoice_query import Query
from assure_app.billing.reading.portal_invoice import portal_invoice
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.portal_access import PortalPerson
from tests.factories import make_payment
from tests.support.online import PayDesk


def test_what_arrived_has_a_receipt_and_stripes_rows_have_stripes_too(pay_desk: PayDesk) -> None:
    desk, number = pay_desk.desk, pay_desk.invoice(number="A/1")
    pay_desk.stripe.pay(pay_desk.opened(number, "100"))
    pay_desk.stripe.pay(pay_desk.opened(number, "50"), method="us_bank_account")
    pay_desk.stripe.decline(pay_desk.opened(number, "25"))
    pay_desk.deliver()
    card, bank, failed = (row["id"] for row in desk.rows())
    invoice_id = desk.stored(number)["id"]
    with unit_of_work() as connection:
        check = make_payment(connection, invoice_id)
        refund = make_payment(connection, invoice_id, reverses_id=check)
        under_way = make_payment(
            connection, invoice_id, reverses_id=card, amount_cents=-1_000, status="Pending",
            source="online", method="Card",
        )  # fmt: skip
        returned = make_payment(
            connection, invoice_id, reverses_id=card, amount_cents=-2_000, kind="return",
            source="online", method="Card",
        )  # fmt: skip

    shown = detail(desk.jane, number, Query(), now=desk.now)
    person = PortalPerson(session_id=1, email=pay_desk.anita.email, contacts=(pay_desk.anita,))
    link = f"/pay/{pay_desk.pay_token(number)}"
    _viewer, theirs = portal_invoice(person, pay_desk.pay_token(number), now=desk.now)

    assert shown.pdf_href == "/invoices/A%2F1/invoice.pdf"
    assert {row.id: (row.receipt_href, row.stripe_receipt_href) for row in shown.payments} == {
        card: (f"/payments/{card}/receipt.pdf", f"/payments/{card}/stripe-receipt"),
        bank: ("", ""),
        failed: ("", ""),
        check: (f"/payments/{check}/receipt.pdf", ""),
        refund: (f"/refunds/{refund}/receipt.pdf", ""),
        under_way: ("", ""),
        returned: ("", ""),
    }
    assert theirs.pdf_href == f"{link}/invoice.pdf"
    assert {int(row.key): row.receipt_href for row in theirs.history} == {
        row.id: f"{link}{row.receipt_href}" if row.receipt_href else "" for row in shown.payments
    }
