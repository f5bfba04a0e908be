"""Which status a ledger row may take next (R012): data, so that every pair can be tested.

The triggers of the database hold the same tables.
"""

from enum import StrEnum

from assure_app.domain.errors import IllegalTransition


class RowStatus(StrEnum):
    """Status of one ledger row, in the words of the screen (R013)."""

    PENDING = "Pending"
    COMPLETED = "Completed"
    FAILED = "Failed"
    REFUNDED = "Refunded"


class Kind(StrEnum):
    """What a ledger row is: money in, money given back, or money taken back by the bank."""

    PAYMENT = "payment"
    REFUND = "refund"
    RETURN = "return"


_PENDING, _COMPLETED, _FAILED, _REFUNDED = RowStatus

PAYMENT_TRANSITIONS: frozenset[tuple[RowStatus, RowStatus]] = frozenset(
    {
        (_PENDING, _COMPLETED),
        (_PENDING, _FAILED),
        (_COMPLETED, _REFUNDED),
        (_REFUNDED, _COMPLETED),
    }
)
"""Refunded goes back to Completed when one of its refunds fails later (R093).

`ledger.status_by_refunds` alone decides between these two: news that the charge succeeded, told
again, concerns a Pending row only.
"""

REFUND_TRANSITIONS: frozenset[tuple[RowStatus, RowStatus]] = frozenset(
    {(_PENDING, _COMPLETED), (_PENDING, _FAILED), (_COMPLETED, _FAILED)}
)
"""A refund that Stripe called done can still fail days later (R093)."""

RETURN_TRANSITIONS: frozenset[tuple[RowStatus, RowStatus]] = frozenset(
    {(_PENDING, _COMPLETED), (_PENDING, _FAILED)}
)
"""What a bank took and then gave back is money that came in: a new row, not a changed one."""

TRANSITIONS = {
    Kind.PAYMENT: PAYMENT_TRANSITIONS,
    Kind.REFUND: REFUND_TRANSITIONS,
    Kind.RETURN: RETURN_TRANSITIONS,
}


def check_transition(kind: Kind, *, before: RowStatus, after: RowStatus) -> None:
    """Raise IllegalTransition unless a row of this kind may go from `before` to `after`."""
    if (before, after) not in TRANSITIONS[kind]:
        raise IllegalTransition(before=before, after=after)
