"""Reading a firm's invoices from a CSV file, every wrong line told at once.

One plain form, UTF-8, one invoice a line:
`number,client,contact_name,contact_email,title,issued,due,amount,sent` with ISO days, and `sent`
yes or no.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from assure_app.domain import email_address
from assure_app.domain.entry import Entry
from assure_app.domain.errors import BillingError, InvalidInput

COLUMNS = (
    "number",
    "client",
    "contact_name",
    "contact_email",
    "title",
    "issued",
    "due",
    "amount",
    "sent",
)
LONGEST_FILE_BYTES = 20_000_000
_LONGEST_NUMBER = 32
_NUMBER_MARKS = " -_/.#"


class ImportRefused(BillingError):
    """The file was not imported; `lines` holds a sentence for each thing that is wrong."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        super().__init__("\n".join([*lines, "Nothing was imported."]))


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedInvoice:
    """One good line of the file."""

    line: int
    number: str
    client: str
    contact_name: str
    contact_email: str
    title: str
    issued_on: date
    due_on: date
    amount_cents: int
    is_sent: bool


def read_invoices(text: str) -> list[ImportedInvoice]:
    """Read every line, or raise ImportRefused with all that is wrong."""
    rows = csv.DictReader(io.StringIO(text, newline=""))
    header = _header(rows)
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise ImportRefused([f"The first line must name the columns: {', '.join(missing)}."])
    found: list[ImportedInvoice] = []
    problems: list[str] = []
    lines: dict[str, int] = {}
    for line, row in _lines(rows):
        try:
            each = _read_line(line, row)
        except InvalidInput as refusal:
            problems += [f"Line {line}: {sentence}" for sentence in refusal.problems.values()]
            continue
        if each.number in lines:
            problems.append(f"Line {line}: {each.number} is on line {lines[each.number]} already.")
        lines[each.number] = line
        found.append(each)
    if problems:
        raise ImportRefused(problems)
    return found


def text_of(path: Path) -> str:
    try:
        if path.stat().st_size > LONGEST_FILE_BYTES:
            raise ImportRefused(["The file is larger than 20 MB: split it."])
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ImportRefused(["The file is not UTF-8. Save it as “CSV UTF-8” and retry."]) from error
    except OSError as error:
        raise ImportRefused([f"{path} cannot be read: {error.strerror}."]) from error


def _header(rows: "csv.DictReader[str]") -> Sequence[str]:
    try:
        return rows.fieldnames or ()
    except csv.Error as error:
        raise ImportRefused([f"Line 1: this is not CSV ({error})."]) from error


def _lines(rows: "csv.DictReader[str]") -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        for row in rows:
            yield rows.line_num, row
    except csv.Error as error:
        raise ImportRefused([f"Line {rows.line_num}: this is not CSV ({error})."]) from error


def _read_line(line: int, row: Mapping[str, Any]) -> ImportedInvoice:
    entry = Entry()
    each = ImportedInvoice(
        line=line,
        number=_number(entry, row),
        client=_client(entry, row),
        contact_name=entry.line("contact_name", row["contact_name"], limit=200, name="Contact"),
        contact_email=_email(entry, row),
        title=entry.line("title", row["title"], limit=200, name="Title"),
        issued_on=entry.day("issued", row["issued"]),
        due_on=entry.day("due", row["due"]),
        amount_cents=entry.amount_cents("amount", row["amount"]),
        is_sent=row["sent"] == "yes",
    )
    if each.due_on < each.issued_on:
        entry.refuse("due", "An invoice cannot be due before it is issued.")
    if row["sent"] not in {"yes", "no"}:
        entry.refuse("sent", "Write yes or no under “sent”.")
    entry.check()
    return each


def _number(entry: Entry, row: Mapping[str, Any]) -> str:
    """An invoice is found by its number in addresses, so nothing odd may hide in one."""
    text = _required(entry, row, "number", limit=_LONGEST_NUMBER)
    if not all(each.isalnum() or each in _NUMBER_MARKS for each in text):
        entry.refuse("number", "A number may hold letters, digits, spaces and - _ / . # only.")
    return text


def _client(entry: Entry, row: Mapping[str, Any]) -> str:
    """Two clients whose names look the same would be taken for each other."""
    text = _required(entry, row, "client", limit=200)
    if not text.isprintable():
        entry.refuse("client", "The client holds characters that cannot be shown. Remove them.")
    return text


def _required(entry: Entry, row: Mapping[str, Any], field: str, *, limit: int) -> str:
    text = entry.line(field, row[field], limit=limit, name=field.capitalize())
    if not text:
        entry.refuse(field, f"The {field} is missing.")
    return text


def _email(entry: Entry, row: Mapping[str, Any]) -> str:
    typed = row["contact_email"] or ""
    address = email_address.normal_address(typed)
    if typed.strip() and not address:
        entry.refuse("contact_email", email_address.refusal(typed))
    return address
