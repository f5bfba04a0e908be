"""Days on which banks work; holidays are not known here."""

from datetime import UTC, datetime, timedelta

_SATURDAY = 5


def after(moment: int, days: int) -> int:
    """The moment so many business days later."""
    reached = datetime.fromtimestamp(moment, UTC)
    while days:
        reached += timedelta(days=1)
        days -= reached.weekday() < _SATURDAY
    return int(reached.timestamp())
