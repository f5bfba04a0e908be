"""Which invoices a list shows, in SQL: what a person may see, narrowed by the list's filters.

Statements are built once for each shape of a query and then kept, since building one takes longer
than running it; what differs from call to call is a parameter. Stages and standings are part of the
shape: an index that holds the unpaid alone is used only for a condition that names them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import InternalTraversal

from assure_app.billing.invoice_record import is_assigned, visible
from assure_app.billing.reading.invoice_query import Query, days, searched
from assure_app.domain.invoice_status import Stage, Status, Tile
from assure_app.domain.permissions import Principal
from assure_app.models.tables import invoice

SHAPES_KEPT = 1_000
"""Of how many shapes a statement is kept."""

Day = date | BindParameter[date]

_TODAY: BindParameter[date] = bindparam("today", type_=invoice.c.due_on.type)
_FIRST_DAY: BindParameter[date] = bindparam("first_day", type_=invoice.c.issued_on.type)
_LAST_DAY: BindParameter[date] = bindparam("last_day", type_=invoice.c.issued_on.type)
# As the partial index says it, and not "= 1": SQLite compares the texts of conditions.
_IS_AUTOPAY_FAILED: ColumnElement[bool] = literal_column("invoice.is_autopay_failed")
# Follows from the stage, but says where in the order of open balances these are found.
_OWES_NOTHING = invoice.c.open_balance_cents == literal_column("0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Which conditions a list has, without their values: one statement serves all of a shape."""

    tile: Tile | None
    status: Status | None
    has_client: bool
    has_first_day: bool
    has_last_day: bool
    is_searched: bool
    sees_all_clients: bool

    @property
    def is_gathered(self) -> bool:
        """Whether it names its invoices: by the clients a person sees, or one, or by a search."""
        return self.has_client or self.is_searched or not self.sees_all_clients

    @property
    def has_days(self) -> bool:
        """Whether it is about some days of issue."""
        return self.has_first_day or self.has_last_day

    @property
    def is_tallied(self) -> bool:
        """Whether the tally knows how many there are: it tells apart standings and due days."""
        others = (self.has_client, self.has_first_day, self.has_last_day, self.is_searched)
        is_one = self.tile is None or self.status is None
        return self.sees_all_clients and is_one and not any(others)


def shape_of(principal: Principal, query: Query) -> Shape:
    """The shape of this person's query; an unknown tile or status narrows nothing.

    Raises InvalidInput for a search that is too long or days that cannot be.
    """
    first, last = days(query)
    return Shape(
        tile=Tile(query.tile) if query.tile in set(Tile) else None,
        status=Status(query.status) if query.status in set(Status) else None,
        has_client=query.client_id > 0,
        has_first_day=first is not None,
        has_last_day=last is not None,
        is_searched=searched(query) != "",
        sees_all_clients=principal.sees_all_clients,
    )


def values(
    principal: Principal, query: Query, today: date, found_ids: Sequence[int] = ()
) -> dict[str, Any]:
    """The parameters of the conditions; `found_ids` are the candidates of the search."""
    first, last = days(query)
    return {
        "firm_id": principal.firm_id,
        "user_id": principal.user_id,
        "today": today,
        "client_id": query.client_id,
        "first_day": first,
        "last_day": last,
        "found_ids": found_ids,
    }


@lru_cache(maxsize=SHAPES_KEPT)
def conditions(shape: Shape, *, walked: str = "") -> tuple[ColumnElement[bool], ...]:
    """Every condition of the list, over the parameters that `values` gives.

    With `walked`, the column by which a sort begins, the rows are to be found by walking along the
    index of that sort, passing over what does not match: no other range may lead to an index.
    """
    due_on, issued_on = (
        unindexed(column) if walked not in {"", column.name} else column
        for column in (invoice.c.due_on, invoice.c.issued_on)
    )
    found = _seen(shape)
    if shape.tile is not None:
        found.append(tile_condition(shape.tile, _TODAY, due_on))
    if shape.status is not None:
        found.append(status_condition(shape.status, _TODAY, due_on))
    if shape.has_client:
        found.append(invoice.c.client_id == bindparam("client_id"))
    if shape.has_first_day:
        found.append(issued_on >= _FIRST_DAY)
    if shape.has_last_day:
        found.append(issued_on <= _LAST_DAY)
    if shape.is_searched:
        ids: BindParameter[int] = bindparam("found_ids", expanding=True, literal_execute=True)
        found.append(invoice.c.id.in_(ids))
    return tuple(found)


def _seen(shape: Shape) -> list[ColumnElement[bool]]:
    if not shape.is_gathered:
        return [visible(sees_all_clients=True)]
    return [own_firm()] if shape.sees_all_clients else [own_firm(), is_assigned()]


def own_firm() -> ColumnElement[bool]:
    """That it is the firm's, for invoices found by their client or id and sorted afterwards.

    With the bare column at hand, a database might rather walk through all of the firm.
    """
    return invoice.c.firm_id + literal_column("0") == bindparam("firm_id")


class unindexed(ColumnElement[Any]):  # noqa: N801 - a function of SQL, as SQLAlchemy writes them
    """A column whose comparison leads SQLite to no index; PostgreSQL weighs that by statistics."""

    inherit_cache = True

    def __init__(self, column: ColumnElement[Any]) -> None:
        self.column = column
        self.type = column.type

    _traverse_internals = (("column", InternalTraversal.dp_clauseelement),)  # type: ignore[assignment]


@compiles(unindexed)
def _plain(element: unindexed, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.column, **options)


@compiles(unindexed, "sqlite")
def _signed(element: unindexed, compiler: SQLCompiler, **options: Any) -> str:
    return f"+{compiler.process(element.column, **options)}"


def tile_condition(
    tile: Tile, today: Day, due_on: ColumnElement[date] = invoice.c.due_on
) -> ColumnElement[bool]:
    """The same rule as `domain.invoice_status.tiles`, in SQL."""
    is_open = is_at(Stage.OPEN)
    match tile:
        case Tile.DRAFTS:
            return is_at(Stage.DRAFT)
        case Tile.AWAITING:
            return and_(is_open, due_on >= today)
        case Tile.OVERDUE:
            return and_(is_open, due_on < today)
        case Tile.FAILED:
            return and_(is_open, _IS_AUTOPAY_FAILED, invoice.c.balance_cents > 0)


def status_condition(
    status: Status, today: Day, due_on: ColumnElement[date] = invoice.c.due_on
) -> ColumnElement[bool]:
    """The same rule as `domain.invoice_status.status`, in SQL."""
    match status:
        case Status.DRAFT:
            return is_at(Stage.DRAFT)
        case Status.PAID | Status.CANCELLED:
            return and_(is_at(Stage(status.value.lower())), _OWES_NOTHING)
        case Status.PARTIALLY_PAID:
            standing = _stands("partial")
        case Status.OVERDUE:
            standing = and_(_stands("sent", "viewed"), due_on < today)
        case Status.SENT | Status.VIEWED:
            standing = and_(_stands(status.value.lower()), due_on >= today)
    return and_(is_at(Stage.OPEN), standing)


def is_at(stage: Stage) -> ColumnElement[bool]:
    """That the invoice is at this stage, in words that a partial index is known by."""
    return invoice.c.stage == literal_column(f"'{stage.value}'")


def _stands(*standings: str) -> ColumnElement[bool]:
    return invoice.c.standing.in_([literal_column(f"'{standing}'") for standing in standings])
