"""Webhooks that wait to be sent: kept until they are delivered or given up."""

import json
import random
import sqlite3
from dataclasses import dataclass, field

from assure_app.sandbox.stripe import faults, signer
from assure_app.sandbox.stripe.partition import PLATFORM, Partition, shown
from assure_app.sandbox.stripe.store import Json, Store, body_of

GIVE_UP_SECONDS = 3 * 86_400
MOST_AT_ONCE = 100
_PAUSES_SECONDS = (1, 5, 30, 120, 600, 3_600, 10_800, 21_600, 43_200)
_WAITING = """
SELECT delivery.*, endpoint.body AS endpoint, event.body AS body
FROM (
    SELECT *, row_number() OVER (PARTITION BY endpoint_id ORDER BY due_at, sequence) AS place
    FROM delivery WHERE state = 'pending' AND due_at <= ?
) AS delivery
JOIN object AS event ON event.account = delivery.account AND event.id = delivery.event_id
JOIN object AS endpoint ON endpoint.account = ? AND endpoint.id = delivery.endpoint_id
WHERE delivery.place <= ?
ORDER BY delivery.due_at, delivery.sequence
"""
_END_OF_TIME = 1e12


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event on its way to one endpoint."""

    sequence: int
    event_id: str
    event_type: str
    account: str
    url: str
    payload: str = field(repr=False)
    secret: str = field(repr=False)

    def headers(self) -> dict[str, str]:
        """The headers of a try made now, among them its signature."""
        return {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            "Stripe-Signature": signer.signature(self.payload, self.secret),
        }


def enqueue(partition: Partition, event: Json) -> None:
    """Let an event be sent to every endpoint that listens for it."""
    platform = partition.of(PLATFORM)
    listening = [
        endpoint
        for endpoint in platform.search("webhook_endpoint")
        if _listens(endpoint, event, is_connected=partition.account != PLATFORM)
    ]
    for endpoint in listening:
        for state, delay_seconds in _copies(partition.store):
            partition.store.write(
                "INSERT INTO delivery (account, event_id, endpoint_id, state, attempts, due_at,"
                " gives_up_at, answer) VALUES (?, ?, ?, ?, 0, ?, ?, '')",
                (
                    *(partition.account, event["id"], endpoint["id"], state),
                    *(partition.now + delay_seconds, partition.now + GIVE_UP_SECONDS),
                ),
            )
    partition.save(event, pending_webhooks=len(listening))


def waiting(store: Store, *, until: float | None) -> list[Delivery]:
    """What waits to be sent by a moment, the longest due first; None: whenever it is due.

    Of each endpoint at most a hundred, so that one that takes nothing keeps no other waiting.
    """
    bound = _END_OF_TIME if until is None else until
    return [_delivery(row) for row in store.rows(_WAITING, (bound, PLATFORM, MOST_AT_ONCE))]


def next_at(store: Store) -> float | None:
    """When the next try is due, on the sandbox's clock."""
    row = store.row("SELECT min(due_at) AS due_at FROM delivery WHERE state = 'pending'")
    return None if row is None or row["due_at"] is None else float(row["due_at"])


def record(store: Store, delivery: Delivery, *, answer: str, is_taken: bool, now: float) -> None:
    """Keep what became of a try: a 2xx ends it, anything else is tried again up to 3 days."""
    with store.transaction():
        row = store.row("SELECT * FROM delivery WHERE sequence = ?", (delivery.sequence,))
        if row is None or row["state"] != "pending":
            return
        attempts = row["attempts"] + 1
        due_at = now + _PAUSES_SECONDS[min(attempts, len(_PAUSES_SECONDS)) - 1]
        given_up = due_at > row["gives_up_at"]
        state = "delivered" if is_taken else "failed" if given_up else "pending"
        store.write(
            "UPDATE delivery SET state = ?, attempts = ?, due_at = ?, answer = ?"
            " WHERE sequence = ?",
            (state, attempts, due_at, answer[:200], delivery.sequence),
        )


def forget_old(store: Store, *, created_before: int) -> None:
    """Forget the deliveries of events that are as old as that."""
    oldest = created_before + GIVE_UP_SECONDS
    store.write("DELETE FROM delivery WHERE gives_up_at < ?", (oldest,))


def stop(store: Store, endpoint_id: str) -> None:
    """Send nothing more to an endpoint that was deleted or disabled."""
    store.write(
        "UPDATE delivery SET state = 'failed' WHERE endpoint_id = ? AND state = 'pending'",
        (endpoint_id,),
    )


def _delivery(row: sqlite3.Row) -> Delivery:
    event, endpoint = body_of(row), json.loads(row["endpoint"])
    return Delivery(
        sequence=row["sequence"],
        event_id=row["event_id"],
        event_type=event["type"],
        account=row["account"],
        url=endpoint["url"],
        payload=json.dumps(shown(event), indent=2),
        secret=endpoint["_secret"],
    )


def _listens(endpoint: Json, event: Json, *, is_connected: bool) -> bool:
    wanted = endpoint["enabled_events"]
    return (
        not endpoint.get("deleted")
        and endpoint["status"] == "enabled"
        and endpoint["_is_connect"] == is_connected
        and ("*" in wanted or event["type"] in wanted)
    )


def _copies(store: Store) -> list[tuple[str, float]]:
    """The state and the delay of each copy, as the faults of the moment will have it."""
    if faults.take(store, "drop"):
        return [("dropped", 0.0)]
    delay_seconds = faults.take(store, "delay")
    copies = 1 + int(faults.take(store, "duplicate"))
    window_seconds = faults.take(store, "shuffle")
    return [
        ("pending", delay_seconds + random.uniform(0, window_seconds))  # noqa: S311 - no secret
        for _ in range(copies)
    ]
