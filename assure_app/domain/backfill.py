"""Which past invoices a client may pay all at once when it first saves something to pay with.

Pure rules (R114–R121): the question is asked once, and a row of the answer is one charge.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from assure_app.domain.errors import BillingError
from assure_app.domain.invoice_status import PAYABLE, Status
from assure_app.domain.online import LEAST_CENTS, MOST_CENTS

WINDOW = timedelta(days=90)


class Answer(StrEnum):
    """What the client's people said to the question."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class ItemState(StrEnum):
    """Where one invoice of a back-fill is, as the client reads it."""

    WAITING = "Waiting"
    CHARGING = "Charging"
    PAID = "Paid"
    PROCESSING = "Processing"
    FAILED = "Failed"


UNDER_WAY = frozenset({ItemState.WAITING, ItemState.CHARGING})
"""States in which the answer for the invoice is still to come."""


class ListChanged(BillingError):
    """More would be charged than was shown, or another method: the client must look again."""

    retryable = True

    def __init__(self) -> None:
        super().__init__(
            "What is on file has changed meanwhile, so nothing was charged. Look at the list again,"
            " then decide."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An invoice as the rule looks at it; amounts in cents.

    `is_asked_for` says that a saved method is being charged for it already.
    """

    issued_on: date
    status: Status
    is_on_autopay: bool
    balance_cents: int
    pending_cents: int
    is_asked_for: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """What somebody saw when they agreed: the method by its id, and cents by invoice id."""

    method_id: int
    cents: Mapping[int, int]


def first_day(today: date) -> date:
    """The earliest invoice date within the window, which counts (R115)."""
    return today - WINDOW


def is_eligible(invoice: Candidate, *, today: date, offered_on: date) -> bool:
    """Whether the invoice is one of those that a client may pay all at once (R115–R117).

    `offered_on` is the day on which the first method was saved: what was issued after it is no past
    invoice. What Stripe does not take in one charge is left to be paid by hand.
    """
    return (
        first_day(today) <= invoice.issued_on <= min(today, offered_on)
        and invoice.status in PAYABLE
        and invoice.is_on_autopay
        and LEAST_CENTS <= invoice.balance_cents <= MOST_CENTS
        and invoice.pending_cents == 0
        and not invoice.is_asked_for
    )


def is_left_to_client(
    *, opened_at: datetime, due_on: date, offered_at: datetime, offered_on: date
) -> bool:
    """Whether an invoice was on file and past due when the client first saved a method, on its
    firm's day `offered_on`: whether it is charged by that, the client alone says (R118, R122)."""
    return opened_at < offered_at and due_on < offered_on


def check_agreed(agreed: Agreed, *, method_id: int, cents: Mapping[int, int]) -> None:
    """Raise ListChanged unless what would be charged now was shown: this method, these invoices or
    fewer of them, and of each this much or less (R121)."""
    is_shown = all(agreed.cents.get(key, 0) >= amount for key, amount in cents.items())
    if agreed.method_id != method_id or not is_shown:
        raise ListChanged


def question(count: int) -> str:
    """The prompt, in the source's words (R118); "" for nothing to ask about (R119)."""
    if count == 0:
        return ""
    if count == 1:
        return "We have 1 unpaid invoice on file — pay it now?"
    return f"We have {count:,} unpaid invoices on file — pay them all now?"


def otherwise(*, coming: int, late: int) -> str:
    """What “Not now” comes to for so many invoices that auto-pay charges when they fall due, and so
    many that it leaves to the client."""
    if not late:
        day = "its due date" if coming == 1 else "their due dates"
        what = "it" if coming == 1 else "them"
        return f"“Not now” charges nothing today: auto-pay charges {what} on {day}."
    if not coming:
        return "“Not now” charges nothing: you can pay by yourself at any time."
    return (
        "“Not now” charges nothing today: auto-pay charges what is not due yet on its due date, and"
        " the rest you can pay by yourself at any time."
    )


def progress(states: Iterable[ItemState]) -> str:
    """ "3 of 5 done": done is whatever has an answer, also a payment that a bank still works on."""
    listed = list(states)
    done = sum(state not in UNDER_WAY for state in listed)
    return f"{done:,} of {len(listed):,} done"


def summary(states: Iterable[ItemState]) -> str:
    """ "3 paid · 1 processing · 1 failed", of what has come to an end; what is none is not said."""
    listed = list(states)
    ends = (ItemState.PAID, ItemState.PROCESSING, ItemState.FAILED)
    counts = ((state, listed.count(state)) for state in ends)
    return " · ".join(f"{count:,} {state.lower()}" for state, count in counts if count)
