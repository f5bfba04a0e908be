"""What Stripe says of a charge, and what the ledger makes of it: pure rules, forward only.

A charge is told of many times, in any order, by the return page, callbacks, polling and sweeps.
Each telling is a moment of Stripe's truth; one that says less than is known changes nothing.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from assure_app.domain.errors import BillingError
from assure_app.domain.ledger import LedgerRow, Method, figures
from assure_app.domain.money import full_text
from assure_app.domain.transitions import RowStatus

CURRENCY = "usd"
LEAST_CENTS = 50
MOST_CENTS = 99_999_999
"""What Stripe takes in one charge: from $0.50 to $999,999.99."""

_CARD_PATIENCE = timedelta(hours=1)
_ACH_PATIENCE_BUSINESS_DAYS = 5
_SATURDAY = 5


class ChargeState(StrEnum):
    """What Stripe says of a charge, in Stripe's words."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class Step(StrEnum):
    """What a telling of a charge does to the ledger."""

    NOTHING = "nothing"
    APPEND = "append"
    COMPLETE = "complete"
    FAIL = "fail"
    CONTRADICTION = "contradiction"


class CheckoutState(StrEnum):
    """Where a payment page is: asked for, open at Stripe, paid on, or closed without a payment."""

    NEW = "new"
    OPEN = "open"
    COMPLETED = "completed"
    EXPIRED = "expired"
    REFUSED = "refused"


LIVE = frozenset({CheckoutState.NEW, CheckoutState.OPEN})
"""Money may still come in by these; an invoice has one at most (R050)."""

CHECKOUT_TRANSITIONS: frozenset[tuple[CheckoutState, CheckoutState]] = frozenset(
    {
        (CheckoutState.NEW, CheckoutState.OPEN),
        (CheckoutState.NEW, CheckoutState.REFUSED),
        (CheckoutState.NEW, CheckoutState.EXPIRED),
        (CheckoutState.OPEN, CheckoutState.EXPIRED),
        *((before, CheckoutState.COMPLETED) for before in CheckoutState if before != "completed"),
    }
)
"""Money that came in is a fact whatever was thought of its page before (R063)."""


class OnlineAmountRefused(BillingError):
    """The amount cannot be paid online; the sentence says which can (R047)."""

    field = "amount"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a charge and the page it was made on must agree about (R062)."""

    account_id: str
    amount_cents: int
    currency: str


FIRST_STATUS = {
    ChargeState.PENDING: RowStatus.PENDING,
    ChargeState.SUCCEEDED: RowStatus.COMPLETED,
    ChargeState.FAILED: RowStatus.FAILED,
}
"""The status that a charge's row begins with: Stripe may have moved on before we hear of it."""


def step(known: Collection[RowStatus], says: ChargeState) -> Step:
    """What to do when Stripe says this of a charge whose rows have these statuses (R059, R063).

    A charge has one row. Only when it turns out to have succeeded after it was written off as
    failed does it get a second one, because a failed row never comes back.
    """
    if not known:
        return Step.APPEND
    if RowStatus.PENDING in known:
        return _STEP_OF_PENDING[says]
    if set(known) == {RowStatus.FAILED}:
        return Step.APPEND if says is ChargeState.SUCCEEDED else Step.NOTHING
    return Step.CONTRADICTION if says is ChargeState.FAILED else Step.NOTHING


_STEP_OF_PENDING = {
    ChargeState.PENDING: Step.NOTHING,
    ChargeState.SUCCEEDED: Step.COMPLETE,
    ChargeState.FAILED: Step.FAIL,
}


def mismatch(*, asked: Terms, charged: Terms) -> str:
    """How a charge differs from what was asked for, as a sentence; "" when it does not (R062)."""
    if charged.account_id != asked.account_id:
        return "It was made on another Stripe account than the payment was asked for on."
    if charged.currency != asked.currency:
        return f"It is in {charged.currency.upper()}, not in {asked.currency.upper()}."
    if charged.amount_cents != asked.amount_cents:
        return (
            f"It is over {full_text(charged.amount_cents)}, "
            f"but {full_text(asked.amount_cents)} was asked for."
        )
    return ""


def surplus_cents(
    total_cents: int, others: Iterable[LedgerRow], amount_cents: int, *, is_cancelled: bool
) -> int:
    """How much of money that arrived the invoice did not ask for any more (R063, R070).

    Only what arrived before counts against it: of two payments under way the first to arrive is
    the one that was owed. A cancelled invoice asks for nothing.
    """
    if is_cancelled:
        return amount_cents
    arrived = [row for row in others if row.status is not RowStatus.PENDING]
    return max(0, amount_cents - figures(total_cents, arrived).balance_cents)


def check_amount(balance_cents: int, amount_cents: int) -> None:
    """Raise OnlineAmountRefused unless a client may pay this much of the balance (R047)."""
    if sentence := why_amount_refused(balance_cents, amount_cents):
        raise OnlineAmountRefused(sentence)


def why_amount_refused(balance_cents: int, amount_cents: int) -> str:
    """Why a client cannot pay this much of the balance online, or "".

    A part that would leave less than Stripe takes is refused: the rest could never be paid here.
    """
    if balance_cents < LEAST_CENTS:
        return (
            f"Only {full_text(balance_cents)} is open, and less than {full_text(LEAST_CENTS)} "
            "cannot be paid online. Please ask the firm how to pay it."
        )
    if amount_cents <= 0:
        return "Enter an amount greater than $0.00."
    if amount_cents > balance_cents:
        return f"The most you can pay is {full_text(balance_cents)}."
    if amount_cents < LEAST_CENTS:
        return f"The least that can be paid online is {full_text(LEAST_CENTS)}."
    if amount_cents > MOST_CENTS:
        return f"One online payment is at most {full_text(MOST_CENTS)}. Pay the rest afterwards."
    return _why_rest_refused(balance_cents, balance_cents - amount_cents)


def suggested_cents(balance_cents: int) -> int:
    """What the amount field starts with: all of the balance, or as much as one payment may be."""
    if balance_cents <= MOST_CENTS:
        return balance_cents
    return min(MOST_CENTS, balance_cents - LEAST_CENTS)


def _why_rest_refused(balance_cents: int, rest_cents: int) -> str:
    if rest_cents == 0 or rest_cents >= LEAST_CENTS:
        return ""
    part_cents = balance_cents - LEAST_CENTS
    advice = [f"the whole {full_text(balance_cents)}"] if balance_cents <= MOST_CENTS else []
    if part_cents >= LEAST_CENTS:
        advice.append(f"at most {full_text(part_cents)}")
    return (
        f"This would leave {full_text(rest_cents)}, which is too little to pay online. "
        f"Pay {' or '.join(advice)}."
    )


def overdue_at(method: Method, created_at: datetime) -> datetime:
    """When a row that is still Pending is asked about: a card's after an hour, a bank payment's
    after five business days (R064)."""
    if method is not Method.ACH:
        return created_at + _CARD_PATIENCE
    moment = created_at
    for _ in range(_ACH_PATIENCE_BUSINESS_DAYS):
        moment += timedelta(days=1)
        while moment.weekday() >= _SATURDAY:
            moment += timedelta(days=1)
    return moment
