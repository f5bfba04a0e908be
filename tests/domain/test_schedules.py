"""The days of a schedule, held against dateutil, and what becomes of it (R123, R124)."""

from datetime import UTC, date, datetime, timedelta
from itertools import product
from zoneinfo import available_timezones

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from assure_app.domain.calendar import day_of, start_of
from assure_app.domain.entry import EARLIEST_DAY, LATEST_DAY
from assure_app.domain.schedules import (
    STEP_MONTHS,
    TRANSITIONS,
    Course,
    Frequency,
    Rhythm,
    ScheduleNotChangeable,
    ScheduleStatus,
    check_transition,
    is_last_of_month,
    monthly_after,
    ordinal,
    rhythm_text,
)

days = st.dates(EARLIEST_DAY, LATEST_DAY)
repeating = st.sampled_from(sorted(STEP_MONTHS))


def rhythm(frequency: Frequency, first_on: date, anchor_day: int = 0) -> Rhythm:
    return Rhythm(frequency=frequency, first_on=first_on, anchor_day=anchor_day or first_on.day)


@st.composite
def rhythms(draw: st.DrawFn) -> Rhythm:
    first_on = draw(days)
    is_at_end = is_last_of_month(first_on) and draw(st.booleans())
    return rhythm(draw(st.sampled_from(Frequency)), first_on, 31 if is_at_end else first_on.day)


@given(days, repeating, st.integers(0, 1200))
def test_the_nth_day_is_dateutils(first_on: date, frequency: Frequency, position: int) -> None:
    try:
        expected = first_on + relativedelta(months=STEP_MONTHS[frequency] * position)
    except ValueError:  # Beyond the year 9999.
        expected = date.max

    found = rhythm(frequency, first_on).nth(position)

    assert found == (expected if expected <= LATEST_DAY else None)


@given(days, days)
def test_going_on_monthly_is_a_whole_number_of_months_later_and_not_past(
    day: date, today: date
) -> None:
    months = 1
    while day + relativedelta(months=months) < today:
        months += 1
    expected = day + relativedelta(months=months)

    found = monthly_after(day, today=today)

    if expected > LATEST_DAY:
        assert found is None
    else:
        assert found == rhythm(Frequency.MONTHLY, expected, day.day)


@pytest.mark.parametrize(
    ("day", "today", "first_on"),
    [
        (date(2026, 5, 22), date(2026, 5, 22), date(2026, 6, 22)),
        (date(2026, 4, 22), date(2026, 5, 22), date(2026, 5, 22)),
        (date(2026, 4, 21), date(2026, 5, 22), date(2026, 6, 21)),
        (date(2026, 7, 1), date(2026, 5, 22), date(2026, 8, 1)),
        (date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 28)),
        (date(2020, 2, 29), date(2026, 5, 30), date(2026, 6, 29)),
    ],
)
def test_going_on_monthly_begins_with_the_first_day_that_has_not_passed(
    day: date, today: date, first_on: date
) -> None:
    found = monthly_after(day, today=today)

    assert found == rhythm(Frequency.MONTHLY, first_on, day.day)


@given(rhythms(), st.integers(0, 1200))
def test_after_and_from_day_walk_the_same_days(known: Rhythm, position: int) -> None:
    day = known.nth(position)
    if day is None:
        return

    assert known.from_day(day) == day
    assert known.after(day) == known.nth(position + 1)
    assert known.from_day(day + timedelta(days=1)) == known.nth(position + 1)


@given(rhythms(), days)
def test_the_first_day_not_before_another(known: Rhythm, wanted: date) -> None:
    found = known.from_day(wanted)

    walked = known.nth(0)
    position = 0
    while walked is not None and walked < wanted:
        position += 1
        walked = known.nth(position)
    assert found == walked


def test_month_ends_do_not_drift() -> None:
    known = rhythm(Frequency.MONTHLY, date(2027, 12, 31))

    assert [known.nth(position) for position in range(5)] == [
        date(2027, 12, 31),
        date(2028, 1, 31),
        date(2028, 2, 29),
        date(2028, 3, 31),
        date(2028, 4, 30),
    ]


def test_the_last_day_of_february_may_stand_for_every_last_day() -> None:
    known = rhythm(Frequency.MONTHLY, date(2026, 2, 28), anchor_day=31)

    assert [known.nth(position) for position in range(3)] == [
        date(2026, 2, 28),
        date(2026, 3, 31),
        date(2026, 4, 30),
    ]


def test_the_29th_of_february_comes_back() -> None:
    known = rhythm(Frequency.ANNUAL, date(2028, 2, 29))

    assert [known.nth(position) for position in range(5)] == [
        date(2028, 2, 29),
        date(2029, 2, 28),
        date(2030, 2, 28),
        date(2031, 2, 28),
        date(2032, 2, 29),
    ]


def test_one_time_is_one_day() -> None:
    known = rhythm(Frequency.ONE_TIME, date(2026, 5, 22))

    assert (known.nth(0), known.nth(1), known.after(date(2026, 5, 22))) == (
        date(2026, 5, 22),
        None,
        None,
    )


@given(rhythms(), st.integers(1, 30))
def test_as_many_invoices_as_were_asked_for(known: Rhythm, most: int) -> None:
    made = play(Course(rhythm=known, next_on=known.first_on, most_invoices=most))

    possible = [known.nth(position) for position in range(most)]
    assert made == [day for day in possible if day is not None]


@given(rhythms(), days)
def test_none_after_the_last_day(known: Rhythm, ends_on: date) -> None:
    if ends_on < known.first_on:
        return

    made = play(Course(rhythm=known, next_on=known.first_on, ends_on=ends_on))

    assert made[-1] <= ends_on
    following = known.after(made[-1])
    assert following is None or following > ends_on


def play(course: Course) -> list[date]:
    """Every day on which the schedule makes an invoice, up to its end."""
    made = []
    upcoming = course.upcoming(5)
    day: date | None = course.next_on
    while day is not None:
        made.append(day)
        now = Course(
            rhythm=course.rhythm,
            next_on=day,
            generated_count=len(made) - 1,
            ends_on=course.ends_on,
            most_invoices=course.most_invoices,
        )
        day = now.after_one()
    assert upcoming == tuple(made[:5])
    return made


@given(rhythms(), days, st.none() | days)
def test_resuming_skips_what_passed(known: Rhythm, today: date, ends_on: date | None) -> None:
    if ends_on is not None and ends_on < known.first_on:
        return
    course = Course(rhythm=known, next_on=known.first_on, ends_on=ends_on)

    resumed, missed = course.resumed(today), course.missed(today)

    every = play(course)
    assert missed == sum(day < today for day in every)
    assert resumed == next((day for day in every if day >= today), None)


@given(rhythms(), st.integers(0, 12), st.integers(0, 400))
def test_resuming_never_goes_back_to_what_was_invoiced(
    known: Rhythm, position: int, days_before: int
) -> None:
    next_on = known.nth(position)
    if next_on is None:
        return

    course = Course(rhythm=known, next_on=next_on, generated_count=position)

    assert course.resumed(next_on - timedelta(days=days_before)) == next_on


def test_every_transition_is_allowed_or_refused() -> None:
    for before, after in product(ScheduleStatus, repeat=2):
        if (before, after) in TRANSITIONS:
            check_transition(before, after, act="pause")
        else:
            with pytest.raises(ScheduleNotChangeable, match=f"is {before}. You cannot pause it"):
                check_transition(before, after, act="pause")
    final = {ScheduleStatus.COMPLETED, ScheduleStatus.CANCELLED}
    assert not {before for before, _ in TRANSITIONS} & final


@pytest.mark.parametrize(
    ("known", "text"),
    [
        (rhythm(Frequency.MONTHLY, date(2026, 1, 31)), "Monthly on the 31st"),
        (
            rhythm(Frequency.QUARTERLY, date(2026, 11, 15)),
            "Quarterly on the 15th of Feb, May, Aug and Nov",
        ),
        (rhythm(Frequency.ANNUAL, date(2028, 2, 29)), "Annually on Feb 29"),
        (rhythm(Frequency.ANNUAL, date(2027, 4, 30), anchor_day=31), "Annually on Apr 30"),
        (rhythm(Frequency.ONE_TIME, date(2026, 4, 2)), "Once"),
    ],
)
def test_a_rhythm_in_words(known: Rhythm, text: str) -> None:
    assert rhythm_text(known) == text


def test_ordinals() -> None:
    told = [ordinal(number) for number in (1, 2, 3, 4, 11, 12, 13, 21, 22, 23, 31)]

    assert told == [
        "1st",
        "2nd",
        "3rd",
        "4th",
        "11th",
        "12th",
        "13th",
        "21st",
        "22nd",
        "23rd",
        "31st",
    ]


@given(days, st.sampled_from(sorted(available_timezones())))
def test_a_day_begins_when_it_begins(day: date, timezone: str) -> None:
    begins = start_of(day, timezone)

    assert begins.tzinfo is UTC
    assert day_of(begins, timezone) >= day
    assert day_of(begins - timedelta(microseconds=1), timezone) < day


def test_a_day_whose_midnight_does_not_exist() -> None:
    begins = start_of(date(2018, 11, 4), "America/Sao_Paulo")

    assert begins == datetime(2018, 11, 4, 3, tzinfo=UTC)
