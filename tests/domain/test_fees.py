"""Stripe's fee: half up to the cent, never given back (R099–R104)."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assure_app.domain.fees import estimate_fee_cents, net_cents
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


def test_a_hundred_dollars_given_back_cost_the_firm_the_fee() -> None:
    fee_cents = estimate_fee_cents(Method.CARD, 10_000)

    assert net_cents(amount_cents=10_000, fee_cents=fee_cents, refunded_cents=0) == 9_680
    assert net_cents(amount_cents=10_000, fee_cents=fee_cents, refunded_cents=4_000) == 5_680
    assert net_cents(amount_cents=10_000, fee_cents=fee_cents, refunded_cents=10_000) == -320
