"""What the reminder dialog and the reminders page show and send back: frozen texts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindStart:
    """What the Send reminder dialog opens with; `form_token` makes a doubled click one reminder.

    `addresses` have commas between them, `standing` is what the letter says, as "7 days overdue,
    $450", and `last` when the client was reminded before, "" for never. `block` says why no email
    can be sent, `caution` that one goes no further than this machine; each is "" otherwise.
    """

    invoice_id: int = 0
    number: str = ""
    client: str = ""
    addresses: str = ""
    standing: str = ""
    last: str = ""
    block: str = ""
    caution: str = ""
    form_token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepChip:
    """A day that can be chosen: `days` from the due date, and in words."""

    days: int
    text: str
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanForm:
    """The plan as typed; `days` are the chosen ones as texts, and nothing in it is trusted."""

    is_on: bool = False
    days: tuple[str, ...] = ()
    hour: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStart:
    """What the page opens with; without chips it was not read yet.

    `hours` are values with their texts. `may_change` is whether the person who looks may also
    change it. `caution` says that letters stay on this machine.
    """

    chips: tuple[StepChip, ...] = ()
    hours: tuple[tuple[str, str], ...] = ()
    is_on: bool = False
    hour: str = ""
    may_change: bool = False
    caution: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleLetter:
    """The letter that an example client would get, in the order in which it is read."""

    subject: str = ""
    headline: str = ""
    said: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    label: str = ""
    closing: str = ""
    footer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleDay:
    """A day of the example: "May 25", "7 days after", and what the letter says on it."""

    days: int
    day: str
    text: str
    letter: ExampleLetter


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPreview:
    """What the plan comes to for an example invoice, in a sentence and by its days."""

    sentence: str = ""
    days: tuple[ExampleDay, ...] = ()
