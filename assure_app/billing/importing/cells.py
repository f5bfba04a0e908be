"""Reading the cells of one invoice or client: every wrong one is told, and the rest is read on."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from typing import TypeVar

from assure_app.billing.importing.dates_and_amounts import (
    DateForm,
    Unreadable,
    read_cents,
    read_day,
    read_quantity,
)
from assure_app.billing.importing.formats import Format
from assure_app.billing.importing.problems import Problems
from assure_app.billing.importing.reading import Row
from assure_app.domain.email_address import normal_address, refusal, split_addresses
from assure_app.domain.entry import EARLIEST_DAY, Entry

LONGEST_NUMBER = 32
LONGEST_NAME = 200
_NUMBER_MARKS = " -_/.#"

Read = TypeVar("Read")


class Cells:
    """The rows of one invoice, or the one row of a client."""

    def __init__(
        self, rows: Sequence[Row], each: Format, form: DateForm, problems: Problems
    ) -> None:
        self.rows = rows
        self.line = rows[0].line
        self._format = each
        self._form = form
        self._problems = problems
        self._facts: dict[str, str] = {}
        self.is_refused = False

    def refuse(self, sentence: str, *, line: int = 0) -> None:
        """Note a problem, at the first row unless another line is named."""
        self._problems.add(line or self.line, sentence)
        self.is_refused = True

    def fact(self, column: str) -> str:
        """What the rows say of the whole invoice: rows may leave it out, but not contradict."""
        if column not in self._facts:
            self._facts[column] = self._said(column)
        return self._facts[column]

    def required(self, column: str) -> str:
        """A fact that may not be left out."""
        text = self.fact(column)
        if not text:
            self.refuse(f"{self._format.called(column)} is missing.")
        return text

    def day(self, column: str) -> date:
        """A required day; the earliest one possible when refused."""
        text = self.required(column)
        return self.day_of(column, text) if text else EARLIEST_DAY

    def day_of(self, column: str, text: str) -> date:
        """The day that a text of this column names."""
        found = self._read(column, text, lambda day: read_day(day, self._form))
        return EARLIEST_DAY if found is None else found

    def cents(self, column: str, row: Row | None = None) -> int | None:
        """An amount of the invoice, or of one of its rows; None when left out or refused."""
        text = row.cells.get(column, "") if row else self.fact(column)
        return self._read(column, text, read_cents, row) if text else None

    def quantity_thousandths(self, row: Row) -> int | None:
        """The quantity of a row; None when left out or refused."""
        text = row.cells.get("quantity", "")
        return self._read("quantity", text, read_quantity, row) if text else None

    def text(self, column: str, *, limit: int, row: Row | None = None) -> str:
        """Free text on one line."""
        raw = row.cells.get(column, "") if row else self.fact(column)
        return self._line(column, raw, limit, row)

    def number(self) -> str:
        """The invoice's number. It stands in addresses, so nothing odd may hide in it."""
        text = self._line("number", self.required("number"), LONGEST_NUMBER)
        if not all(each.isalnum() or each in _NUMBER_MARKS for each in text):
            self.refuse("A number may hold letters, digits, spaces and - _ / . # only.")
        return text

    def client(self) -> str:
        """The client's name. Two that look the same would be taken for each other."""
        text = self._line("client", self.required("client"), LONGEST_NAME)
        if not text.isprintable():
            self.refuse("The client holds characters that cannot be shown. Remove them.")
        return text

    def emails(self) -> tuple[str, ...]:
        """The contact's addresses, of which QuickBooks writes several into one cell."""
        found = []
        for piece in split_addresses(self.fact("email")):
            address = normal_address(piece)
            if address:
                found.append(address)
            else:
                self.refuse(refusal(piece))
        return tuple(dict.fromkeys(found))

    def contact_name(self) -> str:
        """The contact's name, whole or in two parts; "" when none is given."""
        parts = [
            self.text(column, limit=LONGEST_NAME)
            for column in ("contact_name", "first_name", "last_name")
        ]
        return " ".join(part for part in parts if part)[:LONGEST_NAME]

    def check_length(self) -> None:
        """Refuse rows that have more cells than the header: a separator is not in quotes there."""
        for row in self.rows:
            if row.is_too_long:
                self.refuse(
                    "It has more cells than the header: put texts with commas into quotes.",
                    line=row.line,
                )

    def _said(self, column: str) -> str:
        said = ""
        for row in self.rows:
            text = row.cells.get(column, "")
            if not said:
                said = text
            elif text and text != said:
                called = self._format.called(column)
                self.refuse(f"It has another {called} than line {self.line}.", line=row.line)
        return said

    def _line(self, column: str, raw: str, limit: int, row: Row | None = None) -> str:
        text, sentence = one_line(raw, limit, self._format.called(column)) if raw else ("", "")
        if sentence:
            self.refuse(sentence, line=row.line if row else 0)
        return text

    def _read(
        self, column: str, text: str, read: Callable[[str], Read], row: Row | None = None
    ) -> Read | None:
        try:
            return read(text)
        except Unreadable as problem:
            called = self._format.called(column)
            self.refuse(f"{called}: {problem}", line=row.line if row else 0)
            return None


@lru_cache(maxsize=4_096)
def one_line(raw: str, limit: int, name: str) -> tuple[str, str]:
    """The text on one line with plain spaces, and "" or the sentence why it cannot be taken."""
    entry = Entry()
    text = entry.line("text", raw, limit=limit, name=name)
    return text, entry.problems.get("text", "")
