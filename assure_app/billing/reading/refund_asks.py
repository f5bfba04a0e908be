"""What a payment's row shows of refunds that are asked for: who waits, and who may do what."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, select

from assure_app.billing import invoice_record, refund_request_record
from assure_app.billing.refund_request_record import RefundRequest
from assure_app.db.unit_of_work import reading
from assure_app.domain import ledger
from assure_app.domain.ledger import MANUAL_METHODS, LedgerRow, Method
from assure_app.domain.money import full_text, short_text
from assure_app.domain.permissions import Permission, Principal
from assure_app.domain.refund_approval import RefundTerms, RequestState, holds_rights
from assure_app.models.tables import firm, payment, refund_request
from assure_app.models.tables import invoice as invoice_table

_MOST_COUNTED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Asks:
    """The requests of one invoice that wait, by payment, and who looks at them."""

    principal: Principal
    pending: dict[int, RefundRequest]
    threshold_cents: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How many requests wait for this person, and where the oldest is; "" for none."""

    count: int = 0
    href: str = ""


def of_invoice(connection: Connection, principal: Principal, invoice_id: int) -> Asks:
    """What the rows of this invoice need to know."""
    threshold = select(firm.c.second_person_cents).where(firm.c.id == principal.firm_id)
    return Asks(
        principal=principal,
        pending=refund_request_record.pending_of(connection, invoice_id),
        threshold_cents=connection.scalar(threshold),
    )


def of_row(
    asks: Asks, row: LedgerRow, rows: list[LedgerRow], method: Method, *, is_open: bool
) -> dict[str, Any]:
    """The fields of a payment's row; `is_open` says that somebody could refund it now."""
    request = asks.pending.get(row.id)
    if request is None:
        left_cents = ledger.refundable_cents(row, rows) if is_open else 0
        terms = _terms(asks, method, left_cents)
        is_alone = holds_rights(asks.principal, terms) and not terms.needs_second_person
        return {"can_ask": is_open and not is_alone}
    is_own = request.asker_id == asks.principal.user_id
    holds = holds_rights(asks.principal, _terms(asks, method, request.amount_cents))
    amount = short_text(request.amount_cents)
    return {
        "request_id": request.id,
        "request_text": f"Refund of {amount} asked for by {request.asker} — {request.reason}",
        "request_notes": request.notes,
        "request_amount": full_text(request.amount_cents),
        "may_decide": holds and not is_own,
        "may_withdraw": is_own,
    }


def waiting_for(principal: Principal) -> Waiting:
    """The requests of this firm that this person may decide on."""
    if not principal.has(Permission.EDIT_BILLING):
        return Waiting()
    wanted = (
        select(invoice_table.c.number)
        .select_from(refund_request)
        .join(invoice_table, invoice_table.c.id == refund_request.c.invoice_id)
        .join(payment, payment.c.id == refund_request.c.payment_id)
        .where(
            refund_request.c.firm_id == principal.firm_id,
            refund_request.c.state == RequestState.PENDING.value,
            refund_request.c.asker_id != principal.user_id,
            invoice_record.visible_to(principal),
        )
        .order_by(refund_request.c.id)
        .limit(_MOST_COUNTED)
    )
    if not principal.has(Permission.STRIPE_ADMIN):
        wanted = wanted.where(payment.c.method.in_([each.value for each in MANUAL_METHODS]))
    with reading() as connection:
        numbers = list(connection.scalars(wanted))
    if not numbers:
        return Waiting()
    href = f"/invoices?invoice={quote(str(numbers[0]), safe='')}"
    return Waiting(count=len(numbers), href=href)


def _terms(asks: Asks, method: Method, amount_cents: int) -> RefundTerms:
    return RefundTerms(
        is_through_stripe=method not in MANUAL_METHODS,
        amount_cents=amount_cents,
        threshold_cents=asks.threshold_cents,
    )
