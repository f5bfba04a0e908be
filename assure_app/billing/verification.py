"""Checking the whole database against the rules: every figure recomputed from the rows (§5).

Streams ordered by invoice are walked side by side, so that the memory used does not grow with the
database.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Row, select

from assure_app.billing import dispute_verification, list_verification, online_verification
from assure_app.billing.activity import hash_fields
from assure_app.billing.list_verification import stream
from assure_app.db.unit_of_work import reading
from assure_app.domain import line_items
from assure_app.domain.hash_chain import GENESIS, entry_hash
from assure_app.domain.invoice_status import InvoiceFacts, stage
from assure_app.domain.ledger import LedgerRow, figures, status_by_refunds
from assure_app.domain.money import full_text
from assure_app.domain.transitions import Kind, RowStatus
from assure_app.models.tables import activity, invoice, invoice_line, payment

Rows = Sequence[Row[Any]]


@dataclass(slots=True)
class Tally:
    """How much was looked at."""

    invoices: int = 0
    ledger_rows: int = 0
    activity_entries: int = 0

    @property
    def sentence(self) -> str:
        """What to say when nothing differs."""
        return (
            f"Verified {self.invoices} invoices, {self.ledger_rows} ledger rows, "
            f"{self.activity_entries} activity entries: no difference."
        )


def verify() -> list[str]:
    """Every difference in the database, each as one sentence; empty when all is well."""
    with reading() as connection:
        return list(differences(connection, Tally()))


def differences(connection: Connection, tally: Tally) -> Iterator[str]:
    """Every difference of every firm, found in one pass; `tally` counts along (R008, R080, R111).

    The connection should show one consistent moment, as `reading` does.
    """
    lines = _ByInvoice(connection, invoice_line, "invoice line")
    rows = _ByInvoice(connection, payment, "ledger row")
    entries = _ByInvoice(connection, activity, "activity entry")
    for each in stream(connection, select(invoice).order_by(invoice.c.id)):
        found = _Invoice(each, lines.take(each.id), rows.take(each.id), entries.take(each.id))
        tally.invoices += 1
        tally.ledger_rows += len(found.rows)
        tally.activity_entries += len(found.entries)
        yield from (f"Invoice {each.number} of firm {each.firm_id}: {text}" for text in _of(found))
    for each_table in (lines, rows, entries):
        yield from each_table.strays()
    yield from list_verification.differences(connection)
    yield from online_verification.differences(connection)
    yield from dispute_verification.differences(connection)


class _ByInvoice:
    """The rows of a table in the order of their invoices, taken one invoice at a time."""

    def __init__(self, connection: Connection, table: Any, name: str) -> None:
        order = table.c.id if table is payment else table.c.position
        self._rows = stream(connection, select(table).order_by(table.c.invoice_id, order))
        self._name = name
        self._next = next(self._rows, None)
        self._strays: list[str] = []

    def take(self, invoice_id: int) -> list[Row[Any]]:
        """The rows of this invoice; rows passed over on the way belong to none."""
        taken: list[Row[Any]] = []
        while self._next is not None and self._next.invoice_id <= invoice_id:
            if self._next.invoice_id == invoice_id:
                taken.append(self._next)
            else:
                self._strays.append(self._stray(self._next))
            self._next = next(self._rows, None)
        return taken

    def strays(self) -> Iterator[str]:
        """A sentence for each row whose invoice does not exist."""
        yield from self._strays
        rest = () if self._next is None else chain((self._next,), self._rows)
        yield from map(self._stray, rest)

    def _stray(self, row: Row[Any]) -> str:
        return f"The {self._name} {row.id} belongs to invoice {row.invoice_id}, which is missing."


@dataclass(slots=True)
class _Invoice:
    """One invoice with everything that hangs on it."""

    invoice: Row[Any]
    lines: Rows
    rows: Rows
    entries: Rows

    @property
    def unreadable(self) -> list[str]:
        """Rows whose kind or status no rule knows."""
        return [
            f"the ledger row {row.id} is a “{row.kind}” that is “{row.status}”, which cannot be."
            for row in self.rows
            if row.kind not in set(Kind) or row.status not in set(RowStatus)
        ]

    @property
    def ledger(self) -> list[LedgerRow]:
        return [
            LedgerRow(
                id=row.id,
                kind=Kind(row.kind),
                amount_cents=row.amount_cents,
                status=RowStatus(row.status),
                reverses_id=row.reverses_id,
            )
            for row in self.rows
        ]


def _of(found: _Invoice) -> Iterator[str]:
    if unreadable := found.unreadable:
        yield from unreadable
    else:
        ledger = found.ledger
        yield from _figure_differences(found, ledger)
        yield from _stage_differences(found, ledger)
        yield from _reversal_differences(ledger)
    yield from _line_differences(found.lines)
    yield from _owner_differences(found)
    yield from _chain_differences(found.entries)
    yield from _silent_row_differences(found)


def _figure_differences(found: _Invoice, ledger: Sequence[LedgerRow]) -> Iterator[str]:
    kept = found.invoice
    due = figures(kept.total_cents, ledger)
    pairs = (
        ("total", kept.total_cents, line_items.totals(found.lines).total_cents),
        ("balance", kept.balance_cents, due.balance_cents),
        ("settled amount", kept.settled_cents, due.settled_cents),
        ("pending amount", kept.pending_cents, due.pending_cents),
        ("overpaid amount", kept.overpaid_cents, due.overpaid_cents),
    )
    for name, stored, computed in pairs:
        if stored != computed:
            source = "lines come" if name == "total" else "ledger comes"
            yield f"its {name} is {full_text(stored)}, but its {source} to {full_text(computed)}."


def _line_differences(lines: Rows) -> Iterator[str]:
    for line in lines:
        amount_cents = line_items.amount_cents(
            quantity_thousandths=line.quantity_thousandths, unit_price_cents=line.unit_price_cents
        )
        tax_cents = line_items.tax_cents(
            line.amount_cents, tax_rate_thousandths=line.tax_rate_thousandths
        )
        pairs = (
            ("amount", line.amount_cents, amount_cents, "quantity and price come"),
            ("tax", line.tax_cents, tax_cents, "rate comes"),
        )
        for name, stored, computed, source in pairs:
            if stored != computed:
                yield (
                    f"the {name} of line {line.position} is {full_text(stored)}, "
                    f"but its {source} to {full_text(computed)}."
                )


def _stage_differences(found: _Invoice, ledger: Sequence[LedgerRow]) -> Iterator[str]:
    kept = found.invoice
    due = figures(kept.total_cents, ledger)
    facts = InvoiceFacts(
        total_cents=kept.total_cents,
        settled_cents=due.settled_cents,
        balance_cents=due.balance_cents,
        due_date=kept.due_on,
        opened_at=kept.opened_at,
        viewed_at=kept.viewed_at,
        cancelled_at=kept.cancelled_at,
    )
    if kept.stage != stage(facts):
        yield f"its stage is “{kept.stage}”, but by its ledger it is “{stage(facts)}”."


def _owner_differences(found: _Invoice) -> Iterator[str]:
    owner = (found.invoice.firm_id, found.invoice.client_id)
    for row in found.rows:
        if (row.firm_id, row.client_id) != owner:
            yield f"the ledger row {row.id} belongs to another firm or client."
    for entry in found.entries:
        if entry.firm_id != found.invoice.firm_id:
            yield f"the activity entry {entry.position} belongs to another firm."


def _reversal_differences(ledger: Sequence[LedgerRow]) -> Iterator[str]:
    payments = {row.id for row in ledger if row.kind is Kind.PAYMENT}
    for row in ledger:
        if row.kind is not Kind.PAYMENT and row.reverses_id not in payments:
            yield f"the ledger row {row.id} reverses no payment of this invoice."
    for row in ledger:
        if row.kind is Kind.PAYMENT:
            yield from _payment_differences(row, ledger)


def _payment_differences(row: LedgerRow, ledger: Sequence[LedgerRow]) -> Iterator[str]:
    due = status_by_refunds(row, ledger)
    if row.status is not due:
        yield f"the payment {row.id} is {row.status}, but by its refunds it is {due}."
    taken_cents = 0
    for reversal in ledger:
        if reversal.reverses_id != row.id or not reversal.counts:
            continue
        taken_cents -= reversal.amount_cents
        if taken_cents > row.amount_cents:
            yield (
                f"with the {reversal.kind} {reversal.id}, {full_text(taken_cents)} were given back "
                f"of the payment {row.id} over {full_text(row.amount_cents)}."
            )


def _chain_differences(entries: Rows) -> Iterator[str]:
    previous_hash = GENESIS
    for position, entry in enumerate(entries, start=1):
        if entry.position != position:
            yield f"the activity entry {position} is missing."
            return
        if entry.previous_hash != previous_hash:
            yield f"the activity entry {position} does not follow the one before it."
        if entry.hash != entry_hash(entry.previous_hash, hash_fields(entry._mapping)):  # noqa: SLF001  public, by SQLAlchemy's own word
            yield f"the activity entry {position} is not as it was written."
        previous_hash = entry.hash


def _silent_row_differences(found: _Invoice) -> Iterator[str]:
    named = {entry.payment_id for entry in found.entries}
    rows = {row.id for row in found.rows}
    for row_id in sorted(rows - named):
        yield f"no activity entry names the ledger row {row_id}."
    for row_id in sorted(named - rows - {None}):
        yield f"an activity entry names the ledger row {row_id}, which is not of this invoice."
