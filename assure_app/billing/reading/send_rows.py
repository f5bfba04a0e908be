"""What the Send dialog and the bulk dialog show and send back: frozen texts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SendStart:
    """What the Send dialog opens with.

    `addresses` are the client's contacts', with commas; `has_contact` is false when there is none
    to keep. `is_draft` is false when it goes out again. `block` says why no email can be sent, ""
    when one can; `caution` that one goes no further than this machine. `invoice_id` and `version`
    come back with the form: what is sent is what was looked at, since a draft may give its number
    up and another one take it.
    """

    number: str = ""
    client: str = ""
    addresses: str = ""
    has_contact: bool = True
    subject: str = ""
    amount: str = ""
    total: str = ""
    due: str = ""
    is_draft: bool = True
    can_send_mail: bool = False
    block: str = ""
    caution: str = ""
    invoice_id: int = 0
    version: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class SendForm:
    """The Send dialog as typed: nothing in it is trusted. `keep` is "on" when ticked."""

    to: str
    message: str = ""
    keep: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What sending came to; `is_repeat` when it had been sent before and nothing went out now."""

    number: str
    status: str
    sentence: str
    is_repeat: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkSendRow:
    """One invoice about to be sent with others; `problem` says why it will not be, else "".

    `invoice_id` and `version` say which state of which invoice was looked at.
    """

    number: str
    invoice_id: int = 0
    version: int = -1
    client: str = ""
    addresses: str = ""
    amount: str = ""
    due: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkSendPreview:
    """What sending these invoices would do: how many would go, and what they ask for in all."""

    rows: tuple[BulkSendRow, ...] = ()
    ready: int = 0
    total: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """An invoice that was left as it is, and the sentence that says why."""

    number: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkOutcome:
    """What became of each of the chosen invoices."""

    sent: tuple[str, ...] = ()
    refused: tuple[Refused, ...] = ()

    @property
    def sentence(self) -> str:
        """ "Sent 3 invoices, 1 was not sent." """
        many = "1 invoice" if len(self.sent) == 1 else f"{len(self.sent)} invoices"
        if not self.refused:
            return f"Sent {many}."
        return f"Sent {many}, {len(self.refused)} {_were(len(self.refused))} not sent."


def _were(count: int) -> str:
    return "was" if count == 1 else "were"
