"""What stands on each paper, as texts: nothing a client may not see has a place here (R113)."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, TypeAdapter

Sums: TypeAlias = tuple[tuple[str, str], ...]
"""Names and amounts under each other; the last pair is the outcome."""

LONGEST_FILE_NAME = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLine:
    """One line of an invoice; `tax` is its rate, "" for none, and the amount is without it."""

    description: str
    quantity: str
    price: str
    tax: str
    amount: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperPayment:
    """One movement of money on an invoice, as its client sees it."""

    day: str
    what: str
    amount: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Headed:
    """What every paper has. `lead`, `amount` and `note` are what the reader looks for.

    `made_at` dates the file and follows from the books, so that one state of them makes one file.
    """

    number: str
    firm: str
    client: str
    made_at: datetime
    lead: str
    amount: str
    note: str
    sums: Sums


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePaper(_Headed):
    """An invoice. `link` leads to it in the portal, "" for a draft, which no client sees (R054)."""

    kind: Literal["invoice"] = "invoice"
    title: str
    issued: str
    due: str
    lines: tuple[PaperLine, ...]
    payments: tuple[PaperPayment, ...]
    is_settled: bool
    is_payable: bool
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptPaper(_Headed):
    """The receipt of one payment; `reversals` is empty while nothing of it was taken back."""

    kind: Literal["receipt"] = "receipt"
    invoice: str
    day: str
    method: str
    reversals: Sums


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundReceiptPaper(_Headed):
    """The receipt of one refund, with what it left of its payment."""

    kind: Literal["refund_receipt"] = "refund_receipt"
    invoice: str
    day: str
    method: str
    payment: Sums


Paper: TypeAlias = InvoicePaper | ReceiptPaper | RefundReceiptPaper

_STORED: TypeAdapter[Paper] = TypeAdapter(Annotated[Paper, Field(discriminator="kind")])
_NAMES = {"invoice": "Invoice", "receipt": "Receipt", "refund_receipt": "Refund-receipt"}
_UNSAFE = re.compile(r"[^A-Za-z0-9._]+")


def file_name(paper: Paper) -> str:
    """What the file is called wherever it goes: "Invoice-INV-1042.pdf"."""
    number = _UNSAFE.sub("-", paper.number).strip("-.")[:LONGEST_FILE_NAME]
    return f"{_NAMES[paper.kind]}-{number}.pdf" if number else f"{_NAMES[paper.kind]}.pdf"


def to_text(paper: Paper) -> str:
    """The paper as text that `from_text` reads again: what a letter carries until it is sent."""
    return _STORED.dump_json(paper).decode()


def from_text(text: str) -> Paper:
    """The paper that was kept as text."""
    return _STORED.validate_json(text)
