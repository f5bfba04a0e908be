"""Lists, the newest first, a page at a time."""

from collections.abc import Mapping
from typing import Any

from assure_app.sandbox.stripe.endpoint import Endpoint
from assure_app.sandbox.stripe.errors import missing_object
from assure_app.sandbox.stripe.parameters import PAGE, Kind
from assure_app.sandbox.stripe.partition import Partition, shown
from assure_app.sandbox.stripe.store import Json, body_of

DEFAULT_LIMIT = 10
_COMPARED = {"equals": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def lists(kind: str, path: str, *, by_time: bool = True, **filters: Kind) -> Endpoint:
    """The call that lists objects of a kind; a filter is the name of a value they hold."""
    paging = PAGE if by_time else {name: PAGE[name] for name in PAGE if name != "created"}

    def answer(partition: Partition, given: Json) -> Json:
        equal = {name: given[name] for name in filters if given.get(name)}
        return page(partition, kind, given, url=path, equal=equal)

    return Endpoint(method="GET", path=path, answer=answer, fields={**paging, **filters})


def page(
    partition: Partition,
    kind: str,
    given: Json,
    *,
    url: str,
    equal: Mapping[str, Any],
    also: str = "",
    also_values: tuple[Any, ...] = (),
) -> Json:
    """One page of an account's objects. `also` is one more condition in SQL."""
    conditions = ["account = ?", "kind = ?", "json_extract(body, '$.deleted') IS NULL"]
    values: list[Any] = [partition.account, kind]
    for name, value in equal.items():
        conditions.append(f"json_extract(body, '$.{name}') = ?")
        values.append(value)
    for mark, moment in given.get("created", {}).items():
        conditions.append(f"created {_COMPARED[mark]} ?")
        values.append(moment)
    if also:
        conditions.append(also)
        values.extend(also_values)
    limit = given.get("limit", DEFAULT_LIMIT)
    order = "DESC"
    if after := given.get("starting_after"):
        conditions.append("sequence < ?")
        values.append(_place(partition, kind, after, "starting_after"))
    elif before := given.get("ending_before"):
        conditions.append("sequence > ?")
        values.append(_place(partition, kind, before, "ending_before"))
        order = "ASC"
    rows = partition.store.rows(
        f"SELECT body FROM object WHERE {' AND '.join(conditions)}"  # noqa: S608 - names of ours
        f" ORDER BY sequence {order} LIMIT ?",
        (*values, limit + 1),
    )
    found = [body_of(row) for row in rows[:limit]]
    if order == "ASC":
        found.reverse()
    return {"object": "list", "url": url, "has_more": len(rows) > limit, "data": _shown(found)}


def _shown(found: list[Json]) -> list[Json]:
    return [shown(document) for document in found]


def _place(partition: Partition, kind: str, object_id: str, param: str) -> int:
    row = partition.store.row(
        "SELECT sequence FROM object WHERE account = ? AND kind = ? AND id = ?",
        (partition.account, kind, object_id),
    )
    if row is None:
        raise missing_object(kind.replace(".", " "), object_id, param=param)
    return int(row["sequence"])
