"""From the books to a paper: what its client may read of an invoice, a payment, a refund (R113).

The firm gets the same papers as the client. Whoever asks has been let in before.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select

from assure_app.billing import portal_links
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.reading.portal_money import money_row
from assure_app.documents.paper import (
    InvoicePaper,
    PaperLine,
    PaperPayment,
    ReceiptPaper,
    RefundReceiptPaper,
    Sums,
)
from assure_app.domain.calendar import day_of, long_day_text, noon_of
from assure_app.domain.errors import NotFound
from assure_app.domain.invoice_status import Stage
from assure_app.domain.line_items import Line, thousandths_text
from assure_app.domain.money import full_text
from assure_app.domain.transitions import Kind, RowStatus
from assure_app.models.tables import invoice_line, payment

_ARRIVED = frozenset({RowStatus.COMPLETED, RowStatus.REFUNDED})

# Built once: building a statement takes longer than running it.
_LINES = (
    select(invoice_line)
    .where(invoice_line.c.invoice_id == bindparam("invoice_id"))
    .order_by(invoice_line.c.position)
)
_MONEY = (
    select(payment, func.row_number().over(order_by=payment.c.id).label("place"))
    .where(payment.c.invoice_id == bindparam("invoice_id"))
    .order_by(payment.c.id)
)


def invoice_paper(connection: Connection, invoice: InvoiceRecord) -> InvoicePaper:
    """The invoice as it stands now; it says nothing that another day alone would change."""
    lines = lines_of(connection, invoice.id)
    takes_payments = portal_links.takes_payments(connection, invoice.firm_id)
    return paper_of(connection, invoice, lines, takes_payments=takes_payments)


def lines_of(connection: Connection, invoice_id: int) -> Sequence[Row[Any]]:
    """The stored lines of the invoice, in their order."""
    return connection.execute(_LINES, {"invoice_id": invoice_id}).all()


def paper_of(
    connection: Connection,
    invoice: InvoiceRecord,
    lines: Sequence[Row[Any] | Line],
    *,
    takes_payments: bool,
) -> InvoicePaper:
    """The same, for who knows its lines and whether clients can pay online."""
    money = _money(connection, invoice.id)
    tax_cents = sum(each.tax_cents for each in lines)
    lead, amount_cents, note = _lead(invoice, money)
    return InvoicePaper(
        number=invoice.number,
        firm=invoice.firm,
        client=invoice.client,
        title=invoice.title,
        issued=long_day_text(invoice.issued_on),
        due=long_day_text(invoice.due_on),
        made_at=noon_of(invoice.issued_on, invoice.timezone),
        lead=lead,
        amount=full_text(amount_cents),
        note=note,
        lines=tuple(_line(each) for each in lines),
        sums=(*_taxes(invoice, tax_cents), *_sums(invoice)),
        payments=tuple(_payment(each, invoice) for each in money),
        is_settled=invoice.stage is Stage.PAID,
        is_payable=invoice.stage is Stage.OPEN and invoice.balance_cents > 0 and takes_payments,
        link="" if invoice.stage is Stage.DRAFT else portal_links.link_of(invoice.pay_token),
    )


def receipt_paper(connection: Connection, invoice: InvoiceRecord, payment_id: int) -> ReceiptPaper:
    """The receipt of one of the invoice's payments. Raises NotFound unless it arrived."""
    money = _money(connection, invoice.id)
    paid = _one(money, payment_id, Kind.PAYMENT, _ARRIVED)
    return ReceiptPaper(
        number=_number(invoice, paid),
        firm=invoice.firm,
        client=invoice.client,
        invoice=invoice.number,
        made_at=paid.completed_at,
        day=_day(paid, invoice),
        method=_method(paid, invoice),
        lead="Paid",
        amount=full_text(paid.amount_cents),
        note="Thank you for your payment.",
        reversals=_left_of(paid, money, invoice) if _reversals(paid, money) else (),
        sums=tuple(_sums(invoice)),
    )


def refund_receipt_paper(
    connection: Connection, invoice: InvoiceRecord, refund_id: int
) -> RefundReceiptPaper:
    """The receipt of one of the invoice's refunds. Raises NotFound unless it was made."""
    money = _money(connection, invoice.id)
    refund = _one(money, refund_id, Kind.REFUND, frozenset({RowStatus.COMPLETED}))
    paid = next(each for each in money if each.id == refund.reverses_id)
    return RefundReceiptPaper(
        number=_number(invoice, refund),
        firm=invoice.firm,
        client=invoice.client,
        invoice=invoice.number,
        made_at=refund.completed_at,
        day=_day(refund, invoice),
        method=_method(paid if paid.method == refund.method else refund, invoice),
        lead="Refunded",
        amount=full_text(-refund.amount_cents),
        note="Your bank may take a few days to show it." if paid.stripe_charge_id else "",
        payment=_left_of(paid, money, invoice),
        sums=tuple(_sums(invoice)),
    )


def _lead(invoice: InvoiceRecord, money: Sequence[Row[Any]]) -> tuple[str, int, str]:
    """What the reader looks for, in cents, and a sentence under it."""
    if invoice.cancelled_at is not None:
        day = long_day_text(day_of(invoice.cancelled_at, invoice.timezone))
        return "Cancelled", 0, f"This invoice was cancelled on {day}. Nothing is due."
    match invoice.stage:
        case Stage.DRAFT:
            return "Draft", invoice.total_cents, "This invoice was not sent yet."
        case Stage.PAID:
            return "Paid in full", invoice.total_cents, _thanks(invoice, money)
        case Stage.OPEN if not invoice.balance_cents:
            return "Nothing more to pay", 0, f"{full_text(invoice.pending_cents)} is on its way."
    return "Amount due", invoice.balance_cents, f"Due {long_day_text(invoice.due_on)}"


def _thanks(invoice: InvoiceRecord, money: Sequence[Row[Any]]) -> str:
    arrived = [each for each in money if each.kind == Kind.PAYMENT and each.status in _ARRIVED]
    if not arrived:
        return "Nothing is due."
    last = max(arrived, key=lambda each: each.completed_at)
    return f"The last payment arrived on {_day(last, invoice)}. Thank you."


def _taxes(invoice: InvoiceRecord, tax_cents: int) -> Iterator[tuple[str, str]]:
    if tax_cents:
        yield "Subtotal", full_text(invoice.total_cents - tax_cents)
        yield "Tax", full_text(tax_cents)


def _sums(invoice: InvoiceRecord) -> Iterator[tuple[str, str]]:
    """From the total to what is due, with nothing left out between the two."""
    is_cancelled = invoice.cancelled_at is not None
    yield "Total", full_text(invoice.total_cents)
    if invoice.settled_cents:
        yield "Paid", full_text(-invoice.settled_cents)
    if invoice.pending_cents:
        yield "On its way", full_text(-invoice.pending_cents)
    if invoice.overpaid_cents:
        yield "Overpaid", full_text(invoice.overpaid_cents)
    if is_cancelled and invoice.balance_cents:
        yield "Cancelled", full_text(-invoice.balance_cents)
    yield "Balance due", full_text(0 if is_cancelled else invoice.balance_cents)


def _left_of(paid: Row[Any], money: Sequence[Row[Any]], invoice: InvoiceRecord) -> Sums:
    """The payment, what was taken back of it, and what is left."""
    reversals = _reversals(paid, money)
    left_cents = paid.amount_cents + sum(each.amount_cents for each in reversals)
    return (
        (f"Paid on {_day(paid, invoice)}", full_text(paid.amount_cents)),
        *((_reversal_text(each, invoice), full_text(each.amount_cents)) for each in reversals),
        ("Left of this payment", full_text(left_cents)),
    )


def _reversals(paid: Row[Any], money: Sequence[Row[Any]]) -> list[Row[Any]]:
    return [each for each in money if each.reverses_id == paid.id]


def _reversal_text(reversal: Row[Any], invoice: InvoiceRecord) -> str:
    if reversal.status == RowStatus.PENDING:
        return "Refund on its way"
    what = "Refunded" if reversal.kind == Kind.REFUND else "Returned by the bank"
    return f"{what} on {_day(reversal, invoice)}"


def _payment(each: Row[Any], invoice: InvoiceRecord) -> PaperPayment:
    shown = money_row(each, number="", pay_token="", timezone=invoice.timezone, today=date.min)
    is_under_way = each.status == RowStatus.PENDING
    return PaperPayment(
        day=shown.day,
        what=f"{shown.what} · {shown.method}" + (", on its way" if is_under_way else ""),
        amount=shown.amount,
    )


def _method(each: Row[Any], invoice: InvoiceRecord) -> str:
    return money_row(
        each, number="", pay_token="", timezone=invoice.timezone, today=date.min
    ).method


def _day(each: Row[Any], invoice: InvoiceRecord) -> str:
    return long_day_text(day_of(each.completed_at, invoice.timezone))


def _line(each: Row[Any] | Line) -> PaperLine:
    rate = thousandths_text(each.tax_rate_thousandths)
    return PaperLine(
        description=each.description,
        quantity=thousandths_text(each.quantity_thousandths),
        price=full_text(each.unit_price_cents),
        tax=f"{rate}%" if each.tax_rate_thousandths else "",
        amount=full_text(each.amount_cents),
    )


def _number(invoice: InvoiceRecord, of: Row[Any]) -> str:
    """The invoice's number and the row's place in its ledger, from which no row ever goes."""
    return f"{invoice.number}-{of.place}"


def _one(
    money: Sequence[Row[Any]], wanted_id: int, kind: Kind, statuses: frozenset[RowStatus]
) -> Row[Any]:
    for each in money:
        if each.id == wanted_id and each.kind == kind and each.status in statuses:
            return each
    raise NotFound("receipt")


def _money(connection: Connection, invoice_id: int) -> Sequence[Row[Any]]:
    """The invoice's ledger rows, oldest first, but for those that failed."""
    rows = connection.execute(_MONEY, {"invoice_id": invoice_id}).all()
    return [each for each in rows if each.status != RowStatus.FAILED]
