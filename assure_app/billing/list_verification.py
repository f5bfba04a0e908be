"""Checking what the list reads besides the invoices: the tally, clients' names, search keys."""

from collections import deque
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Connection,
    FromClause,
    Row,
    Select,
    and_,
    case,
    func,
    literal_column,
    select,
    union_all,
)

from assure_app.domain.invoice_status import Stage
from assure_app.domain.money import full_text
from assure_app.domain.search_terms import search_terms
from assure_app.models.tables import client, invoice, invoice_tally, payment, search_key

_ROWS_AT_ONCE = 1_000
_NO_DAY = date(1970, 1, 1)
"""Under which the tally keeps what no due day moves."""
_NOTHING = (0, 0, 0)


def differences(connection: Connection) -> Iterator[str]:
    """Every difference, each as one sentence; the memory used does not grow with the invoices."""
    yield from _tally_differences(connection)
    yield from _name_differences(connection)
    yield from _search_key_differences(connection)


def stream(connection: Connection, query: Select[Any] | CompoundSelect[Any]) -> Iterator[Row[Any]]:
    """The rows of a query, some at a time."""
    return iter(connection.execute(query.execution_options(yield_per=_ROWS_AT_ONCE)))


def _tally_differences(connection: Connection) -> Iterator[str]:
    """Where the tally, whose rows of one key add up, is not what counting the invoices gives."""
    keys = ("firm_id", "standing", "due_on")
    day = case((invoice.c.stage == Stage.OPEN, invoice.c.due_on), else_=_NO_DAY).label("due_on")
    is_failed = invoice.c.is_autopay_failed & (invoice.c.balance_cents > 0)
    counted = select(
        invoice.c.firm_id,
        invoice.c.standing,
        day,
        literal_column("1").label("invoices"),
        invoice.c.open_balance_cents.label("balance_cents"),
        case((and_(invoice.c.stage == Stage.OPEN, is_failed), 1), else_=0).label("failed"),
    ).subquery()
    recount = connection.execute(_sums(counted, keys))
    kept = connection.execute(_sums(invoice_tally, keys))
    due, found = ({tuple(row)[:3]: _figures_of(row) for row in rows} for rows in (recount, kept))
    for key in sorted(due.keys() | found.keys()):
        before, after = found.get(key, _NOTHING), due.get(key, _NOTHING)
        if before != after:
            firm_id, standing, due_on = key
            which = f"“{standing}”" if due_on == _NO_DAY else f"“{standing}” due {due_on}"
            yield (
                f"The tally of firm {firm_id} has {_counted(before)} {which}, "
                f"but there are {_counted(after)}."
            )


def _sums(rows: FromClause, keys: Sequence[str]) -> Select[Any]:
    """Grouped, so no more rows than there are due days in a firm, whatever its size."""
    named = [rows.c[key] for key in keys]
    sums = (func.sum(rows.c[name]) for name in ("invoices", "balance_cents", "failed"))
    return select(*named, *sums).group_by(*named)


def _figures_of(row: Row[Any]) -> tuple[int, ...]:
    return tuple(int(figure) for figure in tuple(row)[3:])


def _counted(figures: tuple[int, ...]) -> str:
    invoices, balance_cents, failed = figures
    return f"{invoices:,} ({full_text(balance_cents)} open, {failed:,} failed)"


def _name_differences(connection: Connection) -> Iterator[str]:
    differing = (
        select(invoice.c.number, invoice.c.firm_id, invoice.c.client_name, client.c.name)
        .join(client, client.c.id == invoice.c.client_id)
        .where(invoice.c.client_name != client.c.name)
        .order_by(invoice.c.id)
    )
    for row in stream(connection, differing):
        yield (
            f"Invoice {row.number} of firm {row.firm_id}: its client is “{row.client_name}” in the "
            f"list, but is called “{row.name}”."
        )


def _search_key_differences(connection: Connection) -> Iterator[str]:
    """A number or a reference under which its invoice cannot be found."""
    texts = union_all(
        select(invoice.c.firm_id, invoice.c.id.label("invoice_id"), invoice.c.number.label("text")),
        select(invoice.c.firm_id, payment.c.invoice_id, payment.c.reference)
        .join(invoice, invoice.c.id == payment.c.invoice_id)
        .where(payment.c.reference != ""),
    )
    ordered = texts.order_by("invoice_id")
    keys = stream(connection, select(search_key).order_by(search_key.c.invoice_id))
    known = groupby(keys, key=lambda row: row.invoice_id)
    at, found = next(known, (None, ()))
    for invoice_id, rows in groupby(stream(connection, ordered), key=lambda row: row.invoice_id):
        while at is not None and at < invoice_id:
            at, found = next(known, (None, ()))
        terms = {(row.firm_id, row.key) for row in found} if at == invoice_id else set()
        for row in rows:
            for term in sorted(search_terms(row.text)):
                if (row.firm_id, term) not in terms:
                    yield f"Invoice {invoice_id} is not found by “{term}”."
    deque(known, maxlen=0)  # To its end, or the database would keep the query open.
