"""The reports as CSV files: every line behind their figures, noted in the firm's audit log."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row

from assure_app.billing import audit
from assure_app.billing.reading import aging, debts, period_reports, received
from assure_app.billing.reading.csv_cells import BYTE_ORDER_MARK, csv_text, harmless
from assure_app.billing.reading.invoice_rows import timezone_of
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.aging import Debt
from assure_app.domain.calendar import day_of
from assure_app.domain.money import decimal_text
from assure_app.domain.periods import Period
from assure_app.domain.permissions import Permission, Principal

BATCH_ROWS = 1_000
AGING_COLUMNS = ("Client", "Invoice", "Due", "Days late", "Bucket", "Balance")
PAYMENT_COLUMNS = (
    *("Completed", "Invoice", "Client", "Kind", "Method", "Paid with", "Reference"),
    *("Amount", "Fee", "Paid by", "Reason", "Row", "Of row"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFile:
    """A file on its way out, in pieces."""

    name: str
    batches: Iterator[str]


def aging_file(principal: Principal, day: object, *, now: datetime) -> ReportFile:
    """Every invoice that asked for money at the end of the day (see `debts`).

    Raises PermissionDenied, which is noted, and InvalidInput for a day that cannot be.
    """
    _require(principal, now)
    with reading() as connection:
        timezone = timezone_of(connection, principal)
        asked = aging.read_day(day, day_of(now, timezone))
        found = debts.at_end_of(connection, principal, asked, timezone=timezone, now=now)
    counted = f"{len(found):,} invoice{'' if len(found) == 1 else 's'}"
    _note(principal, f"the aging report of {asked}: {counted}", now)
    lines = [AGING_COLUMNS, *(_aging_cells(each, asked) for each in found)]
    return ReportFile(name=f"aging-{asked}.csv", batches=iter([BYTE_ORDER_MARK + csv_text(lines)]))


def payments_file(
    principal: Principal, first: object, last: object, *, now: datetime
) -> ReportFile:
    """Every ledger row behind the report of payments and that of fees, the earliest first.

    Raises PermissionDenied, which is noted, and InvalidInput for days that make no period.
    """
    _require(principal, now)
    with reading() as connection:
        timezone = timezone_of(connection, principal)
    period = period_reports.read_period(first, last, day_of(now, timezone))
    _note(principal, f"the payments from {period.first} to {period.last}", now)
    return ReportFile(
        name=f"payments-{period.first}-{period.last}.csv",
        batches=_payment_batches(principal, period, timezone),
    )


def _payment_batches(principal: Principal, period: Period, timezone: str) -> Iterator[str]:
    """Each batch is read for itself, so nothing is held while whoever takes them is slow."""
    yield BYTE_ORDER_MARK + csv_text([PAYMENT_COLUMNS])
    after: tuple[datetime, int] | None = None
    while True:
        with reading() as connection:
            rows = received.rows(
                connection, principal, period, timezone=timezone, after=after, most=BATCH_ROWS
            )
        if rows:
            yield csv_text(_payment_cells(row, timezone) for row in rows)
            after = (rows[-1].completed_at, rows[-1].id)
        if len(rows) < BATCH_ROWS:
            return


def _aging_cells(debt: Debt, day: date) -> tuple[str, ...]:
    return (
        harmless(debt.client),
        harmless(debt.number),
        debt.due_on.isoformat(),
        str(debt.days_late(day)),
        debt.bucket(day).value,
        decimal_text(debt.balance_cents),
    )


def _payment_cells(row: Row[Any], timezone: str) -> tuple[str, ...]:
    return (
        day_of(row.completed_at, timezone).isoformat(),
        harmless(row.number),
        harmless(row.client_name),
        row.kind.capitalize(),
        row.method,
        harmless(row.method_detail),
        harmless(row.reference),
        decimal_text(row.amount_cents),
        decimal_text(row.fee_cents),
        harmless(row.paid_by),
        row.reason,
        str(row.id),
        str(row.reverses_id or ""),
    )


def _require(principal: Principal, now: datetime) -> None:
    audit.require(principal, Permission.VIEW_BILLING, act="export of a report", now=now)


def _note(principal: Principal, what: str, now: datetime) -> None:
    with unit_of_work() as connection:
        audit.note(
            connection,
            firm_id=principal.firm_id,
            user_id=principal.user_id,
            text=f"{principal.name} exported {what}",
            at=now,
        )
