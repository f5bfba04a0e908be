"""The invoice list: one page of the filtered invoices, the tiles, and "X of Y" (R072, R140)."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Row, Select, bindparam, func, literal_column, select

from assure_app.billing.reading import cursor as cursors
from assure_app.billing.reading import invoice_search, invoice_tally
from assure_app.billing.reading.cursor import Cursor
from assure_app.billing.reading.invoice_query import (
    SORTS,
    Query,
    Shape,
    conditions,
    searched,
    shape_of,
    sort_of,
    usable,
    values,
)
from assure_app.billing.reading.invoice_walk import walked_column
from assure_app.billing.reading.rows import InvoicePage, InvoiceRow, TileFigure
from assure_app.db.unit_of_work import reading
from assure_app.domain.calendar import day_of, day_text
from assure_app.domain.invoice_status import InvoiceFacts, Status, Tile, status
from assure_app.domain.money import full_text
from assure_app.domain.permissions import Permission, Principal
from assure_app.models.tables import client, client_assignment, firm, invoice

PAGE_SIZE = 50
MOST_COUNTED = 1_000
_SHAPES_KEPT = 1_000


def page(principal: Principal, query: Query, *, now: datetime) -> InvoicePage:
    """One page of at most 50 invoices with everything around it.

    None of it takes longer in a larger firm (R150): the rows are one stretch of an index, the tiles
    come from the tally, counting ends at 1,000 unless the tally knows. Raises PermissionDenied
    without View billing, InvalidInput for a made-up cursor, an endless search or impossible days.
    """
    principal.require(Permission.VIEW_BILLING)
    with reading() as connection:
        wanted = narrowed(connection, principal, query, now=now)
        counts = invoice_tally.count(connection, principal, wanted.today)
        shown = _shown(connection, wanted, query)
        found = _matching(connection, wanted, counts)
        return InvoicePage(
            rows=tuple(_as_row(row, wanted.today) for row in shown.rows),
            tiles=_tiles(counts),
            matching=found.number,
            has_more_matching=found.has_more,
            total=counts.total,
            next_cursor=shown.next_cursor,
            previous_cursor=shown.previous_cursor,
            cursor=shown.cursor,
            notice=wanted.notice,
            client_name=_client_name(connection, principal, query),
        )


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A query made ready: its shape, the parameters of its conditions, and the firm's day."""

    shape: Shape
    values: dict[str, Any]
    today: date
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Matching:
    """How many match; counting ends at 1,000 unless the tally knows."""

    number: int
    has_more: bool = False

    def __str__(self) -> str:
        return f"{self.number:,}{'+' if self.has_more else ''}"


def matching(connection: Connection, principal: Principal, wanted: Narrowed) -> Matching:
    """How many invoices a query finds for a person."""
    counts = invoice_tally.count(connection, principal, wanted.today)
    return _matching(connection, wanted, counts)


def narrowed(
    connection: Connection, principal: Principal, query: Query, *, now: datetime
) -> Narrowed:
    """The query on the firm's day, its search already looked up; InvalidInput as `page`."""
    return _narrowed(connection, principal, query, day_of(now, _timezone(connection, principal)))


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


@lru_cache(maxsize=_SHAPES_KEPT)
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


def _narrowed(connection: Connection, principal: Principal, query: Query, today: date) -> Narrowed:
    shape = shape_of(principal, query)
    found = invoice_search.Found()
    if shape.is_searched:
        found = invoice_search.find(connection, principal, searched(query))
    return Narrowed(shape, values(principal, query, today, found.ids), today, found.notice)


@dataclass(frozen=True, slots=True)
class _Shown:
    """The rows of one page, the place it begins at, and those of the pages around it."""

    rows: list[Row[Any]]
    cursor: str = ""
    previous_cursor: str = ""
    next_cursor: str = ""


def _shown(connection: Connection, wanted: Narrowed, query: Query) -> _Shown:
    name, sort = sort_of(query)
    place = cursors.decode(query.cursor, sort=name, kinds=sort.kinds) if query.cursor else None
    is_backward = place is not None and place.is_backward
    rows = read_rows(connection, wanted, query, place, most=PAGE_SIZE + 1)
    if not rows:  # With a place: what stood there has moved or gone since.
        return _shown(connection, wanted, replace(query, cursor="")) if place else _Shown([])
    has_more = len(rows) > PAGE_SIZE
    rows = rows[:PAGE_SIZE]
    if is_backward:
        rows.reverse()
    has_previous = has_more if is_backward else place is not None
    has_next = is_backward or has_more
    return _Shown(
        rows,
        query.cursor,
        _cursor_at(rows[0], name, is_backward=True) if has_previous else "",
        _cursor_at(rows[-1], name, is_backward=False) if has_next else "",
    )


@cache
def _place(sort: str) -> Select[Any]:
    return select(*SORTS[sort].columns).where(
        invoice.c.firm_id == bindparam("firm_id"), invoice.c.number == bindparam("number")
    )


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


def _cursor_at(row: Row[Any], sort_name: str, *, is_backward: bool) -> str:
    _, sort = sort_of(Query(sort=sort_name))
    values = tuple(row)[: len(sort.columns)]
    return cursors.encode(Cursor(values, is_backward), sort=sort_name)


def badge(row: Row[Any], today: date) -> Status:
    """The status of a row of this list on the firm's day."""
    return status(
        InvoiceFacts(
            total_cents=row.total_cents,
            settled_cents=row.settled_cents,
            balance_cents=row.balance_cents,
            due_date=row.due_on,
            opened_at=row.opened_at,
            viewed_at=row.viewed_at,
            cancelled_at=row.cancelled_at,
            is_autopay_failed=row.is_autopay_failed,
        ),
        today,
    )


def _as_row(row: Row[Any], today: date) -> InvoiceRow:
    shown = badge(row, today)
    is_closed = shown in {Status.PAID, Status.CANCELLED}
    return InvoiceRow(
        number=row.number,
        href=f"/invoices?invoice={quote(row.number, safe='')}",
        client_id=row.client_id,
        client=row.client_name,
        issued=day_text(row.issued_on, today=today),
        due=day_text(row.due_on, today=today),
        is_late=row.due_on < today and not is_closed and shown is not Status.DRAFT,
        total=full_text(row.total_cents),
        status=shown.value,
        balance="" if is_closed else full_text(row.balance_cents),
        pending=full_text(row.pending_cents) if row.pending_cents else "",
        overpaid=full_text(row.overpaid_cents) if row.overpaid_cents else "",
    )


def _tiles(counts: invoice_tally.Counts) -> tuple[TileFigure, ...]:
    return tuple(
        TileFigure(
            name=tile.value,
            count=counts.of_tile(tile),
            open_balance=full_text(counts.balance_cents_of_tile(tile))
            if tile in {Tile.AWAITING, Tile.OVERDUE}
            else "",
        )
        for tile in Tile
    )


def _matching(connection: Connection, wanted: Narrowed, counts: invoice_tally.Counts) -> Matching:
    if not wanted.shape.is_tallied:
        counted = int(connection.execute(_counted(wanted.shape), wanted.values).scalar_one())
        return Matching(min(counted, MOST_COUNTED), counted > MOST_COUNTED)
    if wanted.shape.tile is not None:
        return Matching(counts.of_tile(wanted.shape.tile))
    if wanted.shape.status is not None:
        return Matching(counts.of_status(wanted.shape.status))
    return Matching(counts.total)


@lru_cache(maxsize=_SHAPES_KEPT)
def _counted(shape: Shape) -> Select[Any]:
    some: Select[Any] = select(literal_column("1")).select_from(invoice).where(*conditions(shape))
    return select(func.count()).select_from(
        some.limit(literal_column(str(MOST_COUNTED + 1))).subquery()
    )


def _client_name(connection: Connection, principal: Principal, query: Query) -> str:
    if not query.client_id:
        return ""
    known = {"client_id": query.client_id, "firm_id": principal.firm_id}
    named = _CLIENT_NAME
    if not principal.sees_all_clients:
        known["user_id"] = principal.user_id
        named = _ASSIGNED_CLIENT_NAME
    return connection.execute(named, known).scalar() or ""


_CLIENT_NAME = select(client.c.name).where(
    client.c.id == bindparam("client_id"), client.c.firm_id == bindparam("firm_id")
)
_ASSIGNED_CLIENT_NAME = _CLIENT_NAME.where(
    client.c.id.in_(
        select(client_assignment.c.client_id).where(
            client_assignment.c.user_id == bindparam("user_id")
        )
    )
)


def _timezone(connection: Connection, principal: Principal) -> str:
    zone = select(firm.c.timezone).where(firm.c.id == principal.firm_id)
    return str(connection.execute(zone).scalar_one())
