"""The terms by which the list finds an invoice, added when a number or a reference is written."""

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, insert, select

from assure_app.domain.search_terms import search_terms
from assure_app.models.tables import search_key

# Built once: building a statement takes longer than running it.
_INSERT = insert(search_key)
_KNOWN = select(search_key.c.key).where(
    search_key.c.firm_id == bindparam("firm_id"),
    search_key.c.invoice_id == bindparam("invoice_id"),
    search_key.c.key.in_(bindparam("terms", expanding=True)),
)


def add(
    connection: Connection, *, firm_id: int, invoice_id: int, text: str, is_new: bool = False
) -> None:
    """Let the invoice be found by this number or reference; what is there already stays. An invoice
    that `is_new` is found by nothing yet."""
    terms = search_terms(text)
    if not terms:
        return
    key = {"firm_id": firm_id, "invoice_id": invoice_id}
    known: Iterable[str] = ()
    if not is_new:
        known = connection.scalars(_KNOWN, key | {"terms": list(terms)})
    new = [key | {"key": term} for term in sorted(terms - set(known))]
    if new:
        connection.execute(_INSERT, new)


def forget(connection: Connection, *, firm_id: int, invoice_id: int, text: str) -> None:
    """Let the invoice no longer be found by a number that it gave up."""
    connection.execute(
        search_key.delete().where(
            search_key.c.firm_id == firm_id,
            search_key.c.key.in_(search_terms(text)),
            search_key.c.invoice_id == invoice_id,
        )
    )
