"""A schedule in words: when it comes, when it ends, what it does, what an edit changed."""

from collections.abc import Sequence
from datetime import date

from assure_app.billing.schedule_record import ScheduleRecord
from assure_app.domain.calendar import long_day_text
from assure_app.domain.line_items import Line
from assure_app.domain.money import full_text
from assure_app.domain.schedules import Frequency, Rhythm, ScheduleStatus, ordinal, rhythm_text


def rhythm_of(rhythm: Rhythm, status: ScheduleStatus = ScheduleStatus.ACTIVE) -> str:
    """ "Monthly on the 31st"; a one-time schedule names its day while it is still to come."""
    is_to_come = status in {ScheduleStatus.ACTIVE, ScheduleStatus.PAUSED}
    if rhythm.frequency is Frequency.ONE_TIME and is_to_come:
        return f"Once, on {long_day_text(rhythm.first_on)}"
    return rhythm_text(rhythm)


def short_months(rhythm: Rhythm) -> str:
    """What happens in a month that is too short for the day, "" when none is."""
    if rhythm.frequency is Frequency.ONE_TIME or rhythm.anchor_day <= 28:
        return ""
    if rhythm.frequency is Frequency.ANNUAL:
        if (rhythm.first_on.month, rhythm.anchor_day) != (2, 29):
            return ""
        return "In years without a February 29, on February 28."
    return f"In months without a {ordinal(rhythm.anchor_day)}, on their last day."


def end_text(ends_on: date | None, most_invoices: int | None) -> str:
    """ "Ends after Dec 31, 2026", "Ends after 12 invoices", "No end"."""
    if ends_on is not None:
        return f"Ends after {long_day_text(ends_on)}"
    if most_invoices is not None:
        return f"Ends after {count_text(most_invoices)}"
    return "No end"


def count_text(count: int) -> str:
    """ "1 invoice", "12 invoices"."""
    return "1 invoice" if count == 1 else f"{count:,} invoices"


def due_text(due_days: int) -> str:
    """ "due on its date", "due 30 days after its date"."""
    days = {0: "on its date", 1: "1 day after its date"}.get(
        due_days, f"{due_days} days after its date"
    )
    return f"due {days}"


def sends_text(*, sends_itself: bool) -> str:
    """What becomes of an invoice once it is made."""
    if sends_itself:
        return "Sent to the client by email as soon as it is made"
    return "Stays a draft until somebody sends it"


def days_text(days: Sequence[date]) -> tuple[str, ...]:
    """Days with their year."""
    return tuple(long_day_text(day) for day in days)


def edit_text(
    before: ScheduleRecord,
    after: ScheduleRecord,
    *,
    lines_before: Sequence[Line],
    lines: Sequence[Line],
) -> str:
    """ "Edited: amount $100.00 → $120.00, due after 14 days → 30 days"; "" when nothing changed."""
    pairs = {
        "": (rhythm_of(before.rhythm), rhythm_of(after.rhythm)),
        "next": (_day(before.next_on), _day(after.next_on)),
        "amount": (full_text(before.total_cents), full_text(after.total_cents)),
        "end": (
            end_text(before.ends_on, before.most_invoices),
            end_text(after.ends_on, after.most_invoices),
        ),
        "due after": (_days(before.due_days), _days(after.due_days)),
        "sending": (_sending(before), _sending(after)),
        "title": (f"“{before.title}”", f"“{after.title}”"),
    }
    changes = [f"{name} {old} → {new}".strip() for name, (old, new) in pairs.items() if old != new]
    if after.engagement_id != before.engagement_id:
        changes.append("engagement")
    if tuple(lines) != tuple(lines_before) and after.total_cents == before.total_cents:
        changes.append("line items")
    return f"Edited: {', '.join(changes)}" if changes else ""


def _day(day: date | None) -> str:
    return "none" if day is None else long_day_text(day)


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _sending(found: ScheduleRecord) -> str:
    return "by itself" if found.sends_itself else "by hand"
