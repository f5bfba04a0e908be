"""What the invoice editor shows and sends: texts only. What was typed is never trusted."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class LineForm:
    """One line as typed; its `key` tells it apart from the others while lines come and go."""

    key: str
    description: str = ""
    quantity: str = "1"
    price: str = ""
    tax: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceForm:
    """The form as typed. A new client is made of `client_name` and the contact's fields."""

    client: str = ""
    is_new_client: bool = False
    client_name: str = ""
    contact_name: str = ""
    contact_email: str = ""
    engagement: str = ""
    number: str = ""
    title: str = ""
    date: str = ""
    due: str = ""
    lines: tuple[LineForm, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Something to choose by name."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorStart:
    """What the editor opens with; `number` is "" for a new invoice.

    `href` leads back to it. `suggestion` is the number that a new invoice will most likely take.
    `invoice_id`, `version` and `entries` (of the timeline) say which state of which invoice is
    being edited. A sent invoice keeps its client and number.
    """

    number: str = ""
    href: str = "/invoices"
    invoice_id: int = 0
    version: int = 0
    entries: int = 0
    is_sent: bool = False
    suggestion: str = ""
    form_token: str = ""
    form: InvoiceForm = field(default_factory=InvoiceForm)
    engagements: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePreview:
    """What saving would come to, by the rule that saves. A figure that cannot be told is "".

    `amounts` are the lines' by key, without tax. `problems` maps field to sentence: "due",
    "quantity-2". `client_note` says what becomes of a new client whose name is known already.
    """

    amounts: dict[str, str] = field(default_factory=dict)
    subtotal: str = ""
    tax: str = ""
    total: str = ""
    due_text: str = ""
    client_note: str = ""
    engagements: tuple[Choice, ...] = ()
    problems: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What was saved; `is_repeat` when it had been before, and nothing was written now."""

    number: str
    sentence: str
    is_repeat: bool = False
