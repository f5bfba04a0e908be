"""The timeline of an invoice: appended to inside the transaction of what it tells about."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, insert, select

from assure_app.domain.hash_chain import GENESIS, entry_hash
from assure_app.models.tables import activity

_HASHED = ("firm_id", "invoice_id", "position", "text", "actor", "user_id", "payment_id")

# Built once: building a statement takes longer than running it.
_INSERT = insert(activity).inline()
_LAST = (
    select(activity.c.position, activity.c.hash)
    .where(activity.c.invoice_id == bindparam("invoice_id"))
    .order_by(activity.c.position.desc())
    .limit(1)
)


def append(
    connection: Connection,
    *,
    firm_id: int,
    invoice_id: int,
    at: datetime,
    text: str,
    actor: str,
    user_id: int | None = None,
    payment_id: int | None = None,
) -> int:
    """Add the next entry to the invoice's timeline and return its position, from 1 (R106, R111).

    The caller holds the invoice: two writers at once would claim one position, and the database
    refuses the second.
    """
    position, previous_hash = _last(connection, invoice_id)
    entry: dict[str, Any] = {
        "firm_id": firm_id,
        "invoice_id": invoice_id,
        "position": position + 1,
        "at": at,
        "text": text,
        "actor": actor,
        "user_id": user_id,
        "payment_id": payment_id,
    }
    hashes = {"previous_hash": previous_hash, "hash": entry_hash(previous_hash, hash_fields(entry))}
    connection.execute(_INSERT, entry | hashes)
    return position + 1


def begin(
    connection: Connection,
    *,
    firm_id: int,
    invoice_id: int,
    at: datetime,
    texts: Sequence[str],
    actor: str,
) -> None:
    """Write the first entries of an invoice that has none, in one statement."""
    entries: list[dict[str, Any]] = []
    previous_hash = GENESIS
    for position, text in enumerate(texts, start=1):
        entry: dict[str, Any] = {
            "firm_id": firm_id,
            "invoice_id": invoice_id,
            "position": position,
            "at": at,
            "text": text,
            "actor": actor,
            "user_id": None,
            "payment_id": None,
        }
        own_hash = entry_hash(previous_hash, hash_fields(entry))
        entries.append(entry | {"previous_hash": previous_hash, "hash": own_hash})
        previous_hash = own_hash
    connection.execute(_INSERT, entries)


def hash_fields(entry: RowMapping | dict[str, Any]) -> dict[str, str | int | None]:
    """What an entry's hash covers: every field but its id; the moment in UTC to the microsecond."""
    moment: datetime = entry["at"]
    fields: dict[str, str | int | None] = {name: entry[name] for name in _HASHED}
    fields["at"] = moment.astimezone(UTC).isoformat(timespec="microseconds")
    return fields


def _last(connection: Connection, invoice_id: int) -> tuple[int, str]:
    row = connection.execute(_LAST, {"invoice_id": invoice_id}).first()
    return (row.position, row.hash) if row else (0, GENESIS)
