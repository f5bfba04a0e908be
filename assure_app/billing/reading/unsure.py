"""Until when a payer's bank may still take back what listed invoices were paid with (R066)."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import Connection, bindparam, select

from assure_app.domain.calendar import day_of, day_text
from assure_app.domain.certainty import sureness
from assure_app.domain.ledger import Method
from assure_app.domain.transitions import Kind, RowStatus
from assure_app.models.tables import payment

_STANDING = select(
    payment.c.invoice_id, payment.c.method, payment.c.created_at, payment.c.completed_at
).where(
    payment.c.invoice_id.in_(bindparam("invoice_ids", expanding=True)),
    payment.c.kind == Kind.PAYMENT.value,
    payment.c.status == RowStatus.COMPLETED.value,
    payment.c.stripe_charge_id.is_not(None),
)


def texts(
    connection: Connection, invoice_ids: Collection[int], timezone: str, today: date
) -> dict[int, str]:
    """ "May be taken back by the bank until Mar 4" for each of these invoices that has a payment
    through Stripe whose time is not over; the latest day counts."""
    if not invoice_ids:
        return {}
    last: dict[int, date] = {}
    for row in connection.execute(_STANDING, {"invoice_ids": list(invoice_ids)}):
        sure = sureness(
            Method(row.method),
            RowStatus.COMPLETED,
            charged_on=day_of(row.created_at, timezone),
            settled_on=day_of(row.completed_at, timezone),
            today=today,
        )
        if sure is not None and sure.until is not None:
            last[row.invoice_id] = max(sure.until, last.get(row.invoice_id, sure.until))
    return {
        invoice_id: f"May be taken back by the payer’s bank until {day_text(day, today=today)}"
        for invoice_id, day in last.items()
    }
