"""What a person typed into the Send dialog, and why an invoice cannot be sent."""

from dataclasses import dataclass

from assure_app.billing.reading.send_rows import SendForm
from assure_app.domain import email_address
from assure_app.domain.entry import Entry
from assure_app.domain.errors import BillingError

MOST_ADDRESSES = 10
MESSAGE_LIMIT = 2_000
_TO_LIMIT = 5_000


class MailNotSetUp(BillingError):
    """Nothing can take an email away from here."""

    def __init__(self) -> None:
        super().__init__("This installation cannot send email yet: SMTP_URL is not set.")


class NotSendable(BillingError):
    """A paid or cancelled invoice asks for nothing; only what was sent is sent again."""

    def __init__(self, number: str, status: str) -> None:
        super().__init__(f"{number} is {status}. It cannot be sent.")


class AlreadySent(BillingError):
    """A draft is sent once."""

    def __init__(self, number: str) -> None:
        super().__init__(f"{number} was sent already.")


class NoAddress(BillingError):
    """Nobody at the client has an email address."""

    field = "to"

    def __init__(self, client: str) -> None:
        super().__init__(f"{client} has no email address.")


class InvoiceChanged(BillingError):
    """Somebody changed the invoice after this person looked at it."""

    def __init__(self, number: str) -> None:
        super().__init__(f"{number} was changed meanwhile. Close this and look at it again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The form as read: valid in itself, not yet held against the invoice."""

    addresses: tuple[str, ...]
    message: str = ""
    keeps_addresses: bool = False


def read_form(form: SendForm) -> Wanted:
    """Read what was typed, or raise InvalidInput with one sentence for each wrong field."""
    entry = Entry()
    addresses = _addresses(entry, form.to)
    message = entry.text("message", form.message, limit=MESSAGE_LIMIT, name="Message")
    entry.check()
    return Wanted(addresses=addresses, message=message, keeps_addresses=form.keep == "on")


def _addresses(entry: Entry, typed: object) -> tuple[str, ...]:
    pieces = email_address.split_addresses(entry.text("to", typed, limit=_TO_LIMIT, name="To"))
    if not pieces:
        entry.refuse("to", "Enter the client’s email address.")
    for piece in pieces:
        if not email_address.normal_address(piece):
            entry.refuse("to", email_address.refusal(piece))
    addresses = tuple(dict.fromkeys(map(email_address.normal_address, pieces)))
    if len(addresses) > MOST_ADDRESSES:
        entry.refuse("to", f"Send it to at most {MOST_ADDRESSES} addresses at once.")
    return addresses
