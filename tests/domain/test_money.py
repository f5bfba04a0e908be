"""Reading and writing amounts: cents in, cents out, nothing rounded (R030, R108, R146)."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assure_app.domain.money import (
    MAX_AMOUNT_CENTS,
    AmountProblem,
    decimal_text,
    full_text,
    input_text,
    parse_amount,
    short_text,
)

TOO_SMALL = "Enter an amount greater than $0.00."
NOT_A_NUMBER = "Enter the amount as a number, for example 1,500.00."
TOO_FINE = "Use at most two decimals: the smallest unit is one cent."
TOO_LARGE = "The largest amount possible is $999,999,999.99."
MISSING = "Enter an amount, for example 1,500.00."


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("0.01", 1),
        (".01", 1),
        (".5", 50),
        ("5.", 500),
        ("5.5", 550),
        ("1500", 150_000),
        ("1,500", 150_000),
        ("1,500.00", 150_000),
        ("$1,500.25", 150_025),
        ("$ 1,500.25", 150_025),
        ("  1500  ", 150_000),
        ("\N{NO-BREAK SPACE}1500\n", 150_000),
        ("007", 700),
        ("0.10", 10),
        ("1,234,567.89", 123_456_789),
        ("999,999,999.99", MAX_AMOUNT_CENTS),
    ],
)
def test_reads_what_people_type(text: str, cents: int) -> None:
    assert parse_amount(text) == cents


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", MISSING),
        ("   ", MISSING),
        ("0", TOO_SMALL),
        ("0.00", TOO_SMALL),
        ("$0", TOO_SMALL),
        ("-5", TOO_SMALL),
        ("−5", TOO_SMALL),
        ("(5.00)", TOO_SMALL),
        ("-0.00", TOO_SMALL),
        ("abc", NOT_A_NUMBER),
        ("a" * 1000, NOT_A_NUMBER),
        ("NaN", NOT_A_NUMBER),
        ("Infinity", NOT_A_NUMBER),
        ("1e9", NOT_A_NUMBER),
        ("1E400", NOT_A_NUMBER),
        ("0x10", NOT_A_NUMBER),
        ("1_000", NOT_A_NUMBER),
        ("+5", NOT_A_NUMBER),
        ("5-", NOT_A_NUMBER),
        ("$-5", NOT_A_NUMBER),
        ("$", NOT_A_NUMBER),
        (".", NOT_A_NUMBER),
        ("$.", NOT_A_NUMBER),
        ("1 500", NOT_A_NUMBER),
        ("1.5.0", NOT_A_NUMBER),
        ("€5", NOT_A_NUMBER),
        ("5 USD", NOT_A_NUMBER),
        ("5\n6", NOT_A_NUMBER),
        ("5\x00", NOT_A_NUMBER),
        ("\ud800", NOT_A_NUMBER),
        ("1,50", NOT_A_NUMBER),
        ("1,5000", NOT_A_NUMBER),
        ("15,00.00", NOT_A_NUMBER),
        (",500", NOT_A_NUMBER),
        ("1.500,00", NOT_A_NUMBER),
        ("٣٤", NOT_A_NUMBER),
        ("１５００", NOT_A_NUMBER),
        ("²", NOT_A_NUMBER),
        ("½", NOT_A_NUMBER),
        ("0.005", TOO_FINE),
        ("$1,500.001", TOO_FINE),
        ("$ 0.005", TOO_FINE),
        ("1.000", TOO_FINE),
        ("1." + "0" * 5000, TOO_FINE),
        ("1000000000", TOO_LARGE),
        ("1,000,000,000.00", TOO_LARGE),
        ("9" * 1000, TOO_LARGE),
        ("9" * 100_000, TOO_LARGE),
        ("9," + ",".join(["999"] * 1000), TOO_LARGE),
        ("0" * 1000, TOO_LARGE),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_refuses_with_the_sentence_that_mends_it(text: str, sentence: str) -> None:
    with pytest.raises(AmountProblem) as refusal:
        parse_amount(text)

    assert str(refusal.value) == sentence


@given(st.integers(min_value=1, max_value=MAX_AMOUNT_CENTS))
def test_every_amount_written_into_a_field_reads_back_as_itself(cents: int) -> None:
    assert parse_amount(input_text(cents)) == cents
    assert parse_amount(full_text(cents)) == cents
    assert parse_amount(short_text(cents)) == cents


@given(st.text(alphabet=st.characters(exclude_categories=[]), max_size=60))
def test_any_text_is_an_amount_in_range_or_a_refusal(text: str) -> None:
    with suppress(AmountProblem):
        cents = parse_amount(text)

        assert type(cents) is int
        assert 1 <= cents <= MAX_AMOUNT_CENTS


@pytest.mark.parametrize(
    ("cents", "full", "short"),
    [
        (0, "$0.00", "$0"),
        (1, "$0.01", "$0.01"),
        (10, "$0.10", "$0.10"),
        (100, "$1.00", "$1"),
        (100_000, "$1,000.00", "$1,000"),
        (150_000, "$1,500.00", "$1,500"),
        (150_050, "$1,500.50", "$1,500.50"),
        (123_456_789, "$1,234,567.89", "$1,234,567.89"),
        (-1, "−$0.01", "−$0.01"),
        (-320, "−$3.20", "−$3.20"),
        (-100_000, "−$1,000.00", "−$1,000"),
    ],
)
def test_writes_money_as_people_read_it(cents: int, full: str, short: str) -> None:
    assert full_text(cents) == full
    assert short_text(cents) == short


def test_a_field_starts_without_the_dollar_sign() -> None:
    assert input_text(270_000) == "2,700.00"
    assert input_text(0) == "0.00"


@pytest.mark.parametrize(
    ("cents", "text"), [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (270_000, "2700.00")]
)
def test_a_plain_decimal_has_no_sign_of_money(cents: int, text: str) -> None:
    assert decimal_text(cents) == text
