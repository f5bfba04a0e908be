"""What the portal shows of paying past invoices all at once: frozen rows, already as text."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillRow:
    """One invoice: `amount` is what is, or was, charged; `state` is "" while it is only offered.

    `reason` says why it failed, and `pay_href` leads to where it can be paid by hand, "" when there
    is nothing to pay.
    """

    number: str
    title: str
    due: str
    amount: str
    href: str
    state: str = ""
    reason: str = ""
    pay_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillCard:
    """The question, or what came of it. `step` is "ask", "run" or "done", "" for nothing to show.

    `method` is what is charged, `otherwise` says what “Not now” comes to, `done` of `count` have an
    answer, and `news` says so in words.
    """

    step: str = ""
    question: str = ""
    method: str = ""
    total: str = ""
    otherwise: str = ""
    rows: tuple[BackfillRow, ...] = ()
    count: int = 0
    done: int = 0
    news: str = ""
