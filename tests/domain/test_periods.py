"""Periods of a report."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from assure_app.domain import periods
from assure_app.domain.errors import InvalidInput
from assure_app.domain.periods import Period, Preset

days = st.dates(date(2001, 1, 1), date(2098, 12, 31))


@given(days, st.integers(0, 1_500))
def test_the_months_of_a_period_are_its_days_each_once(first: date, length: int) -> None:
    period = Period(first, first + timedelta(days=length))

    months = list(period.months())

    assert months[0].first == period.first
    assert months[-1].last == period.last
    for month, following in pairwise(months):
        assert following.first == month.last + timedelta(days=1)
        assert following.first.day == 1
    assert all(
        (each.first.year, each.first.month) == (each.last.year, each.last.month) for each in months
    )


@given(days)
def test_presets_are_whole_months_around_today(today: date) -> None:
    first_of_month = today.replace(day=1)
    last_of_month = first_of_month + relativedelta(months=1, days=-1)
    quarter = date(today.year, 3 * ((today.month - 1) // 3) + 1, 1)
    last_year = today.year - 1

    assert {name: periods.preset(name, today) for name in Preset} == {
        Preset.THIS_MONTH: Period(first_of_month, last_of_month),
        Preset.LAST_MONTH: Period(
            first_of_month - relativedelta(months=1), first_of_month - timedelta(days=1)
        ),
        Preset.THIS_QUARTER: Period(quarter, last_of_month),
        Preset.THIS_YEAR: Period(date(today.year, 1, 1), last_of_month),
        Preset.LAST_YEAR: Period(date(last_year, 1, 1), date(last_year, 12, 31)),
        Preset.LAST_12: Period(first_of_month - relativedelta(months=11), last_of_month),
    }


@pytest.mark.parametrize(
    ("first", "last", "field", "sentence"),
    [
        ("2026-05-22", "2026-05-21", "last", "The last day comes before the first."),
        ("2026-02-30", "2026-05-21", "first", "Enter a date that exists, for example 2026-05-22."),
        ("2026-05-22", None, "last", "Enter a date that exists, for example 2026-05-22."),
        ("2021-05-31", "2026-05-01", "first", "A report covers at most 60 months."),
    ],
)
def test_what_is_no_period_is_refused(
    first: object, last: object, field: str, sentence: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        periods.read(first, last)

    assert refusal.value.problems == {field: sentence}


def test_five_years_to_the_day_are_a_period() -> None:
    assert periods.read("2021-06-01", "2026-05-31") == Period(date(2021, 6, 1), date(2026, 5, 31))
