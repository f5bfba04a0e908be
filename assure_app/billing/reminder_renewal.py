"""A reminder's letter at the moment it really goes: true then, or not sent at all (R075).

Between its writing and its leaving lies as long as a mail server is away. Meanwhile the client may
have paid, in part or in whole, or asked for no more reminders.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from assure_app.billing import activity, invoice_record, reminder_letters, reminder_readers
from assure_app.billing.coming_charges import coming_charge
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.domain.invoice_status import PAYABLE, stage
from assure_app.domain.reminders import ComingCharge, tone
from assure_app.mail import outbox
from assure_app.mail.sender import Dropped, Renewed
from assure_app.models.tables import reminder

SYSTEM = "System"


def renew(connection: Connection, message: Mapping[str, Any], now: datetime) -> Renewed | Dropped:
    """The letter as it is true now, the invoice locked; or why there is none any more.

    The timeline says so when it is dropped, or when it says something else than was told there.
    """
    reminder_id, reader_id = reminder_letters.ids_of(message["written_from"])
    sent = connection.execute(select(reminder).where(reminder.c.id == reminder_id)).mappings().one()
    found = invoice_record.lock_of_firm(
        connection, firm_id=sent["firm_id"], invoice_id=sent["invoice_id"]
    )
    charge = coming_charge(connection, found, now=now)
    reason = _why_not(connection, sent, found, charge, now)
    reader = reminder_readers.still(connection, reader_id)
    if reader is None:
        reason = reason or "they take no reminders any more"
    if reason or reader is None:
        _tell(connection, found, f"Reminder to {message['to_email']} was not sent: {reason}", now)
        return Dropped(reason)
    letter = reminder_letters.letter(connection, found, reader, charge, now=now)
    is_other = outbox.subject_line(letter.subject) != message["subject"]
    if is_other:
        standing = reminder_letters.standing(found, charge, now=now)
        _tell(connection, found, f"Reminder to {reader.email} goes late: {standing}", now)
    return Renewed(subject=letter.subject, text=letter.text, html=letter.html, is_told=is_other)


def _why_not(
    connection: Connection,
    sent: RowMapping,
    found: InvoiceRecord,
    charge: ComingCharge | None,
    now: datetime,
) -> str:
    status = found.status(now)
    if status not in PAYABLE:
        return f"the invoice is {status}"
    if not found.balance_cents:
        return "the whole balance is on its way"
    is_said = tone(
        stage=stage(found.facts),
        balance_cents=found.balance_cents,
        today=found.today(now),
        charge=charge,
    )
    if is_said is None:
        return "auto-pay charges it today"
    if sent["step_days"] is not None and sent["due_on"] != found.due_on:
        return "the due date was changed"
    newer = select(reminder.c.id).where(
        reminder.c.invoice_id == found.id, reminder.c.id > sent["id"]
    )
    return "a newer one goes" if connection.execute(newer.limit(1)).first() else ""


def _tell(connection: Connection, found: InvoiceRecord, text: str, now: datetime) -> None:
    activity.append(
        connection,
        firm_id=found.firm_id,
        invoice_id=found.id,
        at=now,
        text=text[:1000],
        actor=SYSTEM,
    )
