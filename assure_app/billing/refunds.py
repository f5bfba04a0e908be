"""Giving money back (R077–R097). A refund is a row of its own that names the payment it reverses.

`refund_payment` is the one way in: what came through Stripe goes back through Stripe; of any other
payment an entry is recorded and no money moves (R083, R084).
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from assure_app.billing import (
    activity,
    audit,
    invoice_record,
    ledger_rows,
    refund_case,
    refund_moves,
    refund_record,
    stripe_refunds,
)
from assure_app.billing.duplicates import Caution
from assure_app.billing.previews import Preview
from assure_app.billing.receipts import Receipt, balance_text, receipt, refund_receipt
from assure_app.billing.refund_case import Refundable, WantedRefund
from assure_app.billing.refund_text import how_it_goes_back
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain import refund_approval
from assure_app.domain.entry import NOTES_LIMIT, Entry
from assure_app.domain.errors import BillingError, InvalidInput
from assure_app.domain.ledger import Method
from assure_app.domain.money import full_text, input_text, short_text
from assure_app.domain.permissions import Permission, Principal
from assure_app.domain.refund_reasons import RefundReason
from assure_app.domain.stripe_refunds import RefundState
from assure_app.domain.transitions import Kind, RowStatus
from assure_app.models.payment import Source

_ACT = "refund a payment"
_BLOCK_LIST = Caution(
    sentence="“Fraudulent” also puts this card and email on Stripe’s block lists."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundForm:
    """The Refund dialog as typed: nothing in it is trusted."""

    amount: str
    reason: str
    notes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundStart:
    """What the Refund dialog opens with. `how` says how the money goes back, and how long it takes;
    "" for what the firm settles itself."""

    payment_id: int = 0
    title: str = ""
    number: str = ""
    client: str = ""
    amount: str = ""
    refundable: str = ""
    is_settled_outside: bool = True
    how: str = ""
    form_token: str = ""


def start(principal: Principal, payment_id: int, *, now: datetime) -> RefundStart:
    """What the dialog opens with: everything that is left, and no reason chosen (R078, R081).

    Raises PermissionDenied, NotFound, and NotRefundable with the reason.
    """
    audit.require(principal, Permission.EDIT_BILLING, act=_ACT, now=now)
    with reading() as connection:
        found = refund_case.find(connection, principal, payment_id)
    refund_case.check_allowed(found)
    _require_stripe_right(principal, found, now)
    return RefundStart(
        payment_id=found.payment.id,
        title=found.title,
        number=found.invoice.number,
        client=found.invoice.client,
        amount=input_text(found.left_cents),
        refundable=full_text(found.left_cents),
        is_settled_outside=found.is_settled_outside,
        how=how_it_goes_back(found, now),
        form_token=secrets.token_urlsafe(24),
    )


def preview(principal: Principal, payment_id: int, form: RefundForm, *, now: datetime) -> Preview:
    """What this refund would do, by the very rule that makes it; nothing is written (R095).

    Never raises for what was typed: the problems are in the answer.
    """
    principal.require(Permission.EDIT_BILLING)
    with reading() as connection:
        found = refund_case.find(connection, principal, payment_id)
    before = found.invoice.status(now)
    try:
        amount_cents = _read_amount(form)
        refund_case.check(found, amount_cents)
        refund_approval.check_size(found.terms(amount_cents))
    except BillingError as refusal:
        return Preview(
            balance_before=full_text(found.invoice.balance_cents),
            status_before=before.value,
            problems=refusal.problems,
        )
    after = found.after(found.as_row(amount_cents), now)
    told = Preview(
        balance_before=full_text(found.invoice.balance_cents),
        balance_after=balance_text(after, now=now),
        status_before=before.value,
        status_after=after.status(now).value,
    )
    if found.charge is None:
        return told
    is_fraud = form.reason == RefundReason.FRAUDULENT
    return replace(
        told,
        fee_lost=full_text(found.fee_cents),
        net=full_text(found.net_after_cents(amount_cents)),
        warnings=(_BLOCK_LIST,) if is_fraud else (),
    )


def refund_payment(
    principal: Principal,
    payment_id: int,
    form: RefundForm,
    *,
    form_token: str,
    approve: Callable[[Connection, int], None] | None = None,
    now: datetime,
) -> Receipt:
    """Refund a payment, whole or in part (R077–R097): through Stripe what came through Stripe.

    `approve` makes it the second person's: it is given the new row in the transaction that writes
    it. Without one, what is as large as the firm wants two people for is refused.

    The same `form_token` again answers with the first outcome and refunds nothing more. Raises
    PermissionDenied, InvalidInput, NotRefundable or RefundExceedsRefundable, and then nothing was
    written; and RefundNotMade when Stripe refused, which leaves a failed row.
    """
    audit.require(principal, Permission.EDIT_BILLING, act=_ACT, now=now)
    if not ledger_rows.is_form_token(form_token):
        raise InvalidInput({"": "This form is not valid any more. Close it and open a new one."})
    with reading() as connection:
        found = refund_case.find(connection, principal, payment_id)
    _require_stripe_right(principal, found, now)
    form_hash = ledger_rows.hash_of("refund", payment_id, form)
    with unit_of_work() as connection:
        found = refund_case.find(connection, principal, payment_id, is_locked=True)
        row_id = ledger_rows.recorded_with(
            connection, principal, form_token=form_token, form_hash=form_hash
        )
        is_repeat = row_id is not None
        if row_id is None:
            row_id = _write(
                connection,
                found,
                form,
                principal,
                form_token=form_token,
                form_hash=form_hash,
                is_approved=approve is not None,
                now=now,
            )
            if approve is not None:
                approve(connection, row_id)
        asked = refund_record.by_row(connection, row_id)
        after = invoice_record.find_by_id(connection, principal, found.invoice.id)
    if asked is None:
        return receipt(after, row_id, what="Refund", now=now, is_repeat=is_repeat)
    return _ask(principal, asked.id, is_repeat=is_repeat, now=now)


def read_form(form: RefundForm) -> WantedRefund:
    """Read what was typed, or raise InvalidInput with one sentence for each wrong field."""
    entry = Entry()
    amount_cents = entry.amount_cents("amount", form.amount)
    reason = entry.choice(
        "reason", form.reason, tuple(RefundReason), missing="Choose the reason for this refund."
    )
    notes = entry.text("notes", form.notes, limit=NOTES_LIMIT, name="Notes")
    entry.check()
    return WantedRefund(amount_cents=amount_cents, reason=reason or RefundReason.OTHER, notes=notes)


def _require_stripe_right(principal: Principal, found: Refundable, now: datetime) -> None:
    """Money at Stripe is given back by who administers the firm's account there (R096)."""
    if not found.is_settled_outside:
        act = "refund a payment through Stripe"
        audit.require(principal, Permission.STRIPE_ADMIN, act=act, now=now)


def _write(
    connection: Connection,
    found: Refundable,
    form: RefundForm,
    principal: Principal,
    *,
    form_token: str,
    form_hash: str,
    is_approved: bool,
    now: datetime,
) -> int:
    """Write the refund that the form asks for, checked against what is left; its row's id."""
    wanted = read_form(form)
    refund_case.check(found, wanted.amount_cents)
    if not is_approved:
        refund_approval.check_alone(principal, found.terms(wanted.amount_cents))
    if found.charge is not None:
        reserved = stripe_refunds.reserve(
            connection,
            found,
            found.charge,
            wanted,
            principal,
            form_token=form_token,
            form_hash=form_hash,
            now=now,
        )
        return reserved.payment_id
    new = _new_row(found, wanted, principal, now)
    new = replace(new, form_token=form_token, form_hash=form_hash)
    row = ledger_rows.append(connection, found.invoice, new)
    refund_moves.mark_refunded(connection, found.payment, [*found.rows, row])
    invoice_record.save(connection, found.invoice, found.after(row, now))
    _log(connection, found, wanted, principal, payment_id=row.id, now=now)
    return row.id


def _ask(principal: Principal, record_id: int, *, is_repeat: bool, now: datetime) -> Receipt:
    """Ask Stripe for what stands reserved, and say what came of it."""
    asked = stripe_refunds.ask(record_id, now=now)
    stripe_refunds.require_made(asked)
    with reading() as connection:
        invoice = invoice_record.find_by_id(connection, principal, asked.invoice_id)
    if asked.state is RefundState.NEW:
        sentence = stripe_refunds.UNANSWERED
    else:
        sentence = refund_receipt(invoice, asked.amount_cents, now=now)
    told = receipt(invoice, asked.payment_id, what="Refund", now=now, is_repeat=is_repeat)
    return replace(told, sentence=sentence, is_unanswered=asked.state is RefundState.NEW)


def _read_amount(form: RefundForm) -> int:
    entry = Entry()
    amount_cents = entry.amount_cents("amount", form.amount)
    entry.check()
    return amount_cents


def _new_row(
    found: Refundable, wanted: WantedRefund, principal: Principal, now: datetime
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


def _log(
    connection: Connection,
    found: Refundable,
    wanted: WantedRefund,
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
