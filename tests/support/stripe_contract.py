"""Stripe's own descriptions of its interface: the library's typed params, the OpenAPI file.

Each misses what the other catches: a parameter's name is judged by the params, which are newer, an
enum's value and the shape of an answer by the file.
"""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Generic, TypeVar

import pytest
from openapi_schema_validator import OAS30Validator
from pydantic import ConfigDict, TypeAdapter

from assure_app.frontend import PROJECT

_FOLDER = PROJECT.parent / "shared" / "stripe"
_DESCRIPTION = _FOLDER / "openapi_2026-05-27.json"
_EXAMPLES = _FOLDER / "fixtures3.json"
needs_descriptions = pytest.mark.skipif(
    not (_DESCRIPTION.exists() and _EXAMPLES.exists()),
    reason=f"Stripe's OpenAPI description and examples are not in {_FOLDER}",
)
NEWER_THAN_DESCRIPTION = {"allowed_payment_method_types"}
Typed = TypeVar("Typed")


class _Untyped(Generic[Typed]):
    """Stands in for a type that the library knows only while types are checked."""


def require_known_params(params: Mapping[str, object], kind: type) -> None:
    """Fail for a name, at any depth, that the library's typed params do not have."""
    _adapter(kind).validate_python([params], strict=True)


def require_described_request(path: str, params: Mapping[str, object]) -> None:
    """Fail for a value that the description of this POST does not allow."""
    content = description()["paths"][path]["post"]["requestBody"]["content"]
    (form,) = content.values()
    older = {name: value for name, value in params.items() if name not in NEWER_THAN_DESCRIPTION}
    problems = [each.message for each in OAS30Validator(form["schema"]).iter_errors(older)]
    assert problems == []


def schema(name: str) -> dict[str, Any]:
    """One component of the description."""
    found: dict[str, Any] = description()["components"]["schemas"][name]
    return found


def example(name: str) -> dict[str, Any]:
    """Stripe's public example of an object, made anew for each caller."""
    found: dict[str, Any] = json.loads(_EXAMPLES.read_bytes())["resources"][name]
    return found


def is_present() -> bool:
    """Whether the description can be read here."""
    return _DESCRIPTION.exists()


@cache
def description() -> dict[str, Any]:
    """The whole description."""
    known: dict[str, Any] = json.loads(_DESCRIPTION.read_bytes())
    return known


@cache
def _adapter(kind: type) -> TypeAdapter[Any]:
    strict = ConfigDict(extra="forbid", arbitrary_types_allowed=True, defer_build=True)
    adapter: TypeAdapter[Any] = TypeAdapter(list[kind], config=strict)  # type: ignore[valid-type]
    missing = {"UntypedStripeObject": _Untyped, "StripeContext": _Untyped, "Mapping": Mapping}
    adapter.rebuild(_types_namespace=missing)
    return adapter
