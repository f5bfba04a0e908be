"""When the client of an invoice is reminded next, and whether somebody may do so now."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from assure_app.billing import reminder_plans, reminder_readers
from assure_app.billing.coming_charges import coming_charge
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.domain.calendar import day_of, day_text
from assure_app.domain.invoice_acts import Act, offer
from assure_app.domain.permissions import Principal
from assure_app.domain.reminders import next_step, step_text


def of_invoice(
    connection: Connection, invoice: InvoiceRecord, principal: Principal, *, now: datetime
) -> dict[str, Any]:
    """What the drawer says of it: nothing of an invoice that asks for nothing."""
    money = {"balance_cents": invoice.balance_cents, "pending_cents": invoice.pending_cents}
    offered = offer(Act.REMIND, principal, invoice.status(now), **money)
    if not offered.exists:
        return {}
    if not invoice.balance_cents:
        return {"reminder": offered.block, "remind_block": offered.block}
    nobody = _nobody(connection, invoice)
    block = nobody or offered.block
    return {
        "reminder": nobody or _next(connection, invoice, now),
        "can_remind": not block,
        "remind_block": block,
    }


def _nobody(connection: Connection, invoice: InvoiceRecord) -> str:
    if reminder_readers.of_client(connection, invoice.client_id):
        return ""
    if reminder_readers.has_stopped(connection, invoice.client_id):
        return f"{invoice.client} stopped reminders."
    return f"{invoice.client} has no contact who may pay, so nobody is reminded."


def _next(connection: Connection, invoice: InvoiceRecord, now: datetime) -> str:
    """ "Next reminder May 25 (7 days after)"."""
    stored = reminder_plans.of_firm(connection, invoice.firm_id)
    if stored is None or not stored.plan.is_on or invoice.opened_at is None:
        return "Reminders are off."
    today = invoice.today(now)
    opened_on = day_of(invoice.opened_at, invoice.timezone)
    step = next_step(stored.plan, invoice.due_on, after=stored.done_through, opened_on=opened_on)
    charge = coming_charge(connection, invoice, now=now)
    if charge and (step is None or step.day >= charge.on):
        on = day_text(charge.on, today=today)
        return f"Auto-pay charges {charge.method} on {on}: no reminder before."
    if step is None:
        return "No reminder follows."
    what = "Auto-pay notice" if charge else "Next reminder"
    return f"{what} {day_text(step.day, today=today)} ({step_text(step.days)})"
