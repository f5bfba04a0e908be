"""What a list of invoices is asked for: the filters, the sort and the place of its address."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement

from assure_app.domain.entry import Entry
from assure_app.domain.errors import InvalidInput
from assure_app.models.tables import invoice

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


# Each is the order of an index of `models.invoice`. The open balance is the one that is shown:
# sorting by one that is hidden would look like no order.
SORTS = {
    "number": Sort((invoice.c.number_length, invoice.c.number, invoice.c.id), (int, str, int)),
    "client": Sort((invoice.c.client_name, invoice.c.issued_on, invoice.c.id), (str, date, int)),
    "date": Sort((invoice.c.issued_on, invoice.c.id), (date, int)),
    "due": Sort((invoice.c.due_on, invoice.c.id), (date, int)),
    "total": Sort((invoice.c.total_cents, invoice.c.id), (int, int)),
    "balance": Sort((invoice.c.open_balance_cents, invoice.c.id), (int, int)),
}


def sort_of(query: Query) -> tuple[str, Sort]:
    """The sort asked for, by date when there is no such one."""
    name = query.sort if query.sort in SORTS else "date"
    return name, SORTS[name]


def usable(query: Query) -> Query:
    """The query without what would be refused, for a reader that has no place to say so.

    An unknown tile or sort narrows nothing anyway, and the place in the list is not asked for.
    """
    query = replace(query, cursor="")
    if len(query.search.strip()) > LONGEST_SEARCH:
        query = replace(query, search="")
    try:
        days(query)
    except InvalidInput:
        query = replace(query, issued_from="", issued_to="")
    return query


def searched(query: Query) -> str:
    """What to search for, without what cannot be printed; InvalidInput for an endless one."""
    text = query.search.strip()
    if len(text) > LONGEST_SEARCH:
        raise InvalidInput({"search": f"Search for at most {LONGEST_SEARCH} characters."})
    return "".join(character for character in text if character.isprintable()).strip()


def days(query: Query) -> tuple[date | None, date | None]:
    """The first and the last day of issue, None where there is no limit.

    Raises InvalidInput, under "from" and "to", for a day that does not exist or a last one before
    the first.
    """
    entry = Entry()
    texts = {"from": query.issued_from.strip(), "to": query.issued_to.strip()}
    first, last = (entry.day(field, text) if text else None for field, text in texts.items())
    if not entry.problems and first and last and last < first:
        entry.refuse("to", "The last day comes before the first. Change one of them.")
    entry.check()
    return first, last


def _is_id(value: object) -> bool:
    return type(value) is int and 0 <= value < 2**31
