"""Stripe's fee: half up to the cent, never given back (R099–R104)."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assure_app.domain.fees import (
    FeeSchedule,
    PercentProblem,
    estimate_fee_cents,
    lost_cents,
    parse_percent,
    percent_text,
)
from assure_app.domain.ledger import MANUAL_METHODS, Method
from assure_app.domain.money import MAX_AMOUNT_CENTS

amounts = st.integers(min_value=1, max_value=MAX_AMOUNT_CENTS)


@pytest.mark.parametrize(
    ("amount_cents", "fee_cents"),
    [
        (10_000, 320),
        (150_000, 4_380),
        (50, 31),
        (1, 30),
        (17, 30),  # 0.493 of a cent
        (18, 31),  # 0.522 of a cent
        (500, 45),  # 14.5 cents: half goes up
        (1_500, 74),  # 43.5 cents: half goes up
        (2_500, 103),  # 72.5 cents: half goes up, also to an odd cent
        (99_999_999, 2_900_030),
    ],
)
def test_card_fee_is_rounded_half_up(amount_cents: int, fee_cents: int) -> None:
    assert estimate_fee_cents(Method.CARD, amount_cents) == fee_cents


@given(amounts)
def test_card_fee_agrees_with_decimal_arithmetic(amount_cents: int) -> None:
    percentage = (Decimal(amount_cents) * Decimal("0.029")).quantize(Decimal(1), ROUND_HALF_UP)

    fee_cents = estimate_fee_cents(Method.CARD, amount_cents)

    assert type(fee_cents) is int
    assert fee_cents == int(percentage) + 30


@given(amounts)
def test_ach_and_offline_money_costs_nothing(amount_cents: int) -> None:
    for method in (Method.ACH, *MANUAL_METHODS):
        assert estimate_fee_cents(method, amount_cents) == 0


@given(amounts)
def test_a_refund_costs_nothing_and_brings_nothing_back(amount_cents: int) -> None:
    assert estimate_fee_cents(Method.CARD, -amount_cents) == 0


schedules = st.builds(
    FeeSchedule,
    card_basis_points=st.integers(0, 10_000),
    card_fixed_cents=st.integers(0, 9_999),
    ach_basis_points=st.integers(0, 10_000),
    ach_fixed_cents=st.integers(0, 9_999),
)


@given(amounts, schedules)
def test_every_schedule_agrees_with_decimal_arithmetic(
    amount_cents: int, schedule: FeeSchedule
) -> None:
    parts = {
        Method.CARD: (schedule.card_basis_points, schedule.card_fixed_cents),
        Method.ACH: (schedule.ach_basis_points, schedule.ach_fixed_cents),
    }

    for method, (basis_points, fixed_cents) in parts.items():
        share = Decimal(amount_cents) * basis_points / 10_000
        expected = int(share.quantize(Decimal(1), ROUND_HALF_UP)) + fixed_cents
        assert estimate_fee_cents(method, amount_cents, schedule) == expected
    for method in MANUAL_METHODS:
        assert estimate_fee_cents(method, amount_cents, schedule) == 0


@given(st.integers(0, 10_000))
def test_a_share_is_read_as_it_is_written(basis_points: int) -> None:
    assert parse_percent(percent_text(basis_points)) == basis_points
    assert parse_percent(f" {percent_text(basis_points)} % ") == basis_points


@pytest.mark.parametrize(
    ("text", "basis_points"), [("2.9", 290), ("3", 300), ("0.", 0), ("100", 10_000)]
)
def test_a_share_may_be_short(text: str, basis_points: int) -> None:
    assert parse_percent(text) == basis_points


@pytest.mark.parametrize("text", ["", "-1", "2.905", "abc", "2,9", "100.01", "1000", "٢", "1e2"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(PercentProblem):
        parse_percent(text)


@given(st.integers(1, MAX_AMOUNT_CENTS), st.integers(0, 10_000), st.integers(0, 2))
def test_no_more_of_a_fee_is_lost_than_was_paid(
    amount_cents: int, fee_cents: int, more: int
) -> None:
    lost = [
        lost_cents(fee_cents, amount_cents=amount_cents, given_back_cents=back_cents)
        for back_cents in (0, amount_cents // 2, amount_cents, amount_cents + more)
    ]

    assert lost == sorted(lost)
    assert (lost[0], lost[2], lost[3]) == (0, fee_cents, fee_cents)
    assert lost_cents(fee_cents, amount_cents=0, given_back_cents=more) == 0


def test_a_bank_may_take_back_more_than_was_left() -> None:
    assert lost_cents(320, amount_cents=10_000, given_back_cents=15_000) == 320
    assert lost_cents(320, amount_cents=10_000, given_back_cents=5_000) == 160
