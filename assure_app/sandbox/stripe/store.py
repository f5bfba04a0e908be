"""The sandbox's own file: Stripe's objects as documents, and what is still to happen to them."""

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Json = dict[str, Any]

_BUSY_SECONDS = 30
_SCHEMA = """
CREATE TABLE IF NOT EXISTS object (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    created INTEGER NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (account, id)
);
CREATE INDEX IF NOT EXISTS object_in_order ON object (account, kind, sequence);
CREATE INDEX IF NOT EXISTS object_by_id ON object (id);
CREATE INDEX IF NOT EXISTS object_by_intent
    ON object (account, kind, json_extract(body, '$.payment_intent'));
CREATE INDEX IF NOT EXISTS object_by_charge
    ON object (account, kind, json_extract(body, '$.charge'));
CREATE INDEX IF NOT EXISTS object_by_customer
    ON object (account, kind, json_extract(body, '$.customer'));
CREATE INDEX IF NOT EXISTS object_by_receipt
    ON object (json_extract(body, '$._receipt')) WHERE kind = 'charge';
CREATE TABLE IF NOT EXISTS idempotency (
    account TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    request_id TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    created INTEGER NOT NULL,
    PRIMARY KEY (account, key)
);
CREATE TABLE IF NOT EXISTS task (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    due_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS task_due ON task (due_at);
CREATE TABLE IF NOT EXISTS delivery (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    event_id TEXT NOT NULL,
    endpoint_id TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    due_at REAL NOT NULL,
    gives_up_at INTEGER NOT NULL,
    answer TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS delivery_of_event ON delivery (account, event_id);
CREATE INDEX IF NOT EXISTS delivery_due ON delivery (state, due_at);
CREATE TABLE IF NOT EXISTS fault (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    path TEXT NOT NULL,
    value REAL NOT NULL,
    remaining INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class Store:
    """One SQLite file that one process writes; a lock lets one thread in at a time."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(
            path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        path.chmod(0o600)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written inside stays together, or none of it; inside another, part of it."""
        with self._lock:
            if self._connection.in_transaction:
                yield
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A part of a transaction that leaves nothing behind when it raises."""
        self._connection.execute("SAVEPOINT attempt")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK TO attempt")
            self._connection.execute("RELEASE attempt")
            raise
        self._connection.execute("RELEASE attempt")

    def rows(self, statement: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    def row(self, statement: str, values: Sequence[Any] = ()) -> sqlite3.Row | None:
        found = self.rows(statement, values)
        return found[0] if found else None

    def write(self, statement: str, values: Sequence[Any] = ()) -> int:
        """Run a statement and return how many rows it changed."""
        with self._lock:
            return self._connection.execute(statement, values).rowcount

    @property
    def changes(self) -> int:
        """How many rows were written since the file was opened."""
        return self._connection.total_changes

    def setting(self, name: str) -> str | None:
        found = self.row("SELECT value FROM setting WHERE name = ?", (name,))
        return None if found is None else str(found["value"])

    def keep_setting(self, name: str, value: str) -> None:
        self.write("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", (name, value))


def body_of(row: sqlite3.Row) -> Json:
    """The document in a row of the table `object`."""
    document: Json = json.loads(row["body"])
    return document
