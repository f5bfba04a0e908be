"""What happened on an account in the last 30 days."""

from typing import Any

from assure_app.sandbox.stripe import deliveries
from assure_app.sandbox.stripe.endpoint import Endpoint
from assure_app.sandbox.stripe.errors import invalid, missing_object
from assure_app.sandbox.stripe.listing import page
from assure_app.sandbox.stripe.parameters import PAGE, Each, Text
from assure_app.sandbox.stripe.partition import Partition
from assure_app.sandbox.stripe.store import Json

_PATH = "/v1/events"
KEPT_SECONDS = 30 * 86_400
MOST_TYPES = 20


def listing(partition: Partition, given: Json) -> Json:
    """The newest first; `type` may hold one asterisk."""
    conditions = ["created >= ?"]
    values: list[Any] = [partition.now - KEPT_SECONDS]
    if event_type := given.get("type"):
        conditions.append("json_extract(body, '$.type') GLOB ?")
        values.append(event_type.replace("[", "").replace("?", ""))
    if types := given.get("types"):
        if len(types) > MOST_TYPES or event_type:
            raise invalid("Give `type`, or at most 20 `types`.", param="types")
        conditions.append(f"json_extract(body, '$.type') IN ({', '.join('?' * len(types))})")
        values.extend(types)
    also = " AND ".join(conditions)
    return page(
        partition, "event", given, url=_PATH, equal={}, also=also, also_values=tuple(values)
    )


def read(partition: Partition, _given: Json, *, object_id: str) -> Json:
    event = partition.get("event", object_id)
    if event["created"] < partition.now - KEPT_SECONDS:
        raise missing_object("event", object_id)
    return event


def forget_old(partition: Partition) -> None:
    """Forget what is older than 30 days, on every account, and what became of it."""
    oldest = partition.now - KEPT_SECONDS
    partition.store.write("DELETE FROM object WHERE kind = 'event' AND created < ?", (oldest,))
    deliveries.forget_old(partition.store, created_before=oldest)


ENDPOINTS = (
    Endpoint(
        method="GET",
        path=_PATH,
        answer=listing,
        fields={**PAGE, "type": Text(), "types": Each(Text())},
    ),
    Endpoint(method="GET", path=f"{_PATH}/{{object_id}}", answer=read),
)
