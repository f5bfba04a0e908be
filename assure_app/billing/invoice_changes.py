"""What changed on an invoice: by an edit, told to the timeline; beside one, told to its editor."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, select

from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.invoices import VIEWED
from assure_app.domain.calendar import clock_text, day_of, day_text, moment_text
from assure_app.domain.errors import BillingError
from assure_app.domain.line_items import Line
from assure_app.domain.money import short_text
from assure_app.domain.permissions import Principal
from assure_app.models.tables import activity

EDITED = "Invoice edited"
_HAPPENED = (
    ("Invoice sent", "{number} was sent"),
    ("Invoice marked as sent", "{number} was marked as sent"),
    (EDITED, "{number} was edited"),
    ("Invoice cancelled", "{number} was cancelled"),
    ("Payment", "A payment on {number} was recorded"),
    ("Refund", "A payment on {number} was refunded"),
)


class ChangedMeanwhile(BillingError):
    """The invoice is not any more what it was when its editor was opened."""


def entries(connection: Connection, invoice: InvoiceRecord) -> int:
    """How many entries the invoice's timeline has."""
    return len(_since(connection, invoice, 0))


def is_as_opened(
    connection: Connection, invoice: InvoiceRecord, *, version: int, known_entries: int
) -> bool:
    """Whether nothing changed the invoice since but that its client looked at it."""
    since = _since(connection, invoice, known_entries)
    views = sum(each["text"] == VIEWED for each in since)
    return bool(invoice.version - version == views)


def changed_meanwhile(
    connection: Connection,
    principal: Principal,
    invoice: InvoiceRecord,
    *,
    known_entries: int,
    now: datetime,
) -> ChangedMeanwhile:
    """The refusal that tells what happened, by whom and when."""
    since = _since(connection, invoice, known_entries)
    told = [each for each in since if each["text"] != VIEWED]
    happened = _happened(principal, invoice, told[-1], now) if told else ""
    happened = happened or f"{invoice.number} was changed while you were editing."
    return ChangedMeanwhile(
        f"{happened} Nothing was saved. What you typed is still here: note what you need, "
        f"then open {invoice.number} again."
    )


def edit_text(
    before: InvoiceRecord,
    after: InvoiceRecord,
    *,
    lines_before: Sequence[Line],
    lines: Sequence[Line],
    now: datetime,
) -> str:
    """ "Invoice edited: total $1,200 → $1,500, due May 31 → Jun 15"; "" when nothing changed."""
    today = before.today(now)
    pairs = {
        "client": (before.client, after.client),
        "number": (before.number, after.number),
        "total": (short_text(before.total_cents), short_text(after.total_cents)),
        "date": (
            day_text(before.issued_on, today=today),
            day_text(after.issued_on, today=today),
        ),
        "due": (day_text(before.due_on, today=today), day_text(after.due_on, today=today)),
    }
    changes = [f"{name} {old} → {new}" for name, (old, new) in pairs.items() if old != new]
    if after.title != before.title:
        changes.append(f"title “{after.title}”" if after.title else "no title")
    if after.engagement_id != before.engagement_id:
        changes.append("engagement")
    if tuple(lines) != tuple(lines_before) and after.total_cents == before.total_cents:
        changes.append("line items")
    return f"{EDITED}: {', '.join(changes)}" if changes else ""


def _happened(
    principal: Principal, invoice: InvoiceRecord, entry: RowMapping, now: datetime
) -> str:
    known = (text for begins, text in _HAPPENED if entry["text"].startswith(begins))
    what = next(known, "{number} was changed").format(number=invoice.number)
    who = "you" if entry["user_id"] == principal.user_id else entry["actor"]
    is_today = day_of(entry["at"], invoice.timezone) == invoice.today(now)
    when = f"at {clock_text(entry['at'], invoice.timezone)}"
    if not is_today:
        when = f"on {moment_text(entry['at'], invoice.timezone, now=now)}"
    return f"{what} by {who} {when} while you were editing."


def _since(
    connection: Connection, invoice: InvoiceRecord, known_entries: int
) -> Sequence[RowMapping]:
    """The entries of the timeline after those known, oldest first."""
    return (
        connection.execute(
            select(activity.c.text, activity.c.actor, activity.c.user_id, activity.c.at)
            .where(activity.c.invoice_id == invoice.id, activity.c.position > known_entries)
            .order_by(activity.c.position)
        )
        .mappings()
        .all()
    )
