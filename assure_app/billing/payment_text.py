"""How a ledger row is called, on screens and in the timeline alike."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from assure_app.domain.ledger import Method
from assure_app.domain.transitions import Kind


def payment_title(method: Method, reference: str, detail: str = "") -> str:
    """ "Check #4521" for a number, "Wire FT-20881" for any other reference, else the method.

    `detail` is what of a card or bank account may be told: "Card Visa •••• 4242".
    """
    if detail:
        return f"{method} {detail}"
    bare = bare_reference(reference)
    if not bare:
        return method.value
    return f"{method} #{bare}" if bare.isdigit() else f"{method} {bare}"


def bare_reference(reference: str) -> str:
    """The reference without the number sign that people type or leave out: "#4521" is "4521"."""
    return reference.strip().removeprefix("#").strip()


def row_titles(rows: Sequence[Row[Any]]) -> dict[int, str]:
    """Each of an invoice's stored rows by its id: a reversal is called by what it reverses."""
    by_id = {row.id: row for row in rows}
    return {row.id: _row_title(row, by_id) for row in rows}


def _row_title(row: Row[Any], by_id: dict[int, Row[Any]]) -> str:
    if row.reverses_id is None:
        return payment_title(Method(row.method), row.reference, row.method_detail)
    original = by_id[row.reverses_id]
    name = payment_title(Method(original.method), original.reference, original.method_detail)
    if row.kind == Kind.RETURN:
        return f"{row.reference or 'Return'} of {name}"
    return f"Refund of {name} — {row.reason}"
