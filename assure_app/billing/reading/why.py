"""Why a figure is what it is: the rule in words, and the rows it was computed from.

The rows that count add up to the figure, to the cent; those that do not are there all the same,
each with its reason.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from assure_app.billing import invoice_record, ledger_rows
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.payment_text import row_titles
from assure_app.billing.reading.why_status import facts_of_status
from assure_app.db.unit_of_work import reading
from assure_app.domain.errors import NotFound
from assure_app.domain.invoice_status import Stage, stage
from assure_app.domain.ledger import LedgerRow
from assure_app.domain.line_items import thousandths_text
from assure_app.domain.money import full_text
from assure_app.domain.permissions import Permission, Principal
from assure_app.domain.transitions import Kind, RowStatus
from assure_app.models.tables import invoice_line, payment


class Figure(StrEnum):
    """What can be asked of one invoice."""

    TOTAL = "total"
    PAID = "paid"
    BALANCE = "balance"
    STATUS = "status"
    PENDING = "pending"
    OVERPAID = "overpaid"
    WRITTEN_OFF = "written off"


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyRow:
    """One row behind a figure; `note` says more of it, or why it does not count."""

    label: str
    amount: str
    counts: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """The answer: "Why $2,200.00?", the rule, the rows, and what they come to.

    `tile` is the one that was asked of, and "" for a figure of an invoice.
    """

    title: str = ""
    subject: str = ""
    rule: str = ""
    rows: tuple[WhyRow, ...] = ()
    result_label: str = ""
    result: str = ""
    tile: str = ""


@dataclass(frozen=True, slots=True)
class _Term:
    """A row as the sum sees it, in cents; with a reason it does not count."""

    label: str
    cents: int
    reason: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Books:
    """An invoice with its lines and its ledger, each row with its title and moment."""

    invoice: InvoiceRecord
    lines: Sequence[Row[Any]]
    rows: Sequence[LedgerRow]
    titles: dict[int, str]
    written_at: dict[int, datetime]


# Built once: building a statement takes longer than running it.
_LINES = (
    select(invoice_line)
    .where(invoice_line.c.invoice_id == bindparam("invoice_id"))
    .order_by(invoice_line.c.position)
)
_PAYMENTS = (
    select(payment, ledger_rows.IS_DISPUTED)
    .where(payment.c.invoice_id == bindparam("invoice_id"))
    .order_by(payment.c.id)
)


def explain(principal: Principal, number: str, figure: object, *, now: datetime) -> Why:
    """Why a figure of an invoice is what it is.

    Raises PermissionDenied without View billing, NotFound for an invoice this person may not see
    and for a figure that is none.
    """
    principal.require(Permission.VIEW_BILLING)
    if not isinstance(figure, str) or figure not in set(Figure):
        raise NotFound("figure")
    with reading() as connection:
        books = _read(connection, principal, number)
    invoice = books.invoice
    if figure == Figure.STATUS:
        rule, facts = facts_of_status(invoice, now=now)
        status = invoice.status(now).value
        rows = tuple(WhyRow(label=label, amount=value) for label, value in facts)
        return Why(
            title=f"Why {status}?",
            subject=invoice.number,
            rule=rule,
            rows=rows,
            result_label="Status",
            result=status,
        )
    return _of_money(books, Figure(figure))


def _read(connection: Connection, principal: Principal, number: str) -> _Books:
    invoice = invoice_record.find(connection, principal, number)
    known = {"invoice_id": invoice.id}
    stored = connection.execute(_PAYMENTS, known).all()
    return _Books(
        invoice,
        connection.execute(_LINES, known).all(),
        [ledger_rows.as_rule_row(row) for row in stored],
        row_titles(stored),
        {row.id: row.created_at for row in stored},
    )


def _of_money(books: _Books, figure: Figure) -> Why:
    invoice = books.invoice
    cents, rule, terms = {
        Figure.TOTAL: lambda: (invoice.total_cents, _TOTAL, _total(books)),
        Figure.PAID: lambda: (invoice.settled_cents, _PAID, _paid(books)),
        Figure.BALANCE: lambda: _balance(books),
        Figure.PENDING: lambda: (invoice.pending_cents, _PENDING, _pending(books)),
        Figure.OVERPAID: lambda: (invoice.overpaid_cents, _OVERPAID, _overpaid(books)),
        Figure.WRITTEN_OFF: lambda: (invoice.written_off_cents, _WRITTEN_OFF, _written_off(books)),
    }[figure]()
    return Why(
        title=f"Why {full_text(cents)}?",
        subject=f"{invoice.number} · {figure.value.capitalize()}",
        rule=rule,
        rows=tuple(_shown(term) for term in terms),
        result_label=figure.value.capitalize(),
        result=full_text(cents),
    )


def _shown(term: _Term) -> WhyRow:
    return WhyRow(
        label=term.label,
        amount=full_text(term.cents),
        counts=not term.reason,
        note=term.reason or term.note,
    )


def _total(books: _Books) -> Iterator[_Term]:
    listed = 0
    for line in books.lines:
        quantity = thousandths_text(line.quantity_thousandths)
        listed += line.amount_cents + line.tax_cents
        note = f"{quantity} × {full_text(line.unit_price_cents)}"
        yield _Term(line.description, line.amount_cents, note=note)
        if line.tax_cents:
            rate = thousandths_text(line.tax_rate_thousandths)
            yield _Term(f"Tax {rate}% on {line.description}", line.tax_cents)
    if listed != books.invoice.total_cents:
        yield _Term("Not listed by line", books.invoice.total_cents - listed)


def _paid(books: _Books) -> Iterator[_Term]:
    for row in books.rows:
        reason = _not_counted(row)
        if row.status is RowStatus.PENDING and row.amount_cents > 0:
            reason = "on its way: counted once it clears"
        yield _Term(books.titles[row.id], row.amount_cents, reason, _reserved(row))


def _balance(books: _Books) -> tuple[int, str, Iterator[_Term]]:
    match stage(books.invoice.facts):
        case Stage.CANCELLED:
            return 0, _BALANCE_CANCELLED, _balance_cancelled(books)
        case Stage.DRAFT:
            return books.invoice.balance_cents, _BALANCE_DRAFT, _asked_for(books)
        case _:
            return books.invoice.balance_cents, _BALANCE, _asked_for(books)


def _asked_for(books: _Books) -> Iterator[_Term]:
    yield _Term("Total", books.invoice.total_cents)
    for row in books.rows:
        yield _taken_off(books, row)
    if books.invoice.overpaid_cents:
        overpaid = books.invoice.overpaid_cents
        yield _Term("Above the total", overpaid, note="shown by itself as Overpaid")


def _balance_cancelled(books: _Books) -> Iterator[_Term]:
    yield from _until_cancelled(books)
    if books.invoice.written_off_cents:
        yield _Term("Written off", -books.invoice.written_off_cents)


def _written_off(books: _Books) -> Iterator[_Term]:
    if books.invoice.cancelled_at:
        yield from _until_cancelled(books)


def _until_cancelled(books: _Books) -> Iterator[_Term]:
    """The ledger as it was when the claim ended: what came later gave nothing more up."""
    invoice = books.invoice
    draft = "" if invoice.opened_at else "a draft that was never sent asks for nothing"
    yield _Term("Total", invoice.total_cents, draft)
    left = 0 if draft else invoice.total_cents
    for row in books.rows:
        term = _taken_off(books, row)
        if invoice.cancelled_at and books.written_at[row.id] > invoice.cancelled_at:
            term = _Term(term.label, term.cents, "after the invoice was cancelled")
        left += 0 if term.reason else term.cents
        yield term
    if left != invoice.written_off_cents:
        yield _Term("Changed while or since it was cancelled", invoice.written_off_cents - left)


def _pending(books: _Books) -> Iterator[_Term]:
    for row in books.rows:
        if row.status is RowStatus.PENDING and row.amount_cents > 0:
            yield _Term(books.titles[row.id], row.amount_cents)


def _overpaid(books: _Books) -> Iterator[_Term]:
    for row in books.rows:
        yield _Term(books.titles[row.id], row.amount_cents, _not_counted(row), _reserved(row))
    yield _Term("Total", -books.invoice.total_cents)
    if books.invoice.balance_cents:
        yield _Term("Below the total", books.invoice.balance_cents, note="shown as Balance")


def _taken_off(books: _Books, row: LedgerRow) -> _Term:
    on_its_way = row.status is RowStatus.PENDING and row.amount_cents > 0
    note = "on its way" if on_its_way else _reserved(row)
    return _Term(books.titles[row.id], -row.amount_cents, _not_counted(row), note)


def _not_counted(row: LedgerRow) -> str:
    return "" if row.counts else "failed: no money moved"


def _reserved(row: LedgerRow) -> str:
    if row.status is RowStatus.PENDING and row.kind is not Kind.PAYMENT:
        return "on its way back, so it is not ours any more"
    return ""


_TOTAL = "Each line is its quantity times its price; tax is added by the line."
_PAID = (
    "Payments that cleared, less what was given or taken back. Money on its way is not paid yet."
)
_BALANCE = (
    "The total, less every payment that has not failed, plus what was given or taken back. "
    "Money on its way is taken off, so that nobody pays it twice."
)
_BALANCE_DRAFT = "The total. A draft asks for it once it is sent."
_BALANCE_CANCELLED = (
    "A cancelled invoice asks for nothing: what was paid stays, and the rest was written off. "
    "A refund after that does not bring the claim back."
)
_PENDING = "Payments that were started and have neither cleared nor failed."
_OVERPAID = "What came in above the total. Money on its way is counted, too."
_WRITTEN_OFF = (
    "What was still asked for when the invoice was cancelled. It stays what was given up then: "
    "a refund afterwards does not change it."
)
