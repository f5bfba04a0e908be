"""The first result of an Idempotency-Key is its only one, whatever it was."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from assure_app.sandbox.stripe.errors import invalid, key_in_use, other_parameters
from assure_app.sandbox.stripe.store import Json, Store

KEPT_SECONDS = 86_400
LONGEST_KEY = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A result that was given before, to be given again."""

    request_id: str
    status: int
    body: Json


class KeysInUse:
    """The keys of the requests that are under way in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: set[tuple[str, str]] = set()

    @contextmanager
    def holding(self, account: str, key: str | None) -> Iterator[None]:
        """Raises ApiError when another request with the key is under way."""
        if not key:
            yield
            return
        if len(key) > LONGEST_KEY:
            raise invalid(f"An Idempotency-Key has at most {LONGEST_KEY} characters.")
        with self._lock:
            if (account, key) in self._keys:
                raise key_in_use(key)
            self._keys.add((account, key))
        try:
            yield
        finally:
            with self._lock:
                self._keys.discard((account, key))


def fingerprint(method: str, path: str, given: Json) -> str:
    """What tells one request from another; of a card's number nothing can be read from it."""
    told = json.dumps([method, path, given], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def find(store: Store, account: str, key: str | None, mark: str, *, now: int) -> Kept | None:
    """The result kept for a key, or None. Raises ApiError when the parameters were others."""
    if not key:
        return None
    store.write("DELETE FROM idempotency WHERE created < ?", (now - KEPT_SECONDS,))
    row = store.row("SELECT * FROM idempotency WHERE account = ? AND key = ?", (account, key))
    if row is None:
        return None
    if row["fingerprint"] != mark:
        raise other_parameters(key)
    body = json.loads(row["body"])
    return Kept(request_id=row["request_id"], status=row["status"], body=body)


def keep(store: Store, account: str, key: str | None, mark: str, kept: Kept, *, now: int) -> None:
    """Keep the result of a key."""
    if key:
        store.write(
            "INSERT INTO idempotency (account, key, fingerprint, request_id, status, body, created)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (account, key, mark, kept.request_id, kept.status, json.dumps(kept.body), now),
        )
