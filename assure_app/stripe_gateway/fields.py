"""Reads the fields of Stripe's objects, and says so when one is not what it must be."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

Choice = TypeVar("Choice", bound=StrEnum)


class Malformed(Exception):
    """An answer without a field that it must have, or with another kind of value in it."""


def part(thing: Any, name: str) -> Any:
    """A field that may be missing: None then, as when it is null."""
    return getattr(thing, name, None)


def text(thing: Any, name: str) -> str:
    value = part(thing, name)
    if not isinstance(value, str) or not value:
        raise Malformed(name)
    return value


def text_or_empty(thing: Any, name: str) -> str:
    value = part(thing, name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Malformed(name)
    return value


def cents(thing: Any, name: str) -> int:
    value = part(thing, name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise Malformed(name)
    return value


def signed_cents(thing: Any, name: str) -> int:
    """Money that came in or, negative, went out."""
    value = part(thing, name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Malformed(name)
    return value


def flag(thing: Any, name: str) -> bool:
    value = part(thing, name)
    if not isinstance(value, bool):
        raise Malformed(name)
    return value


def one_of(choices: type[Choice], thing: Any, name: str) -> Choice:
    try:
        return choices(text(thing, name))
    except ValueError as error:
        raise Malformed(name) from error


def moment(thing: Any, name: str) -> datetime:
    try:
        return datetime.fromtimestamp(cents(thing, name), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Malformed(name) from error


def reference(thing: Any, name: str) -> str | None:
    """The id of another object, expanded or not; None when there is none."""
    value = part(thing, name)
    if value is None or isinstance(value, str):
        return value or None
    return text(value, "id")


def words(thing: Any, name: str) -> Mapping[str, str]:
    """Metadata: what we wrote there ourselves, and whatever the firm added in its Dashboard."""
    value = part(thing, name)
    if value is None:
        return {}
    known = value.to_dict() if hasattr(value, "to_dict") else value
    if not isinstance(known, dict) or not all(isinstance(each, str) for each in known.values()):
        raise Malformed(name)
    return dict(known)


def items(page: Any) -> list[Any]:
    """What one page of a list holds."""
    return items_of(page, "data")


def items_of(thing: Any, name: str) -> list[Any]:
    """A field that is a list."""
    value = part(thing, name)
    if not isinstance(value, list):
        raise Malformed(name)
    return value
