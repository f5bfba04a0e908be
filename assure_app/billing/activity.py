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
    return append_all(
        connection,
        firm_id=firm_id,
        invoice_id=invoice_id,
        at=at,
        texts=(text,),
        actor=actor,
        user_id=user_id,
        payment_id=payment_id,
    )


def append_all(
    connection: Connection,
    *,
    firm_id: int,
    invoice_id: int,
    at: datetime,
    texts: Sequence[str],
    actor: str,
    user_id: int | None = None,
    payment_id: int | None = None,
) -> int:
    """Add several entries of one moment in this order, at least one; the last one's position."""
    of_all = {
        "firm_id": firm_id,
        "invoice_id": invoice_id,
        "at": at,
        "actor": actor,
        "user_id": user_id,
        "payment_id": payment_id,
    }
    return _write(connection, of_all, texts, after=_last(connection, invoice_id))


def begin(
    connection: Connection,
    *,
    firm_id: int,
    invoice_id: int,
    at: datetime,
    texts: Sequence[str],
    actor: str,
) -> None:
    """Write the first entries of an invoice that has none, without looking for the last one."""
    of_all = {
        "firm_id": firm_id,
        "invoice_id": invoice_id,
        "at": at,
        "actor": actor,
        "user_id": None,
        "payment_id": None,
    }
    _write(connection, of_all, texts, after=(0, GENESIS))


def hash_fields(entry: RowMapping | dict[str, Any]) -> dict[str, str | int | None]:
    """What an entry's hash covers: every field but its id; the moment in UTC to the microsecond."""
    moment: datetime = entry["at"]
    fields: dict[str, str | int | None] = {name: entry[name] for name in _HASHED}
    fields["at"] = moment.astimezone(UTC).isoformat(timespec="microseconds")
    return fields


def _write(
    connection: Connection, of_all: dict[str, Any], texts: Sequence[str], *, after: tuple[int, str]
) -> int:
    """Chain the entries to the one before them, and write them in one statement."""
    position, previous_hash = after
    entries: list[dict[str, Any]] = []
    for text in texts:
        position += 1
        entry = of_all | {"position": position, "text": text}
        own_hash = entry_hash(previous_hash, hash_fields(entry))
        entries.append(entry | {"previous_hash": previous_hash, "hash": own_hash})
        previous_hash = own_hash
    connection.execute(_INSERT, entries)
    return position


def _last(connection: Connection, invoice_id: int) -> tuple[int, str]:
    row = connection.execute(_LAST, {"invoice_id": invoice_id}).first()
    return (row.position, row.hash) if row else (0, GENESIS)
