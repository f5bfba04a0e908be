"""What the page of the clients' contacts shows: frozen rows, already as text."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRow:
    """One contact; `role` says in words what they may do in the portal, `method` what auto-pay
    would charge of their client."""

    """One contact; `role` says in words what they may do in the portal.

    `reminders` says that they stopped reminders, "" while they take them.
    """

    id: int
    client_id: int
    client: str
    name: str
    email: str
    role: str
    is_active: bool
    method: str
    reminders: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactsPage:
    """The contacts who match; `note` says when there are more than are shown.

    `may_change` is whether the person who looks may also change them.
    """

    rows: tuple[ContactRow, ...] = ()
    note: str = ""
    may_change: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactForm:
    """A contact as typed; `role` is one of PortalRole's values."""

    name: str = ""
    email: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactStart:
    """What a dialog for a contact opens with; `contact_id` 0 is a new one."""

    contact_id: int = 0
    client: str = ""
    form: ContactForm = ContactForm()
    role: str = ""
    is_active: bool = True
    form_token: str = ""
