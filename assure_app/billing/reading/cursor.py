"""Where a page of a sorted list ends: the sort values of its last row, not a count of rows skipped.

A cursor travels in the address bar, so anyone can make one up: every part of it is checked.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, bindparam, tuple_

from assure_app.domain.errors import InvalidInput

_LONGEST_CURSOR = 2_000
"""Holds the longest client name there may be, in any script."""

_GONE = {"cursor": "This page of the list no longer exists. Start again from the first one."}


@dataclass(frozen=True, slots=True)
class Cursor:
    """The sort values of a row, and whether the page wanted lies before or after it."""

    values: tuple[Any, ...]
    is_backward: bool = False


def encode(cursor: Cursor, *, sort: str) -> str:
    """The cursor as text for an address."""
    values = [value.isoformat() if isinstance(value, date) else value for value in cursor.values]
    parts = [sort, cursor.is_backward, *values]
    # As it is written: escaped, a name in Cyrillic letters would be three times as long.
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(text: str, *, sort: str, kinds: Sequence[type]) -> Cursor:
    """Read a cursor made for this sort; InvalidInput for anything else."""
    if len(text) > _LONGEST_CURSOR:
        raise InvalidInput(_GONE)
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        values = json.loads(raw)
        made_for, is_backward, *read = [
            _read(value, kind) for value, kind in zip(values, (str, bool, *kinds), strict=True)
        ]
    except (ValueError, TypeError, binascii.Error, RecursionError) as error:
        raise InvalidInput(_GONE) from error
    if made_for != sort:
        raise InvalidInput(_GONE)
    return Cursor(tuple(read), is_backward)


def beyond(columns: Sequence[ColumnElement[Any]], *, is_ascending: bool) -> ColumnElement[bool]:
    """The condition for rows after those values in the order of the columns.

    As one comparison of rows, which both databases answer by going to that place in the index. The
    values are the parameters that `values` gives.
    """
    place = tuple_(
        *(bindparam(_name(position), type_=column.type) for position, column in enumerate(columns))
    )
    here = tuple_(*columns)
    return here > place if is_ascending else here < place


def values(cursor: Cursor) -> dict[str, Any]:
    """The parameters of `beyond`."""
    return {_name(position): value for position, value in enumerate(cursor.values)}


def _name(position: int) -> str:
    return f"place_{position}"


def _read(value: object, kind: type) -> Any:
    if kind is date and isinstance(value, str):
        return date.fromisoformat(value)
    if type(value) is not kind:
        raise ValueError
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise ValueError
    if isinstance(value, str) and not _is_storable(value):
        raise ValueError
    return value


def _is_storable(text: str) -> bool:
    # What no text in the database can hold: PostgreSQL refuses a NUL, UTF-8 a lone surrogate.
    return not any(each == "\0" or "\ud800" <= each <= "\udfff" for each in text)
