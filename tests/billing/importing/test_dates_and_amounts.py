"""Days, amounts and quantities in the forms of other programs, and none of them guessed."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assure_app.billing.importing.dates_and_amounts import (
    DateForm,
    Unreadable,
    form_decided_by,
    is_undecided,
    read_cents,
    read_day,
    read_quantity,
    read_rate_thousandths,
)

days = st.dates(min_value=date(2000, 1, 1), max_value=date(2099, 12, 31))
forms = st.sampled_from(DateForm)


def written(day: date, form: DateForm, mark: str) -> str:
    parts = (day.month, day.day) if form is DateForm.MONTH_FIRST else (day.day, day.month)
    return f"{parts[0]:02d}{mark}{parts[1]:02d}{mark}{day.year}"


@given(days, forms, st.sampled_from("/.-"))
def test_a_day_in_numbers_is_read_in_its_form(day: date, form: DateForm, mark: str) -> None:
    assert read_day(written(day, form, mark), form) == day


@given(days, forms)
def test_a_form_is_decided_by_a_number_above_twelve_alone(day: date, form: DateForm) -> None:
    text = written(day, form, "/")

    assert form_decided_by(text) == (form if day.day > 12 else None)
    assert is_undecided(text) == (day.day <= 12 and day.day != day.month)


@given(days, forms, st.sampled_from(["%Y-%m-%d", "%d %B %Y", "%d %b %Y", "%B %d, %Y", "%d-%b-%Y"]))
def test_a_day_with_a_name_or_a_year_first_means_one_thing(
    day: date, form: DateForm, pattern: str
) -> None:
    assert read_day(day.strftime(pattern), form) == day


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("02/31/2026", "“02/31/2026” is not a date such as 05/22/2026."),
        ("soon", "“soon” is not a date such as 05/22/2026."),
        ("05/22/26", "“05/22/26” has a year of two digits: write four, as in 05/22/2026."),
        ("22/05/2026", "“22/05/2026” has the day first, unlike other days of this file."),
        ("05/22/1926", "“05/22/1926” is not in the years 2000 to 2099."),
        ("٠٥/22/2026", "“٠٥/22/2026” is not a date such as 05/22/2026."),
    ],
)
def test_a_day_that_cannot_be_read(text: str, sentence: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        read_day(text, DateForm.MONTH_FIRST)

    assert str(refusal.value) == sentence


@given(st.integers(0, 99_999_999_999), st.sampled_from(["{:,}", "{}"]), st.sampled_from(["", "$"]))
def test_an_amount_is_read_to_the_cent(cents: int, dollars: str, mark: str) -> None:
    text = f"{mark}{dollars.format(cents // 100)}.{cents % 100:02d}"

    assert read_cents(text) == cents
    assert read_cents(f"{text}00") == cents


@pytest.mark.parametrize(
    ("text", "cents"),
    [("1,234.50", 123450), ("$1,234.50", 123450), ("1234.5", 123450), ("0", 0), ("USD 5", 500)],
)
def test_the_forms_of_an_amount(text: str, cents: int) -> None:
    assert read_cents(text) == cents


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("(12.00)", "“(12.00)” is negative: credits and refunds cannot be imported."),
        ("-12.00", "“-12.00” is negative: credits and refunds cannot be imported."),
        ("12.00-", "“12.00-” is negative: credits and refunds cannot be imported."),
        ("1.234,50", "“1.234,50” has a comma before the cents: write it as 1,234.50."),
        ("12,5", "“12,5” has a comma before the cents: write it as 1,234.50."),
        ("1.005", "“1.005”: Use at most two decimals: the smallest unit is one cent."),
        ("1,23,4.00", "“1,23,4.00”: Enter the amount as a number, for example 1,500.00."),
        ("€5", "“€5”: Enter the amount as a number, for example 1,500.00."),
        ("1e9", "“1e9”: Enter the amount as a number, for example 1,500.00."),
        ("1000000000", "“1000000000”: The largest amount possible is $999,999,999.99."),
        ("9" * 30, f"“{'9' * 24}…” is too long for an amount."),
    ],
)
def test_an_amount_that_cannot_be_read(text: str, sentence: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        read_cents(text)

    assert str(refusal.value) == sentence


def test_quantities_and_rates() -> None:
    assert [read_quantity(text) for text in ("1", "1.5", "2.2500000", "1,000")] == [
        *(1000, 1500, 2250, 1_000_000)
    ]
    assert read_rate_thousandths("Sales Tax (8.875%)") == 8875
    assert read_rate_thousandths("Tax on Sales") is None
    for text in ("0", "1.0001", "-1", "x"):
        with pytest.raises(Unreadable, match="“"):
            read_quantity(text)
