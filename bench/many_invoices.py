"""A firm with as many invoices as wanted, as a firm of some years has them, loaded in bulk.

Most are paid, one in twenty is open and due on one of some 400 days around today. Indexes are made
again and the tally is counted after the load, as a restored backup would be. What the list does not
read, lines and payments, is left out.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from random import Random
from typing import Any

from sqlalchemy import Connection, case, func, insert, literal_column, select, text

from assure_app.db.engine import engine
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.search_terms import search_terms
from assure_app.models.tables import client, invoice, invoice_tally
from tests.support.desk import Desk

TODAY = date(2026, 5, 22)
INVOICES_PER_CLIENT = 250
HISTORY_DAYS = 1_500
_DUE_DAYS = 30
_MIX = ("paid",) * 925 + ("open",) * 50 + ("cancelled",) * 15 + ("draft",) * 10
_FIRST_NAMES = ("Harbor", "Lindqvist", "Brightwater", "Okafor", "Vega", "Castellano", "Nguyen")
_LAST_NAMES = ("Dental", "Foods", "Studio", "Partners", "Family", "Holdings", "Roofing", "Books")
_MOMENT = "2026-05-01 15:00:00"
_COLUMNS = (
    *("id", "firm_id", "client_id", "client_name", "number", "title", "issued_on", "due_on"),
    *("total_cents", "settled_cents", "pending_cents", "balance_cents", "overpaid_cents", "stage"),
    *("is_autopay_failed", "created_at", "sent_at", "opened_at", "viewed_at", "cancelled_at"),
    *("cancel_reason", "written_off_cents", "version", "form_hash", "pay_token"),
)


def fill(desk: Desk, invoices: int) -> None:
    """Give the desk's firm this many invoices, the same ones whenever it is asked."""
    random = Random(invoices)  # noqa: S311 - nothing secret depends on it
    clients = _clients(desk, max(1, invoices // INVOICES_PER_CLIENT))
    rows = _invoices(desk, clients, invoices, random)
    with unit_of_work() as connection, _without_indexes(connection, "invoice", "search_key"):
        _load(connection, "invoice", _COLUMNS, rows)
        keys = _search_keys(desk, invoices, random)
        _load(connection, "search_key", ("firm_id", "key", "invoice_id"), keys)
        _count(connection)
    with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
        if connection.dialect.name == "postgresql":
            connection.execute(text("VACUUM"))


def _clients(desk: Desk, wanted: int) -> list[tuple[int, str]]:
    names = [
        f"{_FIRST_NAMES[serial % 7]} {_LAST_NAMES[serial // 7 % 8]} {serial}"
        for serial in range(wanted)
    ]
    clients = list(enumerate(names, 1_000))
    known = {"firm_id": desk.jane.firm_id, "created_at": desk.now}
    with unit_of_work() as connection:
        connection.execute(insert(client), [{"id": i, "name": n} | known for i, n in clients])
    return clients


def _invoices(
    desk: Desk, clients: Sequence[tuple[int, str]], count: int, random: Random
) -> Iterator[tuple[Any, ...]]:
    facts = sorted(_facts(random) for _ in range(count))
    for serial, (issued_on, stage, due_on, settled, total_cents, is_viewed) in enumerate(facts, 1):
        client_id, client_name = clients[random.randrange(len(clients))]
        is_open = stage == "open"
        settled_cents = int(total_cents * settled)
        sent_at = None if stage == "draft" else _MOMENT
        yield (
            *(serial, desk.jane.firm_id, client_id, client_name, f"INV-{serial}", "Tax return"),
            *(issued_on.isoformat(), due_on.isoformat(), total_cents, settled_cents, 0),
            *(total_cents - settled_cents, 0, stage, is_open and random.random() < 0.01),
            *(_MOMENT, sent_at, sent_at, sent_at if is_viewed else None),
            *(_MOMENT if stage == "cancelled" else None, "", 0, 0, "", f"link-{serial}"),
        )


def _facts(random: Random) -> tuple[date, str, date, float, int, bool]:
    """When issued, its stage, when due, the share that is settled, the total, whether viewed."""
    stage = random.choice(_MIX)
    total_cents = random.choice((2_500 * random.randint(1, 200), random.randint(5_000, 900_000)))
    is_viewed = random.random() < 0.6
    if stage == "open":
        due_on = TODAY + timedelta(days=random.randint(-370, _DUE_DAYS))
        settled = 0.5 if random.random() < 0.1 else 0.0
        return due_on - timedelta(days=_DUE_DAYS), stage, due_on, settled, total_cents, is_viewed
    age_days = random.randint(0, 20 if stage == "draft" else HISTORY_DAYS)
    issued_on = TODAY - timedelta(days=age_days)
    due_on = issued_on + timedelta(days=_DUE_DAYS)
    return issued_on, stage, due_on, float(stage == "paid"), total_cents, is_viewed


def _search_keys(desk: Desk, count: int, random: Random) -> Iterator[tuple[int, str, int]]:
    """The terms of every number, and of a reference for every second invoice."""
    for serial in range(1, count + 1):
        terms = search_terms(f"INV-{serial}")
        if serial % 2:
            terms |= search_terms(f"CHK{random.randint(10_000, 9_999_999)}")
        yield from ((desk.jane.firm_id, term, serial) for term in terms)


def _load(
    connection: Connection, table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    names = ", ".join(columns)
    driver = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(columns))
        driver.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # type: ignore[union-attr]  # noqa: S608
        return
    with driver.cursor().copy(f"COPY {table} ({names}) FROM STDIN") as copy:  # type: ignore[union-attr]
        for row in rows:
            copy.write_row(row)


_INDEXES = {
    "sqlite": "SELECT type AS kind, name, sql FROM sqlite_master"
    " WHERE tbl_name = :table AND sql IS NOT NULL AND type IN ('index', 'trigger')",
    "postgresql": "SELECT 'index' AS kind, indexname AS name, indexdef AS sql FROM pg_indexes"
    " WHERE tablename = :table AND NOT EXISTS (SELECT 1 FROM pg_constraint"
    " WHERE conname = indexname)",
}


@contextmanager
def _without_indexes(connection: Connection, *tables: str) -> Iterator[None]:
    """Load without the indexes and triggers, which are as before afterwards."""
    is_postgresql = connection.dialect.name == "postgresql"
    known = text(_INDEXES[connection.dialect.name])
    dropped = [row for table in tables for row in connection.execute(known, {"table": table})]
    for row in dropped:
        connection.execute(text(f"DROP {row.kind} {row.name}"))
    if is_postgresql:
        connection.execute(text("ALTER TABLE invoice DISABLE TRIGGER USER"))
    yield
    for row in dropped:
        connection.exec_driver_sql(row.sql)
    if is_postgresql:
        connection.execute(text("ALTER TABLE invoice ENABLE TRIGGER USER"))


def _count(connection: Connection) -> None:
    """The tally, as the migration counts it."""
    day = case((invoice.c.stage == "open", invoice.c.due_on), else_=date(1970, 1, 1))
    is_failed = invoice.c.is_autopay_failed & (invoice.c.balance_cents > 0)
    figures = select(
        invoice.c.firm_id,
        invoice.c.standing,
        day,
        func.count(),
        func.sum(invoice.c.open_balance_cents),
        func.sum(case((is_failed, 1), else_=0)),
    ).group_by(literal_column("1"), literal_column("2"), literal_column("3"))
    names = ["firm_id", "standing", "due_on", "invoices", "balance_cents", "failed"]
    connection.execute(insert(invoice_tally).from_select(names, figures))
