"""Finding invoices by number, reference, client or amount, however many there are.

Each way has an index of its own and gives a bounded number of candidates, which the list then
filters, sorts and pages. Where a bound cut candidates off, a notice says so.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Connection,
    Select,
    bindparam,
    literal_column,
    select,
    union_all,
)

from assure_app.domain.money import AmountProblem, parse_amount
from assure_app.domain.permissions import Principal
from assure_app.domain.search_terms import folded
from assure_app.models.tables import client, client_assignment, invoice, search_key

MOST_CANDIDATES = 1_000
MOST_CLIENTS = 10
_LAST_CHARACTER = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Found:
    """The ids of what may match, and a sentence when there may be more, "" when there is not."""

    ids: tuple[int, ...] = ()
    notice: str = ""


@dataclass(frozen=True, slots=True)
class _Way:
    """What one way of finding gave, and whether its bound cut something off."""

    ids: Iterable[int] = ()
    is_cut: bool = False


def find(connection: Connection, principal: Principal, text: str) -> Found:
    """The candidates for a text that is not blank: at most 1,000 by each way (R150).

    They are of the whole firm: whoever reads them narrows them to what the person may see.
    """
    ways = (
        _by_term(connection, principal, text),
        _by_client(connection, principal, text),
        _by_amount(connection, principal, text),
    )
    ids = {each for way in ways for each in way.ids}
    is_cut = any(way.is_cut for way in ways)
    return Found(tuple(sorted(ids)), _too_many(text) if is_cut else "")


def _too_many(text: str) -> str:
    return (
        f"So many invoices match “{text}” that only some of them were searched. "
        "Type more, or choose a client."
    )


def _most(count: int) -> Any:
    # Said in the statement itself: for a parameter PostgreSQL would plan for a tenth of the table.
    return literal_column(str(count))


# The highest terms first: of numbers of one length these are the newest.
_BY_TERM = (
    select(search_key.c.invoice_id)
    .where(
        search_key.c.firm_id == bindparam("firm_id"),
        search_key.c.key >= bindparam("first"),
        search_key.c.key < bindparam("last"),
    )
    .order_by(search_key.c.key.desc(), search_key.c.invoice_id.desc())
    .limit(_most(MOST_CANDIDATES + 1))
)


def _by_term(connection: Connection, principal: Principal, text: str) -> _Way:
    term = folded(text)
    if not term:  # A lone number sign would be found in everything.
        return _Way()
    bounds = {"firm_id": principal.firm_id, "first": term, "last": term + _LAST_CHARACTER}
    return _bounded(connection.execute(_BY_TERM, bounds).scalars())


def _by_client(connection: Connection, principal: Principal, text: str) -> _Way:
    """The newest invoices of the clients whose name holds the text, as many of each client."""
    known = {"firm_id": principal.firm_id, "user_id": principal.user_id, "text": _escaped(text)}
    query = _clients(sees_all_clients=principal.sees_all_clients)
    found = list(connection.execute(query, known).scalars())
    clients = found[:MOST_CLIENTS]
    if not clients:
        return _Way()
    each = MOST_CANDIDATES // len(clients)
    named = {f"client_{position}": client_id for position, client_id in enumerate(clients)}
    rows = connection.execute(_newest_of(len(clients)), named).all()
    is_cut = (
        len(found) > MOST_CLIENTS or max(Counter(row.client_id for row in rows).values()) > each
    )
    return _Way([row.id for row in rows], is_cut)


@cache
def _clients(*, sees_all_clients: bool) -> Select[Any]:
    named = select(client.c.id).where(
        client.c.firm_id == bindparam("firm_id"),
        client.c.name.icontains(bindparam("text"), escape="/"),
    )
    if not sees_all_clients:
        assigned = select(client_assignment.c.client_id).where(
            client_assignment.c.user_id == bindparam("user_id")
        )
        named = named.where(client.c.id.in_(assigned))
    return named.order_by(client.c.name).limit(_most(MOST_CLIENTS + 1))


def _escaped(text: str) -> str:
    """A percent sign or an underscore that was typed is only itself."""
    return text.replace("/", "//").replace("%", "/%").replace("_", "/_")


@cache
def _newest_of(clients: int) -> CompoundSelect[Any]:
    newest = (
        select(invoice.c.client_id, invoice.c.id)
        .where(invoice.c.client_id == bindparam(f"client_{position}"))
        .order_by(invoice.c.issued_on.desc(), invoice.c.id.desc())
        .limit(_most(MOST_CANDIDATES // clients + 1))
        .subquery()
        for position in range(clients)
    )
    return union_all(*(select(each) for each in newest))


def _by_amount(connection: Connection, principal: Principal, text: str) -> _Way:
    """The newest over this total, or with this open balance."""
    try:
        cents = parse_amount(text)
    except AmountProblem:
        return _Way()
    known = {"firm_id": principal.firm_id, "cents": cents}
    ways = [_bounded(connection.execute(query, known).scalars()) for query in _BY_AMOUNT]
    return _Way([each for way in ways for each in way.ids], any(way.is_cut for way in ways))


_BY_AMOUNT = tuple(
    select(invoice.c.id)
    .where(invoice.c.firm_id == bindparam("firm_id"), column == bindparam("cents"))
    .order_by(invoice.c.id.desc())
    .limit(_most(MOST_CANDIDATES + 1))
    for column in (invoice.c.total_cents, invoice.c.open_balance_cents)
)


def _bounded(ids: Iterable[int]) -> _Way:
    found = list(ids)
    return _Way(found[:MOST_CANDIDATES], len(found) > MOST_CANDIDATES)
