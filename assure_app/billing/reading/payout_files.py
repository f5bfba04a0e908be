"""Payouts as CSV files: all of them, or what one carried, noted in the firm's audit log."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, tuple_

from assure_app.billing import audit, reconciliation
from assure_app.billing.reading import payouts
from assure_app.billing.reading.csv_cells import BYTE_ORDER_MARK, csv_text, harmless
from assure_app.billing.reading.invoice_rows import timezone_of
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.calendar import day_of
from assure_app.domain.money import decimal_text
from assure_app.domain.permissions import Principal
from assure_app.models.tables import stripe_payout

BATCH_ROWS = 1_000
PAYOUT_COLUMNS = ("Payout", "Made", "Arrives", "Status", "Bank", "Amount", "Why it failed")
PART_COLUMNS = ("Kind", "Invoice", "Client", "Gross", "Fee", "Net", "Stripe id", "Day")


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutFile:
    """A file on its way out, in pieces."""

    name: str
    batches: Iterator[str]


def all_payouts(principal: Principal, *, now: datetime) -> PayoutFile:
    """Every payout of the firm, the newest first. Raises PermissionDenied, NeedsAllClients."""
    zone = _begin(principal, "the payouts", now)
    return PayoutFile(
        name=f"payouts-{day_of(now, zone)}.csv", batches=_payout_lines(principal, zone)
    )


def one_payout(principal: Principal, payout_id: object, *, now: datetime) -> PayoutFile:
    """What one payout carried. Raises PermissionDenied, NeedsAllClients, NotFound."""
    reconciliation.require_to_look(principal, act="export a payout", now=now)
    with reading() as connection:
        payout = payouts.find(connection, principal, payout_id)
    zone = _begin(principal, f"the payout {payout.payout_id}", now)
    return PayoutFile(
        name=f"payout-{payout.arrives_on}-{payout.id}.csv", batches=_part_lines(payout.id, zone)
    )


def _begin(principal: Principal, what: str, now: datetime) -> str:
    reconciliation.require_to_look(principal, act="export payouts", now=now)
    with unit_of_work() as connection:
        audit.note(
            connection,
            firm_id=principal.firm_id,
            user_id=principal.user_id,
            text=f"{principal.name} exported {what}",
            at=now,
        )
        return timezone_of(connection, principal)


def _payout_lines(principal: Principal, zone: str) -> Iterator[str]:
    yield BYTE_ORDER_MARK + csv_text([PAYOUT_COLUMNS])
    place = tuple_(stripe_payout.c.created_at, stripe_payout.c.id)
    wanted = (
        select(stripe_payout)
        .where(stripe_payout.c.firm_id == principal.firm_id)
        .order_by(stripe_payout.c.created_at.desc(), stripe_payout.c.id.desc())
        .limit(BATCH_ROWS)
    )
    last: Any = None
    while True:
        batch = wanted if last is None else wanted.where(place < (last.created_at, last.id))
        with reading() as connection:
            rows = connection.execute(batch).all()
        if not rows:
            return
        yield csv_text(_payout_cells(row, zone) for row in rows)
        last = rows[-1]


def _payout_cells(row: Any, zone: str) -> tuple[str, ...]:
    return (
        row.payout_id,
        f"{day_of(row.created_at, zone)}",
        f"{row.arrives_on}",
        payouts.state_text(row),
        harmless(row.bank),
        decimal_text(row.amount_cents),
        harmless(row.failure),
    )


def _part_lines(payout_row_id: int, zone: str) -> Iterator[str]:
    yield BYTE_ORDER_MARK + csv_text([PART_COLUMNS])
    last_id = 0
    while True:
        with reading() as connection:
            rows = payouts.parts_of(connection, payout_row_id, most=BATCH_ROWS, after_id=last_id)
        if not rows:
            return
        yield csv_text(_part_cells(row, zone) for row in rows)
        last_id = rows[-1].id


def _part_cells(row: Any, zone: str) -> tuple[str, ...]:
    return (
        payouts.kind_text(row),
        harmless(row.number or ""),
        harmless(row.client or ""),
        decimal_text(row.amount_cents),
        decimal_text(row.fee_cents),
        decimal_text(row.net_cents),
        harmless(row.source_id),
        f"{day_of(row.created_at, zone)}",
    )
