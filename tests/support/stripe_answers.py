"""Holds what the sandbox answers against Stripe's OpenAPI description."""

from functools import cache
from typing import Any

from openapi_schema_validator import OAS31Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tests.support import stripe_contract

_ADDRESS = "urn:stripe"


def require_described(answer: dict[str, Any]) -> None:
    """Fail when an object, or one in a list, is not as the description says.

    Where the description is absent nothing is checked; the tests of the contract tell so.
    """
    if not stripe_contract.is_present():
        return
    if answer.get("object") == "list":
        for each in answer["data"]:
            require_described(each)
    elif "error" in answer:
        _require("error", answer)
    elif answer.get("deleted"):
        _require(f"deleted_{answer['object']}", answer)
    else:
        _require(answer["object"], answer)


def _require(component: str, answer: dict[str, Any]) -> None:
    problems = [
        f"{'/'.join(map(str, problem.absolute_path))}: {problem.message[:200]}"
        for problem in _validator(component).iter_errors(answer)
    ]
    assert problems == [], f"{component}: {problems}"


@cache
def _validator(component: str) -> OAS31Validator:
    pointer = {"$ref": f"{_ADDRESS}#/components/schemas/{component}"}
    return OAS31Validator(pointer, registry=_registry())


@cache
def _registry() -> Registry[Any]:
    described = _with_null(stripe_contract.description()["components"])
    resource = Resource.from_contents({"components": described}, default_specification=DRAFT202012)
    return Registry().with_resource(_ADDRESS, resource)


def _with_null(node: Any) -> Any:
    """What may be null says so in a way that holds beside an enum and a reference too."""
    if isinstance(node, list):
        return [_with_null(each) for each in node]
    if not isinstance(node, dict):
        return node
    known = {name: _with_null(each) for name, each in node.items() if name != "nullable"}
    return {"anyOf": [known, {"type": "null"}]} if node.get("nullable") is True else known
