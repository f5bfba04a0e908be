"""The status of an invoice and the tile that counts it: two different things.

Both depend on the firm's calendar day, so neither is stored. A partially paid invoice keeps that
status when it falls due, and is counted under Overdue from that day on (R069).
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Status(StrEnum):
    """What the badge says."""

    DRAFT = "Draft"
    SENT = "Sent"
    VIEWED = "Viewed"
    PARTIALLY_PAID = "Partially paid"
    PAID = "Paid"
    OVERDUE = "Overdue"
    CANCELLED = "Cancelled"


class Tile(StrEnum):
    """What the tiles above the list count (R072)."""

    DRAFTS = "Drafts"
    AWAITING = "Awaiting"
    OVERDUE = "Overdue"
    FAILED = "Failed"


class Stage(StrEnum):
    """The part of a status that no calendar moves; stored, so that indexes can hold open ones."""

    DRAFT = "draft"
    OPEN = "open"
    PAID = "paid"
    CANCELLED = "cancelled"


PAYABLE = (Status.SENT, Status.VIEWED, Status.PARTIALLY_PAID, Status.OVERDUE)
"""Statuses on which a payment can be recorded (R032)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFacts:
    """What status and tiles are decided from. Amounts in cents, moments in UTC.

    `opened_at` is when the invoice was sent, or when a refund last took all settled money away;
    a view before it does not count any more (A3).
    """

    total_cents: int
    settled_cents: int
    balance_cents: int
    due_date: date
    opened_at: datetime | None = None
    viewed_at: datetime | None = None
    cancelled_at: datetime | None = None
    is_autopay_failed: bool = False

    @property
    def is_viewed(self) -> bool:
        """Whether the client opened it since it was last (re)opened."""
        return (
            self.opened_at is not None
            and self.viewed_at is not None
            and self.viewed_at >= self.opened_at
        )


def stage(invoice: InvoiceFacts) -> Stage:
    """Where the invoice stands, whatever the day."""
    if invoice.cancelled_at is not None:
        return Stage.CANCELLED
    if invoice.opened_at is None:
        return Stage.DRAFT
    if invoice.settled_cents >= invoice.total_cents:
        return Stage.PAID
    return Stage.OPEN


def status(invoice: InvoiceFacts, today: date) -> Status:
    """The badge of the invoice on the firm's day `today` (R027, R028, R045, R088, R089)."""
    match stage(invoice):
        case Stage.CANCELLED:
            return Status.CANCELLED
        case Stage.DRAFT:
            return Status.DRAFT
        case Stage.PAID:
            return Status.PAID
        case Stage.OPEN:
            return _open_status(invoice, today)


def tiles(invoice: InvoiceFacts, today: date) -> frozenset[Tile]:
    """The tiles that count the invoice on the firm's day `today`; due today is Awaiting (R069)."""
    counted: set[Tile] = set()
    match stage(invoice):
        case Stage.DRAFT:
            counted.add(Tile.DRAFTS)
        case Stage.OPEN:
            counted.add(Tile.OVERDUE if invoice.due_date < today else Tile.AWAITING)
            if invoice.is_autopay_failed and invoice.balance_cents > 0:
                counted.add(Tile.FAILED)
        case Stage.PAID | Stage.CANCELLED:
            pass
    return frozenset(counted)


def _open_status(invoice: InvoiceFacts, today: date) -> Status:
    if invoice.settled_cents > 0:
        return Status.PARTIALLY_PAID
    if invoice.due_date < today:
        return Status.OVERDUE
    return Status.VIEWED if invoice.is_viewed else Status.SENT
