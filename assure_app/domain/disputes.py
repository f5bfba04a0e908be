"""What a dispute at Stripe means for the books: pure rules over a few facts (R066, R070).

Stripe takes the money when a dispute opens; the ledger shows it only once the dispute is decided,
because until then it may come back. An inquiry asks and takes nothing. A bank debit that is
returned after it succeeded comes as a dispute too, which is decided when it is told.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from assure_app.domain.ledger import LedgerRow, reversed_cents


class DisputeState(StrEnum):
    """What Stripe says of a dispute, in Stripe's words."""

    INQUIRY_ASKED = "warning_needs_response"
    INQUIRY_ANSWERED = "warning_under_review"
    INQUIRY_CLOSED = "warning_closed"
    ASKED = "needs_response"
    ANSWERED = "under_review"
    WON = "won"
    LOST = "lost"
    PREVENTED = "prevented"


class DisputeKind(StrEnum):
    """A question, a payment that is contested, or a debit that the bank sent back."""

    INQUIRY = "inquiry"
    CONTEST = "contest"
    BANK_RETURN = "bank return"


_INQUIRIES = frozenset(
    {DisputeState.INQUIRY_ASKED, DisputeState.INQUIRY_ANSWERED, DisputeState.INQUIRY_CLOSED}
)
OPEN = frozenset(
    {
        DisputeState.INQUIRY_ASKED,
        DisputeState.INQUIRY_ANSWERED,
        DisputeState.ASKED,
        DisputeState.ANSWERED,
    }
)
"""Undecided: it can still be answered, or waits for the bank's word."""
WAITS_FOR_US = frozenset({DisputeState.INQUIRY_ASKED, DisputeState.ASKED})
WARNED_BEFORE = timedelta(days=3)
"""How long before it is too late to answer the firm hears of it once more."""
_TAKES = frozenset({DisputeState.LOST, DisputeState.PREVENTED})
"""Decided against us: whatever Stripe withdrew is gone."""

RETURN_REASONS = frozenset(
    {"insufficient_funds", "incorrect_account_details", "bank_cannot_process"}
)
"""Under these a bank sends a debit back that had succeeded; nobody can contest that."""

_OF_THE_MOMENT = frozenset({"insufficient_funds", "bank_cannot_process"})
"""They say nothing against the bank account itself: it may be debited again."""

_REASONS = {
    "bank_cannot_process": "the bank could not process it",
    "check_returned": "the check was returned",
    "credit_not_processed": "a credit was not processed",
    "customer_initiated": "the customer asked for it",
    "debit_not_authorized": "the customer says the debit was not authorized",
    "duplicate": "duplicate",
    "fraudulent": "fraudulent",
    "general": "no reason given",
    "incorrect_account_details": "the account details were wrong",
    "insufficient_funds": "insufficient funds",
    "noncompliant": "against the card network’s rules",
    "product_not_received": "service not received",
    "product_unacceptable": "service not acceptable",
    "subscription_canceled": "subscription cancelled",
    "unrecognized": "the payer does not recognize it",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeFacts:
    """A dispute at one moment, in cents; `is_refundable` says that Stripe would still refund."""

    state: DisputeState
    withdrawn_cents: int
    reinstated_cents: int
    is_refundable: bool

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def blocks_refund(self) -> bool:
        """While it is open and Stripe would refuse (R066); of an inquiry Stripe refunds."""
        return self.is_open and not self.is_refundable

    @property
    def taken_cents(self) -> int:
        """How much is gone for good. Money that came back, or will after a win, is not."""
        if self.state not in _TAKES:
            return 0
        return max(0, self.withdrawn_cents - self.reinstated_cents)


@dataclass(frozen=True, slots=True, kw_only=True)
class Levelling:
    """What brings the ledger to a dispute: one of the first two, or neither.

    `rest_cents` was taken too, but of a payment of which nothing is left.
    """

    take_cents: int = 0
    give_back_cents: int = 0
    rest_cents: int = 0


def is_news(known: DisputeFacts | None, told: DisputeFacts) -> bool:
    """Whether a telling is later than what is known: tellings come doubled and in any order.

    Money only ever moves on, so more of it moved is later. With the same money a decision is later
    than a dispute, and a dispute than an inquiry.
    """
    if known is None:
        return True
    moved = told.withdrawn_cents + told.reinstated_cents
    known_moved = known.withdrawn_cents + known.reinstated_cents
    if moved != known_moved:
        return moved > known_moved
    return told != known and _RANK[told.state] >= _RANK[known.state]


def kind_of(state: DisputeState, reason: str) -> DisputeKind:
    """What sort of dispute it is now: an inquiry can become a contest."""
    if state in _INQUIRIES:
        return DisputeKind.INQUIRY
    return DisputeKind.BANK_RETURN if reason in RETURN_REASONS else DisputeKind.CONTEST


def ends_bank_account(kind: DisputeKind, reason: str) -> bool:
    """Whether a bank account cannot be debited any more after this: its owner contested a debit,
    which voids the mandate, or it is another account than was said (R066)."""
    return kind is not DisputeKind.INQUIRY and reason not in _OF_THE_MOMENT


def is_late(state: DisputeState, evidence_due_at: datetime | None, now: datetime) -> bool:
    """Whether it waits for the firm's answer, which soon comes too late, but not yet."""
    if evidence_due_at is None or state not in WAITS_FOR_US:
        return False
    return evidence_due_at - WARNED_BEFORE <= now < evidence_due_at


def reason_text(reason: str) -> str:
    """Why, in words for the firm; Stripe's own word for a reason we do not know."""
    return _REASONS.get(reason, reason.replace("_", " ") or "no reason given")


def level(
    payment: LedgerRow, rows: Iterable[LedgerRow], own_ids: Collection[int], taken_cents: int
) -> Levelling:
    """What must be written so that the ledger shows what this dispute took of its payment.

    `own_ids` are the rows written for it so far. No payment is reversed above its amount: what
    was refunded before, the bank takes a second time, and that rest is in no client's balance.
    """
    known = tuple(rows)
    shown_cents = -sum(row.amount_cents for row in known if row.id in own_ids and row.counts)
    missing_cents = taken_cents - shown_cents
    if missing_cents <= 0:
        return Levelling(give_back_cents=-missing_cents)
    left_cents = max(0, payment.amount_cents - reversed_cents(payment, known))
    take_cents = min(missing_cents, left_cents)
    return Levelling(take_cents=take_cents, rest_cents=missing_cents - take_cents)


_RANK = {
    DisputeState.INQUIRY_ASKED: 0,
    DisputeState.INQUIRY_ANSWERED: 1,
    DisputeState.ASKED: 2,
    DisputeState.ANSWERED: 3,
    DisputeState.INQUIRY_CLOSED: 4,
    DisputeState.WON: 4,
    DisputeState.LOST: 4,
    DisputeState.PREVENTED: 4,
}
