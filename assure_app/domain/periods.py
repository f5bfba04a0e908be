"""Stretches of the firm's calendar that a report is about."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from assure_app.domain.entry import Entry

MOST_MONTHS = 60


class Preset(StrEnum):
    """The periods that people ask for most, in the words of the screen."""

    THIS_MONTH = "This month"
    LAST_MONTH = "Last month"
    THIS_QUARTER = "This quarter"
    THIS_YEAR = "This year"
    LAST_YEAR = "Last year"
    LAST_12 = "Last 12 months"


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day to the last one, both of them in it."""

    first: date
    last: date

    def months(self) -> Iterator["Period"]:
        """Its parts by calendar month; the first and the last may be cut off."""
        begins = self.first
        while begins <= self.last:
            after = _first_of_next(begins)
            yield Period(begins, min(self.last, after - timedelta(days=1)))
            begins = after


def preset(name: Preset, today: date) -> Period:
    """The period that the name means today; those that are not over end with their month."""
    month, year = _first_of(today), date(today.year, 1, 1)
    match name:
        case Preset.THIS_MONTH:
            return Period(month, _last_of(today))
        case Preset.LAST_MONTH:
            before = month - timedelta(days=1)
            return Period(_first_of(before), before)
        case Preset.THIS_QUARTER:
            first = date(today.year, today.month - (today.month - 1) % 3, 1)
            return Period(first, _last_of(today))
        case Preset.THIS_YEAR:
            return Period(year, _last_of(today))
        case Preset.LAST_YEAR:
            return Period(date(today.year - 1, 1, 1), year - timedelta(days=1))
        case Preset.LAST_12:
            return Period(
                _last_of(today.replace(day=1, year=today.year - 1)) + _DAY, _last_of(today)
            )


def read(first: object, last: object) -> Period:
    """The period between two typed days. Raises InvalidInput with a sentence for each field."""
    entry = Entry()
    period = Period(entry.day("first", first), entry.day("last", last))
    entry.check()
    if period.last < period.first:
        entry.refuse("last", "The last day comes before the first.")
    elif len(list(period.months())) > MOST_MONTHS:
        entry.refuse("first", f"A report covers at most {MOST_MONTHS} months.")
    entry.check()
    return period


_DAY = timedelta(days=1)


def _first_of(day: date) -> date:
    return day.replace(day=1)


def _first_of_next(day: date) -> date:
    return (_first_of(day) + timedelta(days=31)).replace(day=1)


def _last_of(day: date) -> date:
    return _first_of_next(day) - _DAY
