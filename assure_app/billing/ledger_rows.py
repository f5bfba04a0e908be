"""The rows of one invoice's ledger: read for the rules, appended, never rewritten."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from assure_app.billing import search_keys
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.domain.errors import Busy, FormAlreadyUsed
from assure_app.domain.ledger import LedgerRow, Method
from assure_app.domain.permissions import Principal
from assure_app.domain.refund_reasons import RefundReason
from assure_app.domain.transitions import Kind, RowStatus, check_transition
from assure_app.models.payment import Source
from assure_app.models.tables import dispute, payment

_TOKEN_LIMIT = 64

# Built once: building a statement takes longer than running it.
_INSERT = insert(payment)
_IS_OF_INVOICE = payment.c.invoice_id == bindparam("invoice_id")
_IS_OF_FORM = (payment.c.firm_id == bindparam("firm_id")) & (
    payment.c.form_token == bindparam("form_token")
)
IS_DISPUTED = (
    select(dispute.c.id)
    .where(
        dispute.c.payment_id == payment.c.id,
        dispute.c.closed_at.is_(None),
        ~dispute.c.is_refundable,
    )
    .exists()
    .label("is_disputed")
)
"""Whether a payment's bank contests it now and Stripe would refuse a refund (R066)."""
_OF_INVOICE = (
    select(
        payment.c.id,
        payment.c.kind,
        payment.c.amount_cents,
        payment.c.status,
        payment.c.reverses_id,
        IS_DISPUTED,
    )
    .where(_IS_OF_INVOICE)
    .order_by(payment.c.id)
)
_OF_INVOICE_OR_FORM = (
    select(payment.c.invoice_id, payment.c.form_token, payment.c.form_hash)
    .add_columns(*_OF_INVOICE.selected_columns)
    .where(_IS_OF_INVOICE | _IS_OF_FORM)
    .order_by(payment.c.id)
)
_RECORDED_WITH = select(payment.c.id, payment.c.form_hash).where(_IS_OF_FORM)


@dataclass(frozen=True, slots=True, kw_only=True)
class StripeRow:
    """What a row keeps of the charge at Stripe that it stands for."""

    account_id: str | None = None
    charge_id: str | None = None
    payment_intent_id: str | None = None
    checkout_id: int | None = None
    contact_id: int | None = None
    method_detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRow:
    """A row about to be appended; `amount_cents` is negative for money out."""

    kind: Kind
    source: Source
    method: Method
    amount_cents: int
    status: RowStatus
    paid_by: str
    user_id: int | None
    created_at: datetime
    completed_at: datetime | None
    reverses_id: int | None = None
    reason: RefundReason | None = None
    reference: str = ""
    notes: str = ""
    form_token: str | None = None
    form_hash: str = ""
    fee_cents: int = 0
    failure_reason: str = ""
    stripe: StripeRow | None = None


def of_invoice(connection: Connection, invoice_id: int) -> list[LedgerRow]:
    """Every row of the invoice, oldest first."""
    rows = connection.execute(_OF_INVOICE, {"invoice_id": invoice_id})
    return [as_rule_row(row) for row in rows]


def as_rule_row(row: Row[*tuple[Any, ...]]) -> LedgerRow:
    """A stored row, or as much of one as the rules need, as the rules see it."""
    return LedgerRow(
        id=row.id,
        kind=Kind(row.kind),
        amount_cents=row.amount_cents,
        status=RowStatus(row.status),
        reverses_id=row.reverses_id,
        is_disputed=bool(row.is_disputed),
    )


def of_invoice_or_form(
    connection: Connection, invoice: InvoiceRecord, *, form_token: str, form_hash: str
) -> tuple[list[LedgerRow], int | None]:
    """What `of_invoice` and `recorded_with` answer, asked in one round trip to the database.

    Raises FormAlreadyUsed as `recorded_with` does.
    """
    rows = connection.execute(
        _OF_INVOICE_OR_FORM,
        {"invoice_id": invoice.id, "firm_id": invoice.firm_id, "form_token": form_token},
    ).all()
    written = next((row for row in rows if row.form_token == form_token), None)
    return (
        [as_rule_row(row) for row in rows if row.invoice_id == invoice.id],
        _repeated_id(written, form_hash),
    )


def append(connection: Connection, invoice: InvoiceRecord, new: NewRow) -> LedgerRow:
    """Write one row and return it as the rules see it.

    Raises FormAlreadyUsed when a rival wrote a row on another invoice with the same form token.
    """
    try:
        row_id = _insert(connection, invoice, new)
    except IntegrityError as error:
        if "form_token" in str(error.orig):
            raise FormAlreadyUsed from error
        raise
    search_keys.add(connection, firm_id=invoice.firm_id, invoice_id=invoice.id, text=new.reference)
    return LedgerRow(
        id=row_id,
        kind=new.kind,
        amount_cents=new.amount_cents,
        status=new.status,
        reverses_id=new.reverses_id,
    )


def change_status(connection: Connection, row: LedgerRow, after: RowStatus) -> None:
    """Move a row along the transition table; the database's trigger holds the same table (R012).

    Raises Busy when somebody else moved it first.
    """
    check_transition(row.kind, before=row.status, after=after)
    moved = connection.execute(
        update(payment)
        .where(payment.c.id == row.id, payment.c.status == row.status.value)
        .values(status=after.value)
    )
    if moved.rowcount != 1:
        raise Busy


def recorded_with(
    connection: Connection, principal: Principal, *, form_token: str, form_hash: str
) -> int | None:
    """The id of the row that this form already wrote, or None (R035).

    Raises FormAlreadyUsed when the form wrote other figures than it carries now.
    """
    row = connection.execute(
        _RECORDED_WITH, {"firm_id": principal.firm_id, "form_token": form_token}
    ).first()
    return _repeated_id(row, form_hash)


def is_form_token(value: object) -> bool:
    """Whether a browser's form token has the form of one of ours."""
    return isinstance(value, str) and 16 <= len(value) <= _TOKEN_LIMIT and value.isascii()


def hash_of(*values: object) -> str:
    """What tells a repeated form from the same form with other figures."""
    return hashlib.sha256(repr(values).encode()).hexdigest()


def _repeated_id(row: Row[*tuple[Any, ...]] | None, form_hash: str) -> int | None:
    if row is None:
        return None
    if row.form_hash != form_hash:
        raise FormAlreadyUsed
    return int(row.id)


def _insert(connection: Connection, invoice: InvoiceRecord, new: NewRow) -> int:
    result = connection.execute(
        _INSERT,
        {
            "firm_id": invoice.firm_id,
            "client_id": invoice.client_id,
            "invoice_id": invoice.id,
            "kind": new.kind.value,
            "source": new.source.value,
            "method": new.method.value,
            "amount_cents": new.amount_cents,
            "status": new.status.value,
            "reverses_id": new.reverses_id,
            "reason": new.reason.value if new.reason else "",
            "reference": new.reference,
            "notes": new.notes,
            "paid_by": new.paid_by,
            "user_id": new.user_id,
            "created_at": new.created_at,
            "completed_at": new.completed_at,
            "form_token": new.form_token,
            "form_hash": new.form_hash,
            **(_of_stripe(new, new.stripe) if new.stripe else {}),
        },
    )
    (row_id,) = result.inserted_primary_key or (0,)
    return int(row_id)


def _of_stripe(new: NewRow, charged: StripeRow) -> dict[str, Any]:
    return {
        "fee_cents": new.fee_cents,
        "failure_reason": new.failure_reason,
        "stripe_account_id": charged.account_id,
        "stripe_charge_id": charged.charge_id,
        "stripe_payment_intent_id": charged.payment_intent_id,
        "checkout_id": charged.checkout_id,
        "contact_id": charged.contact_id,
        "method_detail": charged.method_detail,
    }
