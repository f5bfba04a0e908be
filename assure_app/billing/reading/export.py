"""The filtered, sorted list as a CSV file, read in short batches however long it is."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row

from assure_app.billing import audit
from assure_app.billing.reading import invoice_rows, invoice_tally
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
_BYTE_ORDER_MARK = "\ufeff"
"""By which spreadsheets know UTF-8."""
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_READ = (*invoice_rows.SHOWN, "title", "open_balance_cents", "written_off_cents")


@dataclass(frozen=True, slots=True)
class Export:
    """A list on its way out: `day` is the firm's, for the file's name."""

    query: Query
    wanted: Narrowed

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
        yield _BYTE_ORDER_MARK + _csv([COLUMNS])
        place: Cursor | None = None
        key_columns = len(sort_of(self.query)[1].columns)
        while True:
            with reading() as connection:
                rows = invoice_rows.read_rows(
                    connection, self.wanted, self.query, place, most=BATCH_ROWS, shown=_READ
                )
            if rows:
                yield _csv(_cells(row, self.day) for row in rows)
            if len(rows) < BATCH_ROWS:
                return
            place = Cursor(tuple(rows[-1])[:key_columns])


def begin(principal: Principal, query: Query, *, now: datetime) -> Export:
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
    with unit_of_work() as connection:
        audit.note(
            connection,
            firm_id=principal.firm_id,
            user_id=principal.user_id,
            text=f"{principal.name} exported a list of {found} invoices",
            at=now,
        )
    return Export(query, wanted)


def _csv(lines: Iterable[Iterable[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    return text.getvalue()


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
        _harmless(row.number),
        _harmless(row.client_name),
        _harmless(row.title),
        row.issued_on.isoformat(),
        row.due_on.isoformat(),
        invoice_rows.badge(row, today).value,
        *map(decimal_text, amounts),
    )


def _harmless(text: str) -> str:
    """A spreadsheet runs a cell that begins like a formula; after an apostrophe it is text."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
