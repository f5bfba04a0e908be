"""The list at a thousand, a hundred thousand and a million invoices (R150).

Every figure of a larger firm stands against the same of the smallest, and the rows against their
floor: the same statement by the driver itself, over the same connection.
"""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from typing import Any

import psutil
from rich.table import Table
from sqlalchemy import Connection, event, insert, select

from assure_app.billing.reading import export, invoice_list, invoice_rows, invoice_tally
from assure_app.billing.reading.cursor import Cursor, decode, encode
from assure_app.billing.reading.invoice_query import SORTS, Query, sort_of
from assure_app.db import engine
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.invoice_status import Status, Tile
from assure_app.domain.permissions import Principal
from assure_app.models.tables import client, client_assignment
from bench.databases import NAMES, durable
from bench.many_invoices import HISTORY_DAYS, TODAY, fill
from tests.support.desk import Desk, open_desk

SIZES = (1_000, 100_000, 1_000_000)
ROUNDS = 5
SIZE_AIM = 2.0
BARE_AIM = 1.5
_ASSIGNED_CLIENTS = 10
_MIDDLE = Cursor((TODAY - timedelta(days=HISTORY_DAYS // 2), 0))
_LAST = Cursor((date(1970, 1, 1), 0), is_backward=True)


@dataclass(slots=True)
class _Firm:
    """One size on one database, and what was measured of it, in milliseconds by name."""

    address: str
    desk: Desk
    assigned: Principal
    pages: dict[str, list[float]] = field(default_factory=dict)
    rows: dict[str, list[float]] = field(default_factory=dict)
    bare: dict[str, list[float]] = field(default_factory=dict)


def measure(most: int = SIZES[-1]) -> Iterator[Table]:
    """For each database, every kind of page at sizes up to `most`, and an export of the largest."""
    sizes = [size for size in SIZES if size < most] + [most]
    for name in NAMES:
        with ExitStack() as databases:
            firms = [_firm(databases.enter_context(durable(name)), size) for size in sizes]
            for _ in range(ROUNDS):
                for firm in firms:
                    _take_turn(firm)
            yield _table(name, sizes, firms)
            yield _export(name, firms[-1])


def _firm(address: str, invoices: int) -> _Firm:
    desk = open_desk()
    fill(desk, invoices)
    assigned = desk.someone(view_billing=True)
    some = select(assigned.user_id + client.c.id * 0, client.c.id).limit(_ASSIGNED_CLIENTS)
    with unit_of_work() as connection:
        connection.execute(insert(client_assignment).from_select(["user_id", "client_id"], some))
    return _Firm(address, desk, assigned)


def _queries() -> dict[str, Query]:
    found = {
        "First page": Query(),
        "Page in the middle": Query(cursor=encode(_MIDDLE, sort="date")),
        "Last page": Query(cursor=encode(_LAST, sort="date")),
        "One client": Query(client_id=1_001),
        "One month": Query(issued_from="2026-01-01", issued_to="2026-01-31"),
        "One month, by total": Query(
            issued_from="2026-01-01", issued_to="2026-01-31", sort="total"
        ),
        "One month, by number": Query(
            issued_from="2026-01-01", issued_to="2026-01-31", sort="number"
        ),
        "Search for one number": Query(search="INV-777"),
        "Search for “INV-”": Query(search="INV-"),
        "Search for a reference": Query(search="CHK12"),
        "Search for a client": Query(search="Harbor Dental 0"),
        "Search for many clients": Query(search="harbor"),
        "Search for an amount": Query(search="1,500.00"),
        "Search for nothing there is": Query(search="zzz"),
    }
    found |= {f"Tile {tile}": Query(tile=tile.value) for tile in Tile}
    found |= {f"Tile {tile}, oldest": Query(tile=tile.value, descending=False) for tile in Tile}
    found |= {f"Status {status}": Query(status=status.value) for status in Status}
    for sort in SORTS:
        found |= {f"Sort by {sort}, down": Query(sort=sort)}
        found |= {f"Sort by {sort}, up": Query(sort=sort, descending=False)}
    return found


_QUERIES = _queries()


def _take_turn(firm: _Firm) -> None:
    engine.configure(firm.address)
    desk = firm.desk
    for name, query in _QUERIES.items():
        _note(firm.pages, name, partial(invoice_list.page, desk.jane, query, now=desk.now))
    of_some = partial(invoice_list.page, firm.assigned, Query(), now=desk.now)
    _note(firm.pages, f"First page of {_ASSIGNED_CLIENTS} clients’ only", of_some)
    with reading() as connection:
        _note(firm.pages, "Tiles", lambda: invoice_tally.count(connection, desk.jane, TODAY))
        for name, query in _QUERIES.items():
            _measure_rows(firm, connection, name, query)


def _measure_rows(firm: _Firm, connection: Connection, name: str, query: Query) -> None:
    sort_name, sort = sort_of(query)
    place = decode(query.cursor, sort=sort_name, kinds=sort.kinds) if query.cursor else None
    wanted = invoice_rows.narrowed(
        connection, firm.desk.jane, replace(query, cursor=""), now=firm.desk.now
    )

    def read() -> object:
        return invoice_rows.read_rows(
            connection, wanted, query, place, most=invoice_list.PAGE_SIZE + 1
        )

    with _overheard(connection) as said:
        read()
    statement, parameters = said[-1]
    driver = connection.connection.driver_connection
    cursor = driver.cursor()  # type: ignore[union-attr]
    _note(firm.rows, name, read)
    _note(firm.bare, name, lambda: cursor.execute(statement, parameters).fetchall())
    cursor.close()


@contextmanager
def _overheard(connection: Connection) -> Iterator[list[tuple[str, Any]]]:
    """What is said to the driver meanwhile: each statement with its parameters."""
    said: list[tuple[str, Any]] = []

    def listen(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        said.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", listen)
    yield said
    event.remove(connection, "before_cursor_execute", listen)


def _note(figures: dict[str, list[float]], name: str, deed: Callable[[], object]) -> None:
    """Once to warm up, once to measure."""
    deed()
    began = time.perf_counter()
    deed()
    figures.setdefault(name, []).append(1_000 * (time.perf_counter() - began))


def _table(name: str, sizes: Sequence[int], firms: Sequence[_Firm]) -> Table:
    table = Table(
        title=f"The list on {name} (aims: {SIZE_AIM} times {sizes[0]:,} invoices or less,"
        f" its rows {BARE_AIM} times the bare statement or less)"
    )
    headings = ["", *(f"{size:,}, ms" for size in sizes), *(f"× at {size:,}" for size in sizes[1:])]
    for heading in (*headings, "Rows, ms", "× bare"):
        table.add_column(heading, justify="left" if not heading else "right")
    largest = firms[-1]
    for what, smallest in firms[0].pages.items():
        times = [statistics.median(firm.pages[what]) for firm in firms]
        rows, bare = largest.rows.get(what), largest.bare.get(what)
        table.add_row(
            what,
            *(f"{each:.1f}" for each in times),
            *(f"{each / statistics.median(smallest):.1f}" for each in times[1:]),
            f"{statistics.median(rows):.2f}" if rows else "",
            f"{_ratio(rows, bare):.1f}" if rows and bare else "",
        )
    return table


def _ratio(ours: Sequence[float], floor: Sequence[float]) -> float:
    return statistics.median(a / b for a, b in zip(ours, floor, strict=True))


def _export(name: str, firm: _Firm) -> Table:
    engine.configure(firm.address)
    process = psutil.Process()
    resting = process.memory_info().rss
    lines, most, began = -1, resting, time.perf_counter()
    for batch in export.begin(firm.desk.jane, Query(), now=firm.desk.now).batches():
        lines += batch.count("\r\n")
        most = max(most, process.memory_info().rss)
    seconds = time.perf_counter() - began
    table = Table(title=f"Export on {name}")
    for heading in ("Rows", "Rows a second", "Memory more, MiB"):
        table.add_column(heading, justify="right")
    table.add_row(f"{lines:,}", f"{lines / seconds:,.0f}", f"{(most - resting) / 2**20:.1f}")
    return table
