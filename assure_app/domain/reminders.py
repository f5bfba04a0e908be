"""When a client is reminded of what they owe: a firm's plan, and which of its steps is due.

A step is a number of days from the due date, negative before it. Reminders go out once a day, at
the plan's hour of the firm's day. What was missed while nothing ran is not made up for one by one:
of several steps of an invoice only the newest is due (R071, R075).
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from assure_app.domain.calendar import day_of
from assure_app.domain.invoice_status import Stage

MOST_STEPS = 8
MOST_DAYS_BEFORE = 60
MOST_DAYS_AFTER = 180
DEFAULT_STEPS = (-3, 0, 7, 14, 30)
DEFAULT_HOUR = 9


class Tone(StrEnum):
    """What a reminder says: that money is asked for, or that it will be taken by itself."""

    ASK = "ask"
    ANNOUNCE = "announce"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """On which days from the due date a firm reminds its clients, and at which hour of its day."""

    is_on: bool = False
    steps: tuple[int, ...] = DEFAULT_STEPS
    hour: int = DEFAULT_HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The firm's days that a run looks after: all later than `after`, up to `through`."""

    after: date
    through: date

    def holds(self, day: date) -> bool:
        """Whether the day is one of them."""
        return self.after < day <= self.through


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of the plan for one due date: `days` from it, which is the firm's `day`."""

    days: int
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ComingCharge:
    """That auto-pay will take the money on a day, by a method such as "Visa •••• 4242"."""

    on: date
    method: str


def steps_of(plan: Plan, due_on: date) -> tuple[Step, ...]:
    """The plan's steps for a due date, the earliest first."""
    return tuple(Step(days=days, day=_shifted(due_on, days)) for days in sorted(set(plan.steps)))


def due_step(plan: Plan, due_on: date, period: Period, *, opened_on: date) -> Step | None:
    """The step of this invoice that is due in the period, the newest of several; None for none.

    On the day on which an invoice was sent, or opened anew, its client is told by that.
    """
    if not plan.is_on:
        return None
    due = [
        step for step in steps_of(plan, due_on) if period.holds(step.day) and step.day > opened_on
    ]
    return due[-1] if due else None


def next_step(plan: Plan, due_on: date, *, after: date, opened_on: date) -> Step | None:
    """The first step that will come later than the day `after`, None when none will."""
    if not plan.is_on:
        return None
    later = max(after, opened_on)
    return next((step for step in steps_of(plan, due_on) if step.day > later), None)


def due_dates(plan: Plan, period: Period) -> tuple[tuple[date, date], ...]:
    """The due dates, as ranges without overlap in order, of which a step is in the period."""
    if not plan.is_on or period.through <= period.after:
        return ()
    first = period.after + timedelta(days=1)
    wanted = [(_shifted(first, -days), _shifted(period.through, -days)) for days in plan.steps]
    return tuple(_merged(sorted(wanted)))


def tone(
    *, stage: Stage, balance_cents: int, today: date, charge: ComingCharge | None
) -> Tone | None:
    """What to say to the client of an invoice as it stands; None for nothing at all (R075, A28).

    Nothing of a draft, of what is paid or cancelled, nor where all that is left is on its way. What
    auto-pay will take is announced on the days before, and not asked for on the day itself.
    """
    if stage is not Stage.OPEN or balance_cents <= 0:
        return None
    if charge is None:
        return Tone.ASK
    return Tone.ANNOUNCE if charge.on > today else None


def last_day(now: datetime, timezone: str, *, hour: int) -> date:
    """The firm's latest day whose hour has come."""
    today = day_of(now, timezone)
    return today if moment_of(today, timezone, hour=hour) <= now else _shifted(today, -1)


def moment_of(day: date, timezone: str, *, hour: int) -> datetime:
    """When the reminders of a firm's day go out, in UTC.

    An hour that the clock leaps over counts as the one after it, one that comes twice as the first.
    """
    return datetime.combine(day, time(hour), tzinfo=ZoneInfo(timezone)).astimezone(UTC)


def problem_of(steps: Collection[int]) -> str:
    """Why these cannot be a plan's steps, as a sentence; "" when they can."""
    if not steps:
        return "Choose at least one day, or turn reminders off."
    if len(set(steps)) > MOST_STEPS:
        return f"Choose at most {MOST_STEPS} days."
    if min(steps) < -MOST_DAYS_BEFORE:
        return f"A reminder goes out at most {MOST_DAYS_BEFORE} days before the due date."
    if max(steps) > MOST_DAYS_AFTER:
        return f"A reminder goes out at most {MOST_DAYS_AFTER} days after the due date."
    return ""


def step_text(days: int) -> str:
    """ "3 days before", "on the due date", "7 days after"."""
    if not days:
        return "on the due date"
    return f"{_days(abs(days))} {'after' if days > 0 else 'before'}"


def due_text(due_on: date, today: date) -> str:
    """ "is due in 3 days", "is due tomorrow", "is due today", "was due 7 days ago"."""
    match (due_on - today).days:
        case 0:
            return "is due today"
        case 1:
            return "is due tomorrow"
        case -1:
            return "was due yesterday"
        case days if days < 0:
            return f"was due {_days(-days)} ago"
        case days:
            return f"is due in {_days(days)}"


def standing_text(due_on: date, today: date) -> str:
    """The same as the firm reads it: "due in 3 days", "7 days overdue"."""
    late_days = (today - due_on).days
    if late_days > 0:
        return f"{_days(late_days)} overdue"
    return due_text(due_on, today).removeprefix("is ")


def hour_text(hour: int) -> str:
    """ "9:00 AM"."""
    return f"{hour % 12 or 12}:00 {'AM' if hour < 12 else 'PM'}"


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count:,} days"


def _shifted(day: date, days: int) -> date:
    return day + timedelta(days=days)


def _merged(ranges: Collection[tuple[date, date]]) -> Iterator[tuple[date, date]]:
    """The same days in ranges that neither overlap nor touch; `ranges` come in order."""
    whole: tuple[date, date] | None = None
    for first, last in ranges:
        if whole and first <= _shifted(whole[1], 1):
            whole = (whole[0], max(whole[1], last))
            continue
        if whole:
            yield whole
        whole = (first, last)
    if whole:
        yield whole
