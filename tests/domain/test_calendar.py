"""The firm's calendar day, whatever the server's zone (R016, R074, R106, R151)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assure_app.domain.calendar import (
    day_of,
    day_text,
    long_day_text,
    moment_text,
    next_hour,
    noon_of,
)
from assure_app.domain.entry import EARLIEST_DAY, LATEST_DAY

NEW_YORK = "America/New_York"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "timezone", "day"),
    [
        (datetime(2026, 5, 23, 3, 59, 59, tzinfo=UTC), NEW_YORK, date(2026, 5, 22)),
        (datetime(2026, 5, 23, 4, 0, 0, tzinfo=UTC), NEW_YORK, date(2026, 5, 23)),
        (datetime(2026, 1, 23, 4, 59, 59, tzinfo=UTC), NEW_YORK, date(2026, 1, 22)),
        (datetime(2026, 1, 23, 5, 0, 0, tzinfo=UTC), NEW_YORK, date(2026, 1, 23)),
        (datetime(2026, 5, 22, 10, 0, 0, tzinfo=UTC), "Pacific/Kiritimati", date(2026, 5, 23)),
        (datetime(2026, 5, 22, 10, 0, 0, tzinfo=UTC), "Pacific/Pago_Pago", date(2026, 5, 21)),
    ],
)
def test_a_moment_falls_on_the_firms_day(moment: datetime, timezone: str, day: date) -> None:
    assert day_of(moment, timezone) == day


@given(st.dates(EARLIEST_DAY, LATEST_DAY), st.sampled_from(sorted(available_timezones())))
def test_a_typed_day_reads_back_as_itself_in_every_zone(day: date, timezone: str) -> None:
    if (timezone, day) in SKIPPED:
        return

    moment = noon_of(day, timezone)

    assert moment.utcoffset() == timedelta(0)
    assert day_of(moment, timezone) == day


SKIPPED = {
    (zone, day)
    for zones, day in [
        (("Pacific/Apia", "Pacific/Fakaofo"), date(2011, 12, 30)),  # They crossed the date line.
    ]
    for zone in zones
}


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 5, 22, 20, 12, tzinfo=UTC), "May 22, 4:12 PM"),
        (datetime(2026, 5, 14, 12, 55, tzinfo=UTC), "May 14, 8:55 AM"),
        (datetime(2026, 5, 14, 4, 5, tzinfo=UTC), "May 14, 12:05 AM"),
        (datetime(2026, 5, 14, 16, 5, tzinfo=UTC), "May 14, 12:05 PM"),
        (datetime(2026, 1, 1, 4, 59, tzinfo=UTC), "Dec 31, 2025, 11:59 PM"),
    ],
)
def test_a_moment_reads_as_in_the_timeline(moment: datetime, text: str) -> None:
    assert moment_text(moment, NEW_YORK, now=NOW) == text


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-05-22T06:59:59+00:00", "2026-05-22T07:00:00+00:00"),
        ("2026-05-22T07:00:00+00:00", "2026-05-23T07:00:00+00:00"),
        ("2026-03-08T06:30:00+00:00", "2026-03-08T07:00:00+00:00"),  # Two o'clock is skipped.
        ("2026-11-01T05:30:00+00:00", "2026-11-01T08:00:00+00:00"),  # One o'clock comes twice.
        ("2026-12-31T23:00:00+00:00", "2027-01-01T08:00:00+00:00"),
    ],
)
def test_the_next_night_is_by_the_firms_clock(now: str, then: str) -> None:
    night = next_hour(3, NEW_YORK, now=datetime.fromisoformat(now))

    assert night.isoformat() == then


def test_a_day_names_its_year_only_when_it_is_another() -> None:
    assert day_text(date(2026, 5, 2), today=date(2026, 12, 31)) == "May 2"
    assert day_text(date(2026, 5, 2), today=date(2027, 1, 1)) == "May 2, 2026"
    assert long_day_text(date(2026, 5, 2)) == "May 2, 2026"
