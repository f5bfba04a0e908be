"""What clients owed at the end of any day, from the ledger's rows: the base of the aging report.

A payment counts from the day it bears, or began if it is Stripe's, pending ones too, as the balance
on the screen has it; one that failed never counted. So the debts of today are the open balances of
the invoice list, to the cent.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, case, func, or_, select

from assure_app.billing.invoice_record import visible_to
from assure_app.domain.aging import Debt
from assure_app.domain.calendar import day_of, end_of
from assure_app.domain.invoice_status import Stage
from assure_app.domain.permissions import Principal
from assure_app.domain.transitions import RowStatus
from assure_app.models.tables import invoice, payment

_IDS_AT_ONCE = 500
_SHOWN = (
    invoice.c.id,
    invoice.c.number,
    invoice.c.client_id,
    invoice.c.client_name,
    invoice.c.issued_on,
    invoice.c.due_on,
    invoice.c.sent_at,
    invoice.c.cancelled_at,
    invoice.c.total_cents,
    invoice.c.open_balance_cents,
)
_COUNTS = payment.c.status != RowStatus.FAILED.value
# What a person typed may be days before it was recorded; what Stripe confirms began before that.
_counted_from = case(
    (payment.c.completed_at < payment.c.created_at, payment.c.completed_at),
    else_=payment.c.created_at,
)


def at_end_of(
    connection: Connection, principal: Principal, day: date, *, timezone: str, now: datetime
) -> list[Debt]:
    """Every invoice that asked for money when the firm's `day` ended, by client and due day.

    Only what this person may see (R136). It reads what is open and what was paid or cancelled
    since, and so grows with these and not with the firm's past.
    """
    ends = end_of(day, timezone)
    is_past = ends <= now
    open_ones = connection.execute(_of(principal, _is_open())).all()
    changed = _changed_since(connection, principal, ends) if is_past else {}
    closed = _closed_since(connection, principal, ends, changed, open_ones) if is_past else []
    balances = _balances(connection, [*changed, *(row.id for row in closed)], ends)
    debts = [
        _debt(row, balances.get(row.id))
        for row in (*open_ones, *closed)
        if _stood(row, day, timezone, ends)
    ]
    found = (debt for debt in debts if debt.balance_cents > 0)
    return sorted(found, key=lambda each: (each.client, each.client_id, each.due_on, each.number))


def _of(principal: Principal, *conditions: ColumnElement[bool]) -> Select[Any]:
    return select(*_SHOWN).where(visible_to(principal), *conditions)


def _is_open() -> ColumnElement[bool]:
    return (invoice.c.stage == Stage.OPEN.value) & (invoice.c.open_balance_cents > 0)


def _changed_since(connection: Connection, principal: Principal, ends: datetime) -> dict[int, None]:
    """The invoices with money that counts only after the day, in the order they are found."""
    is_later = or_(payment.c.completed_at >= ends, payment.c.completed_at.is_(None))
    wanted = (
        select(payment.c.invoice_id)
        .distinct()
        .join(invoice, invoice.c.id == payment.c.invoice_id)
        .where(payment.c.firm_id == principal.firm_id, is_later, _COUNTS, _counted_from >= ends)
        .where(visible_to(principal))
    )
    return dict.fromkeys(connection.scalars(wanted))


def _closed_since(
    connection: Connection,
    principal: Principal,
    ends: datetime,
    changed: Iterable[int],
    open_ones: Iterable[Row[Any]],
) -> list[Row[Any]]:
    """What asks for nothing now, but was paid or cancelled after the day."""
    is_cancelled = invoice.c.stage == Stage.CANCELLED.value
    cancelled = connection.execute(_of(principal, is_cancelled, invoice.c.cancelled_at >= ends))
    closed = {row.id: row for row in cancelled}
    known = {row.id for row in open_ones} | closed.keys()
    for ids in _batches([each for each in changed if each not in known]):
        paid = _of(principal, invoice.c.id.in_(ids), invoice.c.stage != Stage.DRAFT.value)
        closed |= {row.id: row for row in connection.execute(paid)}
    return list(closed.values())


def _balances(connection: Connection, ids: Sequence[int], ends: datetime) -> dict[int, int]:
    """What counted on each of these invoices when the day ended, in cents."""
    counted = dict.fromkeys(ids, 0)
    for some in _batches(ids):
        wanted = (
            select(payment.c.invoice_id, func.sum(payment.c.amount_cents))
            .where(payment.c.invoice_id.in_(some), _COUNTS, _counted_from < ends)
            .group_by(payment.c.invoice_id)
        )
        counted |= {invoice_id: int(cents) for invoice_id, cents in connection.execute(wanted)}
    return counted


def _debt(row: Row[Any], counted_cents: int | None) -> Debt:
    """`counted_cents` is None when nothing changed since: then the balance stands as it is."""
    unchanged = counted_cents is None
    balance_cents = row.open_balance_cents if unchanged else row.total_cents - (counted_cents or 0)
    return Debt(
        invoice_id=row.id,
        number=row.number,
        client_id=row.client_id,
        client=row.client_name,
        due_on=row.due_on,
        balance_cents=balance_cents,
    )


def _stood(row: Row[Any], day: date, timezone: str, ends: datetime) -> bool:
    """Whether the invoice was out by then: dated or sent on the day or before, not cancelled."""
    begins = min(row.issued_on, day_of(row.sent_at, timezone) if row.sent_at else row.issued_on)
    return begins <= day and (row.cancelled_at is None or row.cancelled_at >= ends)


def _batches(ids: Iterable[int]) -> Iterator[list[int]]:
    left = iter(ids)
    while some := list(islice(left, _IDS_AT_ONCE)):
        yield some
