"""From the books to a paper: what its client may read of an invoice, a payment, a refund (R113).

The firm gets the same papers as the client. Whoever asks has been let in before.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select

from assure_app.billing import portal_links
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
from assure_app.domain.line_items import thousandths_text
from assure_app.domain.money import full_text
from assure_app.domain.transitions import Kind, RowStatus
from assure_app.models.tables import client, firm, invoice, invoice_line, payment

_ARRIVED = frozenset({RowStatus.COMPLETED, RowStatus.REFUNDED})
_INVOICE = select(
    invoice, client.c.name.label("client"), firm.c.name.label("firm"), firm.c.timezone
).select_from(
    invoice.join(client, client.c.id == invoice.c.client_id).join(
        firm, firm.c.id == invoice.c.firm_id
    )
)

# Built once: building a statement takes longer than running it.
_ONE_INVOICE = _INVOICE.where(invoice.c.id == bindparam("invoice_id"))
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


def invoice_paper(connection: Connection, invoice_id: int) -> InvoicePaper:
    """The invoice as it stands now; it says nothing that another day alone would change."""
    row = _invoice(connection, invoice_id)
    money = _money(connection, invoice_id)
    lines = _lines(connection, invoice_id)
    tax_cents = sum(each.tax_cents for each in lines)
    lead, amount_cents, note = _lead(row, money)
    return InvoicePaper(
        number=row.number,
        firm=row.firm,
        client=row.client,
        title=row.title,
        issued=long_day_text(row.issued_on),
        due=long_day_text(row.due_on),
        made_at=noon_of(row.issued_on, row.timezone),
        lead=lead,
        amount=full_text(amount_cents),
        note=note,
        lines=tuple(_line(each) for each in lines),
        sums=(*_taxes(row, tax_cents), *_sums(row)),
        payments=tuple(_payment(each, row) for each in money),
        is_settled=row.stage == Stage.PAID,
        is_payable=row.stage == Stage.OPEN
        and row.balance_cents > 0
        and portal_links.takes_payments(connection, row.firm_id),
        link="" if row.stage == Stage.DRAFT else portal_links.link_of(row.pay_token),
    )


def receipt_paper(connection: Connection, invoice_id: int, payment_id: int) -> ReceiptPaper:
    """The receipt of one of the invoice's payments. Raises NotFound unless it arrived."""
    row = _invoice(connection, invoice_id)
    money = _money(connection, invoice_id)
    paid = _one(money, payment_id, Kind.PAYMENT, _ARRIVED)
    return ReceiptPaper(
        number=_number(row, paid),
        firm=row.firm,
        client=row.client,
        invoice=row.number,
        made_at=paid.completed_at,
        day=_day(paid, row),
        method=_method(paid, row),
        lead="Paid",
        amount=full_text(paid.amount_cents),
        note="Thank you for your payment.",
        reversals=_left_of(paid, money, row) if _reversals(paid, money) else (),
        sums=tuple(_sums(row)),
    )


def refund_receipt_paper(
    connection: Connection, invoice_id: int, refund_id: int
) -> RefundReceiptPaper:
    """The receipt of one of the invoice's refunds. Raises NotFound unless it was made."""
    row = _invoice(connection, invoice_id)
    money = _money(connection, invoice_id)
    refund = _one(money, refund_id, Kind.REFUND, frozenset({RowStatus.COMPLETED}))
    paid = next(each for each in money if each.id == refund.reverses_id)
    return RefundReceiptPaper(
        number=_number(row, refund),
        firm=row.firm,
        client=row.client,
        invoice=row.number,
        made_at=refund.completed_at,
        day=_day(refund, row),
        method=_method(paid if paid.method == refund.method else refund, row),
        lead="Refunded",
        amount=full_text(-refund.amount_cents),
        note="Your bank may take a few days to show it." if paid.stripe_charge_id else "",
        payment=_left_of(paid, money, row),
        sums=tuple(_sums(row)),
    )


def _lead(row: Row[Any], money: Sequence[Row[Any]]) -> tuple[str, int, str]:
    """What the reader looks for, in cents, and a sentence under it."""
    match Stage(row.stage):
        case Stage.DRAFT:
            return "Draft", row.total_cents, "This invoice was not sent yet."
        case Stage.CANCELLED:
            day = long_day_text(day_of(row.cancelled_at, row.timezone))
            return "Cancelled", 0, f"This invoice was cancelled on {day}. Nothing is due."
        case Stage.PAID:
            return "Paid in full", row.total_cents, _thanks(row, money)
        case Stage.OPEN if not row.balance_cents:
            return "Nothing more to pay", 0, f"{full_text(row.pending_cents)} is on its way."
    return "Amount due", row.balance_cents, f"Due {long_day_text(row.due_on)}"


def _thanks(row: Row[Any], money: Sequence[Row[Any]]) -> str:
    arrived = [each for each in money if each.kind == Kind.PAYMENT and each.status in _ARRIVED]
    if not arrived:
        return "Nothing is due."
    last = max(arrived, key=lambda each: each.completed_at)
    return f"The last payment arrived on {_day(last, row)}. Thank you."


def _taxes(row: Row[Any], tax_cents: int) -> Iterator[tuple[str, str]]:
    if tax_cents:
        yield "Subtotal", full_text(row.total_cents - tax_cents)
        yield "Tax", full_text(tax_cents)


def _sums(row: Row[Any]) -> Iterator[tuple[str, str]]:
    """From the total to what is due, with nothing left out between the two."""
    is_cancelled = row.stage == Stage.CANCELLED
    yield "Total", full_text(row.total_cents)
    if row.settled_cents:
        yield "Paid", full_text(-row.settled_cents)
    if row.pending_cents:
        yield "On its way", full_text(-row.pending_cents)
    if row.overpaid_cents:
        yield "Overpaid", full_text(row.overpaid_cents)
    if is_cancelled and row.balance_cents:
        yield "Cancelled", full_text(-row.balance_cents)
    yield "Balance due", full_text(0 if is_cancelled else row.balance_cents)


def _left_of(paid: Row[Any], money: Sequence[Row[Any]], row: Row[Any]) -> Sums:
    """The payment, what was taken back of it, and what is left."""
    reversals = _reversals(paid, money)
    left_cents = paid.amount_cents + sum(each.amount_cents for each in reversals)
    return (
        (f"Paid on {_day(paid, row)}", full_text(paid.amount_cents)),
        *((_reversal_text(each, row), full_text(each.amount_cents)) for each in reversals),
        ("Left of this payment", full_text(left_cents)),
    )


def _reversals(paid: Row[Any], money: Sequence[Row[Any]]) -> list[Row[Any]]:
    return [each for each in money if each.reverses_id == paid.id]


def _reversal_text(reversal: Row[Any], row: Row[Any]) -> str:
    if reversal.status == RowStatus.PENDING:
        return "Refund on its way"
    what = "Refunded" if reversal.kind == Kind.REFUND else "Returned by the bank"
    return f"{what} on {_day(reversal, row)}"


def _payment(each: Row[Any], row: Row[Any]) -> PaperPayment:
    shown = money_row(each, number="", pay_token="", timezone=row.timezone, today=date.min)
    is_under_way = each.status == RowStatus.PENDING
    return PaperPayment(
        day=shown.day,
        what=f"{shown.what} · {shown.method}" + (", on its way" if is_under_way else ""),
        amount=shown.amount,
    )


def _method(each: Row[Any], row: Row[Any]) -> str:
    return money_row(each, number="", pay_token="", timezone=row.timezone, today=date.min).method


def _day(each: Row[Any], row: Row[Any]) -> str:
    return long_day_text(day_of(each.completed_at, row.timezone))


def _line(each: Row[Any]) -> PaperLine:
    rate = thousandths_text(each.tax_rate_thousandths)
    return PaperLine(
        description=each.description,
        quantity=thousandths_text(each.quantity_thousandths),
        price=full_text(each.unit_price_cents),
        tax=f"{rate}%" if each.tax_rate_thousandths else "",
        amount=full_text(each.amount_cents),
    )


def _number(row: Row[Any], of: Row[Any]) -> str:
    """The invoice's number and the row's place in its ledger, from which no row ever goes."""
    return f"{row.number}-{of.place}"


def _one(
    money: Sequence[Row[Any]], wanted_id: int, kind: Kind, statuses: frozenset[RowStatus]
) -> Row[Any]:
    for each in money:
        if each.id == wanted_id and each.kind == kind and each.status in statuses:
            return each
    raise NotFound("receipt")


def _invoice(connection: Connection, invoice_id: int) -> Row[Any]:
    return connection.execute(_ONE_INVOICE, {"invoice_id": invoice_id}).one()


def _lines(connection: Connection, invoice_id: int) -> Sequence[Row[Any]]:
    return connection.execute(_LINES, {"invoice_id": invoice_id}).all()


def _money(connection: Connection, invoice_id: int) -> Sequence[Row[Any]]:
    """The invoice's ledger rows, oldest first, but for those that failed."""
    rows = connection.execute(_MONEY, {"invoice_id": invoice_id}).all()
    return [each for each in rows if each.status != RowStatus.FAILED]
