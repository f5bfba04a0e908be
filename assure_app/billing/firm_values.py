"""The firm's settings as values, read from what was typed."""

import re
from dataclasses import dataclass
from functools import cache
from zoneinfo import available_timezones

from assure_app.billing.reading.settings_rows import FirmForm
from assure_app.domain import autopay
from assure_app.domain.entry import Entry
from assure_app.domain.fees import (
    MOST_FIXED_CENTS,
    FeeSchedule,
    PercentProblem,
    parse_percent,
)

LONGEST_NAME = 200
LONGEST_PREFIX = 16
MOST_DUE_DAYS = 365
LARGEST_NUMBER = 999_999_999


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmValues:
    """The settings as read from their fields, named as those are."""

    name: str
    timezone: str
    prefix: str
    next_number: int
    due_days: int
    card_percent: int
    card_fixed: int
    ach_percent: int
    ach_fixed: int
    second_person: int | None
    retry_days: str

    @property
    def fees(self) -> FeeSchedule:
        """The fee schedule that they make."""
        return FeeSchedule(
            card_basis_points=self.card_percent,
            card_fixed_cents=self.card_fixed,
            ach_basis_points=self.ach_percent,
            ach_fixed_cents=self.ach_fixed,
        )


def read(entry: Entry, form: FirmForm) -> FirmValues:
    """The values of the form; what cannot be one is noted in the entry, field by field."""
    name = entry.line("name", form.name, limit=LONGEST_NAME, name="The firm's name")
    if not name:
        entry.refuse("name", "The firm needs a name.")
    if form.timezone.strip() not in zones():
        entry.refuse("timezone", "Choose a time zone from the list, such as America/New_York.")
    return FirmValues(
        name=name,
        timezone=form.timezone.strip(),
        prefix=_prefix(entry, form.prefix),
        next_number=_whole(entry, "next_number", form.next_number, least=1, most=LARGEST_NUMBER),
        due_days=_whole(entry, "due_days", form.due_days, least=0, most=MOST_DUE_DAYS),
        card_percent=_share(entry, "card_percent", form.card_percent),
        card_fixed=_whole(entry, "card_fixed", form.card_fixed, least=0, most=MOST_FIXED_CENTS),
        ach_percent=_share(entry, "ach_percent", form.ach_percent),
        ach_fixed=_whole(entry, "ach_fixed", form.ach_fixed, least=0, most=MOST_FIXED_CENTS),
        second_person=_amount_or_none(entry, "second_person", form.second_person),
        retry_days=_retry_days(entry, form.retry_days),
    )


@cache
def zones() -> frozenset[str]:
    """The time zones that there are."""
    return frozenset(available_timezones())


def _prefix(entry: Entry, typed: str) -> str:
    prefix = entry.line("prefix", typed, limit=LONGEST_PREFIX, name="The prefix")
    if not re.fullmatch(r"[A-Za-z0-9#/._ -]*", prefix):
        entry.refuse("prefix", "Use letters, digits and # / . _ - only.")
    elif prefix[-1:].isdigit():
        entry.refuse("prefix", "End the prefix with a letter or a sign, not with a digit.")
    return prefix


def _whole(entry: Entry, field: str, typed: str, *, least: int, most: int) -> int:
    text = typed.strip()
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(most))
    if is_number and least <= int(text) <= most:
        return int(text)
    entry.refuse(field, f"Enter a whole number from {least} to {most:,}.")
    return least


def _amount_or_none(entry: Entry, field: str, typed: str) -> int | None:
    return entry.amount_cents(field, typed) if typed.strip() else None


def _retry_days(entry: Entry, typed: str) -> str:
    try:
        return autopay.retry_days_text(autopay.read_retry_days(typed))
    except autopay.RetryDaysProblem as problem:
        entry.refuse("retry_days", str(problem))
        return ""


def _share(entry: Entry, field: str, typed: str) -> int:
    try:
        return parse_percent(typed)
    except PercentProblem as problem:
        entry.refuse(field, str(problem))
        return 0
