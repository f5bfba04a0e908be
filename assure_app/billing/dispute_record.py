"""Disputes as stored, and the ledger rows that were written because of them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, insert, select, update

from assure_app.domain.disputes import (
    WARNED_BEFORE,
    DisputeFacts,
    DisputeKind,
    DisputeState,
    kind_of,
)
from assure_app.domain.ledger import Method
from assure_app.domain.transitions import Kind, RowStatus
from assure_app.models.tables import dispute, dispute_row, payment
from assure_app.stripe_gateway.records import Dispute

_LONGEST_REASON = 100
# Built once: building a statement takes longer than running it.
_OPEN_OF = select(dispute.c.invoice_id, dispute.c.kind).where(
    dispute.c.invoice_id.in_(bindparam("invoice_ids", expanding=True)),
    dispute.c.closed_at.is_(None),
)
_SETTLED = (RowStatus.COMPLETED.value, RowStatus.REFUNDED.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDispute:
    """A dispute of a payment in the ledger; `row_ids` were written because of it."""

    id: int
    firm_id: int
    invoice_id: int
    payment_id: int
    account_id: str
    dispute_id: str
    charge_id: str
    amount_cents: int
    reason: str
    kind: DisputeKind
    facts: DisputeFacts
    evidence_due_at: datetime | None
    warn_at: datetime | None
    opened_at: datetime
    closed_at: datetime | None
    row_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputedPayment:
    """The payment in the ledger that a dispute is about."""

    id: int
    firm_id: int
    invoice_id: int
    method: Method
    method_detail: str


def facts_of(told: Dispute) -> DisputeFacts:
    """What Stripe says of a dispute, as the rules see it."""
    return DisputeFacts(
        state=DisputeState(told.status.value),
        withdrawn_cents=told.withdrawn_cents,
        reinstated_cents=told.reinstated_cents,
        is_refundable=told.is_charge_refundable,
    )


def payment_of_charge(
    connection: Connection, *, account_id: str, charge_id: str
) -> DisputedPayment | None:
    """The payment that this charge is in the ledger, once it has arrived."""
    return _payment(
        connection,
        (payment.c.stripe_account_id == account_id)
        & (payment.c.stripe_charge_id == charge_id)
        & payment.c.status.in_(_SETTLED),
    )


def payment_by_id(connection: Connection, payment_id: int) -> DisputedPayment:
    """A payment that is known to exist."""
    found = _payment(connection, payment.c.id == payment_id)
    if found is None:
        raise LookupError(f"payment {payment_id}")
    return found


def find(connection: Connection, told: Dispute) -> StoredDispute | None:
    """What is known of a dispute that Stripe tells of."""
    is_it = (dispute.c.account_id == told.account_id) & (dispute.c.dispute_id == told.id)
    return next(iter(_read(connection, is_it)), None)


def of_payment(connection: Connection, payment_id: int) -> list[StoredDispute]:
    """Every dispute of a payment, oldest first."""
    return _read(connection, dispute.c.payment_id == payment_id)


def of_invoice(connection: Connection, invoice_id: int) -> list[StoredDispute]:
    """Every dispute of an invoice's payments, oldest first."""
    return _read(connection, dispute.c.invoice_id == invoice_id)


def flags(connection: Connection, invoice_ids: Collection[int]) -> dict[int, str]:
    """ "Disputed" or "Inquiry" for each of these invoices that has an open dispute."""
    if not invoice_ids:
        return {}
    rows = connection.execute(_OPEN_OF, {"invoice_ids": list(invoice_ids)}).all()
    asked = {row.invoice_id: "Inquiry" for row in rows}
    return asked | {row.invoice_id: "Disputed" for row in rows if row.kind != DisputeKind.INQUIRY}


def add(
    connection: Connection, disputed: DisputedPayment, told: Dispute, *, now: datetime
) -> StoredDispute:
    """Keep a dispute that was not known yet."""
    owner = {
        "firm_id": disputed.firm_id,
        "invoice_id": disputed.invoice_id,
        "payment_id": disputed.id,
        "account_id": told.account_id,
        "dispute_id": told.id,
        "charge_id": told.charge_id,
        "opened_at": min(told.created_at, now),
    }
    connection.execute(insert(dispute).values(owner | _told(told, None, now)))
    return _one(connection, told)


def move(
    connection: Connection, known: StoredDispute, told: Dispute, *, now: datetime
) -> StoredDispute:
    """Keep what Stripe says of a known dispute now."""
    connection.execute(
        update(dispute).where(dispute.c.id == known.id).values(_told(told, known, now))
    )
    return _one(connection, told)


def add_row(connection: Connection, known: StoredDispute, payment_id: int) -> None:
    """Note that a ledger row was written because of the dispute."""
    connection.execute(
        insert(dispute_row).values(
            dispute_id=known.id, position=len(known.row_ids) + 1, payment_id=payment_id
        )
    )


def next_to_warn(connection: Connection, now: datetime) -> StoredDispute | None:
    """The dispute whose warning has been due the longest."""
    due = select(dispute.c.id).where(dispute.c.warn_at <= now)
    found = connection.scalar(due.order_by(dispute.c.warn_at, dispute.c.id).limit(1))
    return None if found is None else by_id(connection, found)


def by_id(connection: Connection, dispute_id: int) -> StoredDispute:
    """A dispute that is known to exist."""
    (found,) = _read(connection, dispute.c.id == dispute_id)
    return found


def take_warning(connection: Connection, known: StoredDispute, *, now: datetime) -> bool:
    """Whether its warning is due; from now on it is not."""
    is_due = (dispute.c.id == known.id) & (dispute.c.warn_at <= now)
    return connection.execute(update(dispute).where(is_due).values(warn_at=None)).rowcount == 1


def _told(told: Dispute, known: StoredDispute | None, now: datetime) -> dict[str, Any]:
    facts = facts_of(told)
    closed_at = known.closed_at if known else None
    return {
        "amount_cents": told.amount_cents,
        "withdrawn_cents": facts.withdrawn_cents,
        "reinstated_cents": facts.reinstated_cents,
        "reason": told.reason[:_LONGEST_REASON],
        "kind": kind_of(facts.state, told.reason).value,
        "state": facts.state.value,
        "is_refundable": facts.is_refundable,
        "evidence_due_at": told.evidence_due_at,
        "warn_at": _warn_at(told, known),
        "closed_at": None if facts.is_open else closed_at or now,
    }


def _warn_at(told: Dispute, known: StoredDispute | None) -> datetime | None:
    """Anew with each deadline, so that nobody is warned twice of the same."""
    if known is not None and known.evidence_due_at == told.evidence_due_at:
        return known.warn_at
    return told.evidence_due_at - WARNED_BEFORE if told.evidence_due_at else None


def _payment(connection: Connection, condition: Any) -> DisputedPayment | None:
    wanted = (
        payment.c.id,
        payment.c.firm_id,
        payment.c.invoice_id,
        payment.c.method,
        payment.c.method_detail,
    )
    is_payment = payment.c.kind == Kind.PAYMENT.value
    row = connection.execute(select(*wanted).where(condition, is_payment)).mappings().first()
    return None if row is None else DisputedPayment(**{**row, "method": Method(row["method"])})


def _one(connection: Connection, told: Dispute) -> StoredDispute:
    found = find(connection, told)
    if found is None:
        raise LookupError(f"dispute {told.id}")
    return found


def _read(connection: Connection, condition: Any) -> list[StoredDispute]:
    rows = connection.execute(select(dispute).where(condition).order_by(dispute.c.id)).mappings()
    return [_stored(connection, row) for row in rows.all()]


def _stored(connection: Connection, row: RowMapping) -> StoredDispute:
    own = select(dispute_row.c.payment_id).where(dispute_row.c.dispute_id == row["id"])
    facts = DisputeFacts(
        state=DisputeState(row["state"]),
        withdrawn_cents=row["withdrawn_cents"],
        reinstated_cents=row["reinstated_cents"],
        is_refundable=bool(row["is_refundable"]),
    )
    return StoredDispute(
        id=row["id"],
        firm_id=row["firm_id"],
        invoice_id=row["invoice_id"],
        payment_id=row["payment_id"],
        account_id=row["account_id"],
        dispute_id=row["dispute_id"],
        charge_id=row["charge_id"],
        amount_cents=row["amount_cents"],
        reason=row["reason"],
        kind=DisputeKind(row["kind"]),
        facts=facts,
        evidence_due_at=row["evidence_due_at"],
        warn_at=row["warn_at"],
        opened_at=row["opened_at"],
        closed_at=row["closed_at"],
        row_ids=tuple(connection.scalars(own.order_by(dispute_row.c.position))),
    )
