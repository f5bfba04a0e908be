"""Whether to walk along the index of a sort, or to gather what matches and sort it.

Walking is quick where matches are dense, gathering where they are few. PostgreSQL keeps statistics
to choose by; SQLite cannot know how much lies between two days, so it is told.
"""

from datetime import date
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from assure_app.billing.reading.invoice_conditions import Shape
from assure_app.billing.reading.invoice_query import Sort
from assure_app.domain.invoice_status import Status, Tile
from assure_app.models.tables import invoice

_NEWEST = (Tile.AWAITING, Status.SENT, Status.VIEWED)
"""What is not due yet was issued last: the oldest first, all that is overdue would be passed."""
_BY_AGE = ("number_length", "issued_on", "due_on")
"""What sorts nearly as the day of issue does, so that the matches lie in one place."""
_SPARSE_DAYS = 200
"""Fewer than one match in so many, and a page of matches is farther apart than they are many."""
_ENDS = select(
    *(
        select(end(invoice.c.issued_on))
        .where(invoice.c.firm_id == bindparam("firm_id"))
        .scalar_subquery()
        for end in (func.min, func.max)
    )
)
"""Each by itself: asked for both at once, SQLite reads the whole index."""


def walked_column(
    connection: Connection, shape: Shape, values: dict[str, Any], sort: Sort, *, is_ascending: bool
) -> str:
    """The column whose index is walked along, or "" when what matches is gathered."""
    if shape.is_gathered or connection.dialect.name != "sqlite":
        return ""
    column = str(sort.columns[0].name)
    is_newest = shape.tile in _NEWEST or shape.status in _NEWEST
    if is_newest and is_ascending and column in {"number_length", "issued_on"}:
        return ""
    if not shape.has_days or column == "issued_on":
        return column
    is_shorter = _is_walk_shorter(connection, values, column, is_ascending=is_ascending)
    return column if is_shorter else ""


def _is_walk_shorter(
    connection: Connection, values: dict[str, Any], column: str, *, is_ascending: bool
) -> bool:
    """As if as many invoices were issued on each day: the days that would be looked at."""
    oldest, newest = connection.execute(_ENDS, values).one()
    if oldest is None:
        return True
    first: date = max(values["first_day"] or oldest, oldest)
    last: date = min(values["last_day"] or newest, newest)
    all_days = (newest - oldest).days + 1
    matching = max(0, (last - first).days + 1)
    if column in _BY_AGE:
        passed = first - oldest if is_ascending else newest - last
        return bool(passed.days < matching)
    return bool(matching * _SPARSE_DAYS > all_days)
