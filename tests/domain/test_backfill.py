"""Which past invoices may be paid all at once, and what agreeing to it covers (R114–R121)."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assure_app.domain.backfill import (
    Agreed,
    Candidate,
    ItemState,
    ListChanged,
    check_agreed,
    is_eligible,
    otherwise,
    progress,
    question,
    summary,
)
from assure_app.domain.invoice_status import Status
from assure_app.domain.online import LEAST_CENTS, MOST_CENTS

TODAY = date(2026, 5, 22)
GOOD = Candidate(
    issued_on=TODAY,
    status=Status.SENT,
    is_on_autopay=True,
    balance_cents=100_000,
    pending_cents=0,
    is_asked_for=False,
)
ELIGIBLE = {Status.SENT, Status.VIEWED, Status.PARTIALLY_PAID, Status.OVERDUE}

candidates = st.builds(
    Candidate,
    issued_on=st.dates(TODAY - timedelta(days=95), TODAY + timedelta(days=3)),
    status=st.sampled_from(Status),
    is_on_autopay=st.booleans(),
    balance_cents=st.sampled_from([0, 49, 50, 51, 100_000, MOST_CENTS, MOST_CENTS + 1]),
    pending_cents=st.sampled_from([0, 1, 100]),
    is_asked_for=st.booleans(),
)


def eligible(candidate: Candidate, *, today: date = TODAY, offered_on: date = TODAY) -> bool:
    return is_eligible(candidate, today=today, offered_on=offered_on)


@pytest.mark.parametrize(
    ("days_ago", "expected"), [(-1, False), (0, True), (1, True), (90, True), (91, False)]
)
def test_the_window_is_ninety_days_by_invoice_date(days_ago: int, *, expected: bool) -> None:
    assert eligible(replace(GOOD, issued_on=TODAY - timedelta(days=days_ago))) is expected


def test_what_was_issued_after_the_first_method_was_saved_is_no_past_invoice() -> None:
    offered_on = TODAY - timedelta(days=10)

    found = [
        days
        for days in range(15)
        if eligible(replace(GOOD, issued_on=TODAY - timedelta(days=days)), offered_on=offered_on)
    ]

    assert found == [10, 11, 12, 13, 14]


@given(st.dates(date(2024, 1, 1), date(2030, 1, 1)), st.integers(-5, 120))
def test_on_any_day_ninety_days_ago_is_in_and_the_day_before_is_out(today: date, days: int) -> None:
    issued = replace(GOOD, issued_on=today - timedelta(days=days))

    assert eligible(issued, today=today, offered_on=today) == (0 <= days <= 90)


@pytest.mark.parametrize("status", list(Status))
def test_only_what_asks_for_money_is_eligible(status: Status) -> None:
    assert eligible(replace(GOOD, status=status)) is (status in ELIGIBLE)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"is_on_autopay": False}, False),
        ({"balance_cents": 0}, False),
        ({"balance_cents": LEAST_CENTS - 1}, False),
        ({"balance_cents": LEAST_CENTS}, True),
        ({"balance_cents": MOST_CENTS}, True),
        ({"balance_cents": MOST_CENTS + 1}, False),
        ({"pending_cents": 1}, False),
        ({"is_asked_for": True}, False),
    ],
)
def test_each_condition_counts(change: dict[str, Any], *, expected: bool) -> None:
    assert eligible(replace(GOOD, **change)) is expected


@given(candidates)
def test_nothing_is_eligible_but_by_every_condition(candidate: Candidate) -> None:
    by_hand = (
        0 <= (TODAY - candidate.issued_on).days <= 90
        and candidate.status in ELIGIBLE
        and candidate.is_on_autopay
        and 50 <= candidate.balance_cents <= 99_999_999
        and candidate.pending_cents == 0
        and not candidate.is_asked_for
    )

    assert eligible(candidate) is by_hand


cents_by_invoice = st.dictionaries(st.integers(1, 6), st.integers(50, 200), max_size=6)


@given(shown=cents_by_invoice, now=cents_by_invoice, is_same_method=st.booleans())
def test_nothing_is_charged_that_was_not_shown(
    shown: dict[int, int], now: dict[int, int], *, is_same_method: bool
) -> None:
    agreed = Agreed(method_id=1, cents=shown)
    is_covered = all(key in shown and amount <= shown[key] for key, amount in now.items())

    try:
        check_agreed(agreed, method_id=1 if is_same_method else 2, cents=now)
    except ListChanged:
        assert not (is_covered and is_same_method)
    else:
        assert is_covered
        assert is_same_method


def test_the_question_is_the_sources() -> None:
    assert [question(count) for count in (0, 1, 2, 1_234)] == [
        "",
        "We have 1 unpaid invoice on file — pay it now?",
        "We have 2 unpaid invoices on file — pay them all now?",
        "We have 1,234 unpaid invoices on file — pay them all now?",
    ]


def test_progress_and_summary_count_what_has_an_answer() -> None:
    states = [
        ItemState.PAID,
        ItemState.PROCESSING,
        ItemState.FAILED,
        ItemState.CHARGING,
        ItemState.WAITING,
    ]

    assert progress(states) == "3 of 5 done"
    assert summary(states[:3]) == "1 paid · 1 processing · 1 failed"
    assert summary([ItemState.PAID, ItemState.PAID]) == "2 paid"


@pytest.mark.parametrize(
    ("coming", "late", "said"),
    [
        (1, 0, "“Not now” charges nothing today: auto-pay charges it on its due date."),
        (2, 0, "“Not now” charges nothing today: auto-pay charges them on their due dates."),
        (0, 2, "“Not now” charges nothing: you can pay by yourself at any time."),
        (
            1,
            1,
            (
                "“Not now” charges nothing today: auto-pay charges what is not due yet on its due"
                " date, and the rest you can pay by yourself at any time."
            ),
        ),
    ],
)
def test_not_now_says_what_it_comes_to(coming: int, late: int, said: str) -> None:
    assert otherwise(coming=coming, late=late) == said
