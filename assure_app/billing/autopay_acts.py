"""What a person of the firm does about auto-pay of one invoice: try now, stop, go on."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection

from assure_app.billing import (
    audit,
    autopay,
    autopay_rows,
    autopay_story,
    invoice_record,
    method_rows,
    off_session,
)
from assure_app.billing.autopay_rows import StoredAutopay
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.off_session import Asked, Blocked
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.autopay import AutopayState
from assure_app.domain.errors import BillingError
from assure_app.domain.money import full_text
from assure_app.domain.permissions import Permission, Principal

ACT = "change auto-pay of an invoice"


class AutopayRefused(BillingError):
    """Auto-pay cannot do that for this invoice now; the sentence says why."""


def try_now(principal: Principal, number: object, *, now: datetime) -> str:
    """Charge the invoice's balance to the client's default method now; the sentence to show.

    Raises NotFound, PermissionDenied, and AutopayRefused when there is nothing to charge or nothing
    to charge it to; pressed twice, it charges once.
    """
    audit.require(principal, Permission.EDIT_BILLING, act=ACT, now=now)
    with _held(principal, number) as (connection, held, known):
        if not autopay_rows.is_on(connection, held.id):
            raise AutopayRefused("Auto-pay is off for this invoice’s engagement.")
        reserved = autopay.reserve(connection, known, held, now=now)
        if isinstance(reserved, Blocked):
            raise AutopayRefused(reserved.sentence)
        _note(connection, principal, held, "Auto-pay was asked to try now", now)
    return _sentence(off_session.ask(reserved, now=now), held)


def stop(principal: Principal, number: object, *, now: datetime) -> str:
    """Have auto-pay try this invoice no more; the sentence to show. Raises NotFound,
    PermissionDenied. A charge that is under way goes on."""
    audit.require(principal, Permission.EDIT_BILLING, act=ACT, now=now)
    with _held(principal, number) as (connection, held, known):
        if known.state not in {AutopayState.STOPPED, AutopayState.DONE}:
            autopay_rows.change(
                connection,
                held.id,
                state=AutopayState.STOPPED.value,
                stopped_by=principal.name,
                due_at=None,
                next_try_at=None,
            )
            _note(connection, principal, held, "Auto-pay stopped for this invoice", now)
    return f"Auto-pay is stopped for {held.number}."


def go_on(principal: Principal, number: object, *, now: datetime) -> str:
    """Have auto-pay look after an invoice again that was stopped; the sentence to show."""
    audit.require(principal, Permission.EDIT_BILLING, act=ACT, now=now)
    with _held(principal, number) as (connection, held, known):
        if known.state is AutopayState.STOPPED:
            autopay_rows.change(
                connection,
                held.id,
                state=AutopayState.WAITING.value,
                stopped_by="",
                failures=0,
                due_at=autopay_rows.WOKEN,
            )
            _note(connection, principal, held, "Auto-pay goes on for this invoice", now)
    return f"Auto-pay looks after {held.number} again."


@contextmanager
def _held(
    principal: Principal, number: object
) -> Iterator[tuple[Connection, InvoiceRecord, StoredAutopay]]:
    """The invoice and where auto-pay is with it, in a transaction that holds client and invoice."""
    with unit_of_work() as connection:
        found = invoice_record.find(connection, principal, number)
        method_rows.hold_client(connection, found.client_id)
        held = invoice_record.find_and_lock(connection, principal, number)
        known = autopay_rows.of_invoice(connection, held.id)
        if known is None:
            raise AutopayRefused("Auto-pay does not look after this invoice.")
        yield connection, held, known


def _note(
    connection: Connection, principal: Principal, held: InvoiceRecord, text: str, now: datetime
) -> None:
    autopay_story.add(connection, held, text, principal.name, now=now, user_id=principal.user_id)


def _sentence(asked: Asked, held: InvoiceRecord) -> str:
    amount = full_text(held.balance_cents)
    if asked.is_charged:
        return f"{amount} was charged for {held.number}."
    if asked.is_settled:
        return f"{amount} could not be charged for {held.number}. {asked.problem}"
    return f"Stripe has not answered yet. {held.number} shows what came of it as soon as it does."
