"""The two sides of a reconciliation: Stripe's objects and the rows of the books, as facts."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import BindParameter, Connection, Select, bindparam, func, or_, select

from assure_app.billing.checkouts import METADATA_KEY
from assure_app.billing.dispute_record import facts_of
from assure_app.domain.balance_movements import Movement
from assure_app.domain.disputes import DisputeFacts, DisputeState
from assure_app.domain.online import ChargeState
from assure_app.domain.reconciliation_facts import (
    ChargeKept,
    ChargeTold,
    DisputeKept,
    DisputeTold,
    Kept,
    RefundKept,
    RefundTold,
    Subject,
    Thing,
)
from assure_app.domain.stripe_refunds import RefundSays, RefundState
from assure_app.domain.transitions import Kind, RowStatus
from assure_app.models.tables import (
    checkout,
    dispute,
    dispute_row,
    invoice,
    payment,
    stripe_refund,
)
from assure_app.stripe_gateway.balance_records import BalanceTransaction
from assure_app.stripe_gateway.records import Charge, Dispute, Refund

_OF_ACCOUNT: BindParameter[str] = bindparam("account_id")
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
# Built once: building a statement takes longer than running it.
_CHARGES = (
    select(
        payment.c.stripe_charge_id.label("charge_id"),
        payment.c.id.label("payment_id"),
        payment.c.amount_cents,
        payment.c.status,
        payment.c.fee_cents,
        invoice.c.number,
    )
    .join(invoice, invoice.c.id == payment.c.invoice_id)
    .where(payment.c.stripe_account_id == _OF_ACCOUNT, payment.c.stripe_charge_id.in_(_IDS))
    .order_by(payment.c.id)
)
_REFUNDS = (
    select(
        stripe_refund.c.refund_id,
        stripe_refund.c.payment_id,
        stripe_refund.c.amount_cents,
        stripe_refund.c.state,
        invoice.c.number,
    )
    .join(payment, payment.c.id == stripe_refund.c.payment_id)
    .join(invoice, invoice.c.id == payment.c.invoice_id)
    .where(stripe_refund.c.account_id == _OF_ACCOUNT, stripe_refund.c.refund_id.in_(_IDS))
)
_DISPUTES = (
    select(
        dispute.c.id,
        dispute.c.dispute_id,
        dispute.c.payment_id,
        dispute.c.amount_cents,
        dispute.c.state,
        dispute.c.withdrawn_cents,
        dispute.c.reinstated_cents,
        dispute.c.is_refundable,
        payment.c.amount_cents.label("paid_cents"),
        invoice.c.number,
    )
    .join(payment, payment.c.id == dispute.c.payment_id)
    .join(invoice, invoice.c.id == dispute.c.invoice_id)
    .where(dispute.c.account_id == _OF_ACCOUNT, dispute.c.dispute_id.in_(_IDS))
)
_COUNTS = payment.c.status != RowStatus.FAILED.value


def charge_told(charge: Charge, asked_for: Collection[str]) -> ChargeTold:
    """A charge as the rules see it; `asked_for` are the tokens that askings of ours gave."""
    return ChargeTold(
        id=charge.id,
        amount_cents=charge.amount_cents,
        currency=charge.currency,
        says=ChargeState(charge.status.value),
        fee_cents=charge.fee_cents,
        is_asked_for=charge.metadata.get(METADATA_KEY, "") in asked_for,
    )


def charges_told(
    connection: Connection, account_id: str, charges: Sequence[Charge]
) -> tuple[ChargeTold, ...]:
    """Charges as the rules see them: ours are those whose terms are an asking's of ours."""
    tokens = {each.metadata.get(METADATA_KEY, "") for each in charges} - {""}
    asked = connection.execute(
        select(checkout.c.token, checkout.c.amount_cents, checkout.c.currency).where(
            checkout.c.token.in_(tokens), checkout.c.account_id == account_id
        )
    )
    terms = {row.token: (row.amount_cents, row.currency) for row in asked}
    told = []
    for each in charges:
        token = each.metadata.get(METADATA_KEY, "")
        is_same = terms.get(token) == (each.amount_cents, each.currency)
        told.append(charge_told(each, {token} if is_same else ()))
    return tuple(told)


def refund_told(refund: Refund) -> RefundTold:
    """A refund as the rules see it."""
    return RefundTold(
        id=refund.id,
        charge_id=refund.charge_id,
        amount_cents=refund.amount_cents,
        says=RefundSays(refund.status.value),
    )


def dispute_told(told: Dispute) -> DisputeTold:
    """A dispute as the rules see it."""
    return DisputeTold(
        id=told.id,
        charge_id=told.charge_id,
        amount_cents=told.amount_cents,
        facts=facts_of(told),
    )


def movement(told: BalanceTransaction) -> Movement:
    """A balance transaction as the rules see it."""
    return Movement(
        kind=told.kind,
        amount_cents=told.amount_cents,
        fee_cents=told.fee_cents,
        source_id=told.source_id,
    )


def kept(connection: Connection, account_id: str, things: Iterable[Thing]) -> Kept:
    """What the books hold of these things, read by the indexes on Stripe's ids."""
    ids: dict[Subject, set[str]] = defaultdict(set)
    for thing in things:
        ids[thing.subject].add(thing.object_id)
    return Kept(
        charges=_charges(connection, account_id, ids[Subject.CHARGE]),
        refunds=_refunds(connection, account_id, ids[Subject.REFUND]),
        disputes=_disputes(connection, account_id, ids[Subject.DISPUTE]),
    )


def _charges(
    connection: Connection, account_id: str, ids: Collection[str]
) -> dict[str, tuple[ChargeKept, ...]]:
    found: dict[str, tuple[ChargeKept, ...]] = {}
    for row in _rows(connection, _CHARGES, account_id, ids):
        known = ChargeKept(
            charge_id=row.charge_id,
            payment_id=row.payment_id,
            invoice_number=row.number,
            amount_cents=row.amount_cents,
            status=RowStatus(row.status),
            fee_cents=row.fee_cents,
        )
        found[row.charge_id] = (*found.get(row.charge_id, ()), known)
    return found


def _refunds(
    connection: Connection, account_id: str, ids: Collection[str]
) -> dict[str, RefundKept]:
    return {
        row.refund_id: RefundKept(
            refund_id=row.refund_id,
            payment_id=row.payment_id,
            invoice_number=row.number,
            amount_cents=row.amount_cents,
            state=RefundState(row.state),
        )
        for row in _rows(connection, _REFUNDS, account_id, ids)
    }


def _disputes(
    connection: Connection, account_id: str, ids: Collection[str]
) -> dict[str, DisputeKept]:
    rows = _rows(connection, _DISPUTES, account_id, ids)
    return {
        row.dispute_id: DisputeKept(
            dispute_id=row.dispute_id,
            payment_id=row.payment_id,
            invoice_number=row.number,
            amount_cents=row.amount_cents,
            facts=DisputeFacts(
                state=DisputeState(row.state),
                withdrawn_cents=row.withdrawn_cents,
                reinstated_cents=row.reinstated_cents,
                is_refundable=row.is_refundable,
            ),
            shown_cents=_shown_cents(connection, row.id),
            room_cents=max(0, row.paid_cents - _reversed_cents(connection, row.payment_id)),
        )
        for row in rows
    }


def _shown_cents(connection: Connection, dispute_row_of: int) -> int:
    """What the ledger shows as taken because of a dispute, less what came back."""
    shown = connection.scalar(
        select(func.sum(payment.c.amount_cents))
        .join(dispute_row, dispute_row.c.payment_id == payment.c.id)
        .where(dispute_row.c.dispute_id == dispute_row_of, _COUNTS)
    )
    return -int(shown or 0)


def _reversed_cents(connection: Connection, payment_id: int) -> int:
    taken = connection.scalar(
        select(func.sum(payment.c.amount_cents)).where(
            payment.c.reverses_id == payment_id,
            or_(payment.c.kind == Kind.REFUND.value, payment.c.kind == Kind.RETURN.value),
            _COUNTS,
        )
    )
    return -int(taken or 0)


def _rows(
    connection: Connection, wanted: Select[Any], account_id: str, ids: Collection[str]
) -> Sequence[Any]:
    if not ids:
        return ()
    return connection.execute(wanted, {"account_id": account_id, "ids": sorted(ids)}).all()
