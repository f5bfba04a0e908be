"""Puts whole objects where an answer holds their ids, as `expand` asks."""

from typing import Any

from assure_app.sandbox.stripe import ids
from assure_app.sandbox.stripe.errors import invalid
from assure_app.sandbox.stripe.partition import PLATFORM, Partition, shown
from assure_app.sandbox.stripe.store import Json

MOST_PATHS = 20
DEEPEST = 4


def expand(partition: Partition, answer: Json, paths: list[str]) -> Json:
    """The answer with what the paths name in full.

    Raises ApiError for a path that leads nowhere.
    """
    if len(paths) > MOST_PATHS:
        raise invalid(f"You can expand {MOST_PATHS} properties at once.", param="expand")
    for path in paths:
        names = path.split(".")
        if len(names) - (names[0] == "data") > DEEPEST:
            raise invalid(f"You can expand {DEEPEST} levels of a property.", param="expand")
        _follow(partition, answer, names, path)
    return answer


def _follow(partition: Partition, holder: Json, names: list[str], path: str) -> None:
    name, deeper = names[0], names[1:]
    inner = holder.get(name)
    if inner is None and name not in holder:
        inner = _included(partition, holder, name)
        if inner is None:
            raise invalid(f"This property cannot be expanded ({path}).", param="expand")
        holder[name] = inner
    if isinstance(inner, str):
        inner = holder[name] = _object(partition, inner, path)
    for each in inner if isinstance(inner, list) else [inner]:
        if deeper and isinstance(each, dict):
            _follow(partition, each, deeper, path)


def _object(partition: Partition, object_id: str, path: str) -> Json:
    kind = ids.KIND_BY_PREFIX.get(object_id.split("_", maxsplit=1)[0])
    where = partition.of(PLATFORM) if kind == "account" else partition
    found = where.find(object_id) if kind else None
    if found is None:
        raise invalid(f"This property cannot be expanded ({path}).", param="expand")
    return shown(found)


def _included(partition: Partition, holder: Json, name: str) -> Any:
    """What an object holds only when it is asked for."""
    if holder.get("object") == "charge" and name == "refunds":
        refunds = partition.search("refund", charge=holder["id"])
        return _list([shown(each) for each in refunds], f"/v1/charges/{holder['id']}/refunds")
    if holder.get("object") == "checkout.session" and name == "line_items":
        session = partition.get("checkout.session", holder["id"])
        return _list(session["_line_items"], f"/v1/checkout/sessions/{holder['id']}/line_items")
    return None


def _list(data: list[Json], url: str) -> Json:
    return {"object": "list", "data": data, "has_more": False, "url": url}
