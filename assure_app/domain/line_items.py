"""The lines of an invoice: read from text, multiplied, taxed and added up, in whole cents.

Quantities are thousandths (1.5 hours is 1500), tax rates thousandths of a percent (8.875 % is
8875), so that no step needs a fraction. Tax is rounded by the line, half up.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from assure_app.domain import money
from assure_app.domain.money import MAX_AMOUNT_CENTS, AmountProblem, full_text

MAX_QUANTITY_THOUSANDTHS = 1_000_000_000
MAX_TAX_RATE_THOUSANDTHS = 100_000
MOST_LINES = 100
DESCRIPTION_LIMIT = 500

_DECIMAL = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)?(?:\.(\d{0,3}))?", re.ASCII)
_TOO_FINE = re.compile(r"[\d,]*\.\d{4,}", re.ASCII)
_MOST_DIGITS = 32
_MINUS = ("-", "−", "(")


class LineProblem(ValueError):
    """A line, or all of them together, cannot be accepted; the message is for the user."""


class Taxed(Protocol):
    """A line as far as a total is concerned, in cents."""

    @property
    def amount_cents(self) -> int:
        """Without the tax."""

    @property
    def tax_cents(self) -> int:
        """The tax on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: quantity in thousandths, price in cents, tax rate in thousandths of a percent."""

    description: str
    unit_price_cents: int
    quantity_thousandths: int = 1000
    tax_rate_thousandths: int = 0

    @property
    def amount_cents(self) -> int:
        """Quantity times price, without the tax."""
        return amount_cents(
            quantity_thousandths=self.quantity_thousandths, unit_price_cents=self.unit_price_cents
        )

    @property
    def tax_cents(self) -> int:
        """The tax on the amount."""
        return tax_cents(self.amount_cents, tax_rate_thousandths=self.tax_rate_thousandths)


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What lines come to, in cents."""

    subtotal_cents: int
    tax_cents: int

    @property
    def total_cents(self) -> int:
        """With the tax."""
        return self.subtotal_cents + self.tax_cents


def parse_quantity(text: str) -> int:
    """Read "1.5" as thousandths: above zero, at most 1,000,000, at most three decimals.

    Raises LineProblem with the sentence for the field; never rounds.
    """
    text = text.strip()
    if not text:
        raise LineProblem("Enter a quantity, for example 1 or 1.5.")
    quantity = _thousandths(text, example="Enter the quantity as a number, for example 1.5.")
    if quantity == 0:
        raise LineProblem("Enter a quantity greater than 0.")
    if quantity > MAX_QUANTITY_THOUSANDTHS:
        largest = thousandths_text(MAX_QUANTITY_THOUSANDTHS)
        raise LineProblem(f"The largest quantity possible is {largest}.")
    return quantity


def parse_price(text: str) -> int:
    """Read "1,500.5" as cents; nothing is a price too. Raises LineProblem; never rounds."""
    if not text.strip():
        raise LineProblem("Enter a price, for example 150.00.")
    if text.strip().startswith(_MINUS):
        raise LineProblem("A price cannot be less than $0.00.")
    try:
        return money.parse_price(text)
    except AmountProblem as problem:
        raise LineProblem(str(problem)) from problem


def parse_tax_rate(text: str) -> int:
    """Read "8.875" or "8.875 %" as thousandths of a percent, from 0 to 100; "" is no tax.

    Raises LineProblem; never rounds.
    """
    text = text.strip().removesuffix("%").rstrip()
    if not text:
        return 0
    rate = _thousandths(text, example="Enter the tax as a percentage, for example 8.875.")
    if rate > MAX_TAX_RATE_THOUSANDTHS:
        raise LineProblem("A tax is at most 100 percent.")
    return rate


def thousandths_text(thousandths: int) -> str:
    """A quantity or a rate as people write it: 1500 → "1.5", 1000 → "1"."""
    whole, rest = divmod(thousandths, 1000)
    return f"{whole:,}.{rest:03d}".rstrip("0").rstrip(".")


def amount_cents(*, quantity_thousandths: int, unit_price_cents: int) -> int:
    """Quantity times price, rounded half up to the cent."""
    return (quantity_thousandths * unit_price_cents + 500) // 1000


def tax_cents(amount_cents: int, *, tax_rate_thousandths: int) -> int:
    """The tax on one line's amount, rounded half up to the cent."""
    return (amount_cents * tax_rate_thousandths + 50_000) // 100_000


def totals(lines: Iterable[Taxed]) -> Totals:
    """What the lines come to."""
    kept = tuple(lines)
    return Totals(
        subtotal_cents=sum(line.amount_cents for line in kept),
        tax_cents=sum(line.tax_cents for line in kept),
    )


def check_line(line: Line) -> None:
    """Raise LineProblem when the line's figures cannot stand on an invoice.

    What costs something must not come to nothing by rounding: it would be given away unseen.
    """
    if line.quantity_thousandths <= 0:
        raise LineProblem("Enter a quantity greater than 0.")
    if line.unit_price_cents < 0 or line.tax_rate_thousandths < 0:
        raise LineProblem("A price and a tax cannot be less than zero.")
    if line.quantity_thousandths > MAX_QUANTITY_THOUSANDTHS:
        raise LineProblem("This quantity is larger than possible.")
    if line.tax_rate_thousandths > MAX_TAX_RATE_THOUSANDTHS:
        raise LineProblem("A tax is at most 100 percent.")
    if line.unit_price_cents and not line.amount_cents:
        quantity = thousandths_text(line.quantity_thousandths)
        price = full_text(line.unit_price_cents)
        raise LineProblem(f"{quantity} × {price} comes to less than a cent.")
    if line.amount_cents + line.tax_cents > MAX_AMOUNT_CENTS:
        raise LineProblem(f"This line comes to more than {full_text(MAX_AMOUNT_CENTS)}.")


def check_lines(lines: Sequence[Line]) -> None:
    """Raise LineProblem unless there are 1 to 100 good lines that come to a possible total."""
    if not lines:
        raise LineProblem("An invoice needs at least one line.")
    if len(lines) > MOST_LINES:
        raise LineProblem(f"An invoice holds at most {MOST_LINES} lines.")
    for line in lines:
        check_line(line)
    if totals(lines).total_cents > MAX_AMOUNT_CENTS:
        raise LineProblem(f"The lines come to more than {full_text(MAX_AMOUNT_CENTS)}.")


def _thousandths(text: str, *, example: str) -> int:
    if text.startswith(_MINUS):
        raise LineProblem("This cannot be less than 0.")
    if _TOO_FINE.fullmatch(text):
        raise LineProblem("Use at most three decimals.")
    match = _DECIMAL.fullmatch(text)
    if match is None or not (match[1] or match[2]):
        raise LineProblem(example)
    whole = (match[1] or "0").replace(",", "")
    if len(whole) > _MOST_DIGITS:  # int() itself refuses thousands of digits.
        raise LineProblem("This number is larger than possible.")
    return int(whole) * 1000 + int((match[2] or "").ljust(3, "0"))
