"""The stored lines of an invoice."""

from collections.abc import Sequence

from sqlalchemy import Connection, insert, select

from assure_app.domain.line_items import Line
from assure_app.models.tables import invoice_line

_INSERT = insert(invoice_line)


def add(connection: Connection, invoice_id: int, lines: Sequence[Line]) -> None:
    """Write the lines of an invoice that has none, in this order."""
    connection.execute(
        _INSERT,
        [
            {
                "invoice_id": invoice_id,
                "position": position,
                "description": line.description,
                "quantity_thousandths": line.quantity_thousandths,
                "unit_price_cents": line.unit_price_cents,
                "amount_cents": line.amount_cents,
                "tax_rate_thousandths": line.tax_rate_thousandths,
                "tax_cents": line.tax_cents,
            }
            for position, line in enumerate(lines, start=1)
        ],
    )


def of_invoice(connection: Connection, invoice_id: int) -> tuple[Line, ...]:
    """The lines of the invoice, in their order."""
    rows = connection.execute(
        select(invoice_line)
        .where(invoice_line.c.invoice_id == invoice_id)
        .order_by(invoice_line.c.position)
    )
    return tuple(
        Line(
            description=row.description,
            quantity_thousandths=row.quantity_thousandths,
            unit_price_cents=row.unit_price_cents,
            tax_rate_thousandths=row.tax_rate_thousandths,
        )
        for row in rows
    )


def replace(connection: Connection, invoice_id: int, lines: Sequence[Line]) -> None:
    """Put these lines in the place of the invoice's own."""
    connection.execute(invoice_line.delete().where(invoice_line.c.invoice_id == invoice_id))
    add(connection, invoice_id, lines)
