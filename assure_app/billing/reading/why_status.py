"""Why an invoice wears its badge: the rule of each status in words, and the facts it looks at."""

from collections.abc import Iterator
from datetime import date, datetime

from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.domain.calendar import long_day_text, moment_text
from assure_app.domain.invoice_status import Status
from assure_app.domain.money import full_text

_RULES = {
    Status.DRAFT: "It has not been sent yet.",
    Status.SENT: "It was sent, the client has not opened it since, no payment has cleared, and it "
    "is not past its due date.",
    Status.VIEWED: "The client opened it, no payment has cleared, and it is not past its due date.",
    Status.PARTIALLY_PAID: "What has cleared is more than nothing and less than the total. A due "
    "date that passes does not change this: it is then counted under Overdue all the same.",
    Status.PAID: "What has cleared reaches the total.",
    Status.OVERDUE: "Its due date has passed, and no payment has cleared.",
    Status.CANCELLED: "It was cancelled: it asks for nothing any more, whatever was paid.",
}


def facts_of_status(invoice: InvoiceRecord, *, now: datetime) -> tuple[str, list[tuple[str, str]]]:
    """The rule of the badge at this moment, and what it was decided from."""
    return _RULES[invoice.status(now)], list(_facts(invoice, now))


def _facts(invoice: InvoiceRecord, now: datetime) -> Iterator[tuple[str, str]]:
    yield "Total", full_text(invoice.total_cents)
    yield "Cleared", full_text(invoice.settled_cents)
    if invoice.pending_cents:
        yield "On its way, which changes no status", full_text(invoice.pending_cents)
    yield "Sent", _moment(invoice, invoice.sent_at, now)
    if invoice.opened_at and invoice.opened_at != invoice.sent_at:
        yield (
            "Open anew, since a refund left nothing paid",
            _moment(invoice, invoice.opened_at, now),
        )
    yield "Viewed by the client", _moment(invoice, invoice.viewed_at, now)
    yield "Due", f"{long_day_text(invoice.due_on)}, {due_words(invoice.due_on, invoice.today(now))}"
    if invoice.cancelled_at:
        yield "Cancelled", _moment(invoice, invoice.cancelled_at, now)


def due_words(due_on: date, today: date) -> str:
    """ "12 days ago", "today", "in 9 days"."""
    days = (due_on - today).days
    if days == 0:
        return "today"
    unit = "day" if abs(days) == 1 else "days"
    return f"in {days:,} {unit}" if days > 0 else f"{-days:,} {unit} ago"


def _moment(invoice: InvoiceRecord, moment: datetime | None, now: datetime) -> str:
    return moment_text(moment, invoice.timezone, now=now) if moment else "not yet"
