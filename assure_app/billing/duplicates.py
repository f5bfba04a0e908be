"""Warnings before an act: it may be recorded already, or its date looks wrong. Never a block."""

from datetime import date, datetime
from typing import Protocol

from sqlalchemy import Connection, select

from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.payment_text import bare_reference, payment_title
from assure_app.domain.calendar import day_of, day_text, long_day_text
from assure_app.domain.ledger import Method
from assure_app.domain.money import short_text
from assure_app.domain.transitions import Kind, RowStatus
from assure_app.models.tables import invoice as invoice_table
from assure_app.models.tables import payment


class Recordable(Protocol):
    """The parts of a payment that a warning looks at."""

    @property
    def amount_cents(self) -> int: ...
    @property
    def method(self) -> Method: ...
    @property
    def paid_on(self) -> date: ...
    @property
    def reference(self) -> str: ...


def warnings(
    connection: Connection, invoice: InvoiceRecord, wanted: Recordable, *, now: datetime
) -> tuple[str, ...]:
    """Sentences that make a careful person look again (R033, R037)."""
    found = [
        *_date_warnings(invoice, wanted),
        *_duplicate_warnings(connection, invoice, wanted, now),
    ]
    return tuple(found)


def _date_warnings(invoice: InvoiceRecord, wanted: Recordable) -> list[str]:
    if wanted.paid_on >= invoice.issued_on:
        return []
    return [f"This date is before the invoice date, {long_day_text(invoice.issued_on)}."]


def _duplicate_warnings(
    connection: Connection, invoice: InvoiceRecord, wanted: Recordable, now: datetime
) -> list[str]:
    bare = bare_reference(wanted.reference)
    if not bare:
        return []
    rows = connection.execute(
        select(
            payment.c.reference, payment.c.method, payment.c.completed_at, invoice_table.c.number
        )
        .join(invoice_table, invoice_table.c.id == payment.c.invoice_id)
        .where(
            payment.c.client_id == invoice.client_id,
            payment.c.reference.in_([bare, f"#{bare}", f"# {bare}"]),
            payment.c.amount_cents == wanted.amount_cents,
            payment.c.kind == Kind.PAYMENT.value,
            payment.c.status == RowStatus.COMPLETED.value,
        )
        .order_by(payment.c.id.desc())
        .limit(3)
    )
    today = invoice.today(now)
    return [
        f"Looks like a duplicate of {payment_title(Method(row.method), row.reference)}, "
        f"{short_text(wanted.amount_cents)}, recorded on {row.number} "
        f"({day_text(day_of(row.completed_at, invoice.timezone), today=today)})."
        for row in rows
    ]
