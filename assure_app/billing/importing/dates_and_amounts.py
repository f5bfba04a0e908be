"""Days, amounts and quantities as other programs write them; whatever could mean two things is a
sentence, never a guess."""

import re
from datetime import date
from enum import StrEnum
from functools import lru_cache

from assure_app.domain.entry import EARLIEST_DAY, LATEST_DAY
from assure_app.domain.line_items import LineProblem, parse_quantity
from assure_app.domain.money import AmountProblem, parse_price

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_NUMBERS = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", re.ASCII)
_SHORT_YEAR = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2}", re.ASCII)
_DAY_NAME = re.compile(r"(\d{1,2})[ -]([a-z]{3,9})\.?,?[ -](\d{4})", re.ASCII)
_NAME_DAY = re.compile(r"([a-z]{3,9})\.? (\d{1,2}),? (\d{4})", re.ASCII)
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
)
_COMMA_BEFORE_CENTS = re.compile(r"\$?(\d{1,3}(\.\d{3})*|\d+),\d{1,2}", re.ASCII)
_PADDED = re.compile(r"(\$?[\d,]*\.\d\d)0+", re.ASCII)
_PADDED_QUANTITY = re.compile(r"([\d,]*\.\d{3})0+", re.ASCII)
_RATE = re.compile(r"(\d{1,2})(?:\.(\d{1,3}))?\s*%", re.ASCII)
_LONGEST_NUMBER = 24


class DateForm(StrEnum):
    """Which of two numbers comes first in a file's days."""

    MONTH_FIRST = "month-first"
    DAY_FIRST = "day-first"


class Unreadable(ValueError):
    """The text is no day, amount or quantity; the message is a sentence for the person."""


def form_decided_by(text: str) -> DateForm | None:
    """The form that this day can only have, because one of its numbers is above 12."""
    match = _NUMBERS.fullmatch(text.strip())
    if match is None:
        return None
    first, second = int(match[1]), int(match[2])
    if first > 12 >= second:
        return DateForm.DAY_FIRST
    return DateForm.MONTH_FIRST if second > 12 >= first else None


def is_undecided(text: str) -> bool:
    """Whether the day reads as another one with day and month the other way around."""
    match = _NUMBERS.fullmatch(text.strip())
    return match is not None and int(match[1]) != int(match[2]) and form_decided_by(text) is None


@lru_cache(maxsize=4_096)
def read_day(text: str, form: DateForm) -> date:
    """The day; `form` tells how to read 05/06/2026. Raises Unreadable."""
    plain = " ".join(text.split()).lower()
    if _SHORT_YEAR.fullmatch(plain):
        raise Unreadable(f"“{text}” has a year of two digits: write four, as in 05/22/2026.")
    decided = form_decided_by(plain)
    if decided is not None and decided is not form:
        first = "day" if decided is DateForm.DAY_FIRST else "month"
        raise Unreadable(f"“{text}” has the {first} first, unlike other days of this file.")
    try:
        day = date(*_year_month_day(plain, form))
    except ValueError:
        raise Unreadable(f"“{text[:40]}” is not a date such as 05/22/2026.") from None
    if not EARLIEST_DAY <= day <= LATEST_DAY:
        raise Unreadable(f"“{text}” is not in the years 2000 to 2099.")
    return day


@lru_cache(maxsize=4_096)
def read_cents(text: str) -> int:
    """An amount in cents, zero or more, never rounded. Raises Unreadable."""
    plain = text.strip().removeprefix("USD").strip()
    if len(plain) > _LONGEST_NUMBER:
        raise Unreadable(f"“{plain[:_LONGEST_NUMBER]}…” is too long for an amount.")
    if plain.startswith(("-", "−", "(", "$-", "$(")) or plain.endswith("-"):
        raise Unreadable(f"“{text}” is negative: credits and refunds cannot be imported.")
    if _COMMA_BEFORE_CENTS.fullmatch(plain):
        raise Unreadable(f"“{text}” has a comma before the cents: write it as 1,234.50.")
    padded = _PADDED.fullmatch(plain)
    try:
        return parse_price(padded[1] if padded else plain)
    except AmountProblem as problem:
        raise Unreadable(f"“{text}”: {problem}") from None


def read_quantity(text: str) -> int:
    """A quantity above zero in thousandths, never rounded. Raises Unreadable."""
    plain = text.strip()
    padded = _PADDED_QUANTITY.fullmatch(plain)
    try:
        return parse_quantity(padded[1] if padded else plain)
    except LineProblem as problem:
        raise Unreadable(f"“{plain[:_LONGEST_NUMBER]}”: {problem}") from None


def read_rate_thousandths(text: str) -> int | None:
    """The tax rate that a text names, in thousandths of a percent: "Sales Tax (8.25%)" is 8250."""
    match = _RATE.search(text)
    return int(match[1]) * 1000 + int((match[2] or "").ljust(3, "0")) if match else None


def _year_month_day(plain: str, form: DateForm) -> tuple[int, int, int]:
    if match := _ISO.fullmatch(plain):
        return int(match[1]), int(match[2]), int(match[3])
    if match := _NUMBERS.fullmatch(plain):
        first, second = int(match[1]), int(match[2])
        is_month_first = form is DateForm.MONTH_FIRST
        return int(match[3]), *((first, second) if is_month_first else (second, first))
    if match := _DAY_NAME.fullmatch(plain):
        return int(match[3]), _month(match[2]), int(match[1])
    if match := _NAME_DAY.fullmatch(plain):
        return int(match[3]), _month(match[1]), int(match[2])
    raise ValueError(plain)


def _month(name: str) -> int:
    for number, month in enumerate(_MONTHS, start=1):
        if name in (month, month[:3]) or (name == "sept" and number == 9):
            return number
    raise ValueError(name)
