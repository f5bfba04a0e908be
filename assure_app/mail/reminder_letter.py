"""The letter that reminds a client of what is left to pay, or tells what auto-pay will charge.

It says what is owed when it is written: the total, what is paid and on its way, and what is left
(R071). Nothing that is for the firm's own eyes is in it (R113).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from html import escape

from assure_app.domain.calendar import long_day_text
from assure_app.domain.money import full_text
from assure_app.domain.reminders import ComingCharge, due_text
from assure_app.mail import paper
from assure_app.mail.invoice_mail import Letter
from assure_app.mail.paper import LARGE, LIGHT


@dataclass(frozen=True, slots=True, kw_only=True)
class MailedReminder:
    """An invoice as its reminder tells it on the firm's day `today`; amounts in cents.

    With `charge` nothing is asked for: auto-pay will take it. `link` leads to the invoice in the
    portal, where `is_payable` says it can be paid now; `stop_link` to where reminders are stopped.
    """

    firm: str
    client: str
    reader: str
    email: str
    number: str
    title: str
    due_on: date
    today: date
    total_cents: int
    settled_cents: int
    pending_cents: int
    balance_cents: int
    link: str
    is_payable: bool
    stop_link: str
    charge: ComingCharge | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the letter says, in the order in which it is read."""

    subject: str
    headline: str
    said: str
    facts: dict[str, str]
    label: str
    closing: str
    footer: str


def parts(reminder: MailedReminder) -> Parts:
    """The letter's words, also for whoever looks at one before any is sent."""
    amount = full_text(reminder.balance_cents)
    return Parts(
        subject=_subject(reminder, amount),
        headline=f"{amount} {_what(reminder)}",
        said=f"Hello {reminder.reader},\n\n{_said(reminder)}",
        facts=dict(_facts(reminder)),
        label="Pay now" if reminder.is_payable and not reminder.charge else "See invoice",
        closing=_closing(reminder),
        footer=(
            f"{reminder.firm} sends reminders about the invoices of {reminder.client} to"
            f" {reminder.email}. If you stop them, invoices and receipts still come."
        ),
    )


def compose(reminder: MailedReminder) -> Letter:
    """The letter in its two forms; whatever people typed is escaped."""
    told = parts(reminder)
    return Letter(subject=told.subject, text=_text(reminder, told), html=_html(reminder, told))


def _subject(reminder: MailedReminder, amount: str) -> str:
    what = f"{amount} for invoice {reminder.number} {_what(reminder)}"
    return what if reminder.charge else f"Reminder: {what}"


def _what(reminder: MailedReminder) -> str:
    if reminder.charge:
        return f"will be charged on {long_day_text(reminder.charge.on)}"
    return due_text(reminder.due_on, reminder.today)


def _said(reminder: MailedReminder) -> str:
    invoice = f"invoice {reminder.number} from {reminder.firm}"
    if reminder.charge:
        return (
            f"Auto-pay is on for {invoice}: {reminder.charge.method} will be charged on"
            f" {long_day_text(reminder.charge.on)}. You need do nothing."
        )
    if reminder.settled_cents > 0 or reminder.pending_cents:
        return f"This is a reminder of {invoice}. Thank you for your payment: this is what is left."
    return f"This is a reminder of {invoice}."


def _facts(reminder: MailedReminder) -> Iterator[tuple[str, str]]:
    yield "Invoice", reminder.number
    if reminder.title:
        yield "For", reminder.title
    yield "Due date", long_day_text(reminder.due_on)
    if reminder.settled_cents > 0 or reminder.pending_cents:
        yield "Total", full_text(reminder.total_cents)
    if reminder.settled_cents > 0:
        yield "Paid so far", full_text(-reminder.settled_cents)
    if reminder.pending_cents:
        yield "On its way", full_text(-reminder.pending_cents)
    yield "Amount due", full_text(reminder.balance_cents)


def _closing(reminder: MailedReminder) -> str:
    questions = f"Questions? Reply to this email: it reaches {reminder.firm}."
    if reminder.charge:
        return f"To pay in another way, open the invoice before that day. {questions}"
    return f"If you have just paid, there is nothing left to do. {questions}"


def _text(reminder: MailedReminder, told: Parts) -> str:
    facts = "\n".join(f"{name}: {value}" for name, value in told.facts.items())
    return (
        "\n\n".join(
            (
                reminder.firm,
                told.headline,
                told.said,
                facts,
                f"{told.label}: {reminder.link}",
                told.closing,
                f"-- \n{told.footer}\nStop reminders: {reminder.stop_link}",
            )
        )
        + "\n"
    )


def _html(reminder: MailedReminder, told: Parts) -> str:
    stop = escape(reminder.stop_link, quote=True)
    body = (
        f'<h1 style="margin:0 0 16px;{LARGE}">{escape(told.headline)}</h1>'
        + paper.paragraph(told.said)
        + paper.terms(told.facts)
        + paper.button(told.label, reminder.link)
        + paper.closing(told.closing, "")
        + f'<p style="margin:16px 0 0;padding-top:16px;border-top:1px solid #e7e5e4;{LIGHT}">'
        f'{escape(told.footer)} <a href="{stop}" style="color:#1d4ed8">Stop reminders</a></p>'
    )
    return paper.page(title=told.subject, firm=reminder.firm, body=body)
