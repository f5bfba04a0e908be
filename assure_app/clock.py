"""The only reader of the time. Rules and services are handed the time by their callers."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def today(timezone: str) -> date:
    """The calendar date it is now in an IANA time zone such as "America/New_York".

    Raises ZoneInfoNotFoundError for a name that is no time zone.
    """
    return now().astimezone(ZoneInfo(timezone)).date()
