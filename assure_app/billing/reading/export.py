"""The filtered, sorted list, or the ledgers of what it lists, as a CSV file.

It is read in short batches however long it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row

from assure_app.billing import audit
from assure_app.billing.reading import invoice_rows, invoice_tally, ledger_lines
from assure_app.billing.reading.csv_cells import BYTE_ORDER_MARK, csv_text, harmless
from assure_app.billing.reading.cursor import Cursor
from assure_app.billing.reading.invoice_matching import matching
from assure_app.billing.reading.invoice_query import Query, sort_of
from assure_app.billing.reading.invoice_rows import Narrowed
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.money import decimal_text
from assure_app.domain.permissions import Permission, Principal

BATCH_ROWS = 1_000
COLUMNS = (
    *("Number", "Client", "Title", "Date", "Due", "Status"),
    *("Total", "Paid", "Balance", "Pending", "Overpaid", "Written off"),
)
_READ = (*invoice_rows.SHOWN, "title", "open_balance_cents", "written_off_cents")


class Content(StrEnum):
    """What the file has a line for."""

    INVOICES = "invoices"
    PAYMENTS = "payments"


_WHAT = {Content.INVOICES: "a list of", Content.PAYMENTS: "the payments of"}


@dataclass(frozen=True, slots=True)
class Export:
    """A list on its way out: `day` is the firm's, for the file's name."""

    query: Query
    wanted: Narrowed
    content: Content
    timezone: str

    @property
    def day(self) -> date:
        """The firm's day on which it was asked for; its badges are of that day."""
        return self.wanted.today

    def batches(self) -> Iterator[str]:
        """The file, piece by piece; nothing is held while whoever takes them is slow.

        Each batch is read for itself, from where the last one ended: an invoice that changes its
        place meanwhile may be there twice or not at all. Raises what reading raises, in the middle
        of the file too.
        """
        has_payments = self.content is Content.PAYMENTS
        yield BYTE_ORDER_MARK + csv_text([ledger_lines.COLUMNS if has_payments else COLUMNS])
        place: Cursor | None = None
        key_columns = len(sort_of(self.query)[1].columns)
        while True:
            with reading() as connection:
                rows = invoice_rows.read_rows(
                    connection, self.wanted, self.query, place, most=BATCH_ROWS, shown=_READ
                )
                lines = self._lines(connection, rows)
            if rows:
                yield lines
            if len(rows) < BATCH_ROWS:
                return
            place = Cursor(tuple(rows[-1])[:key_columns])

    def _lines(self, connection: Connection, rows: list[Row[Any]]) -> str:
        if self.content is Content.PAYMENTS:
            return csv_text(ledger_lines.lines(connection, rows, self.timezone))
        return csv_text(_cells(row, self.day) for row in rows)


def begin(
    principal: Principal, query: Query, content: Content = Content.INVOICES, *, now: datetime
) -> Export:
    """Make an export ready, noted in the firm's audit log before the first row leaves (R136).

    Raises PermissionDenied without View billing, which is noted too, and InvalidInput for filters
    that cannot be used.
    """
    audit.require(principal, Permission.VIEW_BILLING, act="export of the invoice list", now=now)
    query = replace(query, cursor="")
    with reading() as connection:
        wanted = invoice_rows.narrowed(connection, principal, query, now=now)
        counts = invoice_tally.count(connection, principal, wanted.today)
        found = matching(connection, wanted, counts)
        timezone = invoice_rows.timezone_of(connection, principal)
    with unit_of_work() as connection:
        audit.note(
            connection,
            firm_id=principal.firm_id,
            user_id=principal.user_id,
            text=f"{principal.name} exported {_WHAT[content]} {found} invoices",
            at=now,
        )
    return Export(query, wanted, content, timezone)


def _cells(row: Row[Any], today: date) -> tuple[str, ...]:
    amounts = (
        row.total_cents,
        row.settled_cents,
        row.open_balance_cents,
        row.pending_cents,
        row.overpaid_cents,
        row.written_off_cents,
    )
    return (
        harmless(row.number),
        harmless(row.client_name),
        harmless(row.title),
        row.issued_on.isoformat(),
        row.due_on.isoformat(),
        invoice_rows.badge(row, today).value,
        *map(decimal_text, amounts),
    )
