"""The firm's calendar: which day a moment falls on, and how moments and days are written (R106)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def day_of(moment: datetime, timezone: str) -> date:
    """The firm's calendar day at a moment (R074)."""
    return moment.astimezone(ZoneInfo(timezone)).date()


def noon_of(day: date, timezone: str) -> datetime:
    """Noon of the firm's day in UTC: a typed day kept as a moment that no zone shifts (R016)."""
    return datetime.combine(day, time(12), tzinfo=ZoneInfo(timezone)).astimezone(UTC)


def start_of(day: date, timezone: str) -> datetime:
    """When the firm's day begins, in UTC; where a clock skips midnight, the first moment after."""
    return datetime.combine(day, time(), tzinfo=ZoneInfo(timezone)).astimezone(UTC)


def end_of(day: date, timezone: str) -> datetime:
    """The moment in UTC at which the firm's day is over and the next one begins."""
    return start_of(day + timedelta(days=1), timezone)


def next_hour(hour: int, timezone: str, *, now: datetime) -> datetime:
    """When it is next this hour of the firm's clock, in UTC; where a clock skips it, just after."""
    local = now.astimezone(ZoneInfo(timezone))
    day = local.date() if local.hour < hour else local.date() + timedelta(days=1)
    return datetime.combine(day, time(hour), tzinfo=ZoneInfo(timezone)).astimezone(UTC)


def moment_text(moment: datetime, timezone: str, *, now: datetime) -> str:
    """ "May 22, 4:12 PM" in firm time; with the year when it is not the current one."""
    day = day_text(day_of(moment, timezone), today=day_of(now, timezone))
    return f"{day}, {clock_text(moment, timezone)}"


def clock_text(moment: datetime, timezone: str) -> str:
    """ "4:12 PM" in firm time."""
    local = moment.astimezone(ZoneInfo(timezone))
    hour = local.hour % 12 or 12
    return f"{hour}:{local.minute:02d} {'AM' if local.hour < 12 else 'PM'}"


def day_text(day: date, *, today: date) -> str:
    """ "May 22", or "May 22, 2025" in another year than today's."""
    text = f"{day:%b} {day.day}"
    return text if day.year == today.year else f"{text}, {day.year}"


def long_day_text(day: date) -> str:
    """ "May 22, 2026", whatever the year."""
    return f"{day:%b} {day.day}, {day.year}"
