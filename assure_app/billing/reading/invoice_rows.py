"""The rows of the invoices that a query finds, in its order, from any place on (R072, R140)."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, literal_column, select

from assure_app.billing.invoice_record import facts_of
from assure_app.billing.reading import cursor as cursors
from assure_app.billing.reading import invoice_search
from assure_app.billing.reading.cursor import Cursor
from assure_app.billing.reading.invoice_conditions import (
    SHAPES_KEPT,
    Shape,
    conditions,
    shape_of,
    values,
)
from assure_app.billing.reading.invoice_query import SORTS, Query, searched, sort_of, usable
from assure_app.billing.reading.invoice_walk import walked_column
from assure_app.domain.calendar import day_of
from assure_app.domain.invoice_status import Status, status
from assure_app.domain.permissions import Principal
from assure_app.models.tables import firm, invoice

SHOWN = (
    "id",
    "number",
    "client_id",
    "client_name",
    "issued_on",
    "due_on",
    "total_cents",
    "settled_cents",
    "pending_cents",
    "balance_cents",
    "overpaid_cents",
    "is_autopay_failed",
    "opened_at",
    "viewed_at",
    "cancelled_at",
)
"""The columns that a row of the list is made of."""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A query made ready: its shape, the parameters of its conditions, and the firm's day."""

    shape: Shape
    values: dict[str, Any]
    today: date
    notice: str = ""


def narrowed(
    connection: Connection, principal: Principal, query: Query, *, now: datetime
) -> Narrowed:
    """The query on the firm's day, its search already looked up.

    Raises InvalidInput for an endless search or impossible days.
    """
    return _narrowed(connection, principal, query, day_of(now, timezone_of(connection, principal)))


def neighbours(
    connection: Connection, principal: Principal, query: Query, number: str, today: date
) -> tuple[str, str]:
    """The numbers before and after an invoice in the filtered, sorted list; "" at its ends.

    What it cannot use of the query it ignores: the invoice itself can be shown all the same.
    """
    wanted = _narrowed(connection, principal, usable(query), today)
    name, _ = sort_of(query)
    place = _place(name), wanted.values | {"number": number}
    here = tuple(connection.execute(*place).one())
    found = []
    for is_backward in (True, False):
        rows = read_rows(connection, wanted, query, Cursor(here, is_backward), most=1)
        found.append(rows[0].number if rows else "")
    return found[0], found[1]


def read_rows(
    connection: Connection,
    wanted: Narrowed,
    query: Query,
    place: Cursor | None,
    *,
    most: int,
    shown: tuple[str, ...] = (),
) -> list[Row[Any]]:
    """The rows from a place on, in the order asked for or, for a backward place, against it."""
    name, sort = sort_of(query)
    is_ascending = query.descending == (place is not None and place.is_backward)
    statement = rows_of(
        wanted.shape,
        name,
        is_ascending=is_ascending,
        has_place=place is not None,
        walked=walked_column(
            connection, wanted.shape, wanted.values, sort, is_ascending=is_ascending
        ),
        most=most,
        shown=shown or SHOWN,
    )
    known = wanted.values | (cursors.values(place) if place else {})
    return list(connection.execute(statement, known))


@lru_cache(maxsize=SHAPES_KEPT)
def rows_of(
    shape: Shape,
    sort: str,
    *,
    is_ascending: bool,
    has_place: bool,
    walked: str,
    most: int,
    shown: tuple[str, ...],
) -> Select[Any]:
    """These columns of a list in order, after the place of a cursor or from the first.

    `walked` is what `invoice_walk` chose.
    """
    columns = SORTS[sort].columns
    wanted = select(
        *(column.label(f"key_{i}") for i, column in enumerate(columns)),
        *(invoice.c[name] for name in shown),
    ).where(*conditions(shape, walked=walked))
    if has_place:
        wanted = wanted.where(cursors.beyond(columns, is_ascending=is_ascending))
    order = (column.asc() if is_ascending else column.desc() for column in columns)
    # Said in the statement: for a parameter PostgreSQL would plan for a tenth of the table.
    return wanted.order_by(*order).limit(literal_column(str(most)))


def badge(row: Row[Any], today: date) -> Status:
    """The status of a row of this list on the firm's day."""
    return status(facts_of(row), today)


def _narrowed(connection: Connection, principal: Principal, query: Query, today: date) -> Narrowed:
    shape = shape_of(principal, query)
    found = invoice_search.Found()
    if shape.is_searched:
        found = invoice_search.find(connection, principal, searched(query))
    return Narrowed(shape, values(principal, query, today, found.ids), today, found.notice)


def timezone_of(connection: Connection, principal: Principal) -> str:
    """The zone of the person's firm."""
    zone = select(firm.c.timezone).where(firm.c.id == principal.firm_id)
    return str(connection.execute(zone).scalar_one())


@cache
def _place(sort: str) -> Select[Any]:
    return select(*SORTS[sort].columns).where(
        invoice.c.firm_id == bindparam("firm_id"), invoice.c.number == bindparam("number")
    )
