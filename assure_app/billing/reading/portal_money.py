"""Stored invoices and ledger rows on their way to a client: a date, a method, an amount and no more
(R105, R113)."""

from datetime import date
from typing import Any

from sqlalchemy import Row, func, select

from assure_app.billing.reading import paper_links
from assure_app.billing.reading.portal_rows import MoneyRow
from assure_app.domain.calendar import day_of, day_text
from assure_app.domain.money import full_text
from assure_app.domain.transitions import Kind, RowStatus
from assure_app.models.payment import Source
from assure_app.models.tables import payment

_WHAT = {Kind.PAYMENT: "Payment", Kind.REFUND: "Refund", Kind.RETURN: "Returned by the bank"}
_AUTOPAY = "Auto-pay"
_REVERSAL = payment.alias("reversal")
RETURNED = (
    select(func.coalesce(-func.sum(_REVERSAL.c.amount_cents), 0))
    .where(
        _REVERSAL.c.reverses_id == payment.c.id,
        _REVERSAL.c.kind == Kind.RETURN.value,
        _REVERSAL.c.status != RowStatus.FAILED.value,
    )
    .scalar_subquery()
    .label("returned_cents")
)
"""How much of a payment its payer's bank took back."""
_STATES = {
    (Kind.PAYMENT, RowStatus.COMPLETED): "Paid",
    (Kind.PAYMENT, RowStatus.REFUNDED): "Refunded",
    (Kind.REFUND, RowStatus.COMPLETED): "Refunded",
    (Kind.RETURN, RowStatus.COMPLETED): "Returned",
}


def money_row(
    row: Row[Any],
    *,
    number: str,
    pay_token: str,
    timezone: str,
    today: date,
    returned_cents: int = 0,
) -> MoneyRow:
    """One payment or refund. A reference, a note, a fee and a reason stay with the firm.

    `returned_cents` of a payment went back to its payer's bank, which a client reads as Returned.
    """
    kind, status = Kind(row.kind), RowStatus(row.status)
    other = "Processing" if status is RowStatus.PENDING else "Failed"
    is_returned = kind is Kind.PAYMENT and 0 < row.amount_cents <= returned_cents
    is_autopay = kind is Kind.PAYMENT and row.source == Source.AUTOPAY.value
    day = day_of(row.completed_at or row.created_at, timezone)
    return MoneyRow(
        key=str(row.id),
        number=number,
        href=f"/pay/{pay_token}",
        day=day_text(day, today=today),
        method=row.method_detail or _METHOD_NAMES.get(row.method, row.method),
        # What nobody had to pay is told as what it was (R109).
        what=_AUTOPAY if is_autopay else _WHAT[kind],
        state="Returned" if is_returned else _STATES.get((kind, status), other),
        amount=full_text(row.amount_cents),
        receipt_href=paper_links.receipt_href(row, below=f"/pay/{pay_token}"),
    )


_METHOD_NAMES = {"ACH": "Bank account", "Other": "Other payment"}
