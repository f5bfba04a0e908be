"""The invoice list: one page of the filtered invoices, the tiles, and "X of Y" (R072, R140)."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Row, Select, case, func, select

from assure_app.billing.invoice_record import visible_to
from assure_app.billing.reading import cursor as cursors
from assure_app.billing.reading.cursor import Cursor
from assure_app.billing.reading.invoice_query import (
    Query,
    conditions,
    sort_of,
    tile_condition,
    usable,
)
from assure_app.billing.reading.rows import InvoicePage, InvoiceRow, TileFigure
from assure_app.db.unit_of_work import reading
from assure_app.domain.calendar import day_of, day_text
from assure_app.domain.invoice_status import InvoiceFacts, Status, Tile, status
from assure_app.domain.money import full_text
from assure_app.domain.permissions import Permission, Principal
from assure_app.models.tables import client, firm, invoice

PAGE_SIZE = 50


def page(principal: Principal, query: Query, *, now: datetime) -> InvoicePage:
    """One page of at most 50 invoices with everything around it.

    Raises PermissionDenied without View billing, InvalidInput for a made-up cursor or an endless
    search.
    """
    principal.require(Permission.VIEW_BILLING)
    with reading() as connection:
        today = day_of(now, _timezone(connection, principal))
        rows, previous_cursor, next_cursor = _rows(connection, principal, query, today)
        return InvoicePage(
            rows=tuple(_as_row(row, today) for row in rows),
            tiles=_tiles(connection, principal, today),
            matching=_count(connection, principal, query, today),
            total=_count(connection, principal, Query(), today),
            next_cursor=next_cursor,
            previous_cursor=previous_cursor,
            client_name=_client_name(connection, principal, query),
        )


def neighbours(
    connection: Connection, principal: Principal, query: Query, number: str, today: date
) -> tuple[str, str]:
    """The numbers before and after an invoice in the filtered, sorted list; "" at its ends.

    What it cannot use of the query it ignores: the invoice itself can be shown all the same.
    """
    query = usable(query)
    _, sort = sort_of(query)
    here = connection.execute(
        _joined(*sort.columns).where(invoice.c.number == number, visible_to(principal))
    ).one()
    found = []
    for is_backward in (True, False):
        nearest = _page_query(principal, query, today, Cursor(tuple(here), is_backward)).limit(1)
        row = connection.execute(nearest).first()
        found.append(row.number if row else "")
    return found[0], found[1]


def _rows(
    connection: Connection, principal: Principal, query: Query, today: date
) -> tuple[list[Row[Any]], str, str]:
    name, sort = sort_of(query)
    place = cursors.decode(query.cursor, sort=name, kinds=sort.kinds) if query.cursor else None
    wanted = _page_query(principal, query, today, place).limit(PAGE_SIZE + 1)
    rows = list(connection.execute(wanted))
    if place is not None and not rows:  # What stood there has moved or gone since.
        return _rows(connection, principal, replace(query, cursor=""), today)
    is_backward = place is not None and place.is_backward
    has_more = len(rows) > PAGE_SIZE
    rows = rows[:PAGE_SIZE]
    if is_backward:
        rows.reverse()
    has_previous = has_more if is_backward else place is not None
    has_next = is_backward or has_more
    if not rows:
        return [], "", ""
    return (
        rows,
        _cursor_at(rows[0], name, is_backward=True) if has_previous else "",
        _cursor_at(rows[-1], name, is_backward=False) if has_next else "",
    )


def _page_query(
    principal: Principal, query: Query, today: date, place: Cursor | None
) -> Select[Any]:
    _, sort = sort_of(query)
    is_backward = place is not None and place.is_backward
    ascending = query.descending == is_backward
    wanted = _joined(
        *(column.label(f"key_{i}") for i, column in enumerate(sort.columns)),
        invoice.c.number,
        invoice.c.client_id,
        client.c.name.label("client"),
        *(invoice.c[name] for name in _SHOWN),
    ).where(*conditions(principal, query, today))
    if place is not None:
        wanted = wanted.where(cursors.beyond(sort.columns, place.values, ascending=ascending))
    return wanted.order_by(*(c.asc() if ascending else c.desc() for c in sort.columns))


_SHOWN = (
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


def _joined(*columns: Any) -> Select[Any]:
    return select(*columns).select_from(invoice.join(client, client.c.id == invoice.c.client_id))


def _cursor_at(row: Row[Any], sort_name: str, *, is_backward: bool) -> str:
    _, sort = sort_of(Query(sort=sort_name))
    values = tuple(row)[: len(sort.columns)]
    return cursors.encode(Cursor(values, is_backward), sort=sort_name)


def _as_row(row: Row[Any], today: date) -> InvoiceRow:
    badge = status(
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
    is_closed = badge in {Status.PAID, Status.CANCELLED}
    return InvoiceRow(
        number=row.number,
        href=f"/invoices?invoice={quote(row.number, safe='')}",
        client_id=row.client_id,
        client=row.client,
        issued=day_text(row.issued_on, today=today),
        due=day_text(row.due_on, today=today),
        is_late=row.due_on < today and not is_closed and badge is not Status.DRAFT,
        total=full_text(row.total_cents),
        status=badge.value,
        balance="" if is_closed else full_text(row.balance_cents),
        pending=full_text(row.pending_cents) if row.pending_cents else "",
        overpaid=full_text(row.overpaid_cents) if row.overpaid_cents else "",
    )


def _tiles(connection: Connection, principal: Principal, today: date) -> tuple[TileFigure, ...]:
    counts: list[Any] = []
    for tile in Tile:
        inside = tile_condition(tile, today)
        counts.append(func.count(case((inside, 1))))
        counts.append(func.coalesce(func.sum(case((inside, invoice.c.balance_cents))), 0))
    stages = invoice.c.stage.in_(["draft", "open"])
    figures = connection.execute(select(*counts).where(visible_to(principal), stages)).one()
    return tuple(
        TileFigure(
            name=tile.value,
            count=figures[2 * i],
            open_balance=full_text(int(figures[2 * i + 1]))
            if tile in {Tile.AWAITING, Tile.OVERDUE}
            else "",
        )
        for i, tile in enumerate(Tile)
    )


def _count(connection: Connection, principal: Principal, query: Query, today: date) -> int:
    everything = replace(query, cursor="")
    counted = _joined(func.count()).where(*conditions(principal, everything, today))
    return int(connection.execute(counted).scalar_one())


def _client_name(connection: Connection, principal: Principal, query: Query) -> str:
    if not query.client_id:
        return ""
    named = _joined(client.c.name).where(
        invoice.c.client_id == query.client_id, visible_to(principal)
    )
    return connection.execute(named.limit(1)).scalar() or ""


def _timezone(connection: Connection, principal: Principal) -> str:
    zone = select(firm.c.timezone).where(firm.c.id == principal.firm_id)
    return str(connection.execute(zone).scalar_one())
