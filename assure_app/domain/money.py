"""Money is integer cents, USD. The only module that reads money from text or writes it as text."""

import re

MAX_AMOUNT_CENTS = 99_999_999_999
"""$999,999,999.99: far above any invoice, far below what a 64-bit column and a sum of rows hold."""

_AMOUNT = re.compile(r"\$?\s?(\d{1,3}(?:,\d{3})+|\d+)?(?:\.(\d{0,2}))?", re.ASCII)
_MOST_DOLLAR_DIGITS = 32


class AmountProblem(ValueError):
    """The text is not an amount of money that can be accepted; the message is for the user."""


def parse_amount(text: str) -> int:
    """Read what a person typed ("$1,500", "1500.5") as cents, greater than zero (R030).

    Raises AmountProblem with the sentence for the field; never rounds.
    """
    cents = parse_price(text)
    if cents == 0:
        raise AmountProblem("Enter an amount greater than $0.00.")
    return cents


def parse_price(text: str) -> int:
    """Read the price of one unit as cents, zero or more: what is given away has a price too.

    Raises AmountProblem with the sentence for the field; never rounds.
    """
    cents = _parse_decimal(text.strip())
    if cents > MAX_AMOUNT_CENTS:
        raise _too_large()
    return cents


def full_text(cents: int) -> str:
    """Money in columns and fields, always with cents: 150000 → "$1,500.00", -5 → "−$0.05"."""
    sign = "−" if cents < 0 else ""
    return f"{sign}${abs(cents) // 100:,}.{abs(cents) % 100:02d}"


def short_text(cents: int) -> str:
    """Money in sentences: whole dollars without cents, others with two (R108)."""
    text = full_text(cents)
    return text.removesuffix(".00")


def input_text(cents: int) -> str:
    """Money as the starting value of an amount field: 270000 → "2,700.00"."""
    return full_text(cents).removeprefix("$")


def decimal_text(cents: int) -> str:
    """Money for programs, a plain decimal: 270000 → "2700.00", -5 → "-0.05"."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def _parse_decimal(text: str) -> int:
    if not text:
        raise AmountProblem("Enter an amount, for example 1,500.00.")
    if text.startswith(("-", "−", "(")):
        raise AmountProblem("Enter an amount greater than $0.00.")
    match = _AMOUNT.fullmatch(text)
    if match is None or not (match[1] or match[2]):
        raise AmountProblem(_why_unreadable(text))
    dollars = (match[1] or "0").replace(",", "")
    if len(dollars) > _MOST_DOLLAR_DIGITS:  # int() itself refuses thousands of digits.
        raise _too_large()
    return int(dollars) * 100 + int((match[2] or "").ljust(2, "0"))


def _too_large() -> AmountProblem:
    return AmountProblem(f"The largest amount possible is {full_text(MAX_AMOUNT_CENTS)}.")


def _why_unreadable(text: str) -> str:
    if re.fullmatch(r"\$?\s?[\d,]*\.\d{3,}", text, re.ASCII):
        return "Use at most two decimals: the smallest unit is one cent."
    return "Enter the amount as a number, for example 1,500.00."
