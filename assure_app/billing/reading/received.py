"""Money that came in, went back and stayed with Stripe, by the firm's days on which it did."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select

from assure_app.billing.invoice_record import visible_to
from assure_app.domain.calendar import day_of, end_of, start_of
from assure_app.domain.fees import lost_cents
from assure_app.domain.ledger import MANUAL_METHODS
from assure_app.domain.periods import Period
from assure_app.domain.permissions import Principal
from assure_app.domain.transitions import Kind, RowStatus
from assure_app.models.tables import invoice, payment

_ARRIVED = payment.c.status.in_([RowStatus.COMPLETED.value, RowStatus.REFUNDED.value])


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """What one method did in a stretch of days. Cents; what went back is positive here.

    `lost_cents` is the part of fees, whenever they were paid, that these days' refunds and returns
    made worth nothing.
    """

    method: str
    payments: int = 0
    received_cents: int = 0
    refunded_cents: int = 0
    returned_cents: int = 0
    fee_cents: int = 0
    lost_cents: int = 0

    @property
    def is_online(self) -> bool:
        """Whether Stripe moved it."""
        return self.method not in set(MANUAL_METHODS)

    @property
    def net_cents(self) -> int:
        """What the firm has of it: no fee comes back with a refund (R102)."""
        back_cents = self.refunded_cents + self.returned_cents
        return self.received_cents - back_cents - self.fee_cents


def flows(
    connection: Connection, principal: Principal, period: Period, *, timezone: str
) -> list[Flow]:
    """What each method that moved anything did in this period, for who sees it (R136).

    Only confirmed money, on the day it was confirmed or typed for: what is pending is not received
    yet, and what failed never was.
    """
    moved = _moved(connection, principal, period, timezone)
    lost = _lost(connection, principal, period, timezone)
    names = sorted({method for method, _ in moved} | lost.keys())
    nothing = (0, 0, 0)
    return [
        Flow(
            method=name,
            payments=moved.get((name, Kind.PAYMENT.value), nothing)[0],
            received_cents=moved.get((name, Kind.PAYMENT.value), nothing)[1],
            fee_cents=moved.get((name, Kind.PAYMENT.value), nothing)[2],
            refunded_cents=-moved.get((name, Kind.REFUND.value), nothing)[1],
            returned_cents=-moved.get((name, Kind.RETURN.value), nothing)[1],
            lost_cents=lost.get(name, 0),
        )
        for name in names
    ]


def rows(
    connection: Connection,
    principal: Principal,
    period: Period,
    *,
    timezone: str,
    after: tuple[datetime, int] | None,
    most: int,
) -> list[Row[Any]]:
    """The ledger rows behind the figures, in the order in which they were confirmed, from `after`:
    the moment and id of the last one already read."""
    wanted = (
        select(payment, invoice.c.number, invoice.c.client_name)
        .join(invoice, invoice.c.id == payment.c.invoice_id)
        .where(*_of(principal, period, timezone))
        .order_by(payment.c.completed_at, payment.c.id)
        .limit(most)
    )
    if after is not None:
        moment, row_id = after
        is_later = payment.c.completed_at > moment
        wanted = wanted.where(payment.c.completed_at >= moment, is_later | (payment.c.id > row_id))
    return list(connection.execute(wanted).all())


def _of(principal: Principal, period: Period, timezone: str) -> Iterator[ColumnElement[bool]]:
    yield payment.c.firm_id == principal.firm_id
    yield payment.c.completed_at >= start_of(period.first, timezone)
    yield payment.c.completed_at < end_of(period.last, timezone)
    yield _ARRIVED
    if not principal.sees_all_clients:
        yield payment.c.invoice_id.in_(select(invoice.c.id).where(visible_to(principal)))


def _moved(
    connection: Connection, principal: Principal, period: Period, timezone: str
) -> dict[tuple[str, str], tuple[int, int, int]]:
    """How many rows, and the cents of their amounts and fees, by method and kind."""
    cents = func.sum(payment.c.amount_cents)
    fees = func.sum(payment.c.fee_cents)
    wanted = (
        select(payment.c.method, payment.c.kind, func.count(), cents, fees)
        .where(*_of(principal, period, timezone))
        .group_by(payment.c.method, payment.c.kind)
    )
    found = connection.execute(wanted)
    return {
        (method, kind): (int(number), int(amount), int(fee))
        for method, kind, number, amount, fee in found
    }


def _lost(
    connection: Connection, principal: Principal, period: Period, timezone: str
) -> dict[str, int]:
    """The fees that went with what these days gave back, by the method paid with, in cents.

    A share is told from all that went back of a payment so far, so that the parts of many days add
    up to the fee and to no cent more.
    """
    lost: dict[str, int] = {}
    gone: dict[int, int] = {}
    for row in connection.execute(_given_back(principal, period, timezone)):
        before = gone.get(row.payment_id, 0)
        after = gone[row.payment_id] = before - row.amount_cents
        if day_of(row.completed_at, timezone) < period.first:
            continue
        fee = {"fee_cents": row.fee_cents, "amount_cents": row.paid_cents}
        share = lost_cents(row.fee_cents, amount_cents=row.paid_cents, given_back_cents=after)
        share -= lost_cents(**fee, given_back_cents=before)
        lost[row.method] = lost.get(row.method, 0) + share
    return lost


def _given_back(principal: Principal, period: Period, timezone: str) -> Select[Any]:
    """Every reversal, up to the period's end, of payments with a fee of which it reverses one."""
    paid = payment.alias("paid")
    concerned = (
        select(payment.c.reverses_id)
        .where(*_of(principal, period, timezone), payment.c.reverses_id.is_not(None))
        .scalar_subquery()
    )
    return (
        select(
            paid.c.id.label("payment_id"),
            paid.c.method,
            paid.c.fee_cents,
            paid.c.amount_cents.label("paid_cents"),
            payment.c.amount_cents,
            payment.c.completed_at,
        )
        .join(paid, paid.c.id == payment.c.reverses_id)
        .where(
            payment.c.reverses_id.in_(concerned),
            _ARRIVED,
            payment.c.completed_at < end_of(period.last, timezone),
            paid.c.fee_cents > 0,
        )
        .order_by(payment.c.completed_at, payment.c.id)
    )
