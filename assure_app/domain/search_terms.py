"""The terms an invoice is found by: a number or a reference is found by how it begins."""

import re

LONGEST_TERM = 64
_LAST_DIGITS = re.compile(r"[0-9]+$")


def search_terms(text: str) -> set[str]:
    """ "INV-1042" → {"inv-1042", "1042"}: found by what it begins with, or its digits alone."""
    whole = folded(text)
    digits = _LAST_DIGITS.search(whole)
    return ({whole, digits[0]} if digits else {whole}) - {""}


def folded(text: str) -> str:
    """What was typed as it is compared: without case, or the number sign people leave out."""
    return text.strip().removeprefix("#").strip().casefold()[:LONGEST_TERM]
