"""What the dialogs of the desk share: sentences by field, and text that really is text."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, TypeAlias

Shown: TypeAlias = AsyncGenerator[Any, None]
"""What a handler gives that shows its outcome in steps: first what the person waits for."""


def problems_by_field(problems: Mapping[str, str], fields: Sequence[str]) -> dict[str, str]:
    """A sentence or "" for every field; "form" takes what belongs to none of them."""
    elsewhere = [sentence for field, sentence in problems.items() if field not in fields]
    return {field: problems.get(field, "") for field in fields} | {"form": " ".join(elsewhere)}


def text_of(value: object) -> str:
    """The value when it is text, else "": a browser may send anything."""
    return value if isinstance(value, str) else ""


def fields_of(typed: object, fields: Sequence[str]) -> dict[str, str]:
    """The form's own fields as texts, whatever was sent."""
    given = typed if isinstance(typed, dict) else {}
    return {field: text_of(given.get(field)) for field in fields}
