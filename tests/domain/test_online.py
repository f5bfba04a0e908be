"""What Stripe says of a charge, in any order and any number of times, ends in one state."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assure_app.domain.ledger import LedgerRow, Method
from assure_app.domain.online import (
    CHECKOUT_TRANSITIONS,
    FIRST_STATUS,
    LEAST_CENTS,
    LIVE,
    MOST_CENTS,
    ChargeState,
    CheckoutState,
    OnlineAmountRefused,
    Step,
    Terms,
    check_amount,
    mismatch,
    overdue_at,
    step,
    suggested_cents,
    surplus_cents,
    why_amount_refused,
)
from assure_app.domain.transitions import PAYMENT_TRANSITIONS, Kind, RowStatus

PENDING, COMPLETED, FAILED, REFUNDED = RowStatus
SAYS = st.sampled_from(ChargeState)
CENTS = st.integers(min_value=1, max_value=2 * MOST_CENTS)


def book(rows: list[RowStatus], says: ChargeState) -> list[RowStatus]:
    """The statuses of a charge's rows after one more telling."""
    match step(rows, says):
        case Step.APPEND:
            return [*rows, FIRST_STATUS[says]]
        case Step.COMPLETE:
            return [COMPLETED if row is PENDING else row for row in rows]
        case Step.FAIL:
            return [FAILED if row is PENDING else row for row in rows]
        case _:
            return rows


@given(st.lists(SAYS, min_size=1, max_size=8))
def test_once_it_succeeded_there_is_one_completed_row_whatever_is_told(
    told: list[ChargeState],
) -> None:
    rows: list[RowStatus] = []
    for says in told:
        rows = book(rows, says)

    assert rows.count(COMPLETED) == (ChargeState.SUCCEEDED in told)
    assert rows.count(PENDING) + rows.count(COMPLETED) <= 1
    assert rows.count(FAILED) <= 1


@given(st.lists(SAYS, min_size=1, max_size=8), st.data())
def test_telling_again_changes_nothing(told: list[ChargeState], data: st.DataObject) -> None:
    rows: list[RowStatus] = []
    for says in told:
        rows = book(rows, says)

    again = data.draw(st.lists(st.sampled_from(told)))
    after = rows
    for says in again:
        after = book(after, says)

    assert after.count(COMPLETED) == rows.count(COMPLETED)
    assert after == rows or ChargeState.FAILED in told


@given(st.permutations([ChargeState.PENDING, ChargeState.SUCCEEDED, ChargeState.PENDING]))
def test_success_is_one_row_in_every_order(told: list[ChargeState]) -> None:
    rows: list[RowStatus] = []
    for says in told:
        rows = book(rows, says)

    assert rows == [COMPLETED]


@given(st.permutations([ChargeState.PENDING, ChargeState.FAILED, ChargeState.FAILED]))
def test_failure_is_one_row_in_every_order(told: list[ChargeState]) -> None:
    rows: list[RowStatus] = []
    for says in told:
        rows = book(rows, says)

    assert rows == [FAILED]


@pytest.mark.parametrize(
    ("known", "says", "expected"),
    [
        ((), "pending", Step.APPEND),
        ((), "succeeded", Step.APPEND),
        ((), "failed", Step.APPEND),
        ((PENDING,), "pending", Step.NOTHING),
        ((PENDING,), "succeeded", Step.COMPLETE),
        ((PENDING,), "failed", Step.FAIL),
        ((FAILED,), "pending", Step.NOTHING),
        ((FAILED,), "failed", Step.NOTHING),
        ((FAILED,), "succeeded", Step.APPEND),
        ((COMPLETED,), "pending", Step.NOTHING),
        ((COMPLETED,), "succeeded", Step.NOTHING),
        ((COMPLETED,), "failed", Step.CONTRADICTION),
        ((REFUNDED,), "succeeded", Step.NOTHING),
        ((REFUNDED,), "failed", Step.CONTRADICTION),
        ((FAILED, COMPLETED), "succeeded", Step.NOTHING),
        ((FAILED, COMPLETED), "failed", Step.CONTRADICTION),
        ((FAILED, REFUNDED), "pending", Step.NOTHING),
    ],
)
def test_every_step(known: tuple[RowStatus, ...], says: str, expected: Step) -> None:
    assert step(known, ChargeState(says)) is expected


def test_a_step_is_a_move_that_the_ledger_allows() -> None:
    for says, wanted in ((ChargeState.SUCCEEDED, COMPLETED), (ChargeState.FAILED, FAILED)):
        assert (PENDING, wanted) in PAYMENT_TRANSITIONS
        assert book([PENDING], says) == [wanted]


@pytest.mark.parametrize("pair", list(product(CheckoutState, CheckoutState)))
def test_a_page_only_moves_forward(pair: tuple[CheckoutState, CheckoutState]) -> None:
    before, after = pair
    rank = {"new": 0, "open": 1, "refused": 2, "expired": 2, "completed": 3}

    if pair in CHECKOUT_TRANSITIONS:
        assert rank[after] > rank[before]
    if before not in LIVE:
        assert (pair in CHECKOUT_TRANSITIONS) == (after == "completed" != before)


@given(CENTS, CENTS)
def test_an_accepted_amount_can_be_charged_and_so_can_what_it_leaves(
    balance_cents: int, amount_cents: int
) -> None:
    sentence = why_amount_refused(balance_cents, amount_cents)
    rest_cents = balance_cents - amount_cents

    is_chargeable = LEAST_CENTS <= amount_cents <= MOST_CENTS and rest_cents >= 0
    assert (sentence == "") == (is_chargeable and (rest_cents == 0 or rest_cents >= LEAST_CENTS))


@given(st.integers(min_value=LEAST_CENTS, max_value=3 * MOST_CENTS))
def test_the_suggested_amount_is_accepted(balance_cents: int) -> None:
    check_amount(balance_cents, suggested_cents(balance_cents))


@pytest.mark.parametrize(
    ("balance_cents", "amount_cents", "sentence"),
    [
        (49, 49, "Only $0.49 is open, and less than $0.50 cannot be paid online"),
        (10_000, 0, "Enter an amount greater than $0.00."),
        (10_000, 10_001, "The most you can pay is $100.00."),
        (10_000, 49, "The least that can be paid online is $0.50."),
        (
            10_000,
            9_951,
            "This would leave $0.49, which is too little to pay online. Pay the whole $100.00 or",
        ),
        (80, 60, "This would leave $0.20, which is too little to pay online. Pay the whole $0.80."),
        (
            MOST_CENTS + 1,
            MOST_CENTS,
            "This would leave $0.01, which is too little to pay online. Pay at most $999,999.50.",
        ),
        (MOST_CENTS + 100, MOST_CENTS + 1, "One online payment is at most $999,999.99."),
    ],
)
def test_a_refused_amount_says_which_one_can_be_paid(
    balance_cents: int, amount_cents: int, sentence: str
) -> None:
    with pytest.raises(OnlineAmountRefused) as refusal:
        check_amount(balance_cents, amount_cents)

    assert refusal.value.sentence.startswith(sentence)
    assert refusal.value.field == "amount"


ASKED = Terms(account_id="acct_1", amount_cents=1_000, currency="usd")


@pytest.mark.parametrize(
    ("charged", "sentence"),
    [
        (ASKED, ""),
        (Terms(account_id="acct_2", amount_cents=1_000, currency="usd"), "another Stripe account"),
        (Terms(account_id="acct_1", amount_cents=1_000, currency="eur"), "in EUR, not in USD"),
        (Terms(account_id="acct_1", amount_cents=999, currency="usd"), "$9.99, but $10.00"),
    ],
)
def test_what_differs_is_told(charged: Terms, sentence: str) -> None:
    told = mismatch(asked=ASKED, charged=charged)

    assert sentence in told
    assert (told == "") == (charged == ASKED)


def row(cents: int, status: RowStatus = COMPLETED) -> LedgerRow:
    return LedgerRow(id=1, kind=Kind.PAYMENT, amount_cents=cents, status=status)


def test_of_two_payments_under_way_the_first_to_arrive_was_owed() -> None:
    waiting = [row(1_000, PENDING)]

    first = surplus_cents(1_000, waiting, 1_000, is_cancelled=False)
    second = surplus_cents(1_000, [row(1_000)], 1_000, is_cancelled=False)

    assert (first, second) == (0, 1_000)


@pytest.mark.parametrize(("paid_cents", "surplus"), [(0, 0), (400, 0), (700, 100), (1_000, 600)])
def test_surplus_is_what_was_not_owed_any_more(paid_cents: int, surplus: int) -> None:
    others = [row(paid_cents)] if paid_cents else []

    assert (
        surplus_cents(1_000, others, 400 if surplus < 600 else 600, is_cancelled=False) == surplus
    )


def test_a_cancelled_invoice_is_owed_nothing() -> None:
    assert surplus_cents(1_000, [], 400, is_cancelled=True) == 400


@pytest.mark.parametrize(
    ("created_at", "overdue"),
    [
        (datetime(2026, 5, 22, 15, tzinfo=UTC), datetime(2026, 5, 29, 15, tzinfo=UTC)),  # Friday
        (datetime(2026, 5, 23, 15, tzinfo=UTC), datetime(2026, 5, 29, 15, tzinfo=UTC)),  # Saturday
        (datetime(2026, 5, 25, 15, tzinfo=UTC), datetime(2026, 6, 1, 15, tzinfo=UTC)),  # Monday
    ],
)
def test_a_bank_payment_is_given_five_business_days(
    created_at: datetime, overdue: datetime
) -> None:
    assert overdue_at(Method.ACH, created_at) == overdue
    assert overdue_at(Method.CARD, created_at) == created_at + timedelta(hours=1)
