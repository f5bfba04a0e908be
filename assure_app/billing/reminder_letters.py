"""The letters of one reminder: one to each of the client's people who may pay and take them."""

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from assure_app.billing import portal_links
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.reminder_readers import Reader
from assure_app.domain.calendar import day_text
from assure_app.domain.money import short_text
from assure_app.domain.reminders import ComingCharge, standing_text
from assure_app.mail import outbox, reminder_letter
from assure_app.mail.invoice_mail import Letter
from assure_app.mail.reminder_letter import MailedReminder

MOST_TOLD = 3
"""As many addresses are named in the timeline."""

_WRITTEN_FROM = re.compile(r"reminder ([0-9]+) to reader ([0-9]+)")


def letter(
    connection: Connection,
    invoice: InvoiceRecord,
    reader: Reader,
    charge: ComingCharge | None,
    *,
    now: datetime,
) -> Letter:
    """The letter to one reader, with what the invoice asks for at this moment (R071, R075)."""
    return reminder_letter.compose(
        MailedReminder(
            firm=invoice.firm,
            client=invoice.client,
            reader=reader.name,
            email=reader.email,
            number=invoice.number,
            title=invoice.title,
            due_on=invoice.due_on,
            today=invoice.today(now),
            total_cents=invoice.total_cents,
            settled_cents=invoice.settled_cents,
            pending_cents=invoice.pending_cents,
            balance_cents=invoice.balance_cents,
            link=portal_links.link_of(invoice.pay_token),
            is_payable=portal_links.takes_payments(connection, invoice.firm_id),
            stop_link=reader.stop_link,
            charge=charge,
        )
    )


def post(
    connection: Connection,
    reminder_id: int,
    invoice: InvoiceRecord,
    readers: Sequence[Reader],
    charge: ComingCharge | None,
    *,
    reply_to: str,
    now: datetime,
) -> None:
    """Put the reminder's letters into the outbox; each is written anew when it goes."""
    for reader in readers:
        told = letter(connection, invoice, reader, charge, now=now)
        outbox.enqueue(
            connection,
            firm_id=invoice.firm_id,
            invoice_id=invoice.id,
            to_email=reader.email,
            from_name=invoice.firm,
            reply_to=reply_to,
            subject=told.subject,
            text=told.text,
            html=told.html,
            written_from=f"reminder {reminder_id} to reader {reader.reader_id}",
            stop_link=reader.stop_link,
            now=now,
            key=f"reminder {reminder_id} to {reader.email}",
        )


def ids_of(written_from: str) -> tuple[int, int]:
    """The reminder and the reader that a letter is written from. Raises ValueError for others."""
    found = _WRITTEN_FROM.fullmatch(written_from)
    if found is None:
        raise ValueError(f"no reminder is written from {written_from!r}")
    return int(found[1]), int(found[2])


def told_text(
    invoice: InvoiceRecord,
    readers: Sequence[Reader],
    charge: ComingCharge | None,
    *,
    now: datetime,
) -> str:
    """ "Reminder sent to anita@patelfamily.example: 7 days overdue, $450"."""
    word = "Auto-pay notice" if charge else "Reminder"
    return f"{word} sent to {_addresses(readers)}: {standing(invoice, charge, now=now)}"


def standing(invoice: InvoiceRecord, charge: ComingCharge | None, *, now: datetime) -> str:
    """ "7 days overdue, $450", as the firm reads it of the invoice at this moment."""
    today, amount = invoice.today(now), short_text(invoice.balance_cents)
    if charge:
        on = day_text(charge.on, today=today)
        return f"{amount} will be charged to {charge.method} on {on}"
    return f"{standing_text(invoice.due_on, today)}, {amount}"


def _addresses(readers: Sequence[Reader]) -> str:
    named = ", ".join(reader.email for reader in readers[:MOST_TOLD])
    more = len(readers) - MOST_TOLD
    if more <= 0:
        return named
    return f"{named} and 1 other" if more == 1 else f"{named} and {more} others"
