"""How an invoice stands in a client's eyes: what they owe, not what the firm has done with it."""

from datetime import date
from enum import StrEnum

from assure_app.domain.invoice_status import InvoiceFacts, Stage, stage


class Standing(StrEnum):
    """What the badge in the portal says."""

    DUE = "Due"
    OVERDUE = "Overdue"
    PROCESSING = "Processing"
    PAID = "Paid"
    CANCELLED = "Cancelled"


OUTSTANDING = frozenset({Standing.DUE, Standing.OVERDUE, Standing.PROCESSING})


def standing(invoice: InvoiceFacts, today: date) -> Standing:
    """The badge of a sent invoice on the firm's day `today`.

    Nothing left to pay while money is on its way is Processing, whatever the due date (R049).
    Raises ValueError for a draft, which no client sees (R054).
    """
    match stage(invoice):
        case Stage.DRAFT:
            raise ValueError("no client sees a draft")
        case Stage.CANCELLED:
            return Standing.CANCELLED
        case Stage.PAID:
            return Standing.PAID
        case Stage.OPEN:
            if invoice.balance_cents == 0:
                return Standing.PROCESSING
            return Standing.OVERDUE if invoice.due_date < today else Standing.DUE


def due_text(due: date, today: date) -> str:
    """How far off the due date is: "today", "in 3 days", "12 days overdue"."""
    days = (due - today).days
    if days == 0:
        return "today"
    if days < 0:
        return f"{-days:,} day overdue" if days == -1 else f"{-days:,} days overdue"
    return "tomorrow" if days == 1 else f"in {days:,} days"
