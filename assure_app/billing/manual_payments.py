"""Recording an offline payment: cash, check, wire or other (R018–R037)."""

import secrets
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import Connection

from assure_app.billing import activity, audit, duplicates, invoice_record, ledger_rows
from assure_app.billing.checkout_closing import require_room, with_room
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.payment_text import payment_title
from assure_app.billing.previews import Preview
from assure_app.billing.receipts import Receipt, receipt
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain import ledger
from assure_app.domain.calendar import noon_of
from assure_app.domain.entry import NOTES_LIMIT, REFERENCE_LIMIT, Entry
from assure_app.domain.errors import BillingError, InvalidInput, NotPayable
from assure_app.domain.invoice_status import PAYABLE
from assure_app.domain.ledger import MANUAL_METHODS, Method
from assure_app.domain.money import full_text, input_text, short_text
from assure_app.domain.permissions import Permission, Principal
from assure_app.domain.transitions import Kind, RowStatus
from assure_app.models.payment import Source

CARD_AND_ACH = "Card and ACH go through Stripe: the client or auto-pay starts them."


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentForm:
    """The Record payment dialog as typed: nothing in it is trusted."""

    pays_whole_balance: ClassVar[bool] = False

    amount: str
    method: str
    date: str
    reference: str = ""
    notes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeBalanceForm(PaymentForm):
    """The Mark paid dialog: `amount` is the balance it showed, and no other is recorded (R038)."""

    pays_whole_balance: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentStart:
    """What the Record payment and Mark paid dialogs open with."""

    number: str = ""
    client: str = ""
    amount: str = ""
    date: str = ""
    latest_date: str = ""
    balance: str = ""
    form_token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualPayment:
    """A payment as read from the form: valid in itself, not yet held against the invoice."""

    amount_cents: int
    method: Method
    paid_on: date
    reference: str
    notes: str
    pays_whole_balance: bool = False


def start(principal: Principal, number: str, *, now: datetime) -> PaymentStart:
    """What the dialog opens with: the whole balance, today, and a token that makes it one row."""
    audit.require(principal, Permission.EDIT_BILLING, act="record a payment", now=now)
    with reading() as connection:
        invoice = invoice_record.find(connection, principal, number)
    _check_payable(invoice, now)
    today = invoice.today(now).isoformat()
    return PaymentStart(
        number=invoice.number,
        client=invoice.client,
        amount=input_text(invoice.balance_cents),
        date=today,
        latest_date=today,
        balance=full_text(invoice.balance_cents),
        form_token=secrets.token_urlsafe(24),
    )


def preview(principal: Principal, number: str, form: PaymentForm, *, now: datetime) -> Preview:
    """What recording this form would do, by the very rule that records it; nothing is written.

    Never raises for what was typed: the problems are in the answer.
    """
    principal.require(Permission.EDIT_BILLING)
    with reading() as connection:
        invoice = invoice_record.find(connection, principal, number)
        before = invoice.status(now)
        try:
            wanted = read_form(form, today=invoice.today(now))
            rows = ledger_rows.of_invoice(connection, invoice.id)
            _check(invoice, rows, wanted, now)
        except BillingError as refusal:
            return Preview(
                balance_before=full_text(invoice.balance_cents),
                status_before=before.value,
                problems=refusal.problems,
            )
        after = invoice.with_rows([*rows, _as_row(wanted)], now=now)
        return Preview(
            balance_before=full_text(invoice.balance_cents),
            balance_after=full_text(after.balance_cents),
            status_before=before.value,
            status_after=after.status(now).value,
            warnings=duplicates.warnings(connection, invoice, rows, wanted, now=now),
        )


def record_payment(
    principal: Principal, number: str, form: PaymentForm, *, form_token: str, now: datetime
) -> Receipt:
    """Record one payment, at once and without Stripe (R003, R026).

    The same `form_token` again answers with the first outcome and writes nothing (R035). Raises
    InvalidInput with a sentence for each field, or the BillingError of the rule that refuses;
    then nothing was written. A client's open payment page that would leave no room is closed at
    Stripe first, or PageNotClosed is raised (R050).
    """
    audit.require(principal, Permission.EDIT_BILLING, act="record a payment", now=now)
    if not ledger_rows.is_form_token(form_token):
        raise InvalidInput({"": "This form is not valid any more. Close it and open a new one."})
    form_hash = ledger_rows.hash_of("payment", number, form)
    return with_room(
        lambda: _record(principal, number, form, form_token, form_hash, now=now), now=now
    )


def _record(
    principal: Principal,
    number: str,
    form: PaymentForm,
    form_token: str,
    form_hash: str,
    *,
    now: datetime,
) -> Receipt:
    with unit_of_work() as connection:
        invoice = invoice_record.find_and_lock(connection, principal, number)
        rows, repeated_id = ledger_rows.of_invoice_or_form(
            connection, invoice, form_token=form_token, form_hash=form_hash
        )
        if repeated_id is not None:
            return receipt(invoice, repeated_id, what="Payment", now=now, is_repeat=True)
        wanted = read_form(form, today=invoice.today(now))
        _check(invoice, rows, wanted, now)
        new = _new_row(invoice, wanted, principal, now)
        new = replace(new, form_token=form_token, form_hash=form_hash)
        row = ledger_rows.append(connection, invoice, new)
        after = invoice.with_rows([*rows, row], now=now)
        require_room(connection, invoice.id, after.balance_cents)
        invoice_record.save(connection, invoice, after)
        _log(connection, invoice, wanted, principal, payment_id=row.id, now=now)
    return receipt(after, row.id, what="Payment", now=now)


def read_form(form: PaymentForm, *, today: date) -> ManualPayment:
    """Read what was typed, or raise InvalidInput with one sentence for each wrong field."""
    entry = Entry()
    amount_cents = entry.amount_cents("amount", form.amount)
    if form.method in (Method.CARD, Method.ACH):
        entry.refuse("method", CARD_AND_ACH)
    method = entry.choice(
        "method", form.method, MANUAL_METHODS, missing="Choose Cash, Check, Wire or Other."
    )
    paid_on = entry.day("date", form.date)
    if paid_on > today:
        entry.refuse("date", "A payment cannot be dated in the future: it has not arrived yet.")
    reference = entry.line("reference", form.reference, limit=REFERENCE_LIMIT, name="Reference")
    notes = entry.text("notes", form.notes, limit=NOTES_LIMIT, name="Notes")
    entry.check()
    return ManualPayment(
        amount_cents=amount_cents,
        method=method or Method.OTHER,
        paid_on=paid_on,
        reference=reference,
        notes=notes,
        pays_whole_balance=form.pays_whole_balance,
    )


def _check(
    invoice: InvoiceRecord,
    rows: list[ledger.LedgerRow],
    wanted: ManualPayment,
    now: datetime,
) -> None:
    _check_payable(invoice, now)
    if wanted.pays_whole_balance:
        ledger.check_whole_balance(invoice.total_cents, rows, wanted.amount_cents)
    ledger.check_payment(invoice.total_cents, rows, wanted.amount_cents)


def _check_payable(invoice: InvoiceRecord, now: datetime) -> None:
    status = invoice.status(now)
    if status not in PAYABLE:
        raise NotPayable(status)


def _as_row(wanted: ManualPayment) -> ledger.LedgerRow:
    return ledger.LedgerRow(
        id=0, kind=Kind.PAYMENT, amount_cents=wanted.amount_cents, status=RowStatus.COMPLETED
    )


def _new_row(
    invoice: InvoiceRecord, wanted: ManualPayment, principal: Principal, now: datetime
) -> ledger_rows.NewRow:
    return ledger_rows.NewRow(
        kind=Kind.PAYMENT,
        source=Source.MANUAL,
        method=wanted.method,
        amount_cents=wanted.amount_cents,
        status=RowStatus.COMPLETED,
        paid_by=principal.name,
        user_id=principal.user_id,
        created_at=now,
        completed_at=noon_of(wanted.paid_on, invoice.timezone),
        reference=wanted.reference,
        notes=wanted.notes,
    )


def _log(
    connection: Connection,
    invoice: InvoiceRecord,
    wanted: ManualPayment,
    principal: Principal,
    *,
    payment_id: int,
    now: datetime,
) -> None:
    amount = short_text(wanted.amount_cents)
    activity.append(
        connection,
        firm_id=invoice.firm_id,
        invoice_id=invoice.id,
        at=now,
        text=f"Payment {amount} recorded — {payment_title(wanted.method, wanted.reference)}",
        actor=principal.name,
        user_id=principal.user_id,
        payment_id=payment_id,
    )
