"""The invoice list: one page of the filtered invoices, the tiles, and "X of Y" (R072, R140)."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Row, bindparam, select

from assure_app.billing import dispute_record
from assure_app.billing.reading import cursor as cursors
from assure_app.billing.reading import invoice_tally, unsure
from assure_app.billing.reading.cursor import Cursor
from assure_app.billing.reading.invoice_matching import matching
from assure_app.billing.reading.invoice_query import Query, sort_of
from assure_app.billing.reading.invoice_rows import (
    Narrowed,
    badge,
    narrowed,
    read_rows,
    timezone_of,
)
from assure_app.billing.reading.rows import InvoicePage, InvoiceRow, TileFigure
from assure_app.db.unit_of_work import reading
from assure_app.domain.calendar import day_text
from assure_app.domain.invoice_status import Status, Tile
from assure_app.domain.money import full_text
from assure_app.domain.permissions import Permission, Principal
from assure_app.models.tables import client, client_assignment

PAGE_SIZE = 50


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
        found = matching(connection, wanted, counts)
        marks = _marks(connection, principal, shown.rows, wanted.today)
        return InvoicePage(
            rows=tuple(_as_row(row, wanted.today, marks) for row in shown.rows),
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


def _cursor_at(row: Row[Any], sort_name: str, *, is_backward: bool) -> str:
    _, sort = sort_of(Query(sort=sort_name))
    values = tuple(row)[: len(sort.columns)]
    return cursors.encode(Cursor(values, is_backward), sort=sort_name)


@dataclass(frozen=True, slots=True)
class _Marks:
    """What is to be said of some invoices of a page besides their figures, by their ids."""

    flags: dict[int, str]
    unsure: dict[int, str]


def _marks(
    connection: Connection, principal: Principal, rows: list[Row[Any]], today: date
) -> _Marks:
    paid = [row.id for row in rows if badge(row, today) is Status.PAID]
    zone = timezone_of(connection, principal)
    return _Marks(
        dispute_record.flags(connection, [row.id for row in rows]),
        unsure.texts(connection, paid, zone, today),
    )


def _as_row(row: Row[Any], today: date, marks: _Marks) -> InvoiceRow:
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
        flag=marks.flags.get(row.id, ""),
        unsure=marks.unsure.get(row.id, ""),
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
