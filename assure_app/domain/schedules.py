"""The days of a recurring schedule, and what becomes of it (R123, R124).

The n-th day is always told from the first one and the day of the month it is anchored to, never
from the day before it: 31 January, 28 February, 31 March. Nothing drifts.
"""

from calendar import month_abbr, monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from assure_app.domain.entry import LATEST_DAY
from assure_app.domain.errors import BillingError

_MONTHS = 12
_LEAP_YEAR = 2000
_ENDINGS = {1: "st", 2: "nd", 3: "rd"}


class Frequency(StrEnum):
    """How often, in the words of the screen."""

    MONTHLY = "Monthly"
    QUARTERLY = "Quarterly"
    ANNUAL = "Annual"
    ONE_TIME = "One-time"


class ScheduleStatus(StrEnum):
    """What the badge says."""

    ACTIVE = "Active"
    PAUSED = "Paused"
    COMPLETED = "Completed"
    CANCELLED = "Cancelled"


STEP_MONTHS = {Frequency.MONTHLY: 1, Frequency.QUARTERLY: 3, Frequency.ANNUAL: 12}
"""How many months lie between two days; a one-time schedule has one day only."""

_ACTIVE, _PAUSED, _COMPLETED, _CANCELLED = ScheduleStatus

TRANSITIONS: frozenset[tuple[ScheduleStatus, ScheduleStatus]] = frozenset(
    {
        (_ACTIVE, _PAUSED),
        (_ACTIVE, _COMPLETED),
        (_ACTIVE, _CANCELLED),
        (_PAUSED, _ACTIVE),
        (_PAUSED, _COMPLETED),
        (_PAUSED, _CANCELLED),
    }
)
"""Completed and Cancelled are for ever. A paused one is completed by resuming it too late."""


class ScheduleNotChangeable(BillingError):
    """The schedule is in another status than the act needs."""

    def __init__(self, status: ScheduleStatus, act: str) -> None:
        self.status = status
        super().__init__(f"This schedule is {status}. You cannot {act} it.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """Every how many months, from which day on, on which day of the month (1 to 31).

    In a month that is too short the last day stands for the anchor. `first_on` lies on the rhythm.
    """

    frequency: Frequency
    first_on: date
    anchor_day: int

    def nth(self, position: int) -> date | None:
        """The day at this position, 0 for the first; None beyond 2099 and for a second one-time."""
        step = STEP_MONTHS.get(self.frequency)
        if step is None:
            return None if position else self.first_on
        months = self.first_on.year * _MONTHS + self.first_on.month - 1 + step * position
        year, month = divmod(months, _MONTHS)
        if year > LATEST_DAY.year:
            return None
        return day_in(year, month + 1, self.anchor_day)

    def position_from(self, day: date) -> int:
        """The position of the first day of the rhythm that is not before this one."""
        step = STEP_MONTHS.get(self.frequency)
        if day <= self.first_on or step is None:
            return 0 if day <= self.first_on else 1
        months = (day.year - self.first_on.year) * _MONTHS + day.month - self.first_on.month
        position = months // step
        found = self.nth(position)
        return position if found is None or found >= day else position + 1

    def from_day(self, day: date) -> date | None:
        """The first day of the rhythm that is not before this one."""
        return self.nth(self.position_from(day))

    def after(self, day: date) -> date | None:
        """The day of the rhythm that follows this one."""
        position = self.position_from(day)
        return self.nth(position + 1 if self.nth(position) == day else position)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Where a schedule stands: its rhythm, what comes next, and when it ends.

    It ends after `ends_on`, or with the invoice that makes `most_invoices`; both None is never.
    """

    rhythm: Rhythm
    next_on: date
    generated_count: int = 0
    ends_on: date | None = None
    most_invoices: int | None = None

    def after_one(self) -> date | None:
        """What comes after the invoice of `next_on`; None when that is the last one."""
        if self.most_invoices is not None and self.generated_count + 1 >= self.most_invoices:
            return None
        return self._within(self.rhythm.after(self.next_on))

    def resumed(self, today: date) -> date | None:
        """The next day for one that was paused: the first that has not passed, today included.

        What passed meanwhile is skipped and not billed. None when nothing is left.
        """
        return self._within(self.rhythm.from_day(max(self.next_on, today)))

    def missed(self, today: date) -> int:
        """How many days passed while it was paused."""
        missed = self.rhythm.position_from(max(self.next_on, today))
        count = missed - self.rhythm.position_from(self.next_on)
        if self.ends_on is not None and self.ends_on < today:
            ended = self.rhythm.position_from(self.ends_on)
            is_on_it = self.rhythm.nth(ended) == self.ends_on
            last = ended + (1 if is_on_it else 0)
            count = min(count, last - self.rhythm.position_from(self.next_on))
        return count

    def upcoming(self, count: int) -> tuple[date, ...]:
        """The next days, as many as there are, at most `count`."""
        return tuple(day for day, _ in zip(self._days(), range(count), strict=False))

    def _days(self) -> Iterator[date]:
        left = (
            None
            if self.most_invoices is None
            else max(0, self.most_invoices - self.generated_count)
        )
        day: date | None = self._within(self.next_on)
        while day is not None and left != 0:
            yield day
            day = self._within(self.rhythm.after(day))
            left = None if left is None else left - 1

    def _within(self, day: date | None) -> date | None:
        is_over = day is not None and self.ends_on is not None and day > self.ends_on
        return None if is_over else day


def monthly_after(day: date, *, today: date) -> Rhythm | None:
    """The rhythm of a month later, and so on, from its first day that has not passed.

    It keeps the anchor of the day it goes on from: after 31 January comes 28 February, then
    31 March. None beyond 2099.
    """
    whole = Rhythm(frequency=Frequency.MONTHLY, first_on=day, anchor_day=day.day)
    first_on = whole.nth(max(1, whole.position_from(today)))
    return None if first_on is None else replace(whole, first_on=first_on)


def day_in(year: int, month: int, anchor_day: int) -> date:
    """The anchor's day in this month, or its last one."""
    return date(year, month, min(anchor_day, monthrange(year, month)[1]))


def is_last_of_month(day: date) -> bool:
    """Whether it is the last day of its month."""
    return day.day == monthrange(day.year, day.month)[1]


def check_transition(before: ScheduleStatus, after: ScheduleStatus, *, act: str) -> None:
    """Raise ScheduleNotChangeable unless a schedule may go from `before` to `after`."""
    if (before, after) not in TRANSITIONS:
        raise ScheduleNotChangeable(before, act)


def rhythm_text(rhythm: Rhythm) -> str:
    """ "Monthly on the 31st", "Quarterly on the 15th of Jan, Apr, Jul and Oct", "Once"."""
    day = ordinal(rhythm.anchor_day)
    first = rhythm.first_on
    match rhythm.frequency:
        case Frequency.MONTHLY:
            return f"Monthly on the {day}"
        case Frequency.QUARTERLY:
            months = sorted((first.month - 1 + 3 * step) % _MONTHS + 1 for step in range(4))
            *others, last = (month_abbr[month] for month in months)
            return f"Quarterly on the {day} of {', '.join(others)} and {last}"
        case Frequency.ANNUAL:
            day_of_year = min(rhythm.anchor_day, monthrange(_LEAP_YEAR, first.month)[1])
            return f"Annually on {month_abbr[first.month]} {day_of_year}"
        case Frequency.ONE_TIME:
            return "Once"


def ordinal(number: int) -> str:
    """ "1st", "22nd", "13th"."""
    if number % 100 in {11, 12, 13}:
        return f"{number}th"
    return f"{number}{_ENDINGS.get(number % 10, 'th')}"
