"""One account's part of the sandbox, inside one transaction: its objects, its time, its events."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from assure_app.sandbox.stripe import ids
from assure_app.sandbox.stripe.errors import ApiError, missing_object
from assure_app.sandbox.stripe.store import Json, Store, body_of

PLATFORM = "acct_1AssurePlatform"
API_VERSION = "2026-10-28.endive"


@dataclass(frozen=True, kw_only=True)
class Partition:
    """Where a request acts. `account` is a connected account, or the platform itself.

    Names of a document that begin with "_" are the sandbox's own and are never shown.
    """

    store: Store
    account: str
    now: int
    own_url: str
    request_id: str | None = None
    idempotency_key: str | None = None
    on_event: "Callable[[Partition, Json], None]" = field(repr=False)

    def of(self, account: str) -> "Partition":
        """Another account's part, in the same transaction."""
        return Partition(**{**self.__dict__, "account": account})

    def add(self, kind: str, body: Json, **hidden: Any) -> Json:
        """Keep a new object and return it."""
        hidden_named = {f"_{name}": value for name, value in hidden.items()}
        document = {"id": "", "object": kind, "created": self.now} | body | hidden_named
        self.store.write(
            "INSERT INTO object (account, kind, id, created, body) VALUES (?, ?, ?, ?, ?)",
            (self.account, kind, document["id"], document["created"], json.dumps(document)),
        )
        return document

    def save(self, document: Json, **changes: Any) -> Json:
        """Keep an object's changes and return it, changed in place."""
        document.update(changes)
        self.store.write(
            "UPDATE object SET body = ? WHERE account = ? AND id = ?",
            (json.dumps(document), self.account, document["id"]),
        )
        return document

    def find(self, object_id: str | None) -> Json | None:
        """This account's object with the id, or None."""
        row = self.store.row(
            "SELECT body FROM object WHERE account = ? AND id = ?", (self.account, object_id)
        )
        return None if row is None else body_of(row)

    def get(self, kind: str, object_id: str, *, param: str = "id") -> Json:
        """This account's object with the id; raises ApiError `resource_missing`."""
        found = self.find(object_id)
        if found is None or found["object"] != kind or found.get("deleted"):
            raise missing_object(kind.replace(".", " "), object_id, param=param)
        return found

    def search(self, kind: str, *, most: int = -1, **equal: Any) -> list[Json]:
        """This account's objects whose names have these values, the newest first."""
        paths = "".join(f" AND json_extract(body, '$.{name}') = ?" for name in equal)
        rows = self.store.rows(
            f"SELECT body FROM object WHERE account = ? AND kind = ?{paths}"  # noqa: S608 - names of ours
            " ORDER BY sequence DESC LIMIT ?",
            (self.account, kind, *equal.values(), most),
        )
        return [body_of(row) for row in rows]

    def emit(self, event_type: str, document: Json, **previous: Any) -> Json:
        """Tell what happened to an object, as it is at this moment."""
        data: Json = {"object": shown(document)}
        if previous:
            data["previous_attributes"] = previous
        event = {
            "id": ids.new_id("evt"),
            "api_version": API_VERSION,
            "data": data,
            "livemode": False,
            "pending_webhooks": 0,
            "request": {"id": self.request_id, "idempotency_key": self.idempotency_key},
            "type": event_type,
        }
        if self.account != PLATFORM:
            event["account"] = self.account
        kept = self.add("event", event)
        self.on_event(self, kept)
        return kept

    def later(self, kind: str, object_id: str, *, due_at: int) -> None:
        """Let something happen to an object when its time comes."""
        self.store.write(
            "INSERT INTO task (account, kind, object_id, due_at) VALUES (?, ?, ?, ?)",
            (self.account, kind, object_id, due_at),
        )

    def refuse_unless_enabled(self) -> None:
        """Raises ApiError when the account may not charge yet."""
        if self.account == PLATFORM:
            return
        account = self.of(PLATFORM).get("account", self.account)
        if not account["charges_enabled"]:
            raise ApiError(
                400,
                "Your account cannot currently make charges: finish its onboarding first.",
                code="account_invalid",
            )


def shown(document: Json) -> Json:
    """The object as the outside sees it."""
    return {name: value for name, value in document.items() if not name.startswith("_")}


def labelled(old: Json | None, given: Json | None) -> Json:
    """Metadata after a request: what is given is added, an empty value removes, "" clears all."""
    if given is not None and "" in given:
        return {}
    merged = (old or {}) | (given or {})
    return {name: text for name, text in merged.items() if text != ""}
