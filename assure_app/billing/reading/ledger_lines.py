"""The ledgers of the listed invoices as lines of a file, for who audits them (R013, R086)."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from assure_app.billing.charge_text import told_to_firm
from assure_app.billing.reading.csv_cells import harmless
from assure_app.domain.calendar import day_of
from assure_app.domain.money import decimal_text
from assure_app.models.tables import payment

COLUMNS = (
    *("Invoice", "Client", "Kind", "Method", "Paid with", "Reference", "Amount", "Fee"),
    *("Status", "Paid by", "Created", "Completed", "Reason", "Failure", "Notes", "Row", "Of row"),
)
_ROWS = (
    select(payment)
    .where(payment.c.invoice_id.in_(bindparam("invoice_ids", expanding=True)))
    .order_by(payment.c.id)
)


def lines(
    connection: Connection, invoices: Sequence[Row[Any]], timezone: str
) -> Iterator[tuple[str, ...]]:
    """Every ledger row of these invoices, in their order and then the oldest first.

    "Of row" names the row that a refund or return reverses. Days are the firm's.
    """
    of_invoice: dict[int, list[Row[Any]]] = {each.id: [] for each in invoices}
    for row in connection.execute(_ROWS, {"invoice_ids": list(of_invoice)}):
        of_invoice[row.invoice_id].append(row)
    for each in invoices:
        for row in of_invoice[each.id]:
            yield _line(each, row, timezone)


def _line(invoice: Row[Any], row: Row[Any], timezone: str) -> tuple[str, ...]:
    completed = day_of(row.completed_at, timezone).isoformat() if row.completed_at else ""
    return (
        harmless(invoice.number),
        harmless(invoice.client_name),
        row.kind.capitalize(),
        row.method,
        harmless(row.method_detail),
        harmless(row.reference),
        decimal_text(row.amount_cents),
        decimal_text(row.fee_cents),
        row.status,
        harmless(row.paid_by),
        day_of(row.created_at, timezone).isoformat(),
        completed,
        row.reason,
        harmless(told_to_firm(row.failure_reason)),
        harmless(row.notes),
        str(row.id),
        str(row.reverses_id or ""),
    )
