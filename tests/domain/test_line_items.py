"""Quantities, prices and taxes of an invoice's lines, and what they come to (R141)."""

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assure_app.domain.line_items import (
    MAX_QUANTITY_THOUSANDTHS,
    MAX_TAX_RATE_THOUSANDTHS,
    Line,
    LineProblem,
    amount_cents,
    check_line,
    check_lines,
    parse_price,
    parse_quantity,
    parse_tax_rate,
    tax_cents,
    thousandths_text,
    totals,
)
from assure_app.domain.money import MAX_AMOUNT_CENTS, input_text

Reader = Callable[[str], int]
quantities = st.integers(1, MAX_QUANTITY_THOUSANDTHS)
prices = st.integers(0, MAX_AMOUNT_CENTS)
rates = st.integers(0, MAX_TAX_RATE_THOUSANDTHS)
LINES = st.lists(
    st.builds(
        Line,
        description=st.just("Advice"),
        quantity_thousandths=st.integers(1, 100_000),
        unit_price_cents=st.integers(1_000, 1_000_000),
        tax_rate_thousandths=rates,
    ),
    min_size=1,
    max_size=20,
)


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (parse_quantity, "1", 1_000),
        (parse_quantity, " 1.5 ", 1_500),
        (parse_quantity, ".125", 125),
        (parse_quantity, "2.", 2_000),
        (parse_quantity, "1,250.5", 1_250_500),
        (parse_quantity, "0.001", 1),
        (parse_quantity, "1000000", MAX_QUANTITY_THOUSANDTHS),
        (parse_price, "0", 0),
        (parse_price, "0.00", 0),
        (parse_price, "$1,500.5", 150_050),
        (parse_price, "999,999,999.99", MAX_AMOUNT_CENTS),
        (parse_tax_rate, "", 0),
        (parse_tax_rate, "  ", 0),
        (parse_tax_rate, "0", 0),
        (parse_tax_rate, "8.875", 8_875),
        (parse_tax_rate, "8.875%", 8_875),
        (parse_tax_rate, "7 %", 7_000),
        (parse_tax_rate, "100", MAX_TAX_RATE_THOUSANDTHS),
    ],
)
def test_reads_what_people_type(read: Reader, text: str, value: int) -> None:
    assert read(text) == value


@pytest.mark.parametrize(
    ("read", "text", "sentence"),
    [
        (parse_quantity, "", "Enter a quantity, for example 1 or 1.5."),
        (parse_quantity, "0", "Enter a quantity greater than 0."),
        (parse_quantity, "0.000", "Enter a quantity greater than 0."),
        (parse_quantity, "-1", "This cannot be less than 0."),
        (parse_quantity, "−1", "This cannot be less than 0."),
        (parse_quantity, "1.0005", "Use at most three decimals."),
        (parse_quantity, "1e3", "Enter the quantity as a number, for example 1.5."),
        (parse_quantity, "1,5", "Enter the quantity as a number, for example 1.5."),
        (parse_quantity, "two", "Enter the quantity as a number, for example 1.5."),
        (parse_quantity, ".", "Enter the quantity as a number, for example 1.5."),
        (parse_quantity, "٣", "Enter the quantity as a number, for example 1.5."),
        (parse_quantity, "\ud800", "Enter the quantity as a number, for example 1.5."),
        (parse_quantity, "1000000.001", "The largest quantity possible is 1,000,000."),
        (parse_quantity, "9" * 10_000, "This number is larger than possible."),
        (parse_price, "", "Enter a price, for example 150.00."),
        (parse_price, "-0.01", "A price cannot be less than $0.00."),
        (parse_price, "10^12", "Enter the amount as a number, for example 1,500.00."),
        (parse_price, str(10**12), "The largest amount possible is $999,999,999.99."),
        (parse_price, "9" * 10_000, "The largest amount possible is $999,999,999.99."),
        (parse_price, "1.005", "Use at most two decimals: the smallest unit is one cent."),
        (parse_tax_rate, "-1", "This cannot be less than 0."),
        (parse_tax_rate, "100.001", "A tax is at most 100 percent."),
        (parse_tax_rate, "8.8755", "Use at most three decimals."),
        (parse_tax_rate, "8,875", "A tax is at most 100 percent."),
        (parse_tax_rate, "%8", "Enter the tax as a percentage, for example 8.875."),
        (parse_tax_rate, "8%%", "Enter the tax as a percentage, for example 8.875."),
    ],
    ids=lambda value: ascii(value)[:24] if isinstance(value, str) else None,
)
def test_refuses_with_the_sentence_that_mends_it(read: Reader, text: str, sentence: str) -> None:
    with pytest.raises(LineProblem) as refusal:
        read(text)

    assert str(refusal.value) == sentence


@given(quantities)
def test_a_quantity_written_into_a_field_reads_back_as_itself(quantity: int) -> None:
    assert parse_quantity(thousandths_text(quantity)) == quantity


@given(rates)
def test_a_rate_written_into_a_field_reads_back_as_itself(rate: int) -> None:
    assert parse_tax_rate(thousandths_text(rate)) == rate


@given(prices)
def test_a_price_written_into_a_field_reads_back_as_itself(price: int) -> None:
    assert parse_price(input_text(price)) == price


@given(st.text(alphabet=st.characters(exclude_categories=[]), max_size=40))
def test_any_text_is_a_value_in_range_or_a_refusal(text: str) -> None:
    for read, least, most in (
        (parse_quantity, 1, MAX_QUANTITY_THOUSANDTHS),
        (parse_price, 0, MAX_AMOUNT_CENTS),
        (parse_tax_rate, 0, MAX_TAX_RATE_THOUSANDTHS),
    ):
        try:
            value = read(text)
        except LineProblem:
            continue
        assert least <= value <= most


@given(quantities, prices)
def test_an_amount_is_half_up_and_within_half_a_cent(quantity: int, price: int) -> None:
    exact = Fraction(quantity * price, 1000)

    amount = amount_cents(quantity_thousandths=quantity, unit_price_cents=price)

    assert Fraction(-1, 2) < amount - exact <= Fraction(1, 2)


@given(prices, rates)
def test_a_tax_is_half_up_and_within_half_a_cent(amount: int, rate: int) -> None:
    exact = Fraction(amount * rate, 100_000)

    tax = tax_cents(amount, tax_rate_thousandths=rate)

    assert Fraction(-1, 2) < tax - exact <= Fraction(1, 2)
    assert 0 <= tax <= amount


@pytest.mark.parametrize(
    ("amount", "rate", "tax"),
    [(10_000, 8_875, 888), (200, 250, 1), (199, 250, 0), (1, 50_000, 1), (0, 8_875, 0)],
)
def test_half_a_cent_of_tax_goes_up(amount: int, rate: int, tax: int) -> None:
    assert tax_cents(amount, tax_rate_thousandths=rate) == tax


@given(LINES)
def test_the_total_is_the_sum_of_what_each_line_shows(lines: list[Line]) -> None:
    check_lines(lines)

    found = totals(lines)

    assert found.total_cents == sum(line.amount_cents + line.tax_cents for line in lines)
    assert found.subtotal_cents == sum(line.amount_cents for line in lines)
    assert totals(reversed(lines)) == found


def test_nothing_that_costs_comes_to_nothing_by_rounding() -> None:
    with pytest.raises(LineProblem, match=r"^0\.001 × \$1\.00 comes to less than a cent\.$"):
        check_line(Line(description="", quantity_thousandths=1, unit_price_cents=100))

    check_line(Line(description="", quantity_thousandths=5, unit_price_cents=100))
    check_line(Line(description="Courtesy", quantity_thousandths=1, unit_price_cents=0))


@pytest.mark.parametrize(
    ("figures", "sentence"),
    [
        ({"quantity_thousandths": 0}, "Enter a quantity greater than 0."),
        ({"quantity_thousandths": -1}, "Enter a quantity greater than 0."),
        ({"quantity_thousandths": 10**9 + 1}, "This quantity is larger than possible."),
        ({"unit_price_cents": -1}, "A price and a tax cannot be less than zero."),
        ({"tax_rate_thousandths": -1}, "A price and a tax cannot be less than zero."),
        ({"tax_rate_thousandths": 100_001}, "A tax is at most 100 percent."),
        ({"unit_price_cents": 10**12}, "This line comes to more than $999,999,999.99."),
        (
            {"unit_price_cents": MAX_AMOUNT_CENTS, "tax_rate_thousandths": 1_000},
            "This line comes to more than $999,999,999.99.",
        ),
    ],
    ids=str,
)
def test_figures_that_cannot_stand_are_refused(figures: dict[str, int], sentence: str) -> None:
    with pytest.raises(LineProblem) as refusal:
        check_lines([Line(**({"description": "", "unit_price_cents": 100} | figures))])  # type: ignore[arg-type]

    assert str(refusal.value) == sentence


def test_an_invoice_has_from_one_to_a_hundred_lines_of_a_possible_total() -> None:
    line = Line(description="Advice", unit_price_cents=100)
    largest = Line(description="Everything", unit_price_cents=MAX_AMOUNT_CENTS)

    check_lines([line] * 100)
    check_lines([largest])
    for lines, sentence in (
        ([], "An invoice needs at least one line."),
        ([line] * 101, "An invoice holds at most 100 lines."),
        ([largest, line], "The lines come to more than $999,999,999.99."),
    ):
        with pytest.raises(LineProblem) as refusal:
            check_lines(lines)
        assert str(refusal.value) == sentence
