"""Reading what a person typed into a form: text, dates and choices, each refused by a sentence.

Every reader collects its problem under the field's name, so one answer names all of them.
"""

import re
import unicodedata
from datetime import date
from enum import StrEnum
from typing import TypeVar

from assure_app.domain.errors import InvalidInput
from assure_app.domain.money import AmountProblem, parse_amount

REFERENCE_LIMIT = 80
NOTES_LIMIT = 2_000
EARLIEST_DAY = date(2000, 1, 1)
LATEST_DAY = date(2099, 12, 31)
"""Beyond these a year was mistyped, and date arithmetic would come near its own limits."""

_DIRECTION_MARKS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

Choice = TypeVar("Choice", bound=StrEnum)


class Entry:
    """A form being read: readers return a value or note a problem; `check` ends the reading."""

    def __init__(self) -> None:
        self.problems: dict[str, str] = {}

    def amount_cents(self, field: str, text: object) -> int:
        """An amount greater than zero, in cents (R030); 0 when refused."""
        try:
            return parse_amount(self._string(text))
        except AmountProblem as problem:
            self.problems[field] = str(problem)
            return 0

    def day(self, field: str, text: object) -> date:
        """A calendar day in ISO form, 2000 to 2099; 31 February does not exist.

        The earliest day possible when refused.
        """
        day = _iso_day(self._string(text).strip())
        if day is None:
            self.problems[field] = "Enter a date that exists, for example 2026-05-22."
        elif not EARLIEST_DAY <= day <= LATEST_DAY:
            self.problems[field] = "Enter a date from 2000 to 2099, for example 2026-05-22."
        else:
            return day
        return EARLIEST_DAY

    def text(self, field: str, text: object, *, limit: int, name: str) -> str:
        """Free text without control characters, at most `limit` characters long."""
        value = self._string(text).replace("\r\n", "\n").strip()
        if len(value) <= limit:  # Normalizing can lengthen a text, and is slow on a long one.
            value = unicodedata.normalize("NFC", value)
        if len(value) > limit:
            self.problems[field] = f"{name} may hold at most {limit:,} characters."
            return ""
        if any(_is_control(character) for character in value):
            self.problems[field] = f"{name} holds characters that cannot be shown. Remove them."
            return ""
        return value

    def line(self, field: str, text: object, *, limit: int, name: str) -> str:
        """Free text on one line: line breaks and runs of spaces become one space.

        For what is quoted inside sentences, so that a line break cannot fake another entry.
        """
        return self.text(field, " ".join(self._string(text).split()), limit=limit, name=name)

    def choice(
        self, field: str, text: object, options: tuple[Choice, ...], *, missing: str
    ) -> Choice | None:
        """One of the options by its exact text; None and a problem otherwise."""
        value = self._string(text)
        for option in options:
            if option.value == value:
                return option
        self.problems.setdefault(field, missing)
        return None

    def refuse(self, field: str, sentence: str) -> None:
        """Note a problem found by the caller, unless the field already has one."""
        self.problems.setdefault(field, sentence)

    def check(self) -> None:
        """Raise InvalidInput when any field was refused."""
        if self.problems:
            raise InvalidInput(self.problems)

    @staticmethod
    def _string(value: object) -> str:
        # Annotations do not validate what a browser sends: anything but text reads as nothing.
        return value if isinstance(value, str) else ""


def _iso_day(text: str) -> date | None:
    # date.fromisoformat alone also takes "20260522" and "2026-W21-5".
    if not _ISO_DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _is_control(character: str) -> bool:
    # "Cs" is a lone surrogate: it cannot be stored as UTF-8. The marks that turn the direction of
    # writing around could make an amount in the timeline read as another.
    if unicodedata.category(character) in {"Cc", "Cs"}:
        return character not in "\n\t"
    return unicodedata.bidirectional(character) in _DIRECTION_MARKS
