"""What Stripe says of a refund, and what the books make of it."""

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assure_app.domain.fees import net_cents
from assure_app.domain.ledger import Method
from assure_app.domain.refund_reasons import STRIPE_REASON, RefundReason
from assure_app.domain.stripe_refunds import (
    MOVING,
    REFUND_STATE_TRANSITIONS,
    ROW_STATUS,
    RefundSays,
    RefundState,
    arrival,
    moves_on,
    reason_of,
    state_said,
    takes_text,
)
from assure_app.domain.transitions import REFUND_TRANSITIONS

RANK = {RefundState.ACCEPTED: 1, RefundState.DONE: 2, RefundState.FAILED: 3}


@pytest.mark.parametrize(("known", "says"), list(product(RefundState, RefundSays)))
def test_a_telling_moves_forward_or_not_at_all(known: RefundState, says: RefundSays) -> None:
    is_later = known is RefundState.NEW or (known in RANK and RANK[state_said(says)] > RANK[known])

    assert moves_on(known, says) is is_later


@given(st.lists(st.sampled_from(RefundSays), min_size=1))
def test_in_any_order_the_latest_word_stands(told: list[RefundSays]) -> None:
    state = RefundState.NEW
    for says in told:
        state = state_said(says) if moves_on(state, says) else state

    assert state is max((state_said(says) for says in told), key=lambda each: RANK[each])


def test_every_move_is_one_that_the_ledgers_row_can_make() -> None:
    moves = {(ROW_STATUS[before], ROW_STATUS[after]) for before, after in REFUND_STATE_TRANSITIONS}

    assert {move for move in moves if move[0] is not move[1]} == REFUND_TRANSITIONS
    assert {before for before, _ in REFUND_STATE_TRANSITIONS} == MOVING | {RefundState.DONE}


@pytest.mark.parametrize(
    ("says", "state"),
    [
        ("pending", RefundState.ACCEPTED),
        ("requires_action", RefundState.ACCEPTED),
        ("succeeded", RefundState.DONE),
        ("failed", RefundState.FAILED),
        ("canceled", RefundState.FAILED),
    ],
)
def test_each_word_of_stripes_has_its_state(says: str, state: RefundState) -> None:
    assert state_said(RefundSays(says)) is state


def test_stripes_reasons_come_back_as_ours() -> None:
    assert reason_of("duplicate") is RefundReason.DUPLICATE
    assert reason_of("fraudulent") is RefundReason.FRAUDULENT
    assert reason_of("requested_by_customer") is RefundReason.REQUESTED_BY_CUSTOMER
    assert reason_of("") is reason_of("expired_uncaptured_charge") is RefundReason.OTHER
    assert {reason_of(each) for each in STRIPE_REASON.values()} < set(RefundReason)


def test_a_card_refund_arrives_after_five_to_ten_business_days() -> None:
    arrives = arrival(Method.CARD, date(2026, 11, 23))

    assert (arrives.first, arrives.last) == (date(2026, 11, 30), date(2026, 12, 7))
    assert arrives.text(date(2026, 11, 23)) == "between Nov 30 and Dec 7"
    assert takes_text(Method.CARD) == "5–10 business days"


def test_a_refund_to_a_bank_arrives_after_five_to_seven() -> None:
    arrives = arrival(Method.ACH, date(2026, 12, 24))

    assert arrives.text(date(2026, 12, 24)) == "between Dec 31 and Jan 4, 2027"
    assert takes_text(Method.ACH) == "5–7 business days"


@given(st.dates(date(2000, 1, 1), date(2099, 1, 1)), st.sampled_from([Method.CARD, Method.ACH]))
def test_it_arrives_on_business_days(day: date, method: Method) -> None:
    arrives = arrival(method, day)

    assert arrives.first.weekday() < 5 > arrives.last.weekday()
    assert timedelta(days=5) <= arrives.first - day <= timedelta(days=8)
    assert arrives.first < arrives.last


def test_the_fee_is_lost_with_a_refund() -> None:
    assert net_cents(10_000, fee_cents=320, given_back_cents=10_000) == -320
    assert net_cents(10_000, fee_cents=320, given_back_cents=2_500) == 7_180
