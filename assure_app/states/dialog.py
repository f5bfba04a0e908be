"""What the dialogs of the desk share: sentences by field, and the fields of a form."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, TypeAlias

from assure_app.states.untrusted import text_of

Shown: TypeAlias = AsyncGenerator[Any, None]
"""What a handler gives that shows its outcome in steps: first what the person waits for."""


def problems_by_field(problems: Mapping[str, str], fields: Sequence[str]) -> dict[str, str]:
    """A sentence or "" for every field; "form" takes what belongs to none of them."""
    elsewhere = [sentence for field, sentence in problems.items() if field not in fields]
    return {field: problems.get(field, "") for field in fields} | {"form": " ".join(elsewhere)}


def fields_of(typed: object, fields: Sequence[str]) -> dict[str, str]:
    """The form's own fields as texts, whatever was sent."""
    given = typed if isinstance(typed, dict) else {}
    return {field: text_of(given.get(field)) for field in fields}
