"""From the bytes of a file to its rows, and what can be told of a file without reading its figures.

A file is read as a stream, so that its rows never stand in memory together.
"""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from assure_app.billing.importing.dates_and_amounts import DateForm, form_decided_by, is_undecided
from assure_app.billing.importing.formats import FORMATS, Recognised, recognise, twice
from assure_app.billing.importing.problems import ImportRefused, Problem, Problems

LONGEST_FILE_BYTES = 20_000_000
MOST_ROWS = 100_000
_HEADER_WITHIN_ROWS = 12
_SAMPLE_BYTES = 40_000
_DAYS = ("issued", "due", "paid_on")
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SAVE_AS = "In Excel choose “CSV UTF-8”, in Google Sheets download it as CSV"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One record of the file, by the format's names of its columns; `line` is where it begins."""

    line: int
    cells: Mapping[str, str]
    is_too_long: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What a first reading of a whole file tells.

    `decided` counts the days that can be read in one form only, `undecided` those that could be
    read in both.
    """

    content: bytes = field(repr=False)
    encoding: str
    separator: str
    header_row: int
    recognised: Recognised
    rows: int
    decided: Mapping[DateForm, int]
    undecided: int

    @property
    def date_form(self) -> DateForm | None:
        """The form of most days that tell it, or None when none tells."""
        if not self.decided:
            return None
        return max(self.decided, key=lambda form: self.decided[form])


def survey(content: bytes) -> Survey:
    """Read the file once; raises ImportRefused when it cannot be one that we know."""
    if len(content) > LONGEST_FILE_BYTES:
        raise ImportRefused("The file is larger than 20 MB: split it.")
    if not content.strip():
        raise ImportRefused("The file is empty.")
    encoding = _encoding(content)
    separator = _separator(content, encoding)
    records = _records(content, encoding, separator)
    header_row, recognised = _header(records)
    counted = _Counted()
    for row in _rows(records, recognised):
        counted.count(row)
    if not counted.rows:
        raise ImportRefused("The file holds no row below its header.")
    return Survey(
        content=content,
        encoding=encoding,
        separator=separator,
        header_row=header_row,
        recognised=recognised,
        rows=counted.rows,
        decided=counted.decided,
        undecided=counted.undecided,
    )


def rows_of(surveyed: Survey) -> Iterator[Row]:
    """Every row of a file that was surveyed, in its order."""
    records = _records(surveyed.content, surveyed.encoding, surveyed.separator)
    for _ in range(surveyed.header_row):
        next(records)
    yield from _rows(records, surveyed.recognised)


@dataclass(slots=True)
class _Counted:
    rows: int = 0
    decided: Counter[DateForm] = field(default_factory=Counter)
    undecided: int = 0

    def count(self, row: Row) -> None:
        self.rows += 1
        if self.rows > MOST_ROWS:
            raise ImportRefused(f"The file has more than {MOST_ROWS:,} rows: split it.")
        for column in _DAYS:
            text = row.cells.get(column, "")
            form = form_decided_by(text) if text else None
            if form is not None:
                self.decided[form] += 1
            elif text and is_undecided(text):
                self.undecided += 1


def _encoding(content: bytes) -> str:
    if content.startswith(_UTF_16):
        return "utf-16"
    if content.startswith(b"PK\x03\x04"):
        raise ImportRefused(f"This is an Excel workbook, not CSV. {_SAVE_AS}.")
    return "utf-8-sig"


def _text(content: bytes, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline="")


def _separator(content: bytes, encoding: str) -> str:
    """The separator that stands most often in the first lines, outside of quotes."""
    # A character may be cut in two at the end; whatever else is wrong is told by a whole reading.
    sample = content[:_SAMPLE_BYTES].decode(encoding, errors="replace")
    unquoted = "".join(sample.split('"')[::2])
    first_lines = "".join(unquoted.splitlines(keepends=True)[:_HEADER_WITHIN_ROWS])
    return max(",;\t", key=first_lines.count)


def _records(content: bytes, encoding: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line it begins on; raises ImportRefused at what is no CSV or text."""
    reader = csv.reader(_without_nul(_text(content, encoding)), delimiter=separator, strict=True)
    line = 1
    try:
        for record in reader:
            yield line, record
            line = reader.line_num + 1
    except csv.Error as error:
        raise _refused_at(line, f"this is not CSV ({error}).") from error
    except UnicodeError as error:
        what = "UTF-16" if encoding == "utf-16" else "UTF-8"
        raise ImportRefused(f"The file is not {what}. {_SAVE_AS}, and retry.") from error


def _without_nul(text: io.TextIOWrapper) -> Iterator[str]:
    for number, line in enumerate(text, start=1):
        if "\0" in line:
            raise _refused_at(number, f"it holds a NUL character. {_SAVE_AS}, and retry.")
        yield line


def _refused_at(line: int, sentence: str) -> ImportRefused:
    return ImportRefused(Problems(1, [Problem(line=line, sentence=sentence)]))


def _header(records: Iterator[tuple[int, list[str]]]) -> tuple[int, Recognised]:
    """How many records stand before the first row, and the format that the last of them names.

    Reports begin with their own name and period, so the header need not be the first record.
    """
    for count, (line, record) in enumerate(records, start=1):
        recognised = recognise(record)
        if recognised is not None:
            _check_header(line, record, recognised)
            return count, recognised
        if count == _HEADER_WITHIN_ROWS:
            break
    known = ", ".join(each.name for each in FORMATS)
    raise ImportRefused(f"The header is none that we know. Files that can be imported: {known}.")


def _check_header(line: int, record: Sequence[str], recognised: Recognised) -> None:
    name = recognised.format.name
    if recognised.missing:
        missing = ", ".join(recognised.missing)
        raise _refused_at(line, f"This looks like {name}, but columns are missing: {missing}.")
    if doubled := twice(record, recognised):
        raise _refused_at(line, f"Two columns are called “{doubled}”: remove one.")


def _rows(records: Iterator[tuple[int, list[str]]], recognised: Recognised) -> Iterator[Row]:
    places, width = tuple(recognised.places.items()), recognised.width
    is_report = "type" in recognised.format.marks
    for line, record in records:
        record.extend("" for _ in range(width - len(record)))
        cells = {column: record[place].strip() for column, place in places}
        if not any(record) or (is_report and _is_heading_or_sum(cells)):
            continue
        yield Row(line=line, cells=cells, is_too_long=any(record[width:]))


def _is_heading_or_sum(cells: Mapping[str, str]) -> bool:
    """Whether a report's row is no transaction: those say at least of what type they are."""
    return not any(cells[column] for column in ("type", "number", "client", "due"))
