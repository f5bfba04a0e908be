"""Cells of a CSV file that a spreadsheet opens."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def harmless(text: str) -> str:
    """A spreadsheet runs a cell that begins like a formula; after an apostrophe it is text."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
