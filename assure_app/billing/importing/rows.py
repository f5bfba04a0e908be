"""What the rows of a file say once they were read: invoices with their lines, and clients."""

from dataclasses import dataclass
from datetime import date

from assure_app.domain.line_items import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedClient:
    """A client, and the people behind it by their emails; `line` is where the file names it."""

    line: int
    client: str
    contact_name: str
    emails: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedInvoice(ImportedClient):
    """An invoice of one or more rows; `line` is the first of them.

    `paid_cents` were paid before, on `paid_on`.
    """

    number: str
    title: str
    issued_on: date
    due_on: date
    lines: tuple[Line, ...]
    total_cents: int
    paid_cents: int
    paid_on: date
    is_draft: bool
