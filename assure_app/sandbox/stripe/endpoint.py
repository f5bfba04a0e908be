"""How a noun's module says which calls it answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from assure_app.sandbox.stripe.parameters import Kind
from assure_app.sandbox.stripe.partition import Partition
from assure_app.sandbox.stripe.store import Json

# Path parameters are handed over by name, the checked values as one dictionary.
Answer = Callable[..., Json]


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One call of the API: what it takes, and who answers."""

    method: str
    path: str
    answer: Answer
    fields: Mapping[str, Kind] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    for_platform: bool = False


def reads(kind: str, path: str) -> Endpoint:
    """The call that retrieves one object by its id."""

    def answer(partition: Partition, _given: Json, *, object_id: str) -> Json:
        return partition.get(kind, object_id)

    return Endpoint(method="GET", path=f"{path}/{{object_id}}", answer=answer)
