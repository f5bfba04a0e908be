"""The inbox of what Stripe tells: kept as it came, before anything is made of it (R058, R060)."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite

from assure_app.db.unit_of_work import after_commit, unit_of_work
from assure_app.models.online import EventState
from assure_app.models.tables import stripe_event
from assure_app.stripe_gateway.records import Event

_listeners: list[Callable[[], None]] = []


def receive(event: Event, *, now: datetime) -> bool:
    """Keep that this happened, to be applied soon; False when it was told before.

    Once this returns, the event is there for good. Raises Busy, Unavailable or OutcomeUnknown.
    """
    values = {
        "event_id": event.id,
        "account_id": event.account_id or "",
        "type": event.type,
        "object_id": event.object_id,
        "object_kind": event.object_kind,
        "created_at": event.created_at,
        "received_at": now,
        "state": EventState.WAITING.value,
        "attempts": 0,
        "due_at": now,
        "error": "",
    }
    with unit_of_work() as connection:
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        insert = dialect.insert(stripe_event).values(values).on_conflict_do_nothing()
        is_new = connection.execute(insert.returning(stripe_event.c.id)).first() is not None
        if is_new:
            after_commit(connection, _tell_listeners)
    return is_new


def listen(call: Callable[[], None]) -> Callable[[], None]:
    """Have this called, from any thread, when this process kept an event; returns the end."""
    _listeners.append(call)
    return lambda: _listeners.remove(call)


def _tell_listeners() -> None:
    for call in tuple(_listeners):
        call()
