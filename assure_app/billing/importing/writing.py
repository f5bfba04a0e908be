"""Writing what a file brings, a thousand at a time, just as the services write one.

An invoice of a file comes with its lines, its search terms, an entry of its timeline, and where it
was paid before, with the ledger row of that and its entry. Figures and stage come from the same
rules as those of an invoice that was paid here.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, text, update

from assure_app.billing.activity import hash_fields
from assure_app.billing.clients import write_contacts
from assure_app.billing.importing.books import Books
from assure_app.billing.importing.rows import ImportedClient, ImportedInvoice
from assure_app.billing.payment_text import payment_title
from assure_app.domain import invoice_status, ledger
from assure_app.domain.calendar import day_of, noon_of
from assure_app.domain.hash_chain import GENESIS, entry_hash
from assure_app.domain.invoice_status import InvoiceFacts
from assure_app.domain.ledger import LedgerRow, Method
from assure_app.domain.money import short_text
from assure_app.domain.permissions import Principal
from assure_app.domain.search_terms import search_terms
from assure_app.domain.transitions import Kind, RowStatus
from assure_app.models.payment import Source
from assure_app.models.tables import (
    activity,
    client,
    firm,
    invoice,
    invoice_line,
    payment,
    search_key,
)

REFERENCE = "Imported"
NOTE = "Paid before the import"
_LONGEST_SERIAL = 9
_KNOWN_ROWS = 10_000

Values = dict[str, Any]


class Writer:
    """Writes into one firm's books, in the caller's transaction."""

    def __init__(
        self, connection: Connection, books: Books, principal: Principal, now: datetime
    ) -> None:
        self._connection = connection
        self._books = books
        self._principal = principal
        self._now = now
        self._highest_serial = 0
        self._is_first_batch = True

    def add_clients(self, names: Sequence[str]) -> None:
        """Add clients that the books do not have."""
        if not names:
            return
        rows = [
            {"firm_id": self._principal.firm_id, "name": name, "created_at": self._now}
            for name in names
        ]
        added = self._connection.execute(insert(client).returning(client.c.name, client.c.id), rows)
        self._books.note_written((row.name, row.id) for row in added)

    def add_contacts(self, wanted: Iterable[ImportedClient]) -> int:
        """Add the contacts that their clients do not have, told apart by email; how many."""
        people: dict[tuple[int, str], str] = {}
        for each in wanted:
            for email in each.emails:
                key = (self._books.client_id(each.client), email)
                people.setdefault(key, each.contact_name or each.client)
        known = self._books.known_contacts(client_id for client_id, _ in people) if people else ()
        rows = [
            {"client_id": client_id, "name": name, "email": email}
            for (client_id, email), name in people.items()
            if (client_id, email) not in known
        ]
        if rows:
            write_contacts(self._connection, rows)
        return len(rows)

    def add_invoices(self, wanted: Sequence[ImportedInvoice]) -> None:
        """Add invoices whose numbers the books do not have."""
        if not wanted:
            return
        ids = self._connection.execute(
            insert(invoice).returning(invoice.c.number, invoice.c.id),
            [self._invoice(each) for each in wanted],
        )
        id_of = {row.number: row.id for row in ids}
        added = [(id_of[each.number], each) for each in wanted]
        self._insert(invoice_line, [row for pair in added for row in _lines(*pair)])
        self._insert(search_key, [row for pair in added for row in self._search_keys(*pair)])
        payment_ids = self._add_payments([pair for pair in added if pair[1].paid_cents])
        self._insert(
            activity,
            [
                entry
                for invoice_id, each in added
                for entry in self._entries(invoice_id, each, payment_ids.get(invoice_id))
            ],
        )
        self._note_serials(wanted)
        if self._is_first_batch:
            self._is_first_batch = False
            _let_database_learn(self._connection)

    def raise_next_number(self) -> None:
        """The firm's own numbers go on above those of the file that have their form."""
        following = self._highest_serial + 1
        self._connection.execute(
            update(firm)
            .where(firm.c.id == self._principal.firm_id, firm.c.next_invoice_number < following)
            .values(next_invoice_number=following)
        )

    def _invoice(self, each: ImportedInvoice) -> Values:
        sent_at = None if each.is_draft else self._now
        figures = ledger.figures(each.total_cents, _ledger(each))
        facts = InvoiceFacts(
            total_cents=each.total_cents,
            settled_cents=figures.settled_cents,
            balance_cents=figures.balance_cents,
            due_date=each.due_on,
            opened_at=sent_at,
        )
        return {
            "firm_id": self._principal.firm_id,
            "client_id": self._books.client_id(each.client),
            "client_name": self._books.name_of(each.client),
            "number": each.number,
            "title": each.title,
            "issued_on": each.issued_on,
            "due_on": each.due_on,
            "total_cents": each.total_cents,
            "settled_cents": figures.settled_cents,
            "balance_cents": figures.balance_cents,
            "stage": invoice_status.stage(facts).value,
            "created_at": self._now,
            "sent_at": sent_at,
            "opened_at": sent_at,
            "overdue_noted_at": sent_at if self._is_long_overdue(each) else None,
        }

    def _is_long_overdue(self, each: ImportedInvoice) -> bool:
        """What fell due in another program did not become overdue here (R076)."""
        return each.due_on < day_of(self._now, self._books.firm.timezone)

    def _search_keys(self, invoice_id: int, each: ImportedInvoice) -> list[Values]:
        terms = search_terms(each.number)
        if each.paid_cents:
            terms |= search_terms(REFERENCE)
        key = {"firm_id": self._principal.firm_id, "invoice_id": invoice_id}
        return [key | {"key": term} for term in sorted(terms)]

    def _add_payments(self, paid: Sequence[tuple[int, ImportedInvoice]]) -> dict[int, int]:
        """Add the ledger rows of what was paid before; their ids by invoice."""
        if not paid:
            return {}
        ids = self._connection.execute(
            insert(payment).returning(payment.c.invoice_id, payment.c.id),
            [self._payment(*pair) for pair in paid],
        )
        return {row.invoice_id: row.id for row in ids}

    def _payment(self, invoice_id: int, each: ImportedInvoice) -> Values:
        return {
            "firm_id": self._principal.firm_id,
            "client_id": self._books.client_id(each.client),
            "invoice_id": invoice_id,
            "kind": Kind.PAYMENT.value,
            "source": Source.MANUAL.value,
            "method": Method.OTHER.value,
            "amount_cents": each.paid_cents,
            "status": RowStatus.COMPLETED.value,
            "reference": REFERENCE,
            "notes": NOTE,
            "paid_by": self._principal.name,
            "user_id": self._principal.user_id,
            "created_at": self._now,
            "completed_at": noon_of(each.paid_on, self._books.firm.timezone),
        }

    def _entries(
        self, invoice_id: int, each: ImportedInvoice, payment_id: int | None
    ) -> list[Values]:
        told: list[tuple[str, int | None]] = [("Invoice imported", None)]
        if payment_id is not None:
            title = payment_title(Method.OTHER, REFERENCE)
            told.append((f"Payment {short_text(each.paid_cents)} recorded — {title}", payment_id))
        entries: list[Values] = []
        for position, (said, named) in enumerate(told, start=1):
            entry: Values = {
                "firm_id": self._principal.firm_id,
                "invoice_id": invoice_id,
                "position": position,
                "at": self._now,
                "text": said,
                "actor": self._principal.name,
                "user_id": self._principal.user_id,
                "payment_id": named,
            }
            previous = entries[-1]["hash"] if entries else GENESIS
            hashed = entry_hash(previous, hash_fields(entry))
            entries.append(entry | {"previous_hash": previous, "hash": hashed})
        return entries

    def _note_serials(self, wanted: Iterable[ImportedInvoice]) -> None:
        prefix = self._books.firm.invoice_prefix
        for each in wanted:
            tail = each.number.removeprefix(prefix)
            if each.number.startswith(prefix) and _is_serial(tail):
                self._highest_serial = max(self._highest_serial, int(tail))

    def _insert(self, table: Any, rows: Sequence[Values]) -> None:
        if rows:
            self._connection.execute(insert(table).inline(), rows)


def _let_database_learn(connection: Connection) -> None:
    """Let PostgreSQL look at tables it knows nothing of, or it looks rows up in unfit indexes.

    The guards look up what each row refers to; in books that were empty a moment ago that would
    take longer with every row.
    """
    if connection.dialect.name == "postgresql":
        size = connection.scalar(text("SELECT reltuples FROM pg_class WHERE relname = 'invoice'"))
        if size is not None and size < _KNOWN_ROWS:
            connection.execute(text("ANALYZE (SKIP_LOCKED) invoice, payment, activity, client"))


def _lines(invoice_id: int, each: ImportedInvoice) -> Iterable[Values]:
    for position, line in enumerate(each.lines, start=1):
        yield {
            "invoice_id": invoice_id,
            "position": position,
            "description": line.description,
            "quantity_thousandths": line.quantity_thousandths,
            "unit_price_cents": line.unit_price_cents,
            "amount_cents": line.amount_cents,
            "tax_rate_thousandths": line.tax_rate_thousandths,
            "tax_cents": line.tax_cents,
        }


def _ledger(each: ImportedInvoice) -> list[LedgerRow]:
    if not each.paid_cents:
        return []
    return [
        LedgerRow(id=0, kind=Kind.PAYMENT, amount_cents=each.paid_cents, status=RowStatus.COMPLETED)
    ]


def _is_serial(tail: str) -> bool:
    return tail.isascii() and tail.isdigit() and len(tail) <= _LONGEST_SERIAL
