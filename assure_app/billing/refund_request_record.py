"""Refund requests as stored: written once, decided on once."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, insert, select, update

from assure_app.billing import invoice_record
from assure_app.domain.errors import NotFound
from assure_app.domain.permissions import Principal
from assure_app.domain.refund_approval import RequestState
from assure_app.models.tables import invoice as invoice_table
from assure_app.models.tables import refund_request


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequest:
    """A request; `refund_id` is the ledger row that its approval wrote."""

    id: int
    firm_id: int
    invoice_id: int
    payment_id: int
    amount_cents: int
    reason: str
    notes: str
    asker_id: int
    asker: str
    form_hash: str
    refund_token: str
    state: RequestState
    created_at: datetime
    refund_id: int | None


_SELECT = select(*(refund_request.c[name] for name in RefundRequest.__dataclass_fields__))


def find(connection: Connection, principal: Principal, request_id: object) -> RefundRequest:
    """A request about an invoice that the person may see. Raises NotFound."""
    is_whole = isinstance(request_id, int) and not isinstance(request_id, bool)
    known = request_id if is_whole and 0 < request_id < 2**31 else 0  # type: ignore[operator]
    found = connection.execute(
        _SELECT.join(invoice_table, invoice_table.c.id == refund_request.c.invoice_id).where(
            refund_request.c.id == known, invoice_record.visible_to(principal)
        )
    )
    row = found.mappings().first()
    if row is None:
        raise NotFound("refund request")
    return _request(row)


def by_form(connection: Connection, *, firm_id: int, form_token: str) -> RefundRequest | None:
    """The request that this form already made."""
    is_it = refund_request.c.form_token == form_token
    row = connection.execute(_SELECT.where(refund_request.c.firm_id == firm_id, is_it))
    known = row.mappings().first()
    return None if known is None else _request(known)


def pending_of(connection: Connection, invoice_id: int) -> dict[int, RefundRequest]:
    """The requests of an invoice that nobody decided on yet, by the payment they are about."""
    is_pending = refund_request.c.state == RequestState.PENDING.value
    rows = connection.execute(_SELECT.where(refund_request.c.invoice_id == invoice_id, is_pending))
    return {row["payment_id"]: _request(row) for row in rows.mappings()}


def add(
    connection: Connection,
    *,
    asker: Principal,
    invoice_id: int,
    payment_id: int,
    amount_cents: int,
    reason: str,
    notes: str,
    form_token: str,
    form_hash: str,
    now: datetime,
) -> int:
    """Write a request; the caller holds the invoice, and none is pending for the payment."""
    values = {
        "firm_id": asker.firm_id,
        "invoice_id": invoice_id,
        "payment_id": payment_id,
        "amount_cents": amount_cents,
        "reason": reason,
        "notes": notes,
        "asker_id": asker.user_id,
        "asker": asker.name,
        "form_token": form_token,
        "form_hash": form_hash,
        "refund_token": secrets.token_urlsafe(24),
        "state": RequestState.PENDING.value,
        "created_at": now,
        "answer": "",
    }
    written = connection.execute(insert(refund_request).values(values))
    (request_id,) = written.inserted_primary_key or (0,)
    return int(request_id)


def decide(
    connection: Connection,
    request_id: int,
    after: RequestState,
    *,
    by: Principal,
    now: datetime,
    answer: str = "",
    refund_id: int | None = None,
) -> bool:
    """Move a request on from pending; False when somebody decided first."""
    is_pending = refund_request.c.state == RequestState.PENDING.value
    moved = connection.execute(
        update(refund_request)
        .where(refund_request.c.id == request_id, is_pending)
        .values(
            state=after.value,
            decided_at=now,
            decider_id=by.user_id,
            answer=answer[:500],
            refund_id=refund_id,
        )
    )
    return moved.rowcount == 1


def _request(row: RowMapping) -> RefundRequest:
    return RefundRequest(**dict(row) | {"state": RequestState(row["state"])})
