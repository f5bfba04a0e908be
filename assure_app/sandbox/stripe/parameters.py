"""What an endpoint takes: the kinds of value, and the check that refuses everything else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from assure_app.sandbox.stripe.errors import invalid, missing_parameter, unknown_parameter
from assure_app.sandbox.stripe.form import listed
from assure_app.sandbox.stripe.store import Json

LARGEST = 99_999_999_999
MOST_ITEMS = 100


@dataclass(frozen=True, slots=True)
class Text:
    """A text; with `choices`, one of them."""

    choices: tuple[str, ...] = ()
    most: int = 5_000

    def read(self, value: Any, name: str) -> str | None:
        if not isinstance(value, str):
            raise invalid(f"Invalid string: {name}", param=name)
        if len(value) > self.most:
            raise invalid(
                f"Invalid string: {name} must be at most {self.most} characters", param=name
            )
        if value and self.choices and value not in self.choices:
            raise invalid(f"Invalid {name}: must be one of {', '.join(self.choices)}", param=name)
        return value or None


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number: cents, a quantity, a moment in seconds."""

    least: int = 0
    most: int = LARGEST

    def read(self, value: Any, name: str) -> int:
        digits = value.removeprefix("-") if isinstance(value, str) else ""
        if not (digits.isascii() and digits.isdigit() and len(digits) < 16):
            raise invalid(f"Invalid integer: {value}", param=name, code="parameter_invalid_integer")
        if not self.least <= int(value) <= self.most:
            raise invalid(
                f"This value must be from {self.least} to {self.most}.",
                param=name,
                code="parameter_invalid_integer",
            )
        return int(value)


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    def read(self, value: Any, name: str) -> bool:
        if value not in ("true", "false"):
            raise invalid(f"Invalid boolean: {value}", param=name)
        return bool(value == "true")


@dataclass(frozen=True, slots=True)
class Labels:
    """The caller's own names and values: 50 of them, 40 and 500 characters long; "" removes one."""

    def read(self, value: Any, name: str) -> Json:
        if value == "":
            return {"": ""}
        if not isinstance(value, dict) or len(value) > 50:
            raise invalid(f"Invalid hash: {name} may hold 50 keys", param=name)
        for key, text in value.items():
            if not isinstance(text, str) or len(key) > 40 or len(text) > 500:
                raise invalid(
                    "Metadata keys can have up to 40 characters and values up to 500.",
                    param=f"{name}[{key[:40]}]",
                )
        return value


@dataclass(frozen=True, slots=True)
class Each:
    """A list of one kind."""

    item: "Kind"

    def read(self, value: Any, name: str) -> list[Any]:
        if value == "":
            return []
        items = listed(value)
        if len(items) > MOST_ITEMS:
            raise invalid(f"Invalid array: {name} may hold {MOST_ITEMS} items", param=name)
        if "" in items:
            raise invalid(f"Invalid array: {name} holds an empty item", param=name)
        return [self.item.read(each, f"{name}[{place}]") for place, each in enumerate(items)]


@dataclass(frozen=True, slots=True)
class Within:
    """Named values inside a value."""

    fields: Mapping[str, "Kind"] = field(default_factory=dict)
    required: tuple[str, ...] = ()

    def read(self, value: Any, name: str) -> Json:
        if value == "":
            return {}
        if not isinstance(value, dict):
            raise invalid(f"Invalid object: {name}", param=name)
        return check(value, self.fields, required=self.required, inside=name)


@dataclass(frozen=True, slots=True)
class Span:
    """A moment, or the span of time that gt, gte, lt and lte mark."""

    def read(self, value: Any, name: str) -> Json:
        if isinstance(value, dict):
            marks = dict.fromkeys(("gt", "gte", "lt", "lte"), Whole())
            return check(value, marks, inside=name)
        return {"equals": Whole().read(value, name)}


Kind = Text | Whole | Flag | Labels | Each | Within | Span


def check(
    given: Json, fields: Mapping[str, Kind], *, required: tuple[str, ...] = (), inside: str = ""
) -> Json:
    """The values read for what they are.

    Raises ApiError for a name that is not among the fields, one that is missing, or a value that
    is not of its kind.
    """
    for name in given:
        if name not in fields:
            raise unknown_parameter(f"{inside}[{name}]" if inside else name)
    for name in required:
        if given.get(name, "") == "":
            raise missing_parameter(f"{inside}[{name}]" if inside else name)
    return {
        name: fields[name].read(value, f"{inside}[{name}]" if inside else name)
        for name, value in given.items()
    }


ADDRESS = Within(
    {name: Text() for name in ("city", "country", "line1", "line2", "postal_code", "state")}
)
BILLING_DETAILS = Within(
    {"address": ADDRESS, "email": Text(most=512), "name": Text(), "phone": Text()}
)
METHOD_TYPES = Each(Text(("card", "us_bank_account")))
PAGE: Mapping[str, Kind] = {
    "limit": Whole(1, 100),
    "starting_after": Text(),
    "ending_before": Text(),
    "created": Span(),
}
