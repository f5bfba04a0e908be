"""The numbers of a firm's invoices: the next one is taken once, and none is left out."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from assure_app.models.tables import firm, invoice

_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Serial:
    """Where a firm's own numbers stand."""

    prefix: str
    following: int


def lock(connection: Connection, firm_id: int) -> None:
    """Let nobody else number an invoice of this firm before the transaction ends.

    The lock leaves room for rows that only refer to the firm, so that payments go on meanwhile.
    """
    connection.execute(
        select(firm.c.id).where(firm.c.id == firm_id).with_for_update(key_share=True)
    )


def suggest(connection: Connection, firm_id: int) -> str:
    """The number that an invoice saved now would take; nothing is taken."""
    serial = _serial(connection, firm_id)
    return f"{serial.prefix}{_free(connection, firm_id, serial)}"


def take(connection: Connection, firm_id: int) -> str:
    """The firm's next number; those that were typed or imported before are passed over."""
    lock(connection, firm_id)
    serial = _serial(connection, firm_id)
    number = _free(connection, firm_id, serial)
    connection.execute(
        update(firm).where(firm.c.id == firm_id).values(next_invoice_number=number + 1)
    )
    return f"{serial.prefix}{number}"


def is_taken(connection: Connection, firm_id: int, number: str) -> bool:
    """Whether an invoice of the firm bears the number; lock first to decide on the answer."""
    return bool(_taken(connection, firm_id, [number]))


def _serial(connection: Connection, firm_id: int) -> Serial:
    row = connection.execute(
        select(firm.c.invoice_prefix, firm.c.next_invoice_number).where(firm.c.id == firm_id)
    ).one()
    return Serial(prefix=row.invoice_prefix, following=row.next_invoice_number)


def _free(connection: Connection, firm_id: int, serial: Serial) -> int:
    """The first number from the counter on that no invoice bears; there are finitely many."""
    first = serial.following
    while True:
        candidates = [f"{serial.prefix}{number}" for number in range(first, first + _AT_ONCE)]
        taken = _taken(connection, firm_id, candidates)
        for offset, candidate in enumerate(candidates):
            if candidate not in taken:
                return first + offset
        first += _AT_ONCE


def _taken(connection: Connection, firm_id: int, numbers: Sequence[str]) -> set[str]:
    return set(
        connection.execute(
            select(invoice.c.number).where(
                invoice.c.firm_id == firm_id, invoice.c.number.in_(numbers)
            )
        ).scalars()
    )
