"""Lines and cells of a CSV file that a spreadsheet opens."""

import csv
import io
from collections.abc import Iterable

BYTE_ORDER_MARK = "\ufeff"
"""By which spreadsheets know UTF-8."""
_FORMULA_STARTS = (*"=+-@\t\r\n", *"\uff1d\uff0b\uff0d\uff20")
"""The last four are the same signs at full width, which spreadsheets in Asia read alike."""


def csv_text(lines: Iterable[Iterable[str]]) -> str:
    """Lines of a file, each cell quoted where it must be."""
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    return text.getvalue()


def harmless(text: str) -> str:
    """A spreadsheet runs a cell that begins like a formula; after an apostrophe it is text."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
