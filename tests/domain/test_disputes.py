"""What a dispute takes of its payment, in any order and any number of times."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assure_app.domain.disputes import (
    OPEN,
    RETURN_REASONS,
    WAITS_FOR_US,
    WARNED_BEFORE,
    DisputeFacts,
    DisputeKind,
    DisputeState,
    Levelling,
    ends_bank_account,
    is_late,
    is_news,
    kind_of,
    level,
    reason_text,
)
from assure_app.domain.ledger import LedgerRow, figures, reversed_cents
from assure_app.domain.transitions import Kind, RowStatus

CENTS = st.integers(min_value=0, max_value=10_000)
AMOUNT = 10_000


def facts(
    state: DisputeState, withdrawn: int = 0, reinstated: int = 0, *, is_refundable: bool = False
) -> DisputeFacts:
    return DisputeFacts(
        state=state,
        withdrawn_cents=withdrawn,
        reinstated_cents=reinstated,
        is_refundable=is_refundable,
    )


def a_row(
    number: int, kind: Kind, cents: int, status: RowStatus = RowStatus.COMPLETED
) -> LedgerRow:
    return LedgerRow(
        id=number,
        kind=kind,
        amount_cents=cents,
        status=status,
        reverses_id=None if kind is Kind.PAYMENT else 0,
    )


def written(rows: list[LedgerRow], own: list[int], taken_cents: int) -> Levelling:
    """Write what levelling asks for; the last answer."""
    wanted = level(rows[0], rows, own, taken_cents)
    for kind, cents in (
        (Kind.RETURN, -wanted.take_cents),
        (Kind.PAYMENT, wanted.give_back_cents),
    ):
        if cents:
            own.append(len(rows))
            rows.append(a_row(len(rows), kind, cents))
    return wanted


@pytest.mark.parametrize("state", DisputeState)
def test_only_a_decision_against_us_takes_money(state: DisputeState) -> None:
    takes = state in {DisputeState.LOST, DisputeState.PREVENTED}

    assert facts(state, 700).taken_cents == (700 if takes else 0)
    assert facts(state, 700, 700).taken_cents == 0
    assert facts(state, 700, 200).taken_cents == (500 if takes else 0)


@pytest.mark.parametrize("state", DisputeState)
@pytest.mark.parametrize("is_refundable", [True, False])
def test_a_refund_waits_while_stripe_would_refuse_it(
    state: DisputeState, *, is_refundable: bool
) -> None:
    known = facts(state, is_refundable=is_refundable)

    assert known.blocks_refund == (state in OPEN and not is_refundable)


def test_whatever_order_it_is_told_in_the_last_word_is_kept() -> None:
    lives = (
        (
            facts(DisputeState.INQUIRY_ASKED, is_refundable=True),
            facts(DisputeState.INQUIRY_ANSWERED, is_refundable=True),
            facts(DisputeState.ASKED, 700),
            facts(DisputeState.ANSWERED, 700),
            facts(DisputeState.LOST, 700),
            facts(DisputeState.WON, 700, 700),
        ),
        (
            facts(DisputeState.INQUIRY_ASKED, is_refundable=True),
            facts(DisputeState.INQUIRY_CLOSED, is_refundable=True),
        ),
        (facts(DisputeState.LOST), facts(DisputeState.LOST, 700)),
    )
    for life in lives:
        for told in permutations((*life, *life[:1])):
            known: DisputeFacts | None = None
            for each in told:
                known = each if is_news(known, each) else known
            assert known == life[-1]


def test_what_is_known_is_no_news() -> None:
    assert not is_news(facts(DisputeState.ASKED, 700), facts(DisputeState.ASKED, 700))


@pytest.mark.parametrize("reason", sorted(RETURN_REASONS))
def test_a_return_by_the_bank_is_called_so(reason: str) -> None:
    assert kind_of(DisputeState.LOST, reason) is DisputeKind.BANK_RETURN


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (DisputeState.INQUIRY_ASKED, DisputeKind.INQUIRY),
        (DisputeState.INQUIRY_CLOSED, DisputeKind.INQUIRY),
        (DisputeState.ASKED, DisputeKind.CONTEST),
        (DisputeState.WON, DisputeKind.CONTEST),
        (DisputeState.LOST, DisputeKind.CONTEST),
    ],
)
def test_a_customers_complaint_is_an_inquiry_or_a_contest(
    state: DisputeState, kind: DisputeKind
) -> None:
    assert kind_of(state, "fraudulent") is kind


@pytest.mark.parametrize(
    ("kind", "reason", "ends"),
    [
        (DisputeKind.CONTEST, "debit_not_authorized", True),
        (DisputeKind.BANK_RETURN, "incorrect_account_details", True),
        (DisputeKind.BANK_RETURN, "insufficient_funds", False),
        (DisputeKind.BANK_RETURN, "bank_cannot_process", False),
        (DisputeKind.INQUIRY, "general", False),
    ],
)
def test_a_bank_account_ends_when_its_owner_or_its_number_was_wrong(
    kind: DisputeKind, reason: str, *, ends: bool
) -> None:
    assert ends_bank_account(kind, reason) is ends


@given(st.sampled_from(DisputeState), st.timedeltas(timedelta(days=-9), timedelta(days=9)))
def test_an_answer_is_late_in_its_last_days_alone(state: DisputeState, before: timedelta) -> None:
    deadline = datetime(2026, 6, 1, 23, 59, tzinfo=UTC)

    is_it = is_late(state, deadline, deadline - before)

    assert is_it == (state in WAITS_FOR_US and timedelta() < before <= WARNED_BEFORE)
    assert not is_late(state, None, deadline)


@pytest.mark.parametrize("reason", ["", "made_up_by_stripe", "fraudulent"])
def test_a_reason_is_words(reason: str) -> None:
    assert reason_text(reason)
    assert "_" not in reason_text(reason)


@given(st.lists(CENTS, min_size=1, max_size=6), st.lists(CENTS, max_size=3), st.booleans())
def test_the_ledger_shows_what_was_taken_and_never_more_than_the_payment(
    tellings: list[int], refunds: list[int], later_fails: bool
) -> None:
    rows = [a_row(0, Kind.PAYMENT, AMOUNT)]
    own: list[int] = []
    for cents in refunds:
        if 0 < cents <= AMOUNT - reversed_cents(rows[0], rows):
            rows.append(a_row(len(rows), Kind.REFUND, -cents))
    for taken_cents in tellings:
        wanted = written(rows, own, taken_cents)
        shown_cents = -sum(row.amount_cents for row in rows if row.id in own)
        assert shown_cents + wanted.rest_cents == taken_cents
        assert reversed_cents(rows[0], rows) <= AMOUNT
        assert 0 <= figures(AMOUNT, rows).balance_cents <= AMOUNT
        assert written(rows, own, taken_cents).take_cents == 0
    if later_fails and refunds:
        rows = [
            a_row(row.id, row.kind, row.amount_cents, RowStatus.FAILED)
            if row.kind is Kind.REFUND
            else row
            for row in rows
        ]
        written(rows, own, tellings[-1])
        assert reversed_cents(rows[0], rows) <= AMOUNT
