"""When a client is reminded: once a step, never a burst, by the firm's own clock."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assure_app.domain.invoice_status import Stage
from assure_app.domain.reminders import (
    MOST_DAYS_AFTER,
    MOST_DAYS_BEFORE,
    MOST_STEPS,
    ComingCharge,
    Period,
    Plan,
    Step,
    Tone,
    due_dates,
    due_step,
    due_text,
    hour_text,
    last_day,
    moment_of,
    next_step,
    problem_of,
    standing_text,
    step_text,
    steps_of,
    tone,
)

DUE = date(2026, 5, 31)
LONG_AGO = date(2026, 1, 1)
DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))
PLANS = st.builds(
    Plan,
    is_on=st.just(True),
    steps=st.lists(
        st.integers(-MOST_DAYS_BEFORE, MOST_DAYS_AFTER),
        min_size=1,
        max_size=MOST_STEPS,
        unique=True,
    ).map(tuple),
    hour=st.integers(0, 23),
)
ZONES = st.sampled_from(
    [
        *("America/New_York", "Europe/Berlin", "Asia/Tokyo", "Pacific/Kiritimati", "Pacific/Niue"),
        *("Australia/Lord_Howe", "America/St_Johns", "Africa/Cairo", "America/Santiago", "UTC"),
    ]
)


def on(*steps: int) -> Plan:
    return Plan(is_on=True, steps=steps)


def day(text: str) -> Period:
    """The one day."""
    that = date.fromisoformat(text)
    return Period(after=that - timedelta(days=1), through=that)


@pytest.mark.parametrize(
    ("that", "days"),
    [
        ("2026-05-27", None),
        ("2026-05-28", -3),
        ("2026-05-29", None),
        ("2026-05-31", 0),
        ("2026-06-07", 7),
        ("2026-06-14", 14),
        ("2026-06-30", 30),
        ("2026-07-01", None),
    ],
)
def test_the_usual_plan_reminds_on_its_days_alone(that: str, days: int | None) -> None:
    step = due_step(Plan(is_on=True), DUE, day(that), opened_on=LONG_AGO)

    assert (step.days if step else None) == days


def test_a_plan_that_is_off_reminds_nobody() -> None:
    off = Plan(is_on=False)

    assert due_step(off, DUE, day("2026-05-31"), opened_on=LONG_AGO) is None
    assert next_step(off, DUE, after=LONG_AGO, opened_on=LONG_AGO) is None
    assert due_dates(off, day("2026-05-31")) == ()


def test_of_the_steps_missed_while_nothing_ran_only_the_newest_is_due() -> None:
    down = Period(after=date(2026, 5, 20), through=date(2026, 6, 10))

    assert due_step(on(-3, 0, 7, 14), DUE, down, opened_on=LONG_AGO) == Step(
        days=7, day=date(2026, 6, 7)
    )


def test_an_invoice_sent_after_its_due_date_is_reminded_of_by_the_steps_that_follow() -> None:
    sent_on, plan = date(2026, 6, 7), on(-3, 0, 7, 14)

    whole_month = Period(after=date(2026, 5, 1), through=date(2026, 6, 13))
    assert due_step(plan, DUE, whole_month, opened_on=sent_on) is None
    assert next_step(plan, DUE, after=date(2026, 6, 7), opened_on=sent_on) == Step(
        days=14, day=date(2026, 6, 14)
    )


@given(PLANS, DAYS, DAYS, st.lists(st.integers(0, 12), min_size=1, max_size=60))
def test_however_the_runs_fall_each_step_comes_once_and_one_a_run(
    plan: Plan, due_on: date, start: date, gaps: list[int]
) -> None:
    done, sent = start, []
    for gap in gaps:
        period = Period(after=done, through=done + timedelta(days=gap))
        step = due_step(plan, due_on, period, opened_on=start)
        sent += [step] if step else []
        done = period.through

    seen = [step for step in steps_of(plan, due_on) if start < step.day <= done]
    assert sent == sorted(set(sent), key=lambda step: step.day)
    assert set(sent) <= set(seen)
    if set(gaps) <= {0, 1}:
        assert sent == seen
    if seen:
        assert sent[-1] == seen[-1]


@given(PLANS, DAYS, DAYS, st.integers(0, 400), DAYS)
def test_the_ranges_hold_exactly_the_due_dates_with_a_step(
    plan: Plan, due_on: date, after: date, days: int, other: date
) -> None:
    period = Period(after=after, through=after + timedelta(days=days))

    ranges = due_dates(plan, period)

    for asked in (due_on, other):
        is_in = any(first <= asked <= last for first, last in ranges)
        assert is_in == (due_step(plan, asked, period, opened_on=date.min) is not None)
    ends = [each for pair in ranges for each in pair]
    assert ends == sorted(ends)
    assert all(left[1] + timedelta(days=1) < right[0] for left, right in pairwise(ranges))
    assert len(ranges) <= len(plan.steps)


@given(PLANS, DAYS, DAYS, DAYS)
def test_the_next_step_is_the_first_that_becomes_due(
    plan: Plan, due_on: date, after: date, opened_on: date
) -> None:
    step = next_step(plan, due_on, after=after, opened_on=opened_on)

    assume(step is not None)
    assert step is not None
    until_then = Period(after=after, through=step.day)
    assert due_step(plan, due_on, until_then, opened_on=opened_on) == step
    before = Period(after=after, through=max(after, step.day - timedelta(days=1)))
    assert due_step(plan, due_on, before, opened_on=opened_on) is None


@given(
    st.integers(0, 3 * 365 * 24 * 60).map(
        lambda minutes: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    ZONES,
    st.integers(0, 23),
)
def test_the_latest_day_is_the_one_whose_hour_has_come(now: datetime, zone: str, hour: int) -> None:
    reached = last_day(now, zone, hour=hour)

    assert moment_of(reached, zone, hour=hour) <= now
    assert moment_of(reached + timedelta(days=1), zone, hour=hour) > now


@given(ZONES, st.integers(0, 23), DAYS)
def test_every_day_has_its_hour_once_whatever_the_clock_does(
    zone: str, hour: int, that: date
) -> None:
    moment = moment_of(that, zone, hour=hour)
    local = moment.astimezone(ZoneInfo(zone))

    assert last_day(moment, zone, hour=hour) == that
    assert last_day(moment - timedelta(microseconds=1), zone, hour=hour) == that - timedelta(days=1)
    assert local.date() == that
    assert local.hour in {hour, hour + 1}


def test_where_the_clock_leaps_over_the_hour_it_is_the_next_one() -> None:
    spring, autumn = date(2026, 3, 8), date(2026, 11, 1)

    assert moment_of(spring, "America/New_York", hour=2) == datetime(2026, 3, 8, 7, tzinfo=UTC)
    assert moment_of(autumn, "America/New_York", hour=1) == datetime(2026, 11, 1, 5, tzinfo=UTC)


@given(
    st.sampled_from(Stage),
    st.integers(0, 10_000),
    st.none() | st.builds(ComingCharge, on=DAYS, method=st.just("Visa •••• 4242")),
    DAYS,
)
def test_nobody_is_asked_for_what_is_not_owed_or_will_be_taken(
    stage: Stage, balance_cents: int, charge: ComingCharge | None, today: date
) -> None:
    said = tone(stage=stage, balance_cents=balance_cents, today=today, charge=charge)

    is_owed = stage is Stage.OPEN and balance_cents > 0
    assert (said is Tone.ASK) == (is_owed and charge is None)
    assert (said is Tone.ANNOUNCE) == (is_owed and charge is not None and charge.on > today)


@pytest.mark.parametrize(
    ("days", "client_reads", "firm_reads"),
    [
        (3, "is due in 3 days", "due in 3 days"),
        (1, "is due tomorrow", "due tomorrow"),
        (0, "is due today", "due today"),
        (-1, "was due yesterday", "1 day overdue"),
        (-7, "was due 7 days ago", "7 days overdue"),
    ],
)
def test_the_due_day_in_words(days: int, client_reads: str, firm_reads: str) -> None:
    today = DUE - timedelta(days=days)

    assert due_text(DUE, today) == client_reads
    assert standing_text(DUE, today) == firm_reads


def test_a_step_and_an_hour_in_words() -> None:
    assert [step_text(days) for days in (-3, -1, 0, 1, 30)] == [
        "3 days before",
        "1 day before",
        "on the due date",
        "1 day after",
        "30 days after",
    ]
    assert [hour_text(hour) for hour in (0, 9, 12, 13)] == [
        *("12:00 AM", "9:00 AM", "12:00 PM", "1:00 PM")
    ]


@pytest.mark.parametrize(
    ("steps", "problem"),
    [
        ((), "Choose at least one day, or turn reminders off."),
        (tuple(range(9)), "Choose at most 8 days."),
        ((-61,), "A reminder goes out at most 60 days before the due date."),
        ((181,), "A reminder goes out at most 180 days after the due date."),
        ((-60, 0, 180), ""),
    ],
)
def test_a_plan_has_its_bounds(steps: tuple[int, ...], problem: str) -> None:
    assert problem_of(steps) == problem
