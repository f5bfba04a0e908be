"""Decodes a form or a query whose names nest in brackets: a[b][0][c]=value."""

import re
from typing import Any
from urllib.parse import parse_qsl

from assure_app.sandbox.stripe.errors import ApiError, invalid
from assure_app.sandbox.stripe.store import Json

MOST_FIELDS = 1_000
DEEPEST = 8
_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_PART = re.compile(r"\[([^\[\]]*)\]")


def decode(text: str) -> Json:
    """The nested dictionaries that a form spells; lists are dictionaries keyed "0", "1", …

    Raises ApiError for a name that cannot be read.
    """
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except (ValueError, UnicodeDecodeError):
        raise invalid("The request's body is not a form that can be read.") from None
    nested: Json = {}
    for name, value in pairs:
        _put(nested, _path(name), value, name)
    return nested


def listed(value: Any) -> list[Any]:
    """The items of a decoded list, in the order of their numbers."""
    if not isinstance(value, dict):
        return [value]
    numbered = sorted(value.items(), key=lambda pair: (not pair[0].isdigit(), _number(pair[0])))
    return [item for _, item in numbered]


def _path(name: str) -> list[str]:
    read = _NAME.fullmatch(name)
    if read is None:
        raise _unreadable(name)
    path = [read[1], *_PART.findall(read[2])]
    if len(path) > DEEPEST:
        raise _unreadable(name)
    return path


def _put(nested: Json, path: list[str], value: str, name: str) -> None:
    for part in path[:-1]:
        inner = nested.setdefault(part or str(len(nested)), {})
        if not isinstance(inner, dict):
            raise _unreadable(name)
        nested = inner
    last = path[-1] or str(len(nested))
    if isinstance(nested.get(last), dict):
        raise _unreadable(name)
    nested[last] = value


def _number(key: str) -> int:
    return int(key) if key.isdigit() and len(key) < 10 else 0


def _unreadable(name: str) -> ApiError:
    return invalid(f"Invalid parameter name: {name[:100]}", param=name[:100])
