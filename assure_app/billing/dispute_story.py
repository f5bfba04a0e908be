"""What a dispute did, told in the invoice's timeline and to the firm's people."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from assure_app.billing import charge_story, notifications, portal_links
from assure_app.billing.dispute_record import DisputedPayment, StoredDispute
from assure_app.billing.dispute_text import answer_by, given_back_text, state_text, taken_text
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.payment_text import payment_title
from assure_app.domain.calendar import day_of
from assure_app.domain.disputes import DisputeState, reason_text
from assure_app.domain.ledger import LedgerRow, Method
from assure_app.domain.notifications import NotificationKind
from assure_app.domain.transitions import Kind
from assure_app.mail import dispute_letters
from assure_app.mail.dispute_letters import MailedDispute
from assure_app.models.tables import firm

_SILENT = {DisputeState.ANSWERED, DisputeState.INQUIRY_ANSWERED}
"""Whoever answered knows of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A dispute that is known better than `before`, on the invoice as it is now.

    `payment` is how the payment is called; `taken_cents` were written off it at this moment.
    """

    invoice: InvoiceRecord
    known: StoredDispute
    before: DisputeState | None
    method: Method
    payment: str
    taken_cents: int


def title(disputed: DisputedPayment) -> str:
    """ "Card Visa •••• 4242"."""
    return payment_title(disputed.method, "", disputed.method_detail)


def tell(connection: Connection, moved: Moved, *, now: datetime) -> None:
    """Write a new state into the timeline, unless a row's entry says it, and tell the firm."""
    known = moved.known
    if known.facts.state is moved.before:
        return
    if not moved.taken_cents:
        text = state_text(known, moved.payment, moved.invoice.timezone)
        charge_story.add(connection, moved.invoice, known.payment_id, text, now=now)
    if known.facts.state not in _SILENT:
        _tell_firm(connection, moved, now)


def _tell_firm(connection: Connection, moved: Moved, now: datetime) -> None:
    known, mailed = moved.known, _mailed(connection, moved)
    letter = dispute_letters.for_staff(mailed)
    notifications.tell(
        connection,
        firm_id=known.firm_id,
        kind=NotificationKind.DISPUTE,
        text=letter.subject,
        detail=f"Answer by {mailed.answer_by}." if mailed.answer_by else "",
        about=f"dispute {known.id} {known.facts.state.value}",
        invoice_id=known.invoice_id,
        client_id=moved.invoice.client_id,
        letter=lambda: letter,
        now=now,
    )


def warn(connection: Connection, moved: Moved, *, now: datetime) -> None:
    """Tell the firm that soon it is too late to answer; once for a deadline."""
    known, mailed = moved.known, _mailed(connection, moved)
    due_on = day_of(known.evidence_due_at or now, moved.invoice.timezone)
    letter = dispute_letters.warning(mailed, days_left=(due_on - moved.invoice.today(now)).days)
    notifications.tell(
        connection,
        firm_id=known.firm_id,
        kind=NotificationKind.DISPUTE,
        text=letter.subject,
        detail=f"Answer by {mailed.answer_by}.",
        about=f"dispute {known.id} answer by {due_on.isoformat()}",
        invoice_id=known.invoice_id,
        client_id=moved.invoice.client_id,
        letter=lambda: letter,
        now=now,
    )


def tell_row(
    connection: Connection,
    before: InvoiceRecord,
    after: InvoiceRecord,
    known: StoredDispute,
    row: LedgerRow,
    *,
    payment: str,
    now: datetime,
) -> None:
    """Write into the timeline that money went, or came back, and what became of the status."""
    if row.kind is Kind.RETURN:
        text = taken_text(known, payment, -row.amount_cents)
    else:
        text = given_back_text(payment, row.amount_cents)
    charge_story.add(connection, after, row.id, text, now=now)
    was, is_now = before.status(now), after.status(now)
    if is_now is not was:
        text = f"Status changed from {was} to {is_now}"
        charge_story.add(connection, after, row.id, text, now=now)


def _mailed(connection: Connection, moved: Moved) -> MailedDispute:
    known, invoice = moved.known, moved.invoice
    return MailedDispute(
        firm=str(connection.scalar(select(firm.c.name).where(firm.c.id == known.firm_id))),
        client=invoice.client,
        number=invoice.number,
        kind=known.kind,
        state=known.facts.state,
        amount_cents=known.amount_cents,
        taken_cents=moved.taken_cents,
        payment=moved.payment,
        reason=reason_text(known.reason),
        answer_by=answer_by(known, invoice.timezone),
        is_final=moved.method is Method.ACH,
        balance_cents=0 if invoice.cancelled_at else invoice.balance_cents,
        desk_link=portal_links.desk_link(invoice.number),
    )
