"""Warnings before an act: it may be recorded already, or its date looks wrong. Never a block.

Each that looks at another row names that row and where to see it (R033, R037).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from urllib.parse import quote

from sqlalchemy import Connection, Row, Select, select

from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.payment_text import bare_reference, payment_title
from assure_app.domain.calendar import day_of, day_text, long_day_text
from assure_app.domain.ledger import LedgerRow, Method
from assure_app.domain.money import short_text
from assure_app.domain.transitions import Kind, RowStatus
from assure_app.models.tables import invoice as invoice_table
from assure_app.models.tables import payment

NEAR = timedelta(days=7)
MOST_SHOWN = 3
_MOST_LOOKED_AT = 50
"""Of one client's payments of one amount the newest so many: a bound for every look."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Caution:
    """A sentence, and the row it is about: `link` says which, `href` opens it; "" for none."""

    sentence: str
    link: str = ""
    href: str = ""


def warnings(
    connection: Connection,
    invoice: InvoiceRecord,
    rows: Sequence[LedgerRow],
    wanted: Recordable,
    *,
    now: datetime,
) -> tuple[Caution, ...]:
    """What makes a careful person look again before recording; `rows` is the invoice's ledger."""
    return (
        *_of_the_date(invoice, wanted),
        *_on_its_way(invoice, rows),
        *_recorded_already(connection, invoice, wanted, now),
    )


def _of_the_date(invoice: InvoiceRecord, wanted: Recordable) -> Iterator[Caution]:
    if wanted.paid_on < invoice.issued_on:
        issued = long_day_text(invoice.issued_on)
        yield Caution(sentence=f"This date is before the invoice date, {issued}.")


def _on_its_way(invoice: InvoiceRecord, rows: Sequence[LedgerRow]) -> Iterator[Caution]:
    pending = [row for row in rows if row.status is RowStatus.PENDING and row.amount_cents > 0]
    for row in pending[-MOST_SHOWN:]:
        yield Caution(
            sentence=f"A payment of {short_text(row.amount_cents)} is on its way to this invoice.",
            link="See it",
            href=_address(invoice.number, row.id),
        )


def _recorded_already(
    connection: Connection, invoice: InvoiceRecord, wanted: Recordable, now: datetime
) -> Iterator[Caution]:
    alike = _with_the_reference(connection, invoice, wanted)
    known = {row.id for row in alike}
    near = [
        row
        for row in connection.execute(_of_the_amount(invoice, wanted))
        if row.id not in known and _is_near(row, invoice, wanted)
    ]
    today = invoice.today(now)
    for row in (*alike, *near)[:MOST_SHOWN]:
        is_alike = row.id in known
        title = payment_title(Method(row.method), row.reference)
        day = day_text(_day(row, invoice), today=today)
        start = "Looks like a duplicate of" if is_alike else "The same amount came within 7 days:"
        state = "on its way to" if row.status == RowStatus.PENDING else "recorded on"
        yield Caution(
            sentence=f"{start} {title}, {short_text(wanted.amount_cents)}, "
            f"{state} {row.number} ({day}).",
            link=f"See it on {row.number}",
            href=_address(row.number, row.id),
        )


def _with_the_reference(
    connection: Connection, invoice: InvoiceRecord, wanted: Recordable
) -> list[Row[Any]]:
    bare = bare_reference(wanted.reference)
    if not bare:
        return []
    written = payment.c.reference.in_([bare, f"#{bare}", f"# {bare}"])
    return list(connection.execute(_payments(invoice, wanted).where(written).limit(MOST_SHOWN)))


def _of_the_amount(invoice: InvoiceRecord, wanted: Recordable) -> Select[Any]:
    return _payments(invoice, wanted).limit(_MOST_LOOKED_AT)


def _payments(invoice: InvoiceRecord, wanted: Recordable) -> Select[Any]:
    """The client's payments of this amount that did not fail, newest first, along their index."""
    return (
        select(
            payment.c.id,
            payment.c.reference,
            payment.c.method,
            payment.c.status,
            payment.c.created_at,
            payment.c.completed_at,
            invoice_table.c.number,
        )
        .join(invoice_table, invoice_table.c.id == payment.c.invoice_id)
        .where(
            payment.c.client_id == invoice.client_id,
            payment.c.amount_cents == wanted.amount_cents,
            payment.c.kind == Kind.PAYMENT.value,
            payment.c.status != RowStatus.FAILED.value,
            payment.c.status != RowStatus.REFUNDED.value,
        )
        .order_by(payment.c.id.desc())
    )


def _is_near(row: Row[Any], invoice: InvoiceRecord, wanted: Recordable) -> bool:
    return abs(_day(row, invoice) - wanted.paid_on) <= NEAR


def _day(row: Row[Any], invoice: InvoiceRecord) -> date:
    return day_of(row.completed_at or row.created_at, invoice.timezone)


def _address(number: str, payment_id: int) -> str:
    return f"/invoices?invoice={quote(number, safe='')}#payment-{payment_id}"
