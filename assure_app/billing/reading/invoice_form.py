"""What the invoice editor shows and sends: texts only. What was typed is never trusted."""

from dataclasses import dataclass, field
from urllib.parse import quote

from assure_app.billing.reading.editor_form import (
    Choice,
    EditorForm,
    EditorPreview,
    EditorStart,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceForm(EditorForm):
    """The form as typed."""

    number: str = ""
    title: str = ""
    date: str = ""
    due: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceStart(EditorStart):
    """What the editor opens with; `number` is "" for a new invoice.

    `suggestion` is the number that a new invoice will most likely take. `invoice_id`, `version` and
    `entries` (of the timeline) say which state of which invoice is being edited. A sent invoice
    keeps its client and number.
    """

    number: str = ""
    href: str = "/invoices"
    invoice_id: int = 0
    entries: int = 0
    is_sent: bool = False
    suggestion: str = ""
    form: InvoiceForm = field(default_factory=InvoiceForm)
    engagements: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePreview(EditorPreview):
    """What saving would come to."""

    due_text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What was saved; `is_repeat` when it had been before, and nothing was written now."""

    number: str
    sentence: str
    is_repeat: bool = False

    @property
    def href(self) -> str:
        """Where it is shown."""
        return f"/invoices?invoice={quote(self.number, safe='')}"
