"""From the rows of one invoice to its figures, and what may be paid or given back (§0 of the rules:
pending money moves the balance, confirmed money moves the status)."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assure_app.domain.errors import (
    AmountExceedsBalance,
    AmountNotPositive,
    NotRefundable,
    RefundExceedsRefundable,
)
from assure_app.domain.ledger import (
    MANUAL_METHODS,
    Figures,
    LedgerRow,
    Method,
    check_payment,
    check_refund,
    figures,
    refundable_cents,
    reversed_cents,
    status_by_refunds,
    why_not_refundable,
)
from assure_app.domain.transitions import Kind, RowStatus

PENDING, COMPLETED, FAILED, REFUNDED = RowStatus
UNDER_WAY = "A refund of all that is left of this payment is under way."
IN_FULL = "This payment was refunded in full."
TAKEN_BACK = "The payer’s bank took this payment back: nothing is left to refund."


def payment(
    amount_cents: int, status: RowStatus = COMPLETED, *, number: int = 1, is_disputed: bool = False
) -> LedgerRow:
    return LedgerRow(
        id=number,
        kind=Kind.PAYMENT,
        amount_cents=amount_cents,
        status=status,
        is_disputed=is_disputed,
    )


def refund(
    amount_cents: int, status: RowStatus = COMPLETED, *, number: int = 2, of: int = 1
) -> LedgerRow:
    return LedgerRow(
        id=number, kind=Kind.REFUND, amount_cents=-amount_cents, status=status, reverses_id=of
    )


def taken_back(
    amount_cents: int, status: RowStatus = COMPLETED, *, number: int = 3, of: int = 1
) -> LedgerRow:
    return LedgerRow(
        id=number, kind=Kind.RETURN, amount_cents=-amount_cents, status=status, reverses_id=of
    )


@pytest.mark.parametrize(
    ("rows", "balance", "settled", "pending", "overpaid"),
    [
        ([], 100_00, 0, 0, 0),
        ([payment(40_00)], 60_00, 40_00, 0, 0),
        ([payment(100_00)], 0, 100_00, 0, 0),
        ([payment(130_00)], 0, 130_00, 0, 30_00),
        ([payment(100_00, PENDING)], 0, 0, 100_00, 0),
        ([payment(40_00, PENDING)], 60_00, 0, 40_00, 0),
        ([payment(100_00, FAILED)], 100_00, 0, 0, 0),
        ([payment(40_00), payment(60_00, PENDING, number=2)], 0, 40_00, 60_00, 0),
        ([payment(40_00), payment(60_00, FAILED, number=2)], 60_00, 40_00, 0, 0),
        ([payment(100_00), refund(100_00, PENDING)], 100_00, 0, 0, 0),
        ([payment(100_00), refund(30_00, PENDING)], 30_00, 70_00, 0, 0),
        ([payment(100_00), refund(30_00)], 30_00, 70_00, 0, 0),
        ([payment(100_00), refund(30_00, FAILED)], 0, 100_00, 0, 0),
        ([payment(100_00, REFUNDED), refund(100_00)], 100_00, 0, 0, 0),
        ([payment(100_00), taken_back(100_00)], 100_00, 0, 0, 0),
        ([payment(130_00), refund(30_00)], 0, 100_00, 0, 0),
        ([payment(1)], 99_99, 1, 0, 0),
    ],
)
def test_figures_of_an_invoice_of_a_hundred_dollars(
    rows: list[LedgerRow], balance: int, settled: int, pending: int, overpaid: int
) -> None:
    expected = Figures(
        balance_cents=balance,
        settled_cents=settled,
        pending_cents=pending,
        overpaid_cents=overpaid,
    )

    for order in permutations(rows):
        assert figures(100_00, order) == expected


def test_trap_a_refunded_payment_still_counts() -> None:
    rows = [payment(60_00, REFUNDED), refund(60_00), payment(40_00, number=4)]

    result = figures(100_00, rows)

    assert (result.balance_cents, result.settled_cents) == (60_00, 40_00)


def test_trap_a_pending_refund_raises_the_balance_and_lowers_what_is_settled() -> None:
    before = figures(100_00, [payment(100_00)])
    after = figures(100_00, [payment(100_00), refund(40_00, PENDING)])

    assert (before.balance_cents, before.settled_cents) == (0, 100_00)
    assert (after.balance_cents, after.settled_cents, after.pending_cents) == (40_00, 60_00, 0)


def test_trap_a_pending_payment_lowers_the_balance_and_settles_nothing() -> None:
    result = figures(100_00, [payment(100_00, PENDING)])

    assert (result.balance_cents, result.settled_cents, result.pending_cents) == (0, 0, 100_00)


def test_an_invoice_of_nothing_owes_nothing() -> None:
    assert figures(0, []) == Figures(
        balance_cents=0, settled_cents=0, pending_cents=0, overpaid_cents=0
    )


@given(
    st.integers(0, 10**11),
    st.lists(st.tuples(st.integers(1, 10**11), st.sampled_from([PENDING, COMPLETED, FAILED]))),
)
def test_figures_account_for_every_cent(
    total_cents: int, paid: list[tuple[int, RowStatus]]
) -> None:
    rows = [payment(amount, status, number=index) for index, (amount, status) in enumerate(paid)]

    result = figures(total_cents, rows)

    received = sum(amount for amount, status in paid if status is not FAILED)
    assert total_cents - result.balance_cents + result.overpaid_cents == received
    assert result.settled_cents + result.pending_cents == received
    assert 0 in (result.balance_cents, result.overpaid_cents)
    assert 0 <= result.balance_cents <= total_cents


@pytest.mark.parametrize(
    ("row", "others", "left", "sentence"),
    [
        (payment(100_00), [], 100_00, ""),
        (payment(100_00), [refund(30_00)], 70_00, ""),
        (payment(100_00), [refund(30_00, PENDING)], 70_00, ""),
        (payment(100_00), [refund(30_00, FAILED)], 100_00, ""),
        (payment(100_00), [refund(30_00), refund(69_99, number=4)], 1, ""),
        (payment(100_00), [refund(30_00, of=9)], 100_00, ""),
        (payment(100_00), [taken_back(30_00)], 70_00, ""),
        (payment(100_00), [taken_back(100_00, FAILED)], 100_00, ""),
        (payment(100_00), [refund(100_00, PENDING)], 0, UNDER_WAY),
        (payment(100_00), [refund(60_00), refund(40_00, PENDING, number=4)], 0, UNDER_WAY),
        (payment(100_00), [refund(100_00)], 0, IN_FULL),
        (payment(100_00, REFUNDED), [refund(100_00)], 0, IN_FULL),
        (payment(100_00), [taken_back(100_00)], 0, TAKEN_BACK),
        (payment(100_00), [refund(40_00), taken_back(60_00)], 0, TAKEN_BACK),
        (payment(100_00, PENDING), [], 0, "Available once it clears."),
        (
            payment(100_00, FAILED),
            [],
            0,
            "This payment failed: there is nothing to refund.",
        ),
        (
            payment(100_00, is_disputed=True),
            [],
            0,
            "The payer’s bank is contesting this payment: it decides where the money goes.",
        ),
        (
            refund(30_00),
            [payment(100_00)],
            0,
            "A refund cannot be refunded. Record a new payment instead.",
        ),
        (
            taken_back(30_00),
            [payment(100_00)],
            0,
            "This money was taken back by the bank: there is nothing to refund.",
        ),
    ],
)
def test_what_may_be_given_back_and_why_not(
    row: LedgerRow, others: list[LedgerRow], left: int, sentence: str
) -> None:
    rows = [row, *others]

    assert refundable_cents(row, rows) == left
    assert refundable_cents(row, iter(rows)) == left
    assert why_not_refundable(row, rows) == sentence
    assert why_not_refundable(row, iter(rows)) == sentence


def test_reversals_that_count_are_summed_by_payment() -> None:
    rows = [
        payment(100_00),
        payment(100_00, number=7),
        refund(10_00),
        refund(20_00, PENDING, number=4),
        refund(40_00, FAILED, number=5),
        taken_back(5_00),
        refund(50_00, number=8, of=7),
    ]

    assert reversed_cents(rows[0], rows) == 35_00
    assert reversed_cents(rows[1], rows) == 50_00


@pytest.mark.parametrize(
    ("row", "others", "status"),
    [
        (payment(100_00), [], COMPLETED),
        (payment(100_00), [refund(99_99)], COMPLETED),
        (payment(100_00), [refund(100_00)], REFUNDED),
        (payment(100_00), [refund(60_00), refund(40_00, number=4)], REFUNDED),
        (payment(100_00), [refund(100_00, PENDING)], COMPLETED),
        (payment(100_00), [refund(60_00), refund(40_00, PENDING, number=4)], COMPLETED),
        (payment(100_00), [refund(100_00, FAILED)], COMPLETED),
        (payment(100_00), [refund(100_00, of=9)], COMPLETED),
        (payment(100_00), [taken_back(100_00)], COMPLETED),
        (payment(100_00), [refund(60_00), taken_back(40_00)], COMPLETED),
        (payment(100_00, REFUNDED), [refund(100_00)], REFUNDED),
        (payment(100_00, REFUNDED), [refund(100_00, FAILED)], COMPLETED),
        (payment(100_00, REFUNDED), [refund(60_00), refund(40_00, FAILED, number=4)], COMPLETED),
        (payment(100_00, PENDING), [], PENDING),
        (payment(100_00, FAILED), [], FAILED),
        (refund(100_00, PENDING), [payment(100_00)], PENDING),
        (refund(100_00), [payment(100_00)], COMPLETED),
        (taken_back(100_00), [payment(100_00)], COMPLETED),
    ],
)
def test_a_payment_is_refunded_once_completed_refunds_reach_it(
    row: LedgerRow, others: list[LedgerRow], status: RowStatus
) -> None:
    assert status_by_refunds(row, [row, *others]) is status


def test_a_payment_up_to_the_balance_passes() -> None:
    rows = [payment(40_00), payment(10_00, PENDING, number=2), payment(50_00, FAILED, number=3)]

    check_payment(100_00, rows, 1)
    check_payment(100_00, rows, 50_00)


def test_a_payment_above_the_balance_is_refused_with_the_limit() -> None:
    rows = [payment(40_00), payment(10_00, PENDING, number=2)]

    with pytest.raises(AmountExceedsBalance) as refusal:
        check_payment(100_00, rows, 50_01)

    assert (refusal.value.requested_cents, refusal.value.balance_cents) == (50_01, 50_00)


@pytest.mark.parametrize("amount_cents", [0, -1, -100_00])
def test_nothing_and_less_than_nothing_are_refused(amount_cents: int) -> None:
    rows = [payment(40_00)]

    with pytest.raises(AmountNotPositive) as paying:
        check_payment(100_00, rows, amount_cents)
    with pytest.raises(AmountNotPositive) as refunding:
        check_refund(rows[0], rows, amount_cents)

    assert paying.value.requested_cents == amount_cents
    assert refunding.value.requested_cents == amount_cents


def test_a_refund_up_to_what_is_left_passes() -> None:
    rows = [payment(100_00), refund(30_00), refund(20_00, PENDING, number=4)]

    check_refund(rows[0], rows, 1)
    check_refund(rows[0], rows, 50_00)


def test_a_refund_above_what_is_left_is_refused_with_the_limit() -> None:
    rows = [payment(100_00), refund(30_00), refund(20_00, PENDING, number=4)]

    with pytest.raises(RefundExceedsRefundable) as refusal:
        check_refund(rows[0], rows, 50_01)

    assert (refusal.value.requested_cents, refusal.value.refundable_cents) == (50_01, 50_00)


def test_a_refund_of_what_cannot_be_refunded_says_why() -> None:
    rows = [payment(100_00, PENDING)]

    with pytest.raises(NotRefundable) as refusal:
        check_refund(rows[0], rows, 1)

    assert refusal.value.sentence == "Available once it clears."


def test_card_and_ach_are_never_recorded_by_hand() -> None:
    assert [method.value for method in MANUAL_METHODS] == ["Cash", "Check", "Wire", "Other"]
    assert {method.value for method in set(Method) - set(MANUAL_METHODS)} == {"Card", "ACH"}
