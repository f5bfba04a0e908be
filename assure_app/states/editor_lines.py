"""The lines of the invoice editor: as the page shows them, and as it sends them.

The quantity of the line with key 2 is the field "quantity-2".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from assure_app.billing.reading.editor_form import LineForm
from assure_app.states.untrusted import text_of

_FIELDS = ("description", "quantity", "price", "tax")


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """One line as the editor shows it: what its fields begin with, its amount, its problems."""

    key: str
    position: str
    description: str
    quantity: str
    price: str
    tax: str
    amount: str = ""
    description_problem: str = ""
    quantity_problem: str = ""
    price_problem: str = ""
    tax_problem: str = ""


def as_rows(lines: Sequence[LineForm], amounts: Mapping[str, str]) -> tuple[LineRow, ...]:
    """The lines as typed, with their amounts by key; no problem is told yet."""
    return tuple(
        LineRow(
            key=line.key,
            position=str(position),
            amount=amounts.get(line.key, ""),
            **{name: getattr(line, name) for name in _FIELDS},
        )
        for position, line in enumerate(lines, start=1)
    )


def heard(rows: Sequence[LineRow], given: Mapping[str, Any]) -> tuple[LineForm, ...]:
    """What the form says of the lines that are on the page, and of no others."""
    return tuple(
        LineForm(key=row.key, **{name: text_of(given.get(f"{name}-{row.key}")) for name in _FIELDS})
        for row in rows
    )


def fields_of_lines(rows: Sequence[LineRow]) -> set[str]:
    """The names of all fields of these lines."""
    return {f"{name}-{row.key}" for name in _FIELDS for row in rows}


def with_problems(rows: Sequence[LineRow], problems: Mapping[str, str]) -> tuple[LineRow, ...]:
    """The lines with the sentences about their fields, and with no others."""
    return tuple(
        replace(
            row,
            **{f"{name}_problem": problems.get(f"{name}-{row.key}", "") for name in _FIELDS},
        )
        for row in rows
    )
