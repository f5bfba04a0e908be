"""From the rows of one invoice to its figures: balance, settled, pending, overpaid, refundable.

Pending money moves the balance, confirmed money moves the status. A payment that was refunded still
counts: its refund row is what takes the money away, so dropping it would count the refund twice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from assure_app.domain.errors import (
    AmountExceedsBalance,
    AmountNotPositive,
    BalanceChanged,
    NotRefundable,
    RefundExceedsRefundable,
)
from assure_app.domain.transitions import Kind, RowStatus


class Method(StrEnum):
    """How the money moved (R013)."""

    CARD = "Card"
    ACH = "ACH"
    CASH = "Cash"
    CHECK = "Check"
    WIRE = "Wire"
    OTHER = "Other"


MANUAL_METHODS = (Method.CASH, Method.CHECK, Method.WIRE, Method.OTHER)
"""What a firm user may record by hand; Card and ACH go through Stripe (R021, R022)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """One row of the ledger as the rules see it; `amount_cents` is negative for money that left.

    `is_disputed` says that the payer's bank is contesting the payment at present (R066).
    """

    id: int
    kind: Kind
    amount_cents: int
    status: RowStatus
    reverses_id: int | None = None
    is_disputed: bool = False

    @property
    def counts(self) -> bool:
        """A failed row counts for nothing; every other does."""
        return self.status is not RowStatus.FAILED


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the rows of one invoice come to, in cents."""

    balance_cents: int
    settled_cents: int
    pending_cents: int
    overpaid_cents: int


def figures(total_cents: int, rows: Iterable[LedgerRow]) -> Figures:
    """Compute an invoice's figures from its total and its rows, in any order (R008, R009, R043).

    The balance stays within the total because no row may reverse more than its payment.
    """
    counted = 0
    pending = 0
    for row in rows:
        if not row.counts:
            continue
        counted += row.amount_cents
        if row.status is RowStatus.PENDING and row.amount_cents > 0:
            pending += row.amount_cents
    return Figures(
        balance_cents=max(0, total_cents - counted),
        settled_cents=counted - pending,
        pending_cents=pending,
        overpaid_cents=max(0, counted - total_cents),
    )


def reversed_cents(payment: LedgerRow, rows: Iterable[LedgerRow]) -> int:
    """How much of a payment was given or taken back, pending reversals included."""
    return -sum(row.amount_cents for row in rows if row.reverses_id == payment.id and row.counts)


def refundable_cents(payment: LedgerRow, rows: Iterable[LedgerRow]) -> int:
    """How much may still be refunded; 0 unless a completed, undisputed payment (R079, R092)."""
    if payment.kind is not Kind.PAYMENT or payment.status is not RowStatus.COMPLETED:
        return 0
    if payment.is_disputed:
        return 0
    return max(0, payment.amount_cents - reversed_cents(payment, rows))


def why_not_refundable(payment: LedgerRow, rows: Iterable[LedgerRow]) -> str:
    """The sentence shown instead of a refund, or "" when something can be refunded (R092)."""
    if payment.kind is not Kind.PAYMENT:
        return _NOT_A_PAYMENT[payment.kind]
    match payment.status:
        case RowStatus.PENDING:
            return "Available once it clears."
        case RowStatus.FAILED:
            return "This payment failed: there is nothing to refund."
        case RowStatus.REFUNDED:
            return _REFUNDED_IN_FULL
        case RowStatus.COMPLETED:
            return _why_completed_is_not_refundable(payment, tuple(rows))


def status_by_refunds(payment: LedgerRow, rows: Iterable[LedgerRow]) -> RowStatus:
    """Refunded once its completed refunds reach its amount, else Completed (R090).

    Money a bank took back is not a refund. A row that is not a completed payment keeps its status.
    """
    if payment.kind is not Kind.PAYMENT or payment.status in {RowStatus.PENDING, RowStatus.FAILED}:
        return payment.status
    refunded = -sum(
        row.amount_cents
        for row in rows
        if row.reverses_id == payment.id
        and row.kind is Kind.REFUND
        and row.status is RowStatus.COMPLETED
    )
    return RowStatus.REFUNDED if refunded >= payment.amount_cents else RowStatus.COMPLETED


def check_payment(total_cents: int, rows: Sequence[LedgerRow], amount_cents: int) -> None:
    """Raise AmountNotPositive, or AmountExceedsBalance above the balance (R030, R031)."""
    if amount_cents <= 0:
        raise AmountNotPositive(requested_cents=amount_cents)
    balance = figures(total_cents, rows).balance_cents
    if amount_cents > balance:
        raise AmountExceedsBalance(requested_cents=amount_cents, balance_cents=balance)


def check_whole_balance(total_cents: int, rows: Sequence[LedgerRow], amount_cents: int) -> None:
    """Raise BalanceChanged unless the amount is the balance, to the cent (R038)."""
    balance = figures(total_cents, rows).balance_cents
    if amount_cents != balance:
        raise BalanceChanged(shown_cents=amount_cents, balance_cents=balance)


def check_refund(payment: LedgerRow, rows: Sequence[LedgerRow], amount_cents: int) -> None:
    """Raise NotRefundable, AmountNotPositive or RefundExceedsRefundable (R079, R092)."""
    reason = why_not_refundable(payment, rows)
    if reason:
        raise NotRefundable(reason)
    if amount_cents <= 0:
        raise AmountNotPositive(requested_cents=amount_cents)
    refundable = refundable_cents(payment, rows)
    if amount_cents > refundable:
        raise RefundExceedsRefundable(requested_cents=amount_cents, refundable_cents=refundable)


def _why_completed_is_not_refundable(payment: LedgerRow, rows: Sequence[LedgerRow]) -> str:
    if payment.is_disputed:
        return "The payer’s bank is contesting this payment: it decides where the money goes."
    if refundable_cents(payment, rows) > 0:
        return ""
    reversals = [row for row in rows if row.reverses_id == payment.id and row.counts]
    if any(row.kind is Kind.RETURN for row in reversals):
        return "The payer’s bank took this payment back: nothing is left to refund."
    if any(row.status is RowStatus.PENDING for row in reversals):
        return "A refund of all that is left of this payment is under way."
    return _REFUNDED_IN_FULL


_REFUNDED_IN_FULL = "This payment was refunded in full."
_NOT_A_PAYMENT = {
    Kind.REFUND: "A refund cannot be refunded. Record a new payment instead.",
    Kind.RETURN: "This money was taken back by the bank: there is nothing to refund.",
}
