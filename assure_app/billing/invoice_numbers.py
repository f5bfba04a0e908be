"""The numbers of a firm's invoices: the next one is taken once, and none is left out."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select, update

from assure_app.models.tables import firm, invoice

_AT_ONCE = (1, 100)
"""How many numbers are looked at first, and how many then: mostly the very next one is free."""

# Built once: building a statement takes longer than running it.
_SERIAL = select(firm.c.invoice_prefix, firm.c.next_invoice_number).where(
    firm.c.id == bindparam("firm_id")
)
_LOCK = select(firm.c.id).where(firm.c.id == bindparam("firm_id")).with_for_update(key_share=True)
_COUNT_ON = update(firm).where(firm.c.id == bindparam("known_id"))
_TAKE_NEXT = (
    update(firm)
    .where(firm.c.id == bindparam("known_id"))
    .values(next_invoice_number=firm.c.next_invoice_number + 1)
    .returning(firm.c.invoice_prefix, firm.c.next_invoice_number)
)
_TAKEN = select(invoice.c.number).where(
    invoice.c.firm_id == bindparam("firm_id"),
    invoice.c.number.in_(bindparam("numbers", expanding=True)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Serial:
    """Where a firm's own numbers stand."""

    prefix: str
    following: int


def lock(connection: Connection, firm_id: int) -> None:
    """Let nobody else number an invoice of this firm before the transaction ends.

    The lock leaves room for rows that only refer to the firm, so that payments go on meanwhile.
    """
    connection.execute(_LOCK, {"firm_id": firm_id})


def suggest(connection: Connection, firm_id: int) -> str:
    """The number that an invoice saved now would take; nothing is taken."""
    serial = _serial(connection, firm_id)
    return f"{serial.prefix}{_free(connection, firm_id, serial)}"


def take(connection: Connection, firm_id: int) -> str:
    """The firm's next number; those that were typed or imported before are passed over."""
    row = connection.execute(_TAKE_NEXT, {"known_id": firm_id}).one()
    serial = Serial(prefix=row.invoice_prefix, following=row.next_invoice_number - 1)
    number = _free(connection, firm_id, serial)
    if number != serial.following:
        connection.execute(_COUNT_ON, {"known_id": firm_id, "next_invoice_number": number + 1})
    return f"{serial.prefix}{number}"


def is_taken(connection: Connection, firm_id: int, number: str) -> bool:
    """Whether an invoice of the firm bears the number; lock first to decide on the answer."""
    return bool(_taken(connection, firm_id, [number]))


def _serial(connection: Connection, firm_id: int) -> Serial:
    row = connection.execute(_SERIAL, {"firm_id": firm_id}).one()
    return Serial(prefix=row.invoice_prefix, following=row.next_invoice_number)


def _free(connection: Connection, firm_id: int, serial: Serial) -> int:
    """The first number from the counter on that no invoice bears; there are finitely many."""
    first = serial.following
    at_once, most = _AT_ONCE
    while True:
        candidates = [f"{serial.prefix}{number}" for number in range(first, first + at_once)]
        taken = _taken(connection, firm_id, candidates)
        for offset, candidate in enumerate(candidates):
            if candidate not in taken:
                return first + offset
        first, at_once = first + at_once, most


def _taken(connection: Connection, firm_id: int, numbers: Sequence[str]) -> set[str]:
    return set(connection.scalars(_TAKEN, {"firm_id": firm_id, "numbers": list(numbers)}))
