"""What Stripe says of a refund, and what the books make of it: pure rules, forward only.

A refund is told of by our own asking, callbacks, lists and polling, doubled and in any order. At
Stripe it goes from pending to succeeded or failed, and one that succeeded can still fail days
later; never back. So a telling that says less than is known changes nothing (R093).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from assure_app.domain.calendar import day_text
from assure_app.domain.ledger import Method
from assure_app.domain.refund_reasons import RefundReason
from assure_app.domain.transitions import RowStatus

_SATURDAY = 5
_ARRIVAL_BUSINESS_DAYS = {Method.CARD: (5, 10), Method.ACH: (5, 7)}


class RefundSays(StrEnum):
    """What Stripe says of a refund, in Stripe's words."""

    PENDING = "pending"
    NEEDS_ACTION = "requires_action"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


class RefundState(StrEnum):
    """Where a refund is: asked for without an answer yet, taken on by Stripe, done, failed there,
    or refused by Stripe when asked for."""

    NEW = "new"
    ACCEPTED = "accepted"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"


MOVING = frozenset({RefundState.NEW, RefundState.ACCEPTED})
"""More is to be heard of these: the sweep asks if nobody tells."""

REFUND_STATE_TRANSITIONS: frozenset[tuple[RefundState, RefundState]] = frozenset(
    {
        (RefundState.NEW, RefundState.ACCEPTED),
        (RefundState.NEW, RefundState.DONE),
        (RefundState.NEW, RefundState.FAILED),
        (RefundState.NEW, RefundState.REFUSED),
        (RefundState.ACCEPTED, RefundState.DONE),
        (RefundState.ACCEPTED, RefundState.FAILED),
        (RefundState.DONE, RefundState.FAILED),
    }
)
"""The database's trigger holds the same table."""

ROW_STATUS = {
    RefundState.NEW: RowStatus.PENDING,
    RefundState.ACCEPTED: RowStatus.PENDING,
    RefundState.DONE: RowStatus.COMPLETED,
    RefundState.FAILED: RowStatus.FAILED,
    RefundState.REFUSED: RowStatus.FAILED,
}
"""The status of the ledger's row for each state of its refund."""

_STATE_SAID = {
    RefundSays.PENDING: RefundState.ACCEPTED,
    RefundSays.NEEDS_ACTION: RefundState.ACCEPTED,
    RefundSays.SUCCEEDED: RefundState.DONE,
    RefundSays.FAILED: RefundState.FAILED,
    RefundSays.CANCELED: RefundState.FAILED,
}


def state_said(says: RefundSays) -> RefundState:
    """The state that a telling speaks of: what needs an action waits, what was canceled failed."""
    return _STATE_SAID[says]


def moves_on(known: RefundState, says: RefundSays) -> bool:
    """Whether the telling is of a later state than is known."""
    return (known, state_said(says)) in REFUND_STATE_TRANSITIONS


def reason_of(stripe_reason: str) -> RefundReason:
    """Our word for the reason of a refund that was made in Stripe (R065, R085)."""
    return _REASON_OF_STRIPE.get(stripe_reason, RefundReason.OTHER)


_REASON_OF_STRIPE = {
    "duplicate": RefundReason.DUPLICATE,
    "fraudulent": RefundReason.FRAUDULENT,
    "requested_by_customer": RefundReason.REQUESTED_BY_CUSTOMER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Between which days the money shows up on the client's statement (R083, R098)."""

    first: date
    last: date

    def text(self, today: date) -> str:
        """ "between Nov 30 and Dec 7"."""
        first, last = day_text(self.first, today=today), day_text(self.last, today=today)
        return f"between {first} and {last}"


def arrival(method: Method, asked_on: date) -> Arrival:
    """When a refund asked for on this day arrives: a card's after 5 to 10 business days, one to a
    bank account after 5 to 7. Raises KeyError for a method that does not go through Stripe."""
    least, most = _ARRIVAL_BUSINESS_DAYS[method]
    return Arrival(first=_after(asked_on, least), last=_after(asked_on, most))


def takes_text(method: Method) -> str:
    """ "5–10 business days" for a card, "5–7 business days" for a bank account (R083)."""
    least, most = _ARRIVAL_BUSINESS_DAYS[method]
    return f"{least}–{most} business days"


def _after(day: date, business_days: int) -> date:
    for _ in range(business_days):
        day += timedelta(days=1)
        while day.weekday() >= _SATURDAY:
            day += timedelta(days=1)
    return day
