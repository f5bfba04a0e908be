"""Cancelling an invoice: the claim on what is left ends, and what was paid stays (R129, R130)."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, update

from assure_app.billing import activity, invoice_record
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.domain.errors import BillingError
from assure_app.domain.invoice_acts import STATUSES, Act, why_not_now
from assure_app.domain.money import short_text
from assure_app.domain.permissions import Permission, Principal
from assure_app.models.tables import invoice as invoice_table


class InvoiceNotCancellable(BillingError):
    """A paid or already cancelled invoice, or one with money on its way (R130)."""


def cancel_invoice(
    connection: Connection, principal: Principal, number: str, reason: str, *, now: datetime
) -> None:
    """Cancel in the caller's transaction; what is left is recorded as written off (R130).

    Raises InvoiceNotCancellable when paid, cancelled, or with a payment on its way.
    """
    principal.require(Permission.EDIT_BILLING)
    found = invoice_record.find_and_lock(connection, principal, number)
    _check_cancellable(found, now)
    written_off_cents = _to_write_off_cents(found)
    after = replace(found, cancelled_at=now, written_off_cents=written_off_cents)
    invoice_record.save(connection, found, after)
    connection.execute(
        update(invoice_table).where(invoice_table.c.id == found.id).values(cancel_reason=reason)
    )
    _log(connection, principal, found, written_off_cents=written_off_cents, reason=reason, now=now)


def _check_cancellable(found: InvoiceRecord, now: datetime) -> None:
    status = found.status(now)
    if status not in STATUSES[Act.CANCEL]:
        raise InvoiceNotCancellable(f"This invoice is {status}. It cannot be cancelled.")
    block = why_not_now(
        Act.CANCEL, balance_cents=found.balance_cents, pending_cents=found.pending_cents
    )
    if block:
        raise InvoiceNotCancellable(block)


def _to_write_off_cents(found: InvoiceRecord) -> int:
    # A draft never asked for anything, so nothing is given up with it.
    return found.balance_cents if found.opened_at else 0


def _log(
    connection: Connection,
    principal: Principal,
    found: InvoiceRecord,
    *,
    written_off_cents: int,
    reason: str,
    now: datetime,
) -> None:
    given_up = f", {short_text(written_off_cents)} written off" if written_off_cents else ""
    text = f"Invoice cancelled{given_up} — {reason}"
    activity.append(
        connection,
        firm_id=found.firm_id,
        invoice_id=found.id,
        at=now,
        text=text[:1000],
        actor=principal.name,
        user_id=principal.user_id,
    )
