"""What stops auto-pay of an invoice in a person's place, and when it goes on by itself again.

Called by whatever books money that goes back, in its transaction, which holds the invoice.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, exists, select

from assure_app.billing import autopay_rows, autopay_story
from assure_app.billing.autopay_rows import WOKEN, StoredAutopay
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.domain import autopay as rules
from assure_app.domain.autopay import AutopayState
from assure_app.domain.invoice_status import Stage
from assure_app.domain.transitions import Kind, RowStatus
from assure_app.models.payment import Source
from assure_app.models.tables import payment

A_REFUND, A_BANK = "A refund", "The payer’s bank"
"""What may stop auto-pay of an invoice in a person's place."""
_NOT_AGAIN: Final = (
    "Auto-pay stopped for this invoice: money that went back is not charged again by itself"
)
_GOES_ON: Final = "Auto-pay goes on for this invoice: the refund gave nothing back"


def follow_money_back(
    connection: Connection, invoice: InvoiceRecord, by: str, *, now: datetime
) -> None:
    """Money that had come through Stripe goes back, `by` "A refund" or a bank: what the invoice
    asks for again is not charged by itself, unless somebody of the firm says so."""
    is_stopped = autopay_rows.stop(
        connection, firm_id=invoice.firm_id, invoice_id=invoice.id, by=by
    )
    known = autopay_rows.of_invoice(connection, invoice.id)
    if is_stopped and known is not None and known.is_on:
        autopay_story.add(connection, invoice, _NOT_AGAIN, autopay_story.SYSTEM, now=now)


def follow_failed_refund(connection: Connection, invoice: InvoiceRecord, *, now: datetime) -> None:
    """A refund was refused or failed, and nothing else went back: auto-pay is where it was before.

    What a person or a bank stopped stays stopped; the invoice was saved already.
    """
    known = autopay_rows.of_invoice(connection, invoice.id)
    if known is None:
        return
    state = rules.after_failed_refund(
        known.state,
        is_stopped_by_refund=known.stopped_by == A_REFUND,
        went_back=_went_back(connection, invoice.id),
        is_open=invoice.stage is Stage.OPEN,
    )
    if state is known.state:
        return
    goes_on = state is AutopayState.WAITING
    autopay_rows.change(
        connection,
        invoice.id,
        state=state.value,
        stopped_by="",
        due_at=WOKEN if goes_on else None,
    )
    if goes_on and known.is_on:
        autopay_story.add(connection, invoice, _GOES_ON, autopay_story.SYSTEM, now=now)


def is_stopped_by_person(known: StoredAutopay) -> bool:
    """Whether somebody of the firm stopped it, so that nothing but they let it go on."""
    return known.state is AutopayState.STOPPED and known.stopped_by not in {A_REFUND, A_BANK}


def _went_back(connection: Connection, invoice_id: int) -> bool:
    """Whether money that had come through Stripe went back, or is going."""
    standing = exists().where(
        payment.c.invoice_id == invoice_id,
        payment.c.kind.in_((Kind.REFUND.value, Kind.RETURN.value)),
        payment.c.source != Source.MANUAL.value,
        payment.c.status != RowStatus.FAILED.value,
    )
    return bool(connection.scalar(select(standing)))
