"""What the forms with lines have in common, of an invoice and of a schedule: texts only.

What was typed is never trusted.
"""

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
class Choice:
    """Something to choose by name."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorForm:
    """Whom a form is for, and its lines, as typed.

    A new client is made of `client_name` and the contact's fields.
    """

    client: str = ""
    is_new_client: bool = False
    client_name: str = ""
    contact_name: str = ""
    contact_email: str = ""
    engagement: str = ""
    lines: tuple[LineForm, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorStart:
    """What an editor opens with; without a `form_token` there is no form.

    `href` leads back. `version` says which state of what is there is being edited. Who
    `keeps_client` cannot be given another one.
    """

    href: str = ""
    version: int = 0
    keeps_client: bool = False
    form_token: str = ""
    form: EditorForm = field(default_factory=EditorForm)


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorPreview:
    """What saving would come to, by the rule that saves. A figure that cannot be told is "".

    `amounts` are the lines' by key, without tax. `problems` maps field to sentence: "due",
    "quantity-2". `client_note` says what becomes of a new client whose name is known already.
    """

    amounts: dict[str, str] = field(default_factory=dict)
    subtotal: str = ""
    tax: str = ""
    total: str = ""
    client_note: str = ""
    engagements: tuple[Choice, ...] = ()
    problems: dict[str, str] = field(default_factory=dict)
