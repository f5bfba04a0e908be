"""Which invoices a list shows: what a person may see, narrowed by tile, client and search."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from assure_app.billing.invoice_record import visible_to
from assure_app.billing.payment_text import bare_reference
from assure_app.domain.errors import InvalidInput
from assure_app.domain.invoice_status import Stage, Tile
from assure_app.domain.money import AmountProblem, parse_amount
from assure_app.domain.permissions import Principal
from assure_app.models.tables import client, invoice, payment

LONGEST_SEARCH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """The list's filters, sort and place, as the address bar holds them: nothing is trusted.

    Raises InvalidInput for anything that is not of the type a field has.
    """

    tile: str = ""
    status: str = ""
    search: str = ""
    client_id: int = 0
    issued_from: str = ""
    issued_to: str = ""
    sort: str = "date"
    descending: bool = True
    cursor: str = ""

    def __post_init__(self) -> None:
        filters = (self.tile, self.status, self.search, self.issued_from, self.issued_to)
        texts = (*filters, self.sort, self.cursor)
        if not all(type(text) is str for text in texts) or not _is_id(self.client_id):
            raise InvalidInput({"": "This address of a list cannot be read."})


@dataclass(frozen=True, slots=True)
class Sort:
    """What a header sorts by: columns ending in a unique one, and the type of each."""

    columns: tuple[ColumnElement[Any], ...]
    kinds: tuple[type, ...]


_has_balance = invoice.c.stage.not_in([Stage.PAID.value, Stage.CANCELLED.value])
_shown_balance_cents = case((_has_balance, invoice.c.balance_cents), else_=0)
"""The balance as the list shows it: sorting by one that is hidden would look like no order."""

SORTS = {
    "number": Sort(
        (func.length(invoice.c.number), invoice.c.number, invoice.c.id), (int, str, int)
    ),
    "client": Sort((client.c.name, invoice.c.issued_on, invoice.c.id), (str, date, int)),
    "date": Sort((invoice.c.issued_on, invoice.c.id), (date, int)),
    "due": Sort((invoice.c.due_on, invoice.c.id), (date, int)),
    "total": Sort((invoice.c.total_cents, invoice.c.id), (int, int)),
    "balance": Sort((_shown_balance_cents, invoice.c.id), (int, int)),
}


def sort_of(query: Query) -> tuple[str, Sort]:
    """The sort asked for, by date when there is no such one."""
    name = query.sort if query.sort in SORTS else "date"
    return name, SORTS[name]


def usable(query: Query) -> Query:
    """The query without a search that would be refused, for a reader that has no place to say so.

    An unknown tile or sort narrows nothing anyway, and the place in the list is not asked for.
    """
    is_usable = len(query.search.strip()) <= LONGEST_SEARCH
    return replace(query, search=query.search if is_usable else "", cursor="")


def tile_condition(tile: Tile, today: date) -> ColumnElement[bool]:
    """The same rule as `domain.invoice_status.tiles`, in SQL."""
    is_open = invoice.c.stage == Stage.OPEN.value
    match tile:
        case Tile.DRAFTS:
            return invoice.c.stage == Stage.DRAFT.value
        case Tile.AWAITING:
            return and_(is_open, invoice.c.due_on >= today)
        case Tile.OVERDUE:
            return and_(is_open, invoice.c.due_on < today)
        case Tile.FAILED:
            return and_(is_open, invoice.c.is_autopay_failed, invoice.c.balance_cents > 0)


def conditions(principal: Principal, query: Query, today: date) -> list[ColumnElement[bool]]:
    """Every condition of the list; InvalidInput for a search that is too long."""
    found = [visible_to(principal)]
    if query.tile in set(Tile):
        found.append(tile_condition(Tile(query.tile), today))
    if query.client_id:
        found.append(invoice.c.client_id == query.client_id)
    if query.search.strip():
        found.append(_matches(query.search.strip()))
    return found


def _is_id(value: object) -> bool:
    return type(value) is int and 0 <= value < 2**31


def _matches(search: str) -> ColumnElement[bool]:
    if len(search) > LONGEST_SEARCH:
        raise InvalidInput({"search": f"Search for at most {LONGEST_SEARCH} characters."})
    printable = "".join(character for character in search if character.isprintable())
    either = [
        _holds(invoice.c.number)(printable),
        _holds(client.c.name)(printable),
        _holds(invoice.c.title)(printable),
    ]
    bare = bare_reference(printable)
    if bare:  # A lone number sign would be found in every reference.
        by_reference = select(payment.c.invoice_id).where(
            payment.c.invoice_id == invoice.c.id, _holds(payment.c.reference)(bare)
        )
        either.append(by_reference.exists())
    try:
        cents = parse_amount(printable)
    except AmountProblem:
        return or_(*either)
    has_that_balance = and_(_has_balance, invoice.c.balance_cents == cents)
    return or_(*either, invoice.c.total_cents == cents, has_that_balance)


def _holds(column: ColumnElement[str]) -> Callable[[str], ColumnElement[bool]]:
    # autoescape: a percent sign or an underscore that was typed is only itself.
    return lambda text: column.icontains(text, autoescape=True)
