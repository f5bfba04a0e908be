"""One refund at Stripe becomes one row of the ledger, whoever tells of it and how often.

`book` is what every way leads to: the answer to our own asking, callbacks, lists and polling. It
takes the refund as Stripe says it is now, and moves the books forward to that, or not at all.
"""

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, select

from assure_app.billing import (
    autopay_stops,
    invoice_record,
    ledger_rows,
    refund_moves,
    refund_record,
    stripe_accounts,
    stripe_exceptions,
)
from assure_app.billing.charge_story import STRIPE
from assure_app.billing.charges import Booked
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.refund_record import TOKEN_KEY, NewStripeRefund, StripeRefund
from assure_app.billing.refund_text import why_failed
from assure_app.billing.stripe_exceptions import Problem
from assure_app.domain import ledger
from assure_app.domain.ledger import LedgerRow, Method
from assure_app.domain.money import full_text
from assure_app.domain.stripe_refunds import (
    ROW_STATUS,
    RefundSays,
    RefundState,
    moves_on,
    reason_of,
    state_said,
)
from assure_app.domain.transitions import Kind, RowStatus
from assure_app.models.online import ExceptionKind
from assure_app.models.payment import Source
from assure_app.models.tables import payment
from assure_app.stripe_gateway.records import Refund

_STANDING = (RowStatus.COMPLETED.value, RowStatus.REFUNDED.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeRow:
    """The row of a charge whose money is in the ledger, as far as a refund of it needs it."""

    id: int
    firm_id: int
    invoice_id: int
    method: str
    method_detail: str
    contact_id: int | None


_CHARGE_ROW = select(*(payment.c[field.name] for field in fields(ChargeRow)))


def book(
    connection: Connection, refund: Refund, *, now: datetime, event_id: str | None = None
) -> Booked:
    """Bring the ledger to what Stripe says of this refund, in the caller's transaction (R093).

    Idempotent, and the same whatever was booked before. A refund that nobody here asked for becomes
    a row by Stripe, once (R065); one that is more than is left of its payment is kept for a person.
    A payment that is not confirmed here yet is to be booked first.
    """
    place = find(connection, refund) or charge_row(connection, refund.account_id, refund.charge_id)
    if place is None:
        return Booked(firm_id=stripe_accounts.firm_of(connection, refund.account_id))
    invoice = invoice_record.lock_of_firm(
        connection, firm_id=place.firm_id, invoice_id=place.invoice_id
    )
    known = find(connection, refund)  # As it is now that the invoice is held.
    if known is None:
        return _book_foreign(connection, refund, invoice, now, event_id)
    says = RefundSays(refund.status.value)
    is_changed = moves_on(known.state, says)
    if is_changed:
        after = state_said(says)
        refund_moves.move_on(
            connection,
            invoice,
            known,
            after,
            refund_id=refund.id,
            failure=why_failed(refund) if after is RefundState.FAILED else "",
            now=now,
        )
        _settle_exceptions(connection, refund, now)
    return Booked(firm_id=invoice.firm_id, invoice_id=invoice.id, is_changed=is_changed)


def find(connection: Connection, refund: Refund) -> StripeRefund | None:
    """What is kept of this refund: by Stripe's id, else by the token that we gave it.

    A token counts for the one refund that was asked for with it: what carries it without agreeing,
    because somebody copied it in Stripe, is a refund of its own.
    """
    known = refund_record.by_refund(connection, refund.account_id, refund.id)
    if known is not None:
        return known
    asked = refund_record.by_token(connection, refund.metadata.get(TOKEN_KEY, ""))
    if asked is None or asked.state is not RefundState.NEW:
        return None
    of_asked = (asked.account_id, asked.charge_id, asked.amount_cents)
    is_same = of_asked == (refund.account_id, refund.charge_id, refund.amount_cents)
    return asked if is_same else None


def charge_row(connection: Connection, account_id: str, charge_id: str) -> ChargeRow | None:
    """The row of a charge whose money is in the ledger; None until it is confirmed here."""
    found = connection.execute(
        _CHARGE_ROW.where(
            payment.c.stripe_account_id == account_id,
            payment.c.stripe_charge_id == charge_id,
            payment.c.kind == Kind.PAYMENT.value,
            payment.c.status.in_(_STANDING),
        )
    )
    row = found.mappings().first()
    return None if row is None else ChargeRow(**row)


def _book_foreign(
    connection: Connection,
    refund: Refund,
    invoice: InvoiceRecord,
    now: datetime,
    event_id: str | None,
) -> Booked:
    """A refund made in Stripe happened, so it is a row, unless the ledger has no room for it."""
    place = Booked(firm_id=invoice.firm_id, invoice_id=invoice.id)
    taken_from = charge_row(connection, refund.account_id, refund.charge_id)
    if taken_from is None:
        return place
    rows = ledger_rows.of_invoice(connection, invoice.id)
    charged = next(each for each in rows if each.id == taken_from.id)
    state = state_said(RefundSays(refund.status.value))
    has_room = refund.amount_cents <= charged.amount_cents - ledger.reversed_cents(charged, rows)
    if state is RefundState.FAILED and charged.status is RowStatus.REFUNDED:
        return place  # It gave nothing back, and there is nothing that it could belong to.
    if not has_room and state is not RefundState.FAILED:
        problem = _too_much(refund, invoice, charged)
        is_new = stripe_exceptions.open_one(connection, problem, now=now, event_id=event_id)
        return Booked(
            firm_id=invoice.firm_id,
            invoice_id=invoice.id,
            is_changed=is_new,
            problem=problem.sentence,
        )
    new = _foreign_row(refund, taken_from, state, now)
    row = ledger_rows.append(connection, invoice, new)
    record_id = refund_record.add(
        connection,
        NewStripeRefund(
            firm_id=invoice.firm_id,
            payment_id=row.id,
            account_id=refund.account_id,
            charge_id=refund.charge_id,
            amount_cents=refund.amount_cents,
            stripe_reason=refund.reason[:64],
            state=state,
            refund_id=refund.id,
            asked_at=new.created_at,
            due_at=refund_moves.due_at(state, new.method, now),
        ),
    )
    refund_moves.follow(connection, invoice, [*rows, row], record_id, is_foreign=True, now=now)
    if state is not RefundState.FAILED:
        autopay_stops.follow_money_back(connection, invoice, autopay_stops.A_REFUND, now=now)
    _settle_exceptions(connection, refund, now)
    return Booked(firm_id=invoice.firm_id, invoice_id=invoice.id, is_changed=True)


def _foreign_row(
    refund: Refund,
    taken_from: ChargeRow,
    state: RefundState,
    now: datetime,
) -> ledger_rows.NewRow:
    made_at = min(refund.created_at, now)
    status = ROW_STATUS[state]
    return ledger_rows.NewRow(
        kind=Kind.REFUND,
        source=Source.ONLINE,
        method=Method(taken_from.method),
        amount_cents=-refund.amount_cents,
        status=status,
        paid_by=STRIPE,
        user_id=None,
        created_at=made_at,
        completed_at=made_at if status is RowStatus.COMPLETED else None,
        reverses_id=taken_from.id,
        reason=reason_of(refund.reason),
        failure_reason=why_failed(refund) if state is RefundState.FAILED else "",
        stripe=ledger_rows.StripeRow(
            contact_id=taken_from.contact_id, method_detail=taken_from.method_detail
        ),
    )


def _too_much(refund: Refund, invoice: InvoiceRecord, charged: LedgerRow) -> Problem:
    return Problem(
        kind=ExceptionKind.REFUNDED_AT_STRIPE,
        account_id=refund.account_id,
        object_id=refund.id,
        object_kind="refund",
        sentence=(
            f"{full_text(refund.amount_cents)} of a payment on {invoice.number} was refunded in "
            "Stripe, which is more than the ledger has left of it. Compare the payment with Stripe."
        ),
        firm_id=invoice.firm_id,
        amount_cents=refund.amount_cents,
        invoice_id=invoice.id,
        payment_id=charged.id,
    )


def _settle_exceptions(connection: Connection, refund: Refund, now: datetime) -> None:
    """What waited for a person because of this refund, or of its charge, has found its place."""
    for object_id in (refund.id, refund.charge_id):
        stripe_exceptions.settle(
            connection,
            account_id=refund.account_id,
            object_id=object_id,
            kinds=(ExceptionKind.REFUNDED_AT_STRIPE, ExceptionKind.UNKNOWN_OBJECT),
            now=now,
        )
