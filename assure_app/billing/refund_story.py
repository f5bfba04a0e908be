"""What a refund at Stripe did, told in the invoice's timeline (R046, R106, R109)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from assure_app.billing import charge_story
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.refund_record import StripeRefund
from assure_app.domain.money import short_text
from assure_app.domain.stripe_refunds import RefundState


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One move of a refund: `refund` is as it stands now.

    `title` is what the refunded payment is called, `is_foreign` that it was made in Stripe and is
    new here, `is_unseen` that nobody is looking at a screen which tells of it.
    """

    before: InvoiceRecord
    after: InvoiceRecord
    refund: StripeRefund
    title: str
    is_foreign: bool = False
    is_unseen: bool = True

    @property
    def state(self) -> RefundState:
        return self.refund.state

    @property
    def is_on_its_way(self) -> bool:
        """Whether Stripe sends the money, and the client can be told so."""
        return self.state in {RefundState.ACCEPTED, RefundState.DONE}


def tell(connection: Connection, moved: Moved, *, now: datetime) -> None:
    """Write the move into the timeline, and the invoice's new status if it has one."""
    for text in (_text(moved), status_text(moved.before, moved.after, now)):
        if text:
            charge_story.add(connection, moved.after, moved.refund.payment_id, text, now=now)


def status_text(before: InvoiceRecord, after: InvoiceRecord, now: datetime) -> str:
    """ "Status changed from Paid to Sent", or "" when it stays as it is."""
    was, is_now = before.status(now), after.status(now)
    return "" if was is is_now else f"Status changed from {was} to {is_now}"


def _text(moved: Moved) -> str:
    what = f"Refund {short_text(moved.refund.amount_cents)} of {moved.title}"
    made = f"{what} made in Stripe" if moved.is_foreign else what
    match moved.state:
        case RefundState.FAILED:
            return f"{made} failed — {moved.refund.failure_reason}"
        case RefundState.REFUSED:
            return f"{what} refused — {moved.refund.failure_reason}"
        case _ if moved.is_foreign:
            pending = ", pending" if moved.state is RefundState.ACCEPTED else ""
            return f"{made}{pending} — {moved.refund.reason}"
        case RefundState.ACCEPTED:
            return f"{what} accepted, pending"
        case _:
            return f"{what} confirmed"
