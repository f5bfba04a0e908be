"""Giving money back (R077–R097). A refund is a row of its own that names the payment it reverses.

Offline payments are refunded here: an entry is recorded and no money moves (R084).
"""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, select

from assure_app.billing import activity, audit, invoice_record, ledger_rows
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.payment_text import payment_title
from assure_app.billing.previews import Preview
from assure_app.billing.receipts import Receipt, balance_text, receipt
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain import ledger
from assure_app.domain.entry import NOTES_LIMIT, Entry
from assure_app.domain.errors import BillingError, InvalidInput, NotFound, NotRefundable
from assure_app.domain.ledger import MANUAL_METHODS, LedgerRow, Method
from assure_app.domain.money import full_text, input_text, short_text
from assure_app.domain.permissions import Permission, Principal
from assure_app.domain.refund_reasons import RefundReason
from assure_app.domain.transitions import Kind, RowStatus
from assure_app.models.payment import Source
from assure_app.models.tables import invoice as invoice_table
from assure_app.models.tables import payment as payment_table

AT_STRIPE = "A card or bank payment is refunded in Stripe’s Dashboard."


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundForm:
    """The Refund dialog as typed: nothing in it is trusted."""

    amount: str
    reason: str
    notes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundStart:
    """What the Refund dialog opens with."""

    payment_id: int = 0
    title: str = ""
    number: str = ""
    client: str = ""
    amount: str = ""
    refundable: str = ""
    is_settled_outside: bool = True
    form_token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """A refund as read from the form: valid in itself, not yet held against the payment."""

    amount_cents: int
    reason: RefundReason
    notes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refundable:
    """A payment with what surrounds it: its invoice and every row of that invoice's ledger."""

    invoice: InvoiceRecord
    rows: list[LedgerRow]
    payment: LedgerRow
    method: Method
    title: str

    @property
    def left_cents(self) -> int:
        """What may still be given back."""
        return ledger.refundable_cents(self.payment, self.rows)


def start(principal: Principal, payment_id: int, *, now: datetime) -> RefundStart:
    """What the dialog opens with: everything that is left, and no reason chosen (R078, R081)."""
    audit.require(principal, Permission.EDIT_BILLING, act="refund a payment", now=now)
    with reading() as connection:
        found = _find(connection, principal, payment_id)
    _check_allowed(found)
    return RefundStart(
        payment_id=found.payment.id,
        title=found.title,
        number=found.invoice.number,
        client=found.invoice.client,
        amount=input_text(found.left_cents),
        refundable=full_text(found.left_cents),
        is_settled_outside=found.method in MANUAL_METHODS,
        form_token=secrets.token_urlsafe(24),
    )


def preview(principal: Principal, payment_id: int, form: RefundForm, *, now: datetime) -> Preview:
    """What this refund would do, by the very rule that makes it; nothing is written (R095).

    Never raises for what was typed: the problems are in the answer.
    """
    principal.require(Permission.EDIT_BILLING)
    with reading() as connection:
        found = _find(connection, principal, payment_id)
    before = found.invoice.status(now)
    try:
        amount_cents = _read_amount(form)
        _check(found, amount_cents)
    except BillingError as refusal:
        return Preview(
            balance_before=full_text(found.invoice.balance_cents),
            status_before=before.value,
            problems=refusal.problems,
        )
    after = _after(found, _as_row(found, amount_cents), now)
    return Preview(
        balance_before=full_text(found.invoice.balance_cents),
        balance_after=balance_text(after, now=now),
        status_before=before.value,
        status_after=after.status(now).value,
    )


def refund_payment(
    principal: Principal, payment_id: int, form: RefundForm, *, form_token: str, now: datetime
) -> Receipt:
    """Record the refund of an offline payment, whole or in part (R077–R090, R097).

    The same `form_token` again answers with the first outcome and writes nothing. Raises
    InvalidInput, NotRefundable or RefundExceedsRefundable; then nothing was written.
    """
    audit.require(principal, Permission.EDIT_BILLING, act="refund a payment", now=now)
    if not ledger_rows.is_form_token(form_token):
        raise InvalidInput({"": "This form is not valid any more. Close it and open a new one."})
    form_hash = ledger_rows.hash_of("refund", payment_id, form)
    with unit_of_work() as connection:
        found = _find(connection, principal, payment_id, is_locked=True)
        repeated_id = ledger_rows.recorded_with(
            connection, principal, form_token=form_token, form_hash=form_hash
        )
        if repeated_id is not None:
            return receipt(found.invoice, repeated_id, what="Refund", now=now, is_repeat=True)
        wanted = read_form(form)
        _check(found, wanted.amount_cents)
        new = _new_row(found, wanted, principal, now)
        new = replace(new, form_token=form_token, form_hash=form_hash)
        row = ledger_rows.append(connection, found.invoice, new)
        after = _after(found, row, now)
        _mark_refunded(connection, found, row)
        invoice_record.save(connection, found.invoice, after)
        _log(connection, found, wanted, principal, payment_id=row.id, now=now)
    return receipt(after, row.id, what="Refund", now=now)


def read_form(form: RefundForm) -> Refund:
    """Read what was typed, or raise InvalidInput with one sentence for each wrong field."""
    entry = Entry()
    amount_cents = entry.amount_cents("amount", form.amount)
    reason = entry.choice(
        "reason", form.reason, tuple(RefundReason), missing="Choose the reason for this refund."
    )
    notes = entry.text("notes", form.notes, limit=NOTES_LIMIT, name="Notes")
    entry.check()
    return Refund(amount_cents=amount_cents, reason=reason or RefundReason.OTHER, notes=notes)


def block(payment: LedgerRow, rows: list[LedgerRow], method: Method) -> str:
    """Why this row cannot be refunded now, or "" when it can (R092, R096)."""
    reason = ledger.why_not_refundable(payment, rows)
    if reason or method in MANUAL_METHODS:
        return reason
    return AT_STRIPE


def _find(
    connection: Connection, principal: Principal, payment_id: object, *, is_locked: bool = False
) -> Refundable:
    """The payment inside what the person may see; its invoice is locked first, always."""
    row = connection.execute(
        select(payment_table.c.invoice_id, payment_table.c.method, payment_table.c.reference)
        .join(invoice_table, invoice_table.c.id == payment_table.c.invoice_id)
        .where(payment_table.c.id == _known_id(payment_id), invoice_record.visible_to(principal))
    ).first()
    if row is None:
        raise NotFound("payment")
    get = invoice_record.lock_by_id if is_locked else invoice_record.find_by_id
    invoice = get(connection, principal, row.invoice_id)
    rows = ledger_rows.of_invoice(connection, invoice.id)
    method = Method(row.method)
    return Refundable(
        invoice=invoice,
        rows=rows,
        payment=next(each for each in rows if each.id == payment_id),
        method=method,
        title=payment_title(method, row.reference),
    )


def _known_id(payment_id: object) -> int:
    # A browser may send a float, a text or a number no column holds; no such payment exists.
    is_whole = isinstance(payment_id, int) and not isinstance(payment_id, bool)
    return payment_id if is_whole and 0 < payment_id < 2**31 else 0  # type: ignore[operator,return-value]


def _check(found: Refundable, amount_cents: int) -> None:
    _check_allowed(found)
    ledger.check_refund(found.payment, found.rows, amount_cents)


def _check_allowed(found: Refundable) -> None:
    reason = block(found.payment, found.rows, found.method)
    if reason:
        raise NotRefundable(reason)


def _read_amount(form: RefundForm) -> int:
    entry = Entry()
    amount_cents = entry.amount_cents("amount", form.amount)
    entry.check()
    return amount_cents


def _as_row(found: Refundable, amount_cents: int) -> LedgerRow:
    return LedgerRow(
        id=0,
        kind=Kind.REFUND,
        amount_cents=-amount_cents,
        status=RowStatus.COMPLETED,
        reverses_id=found.payment.id,
    )


def _after(found: Refundable, row: LedgerRow, now: datetime) -> InvoiceRecord:
    return found.invoice.with_rows([*found.rows, row], now=now)


def _new_row(
    found: Refundable, wanted: Refund, principal: Principal, now: datetime
) -> ledger_rows.NewRow:
    return ledger_rows.NewRow(
        kind=Kind.REFUND,
        source=Source.MANUAL,
        method=found.method,
        amount_cents=-wanted.amount_cents,
        status=RowStatus.COMPLETED,
        paid_by=principal.name,
        user_id=principal.user_id,
        created_at=now,
        completed_at=now,
        reverses_id=found.payment.id,
        reason=wanted.reason,
        notes=wanted.notes,
    )


def _mark_refunded(connection: Connection, found: Refundable, row: LedgerRow) -> None:
    after = ledger.status_by_refunds(found.payment, [*found.rows, row])
    if after is not found.payment.status:
        ledger_rows.change_status(connection, found.payment, after)


def _log(
    connection: Connection,
    found: Refundable,
    wanted: Refund,
    principal: Principal,
    *,
    payment_id: int,
    now: datetime,
) -> None:
    # "Refund $100 of Other" would read as a piece of something else.
    name = "other payment" if found.title == Method.OTHER else found.title
    activity.append(
        connection,
        firm_id=found.invoice.firm_id,
        invoice_id=found.invoice.id,
        at=now,
        text=f"Refund {short_text(wanted.amount_cents)} of {name} — {wanted.reason}",
        actor=principal.name,
        user_id=principal.user_id,
        payment_id=payment_id,
    )
