"""What a schedule could not do by itself, told to the firm's people."""

from datetime import datetime

from sqlalchemy import Connection

from assure_app.billing import activity, notifications, schedule_record
from assure_app.billing.schedule_record import SYSTEM, ScheduleRecord
from assure_app.domain.calendar import long_day_text
from assure_app.domain.notifications import NotificationKind


def not_sent(
    connection: Connection,
    found: ScheduleRecord,
    invoice_id: int,
    number: str,
    why: str,
    *,
    now: datetime,
) -> None:
    """The invoice was made and stays a draft."""
    activity.append(
        connection,
        firm_id=found.firm_id,
        invoice_id=invoice_id,
        at=now,
        text=f"Not sent: {why}",
        actor=SYSTEM,
    )
    text = f"{number} stays a draft: {why}"
    schedule_record.note(connection, found, text, actor=SYSTEM, user_id=None, now=now)
    notifications.tell(
        connection,
        firm_id=found.firm_id,
        kind=NotificationKind.SCHEDULE,
        text=f"{text} (schedule “{found.title}”)",
        about=f"schedule {found.id} of {found.next_on} not sent",
        invoice_id=invoice_id,
        client_id=found.client_id,
        now=now,
    )


def not_made(connection: Connection, found: ScheduleRecord, why: str, *, now: datetime) -> None:
    """The invoice could not be made; it is tried again."""
    day = long_day_text(found.course.next_on)
    text = f"The invoice of {day} could not be made: {why}"
    schedule_record.note(connection, found, text, actor=SYSTEM, user_id=None, now=now)
    notifications.tell(
        connection,
        firm_id=found.firm_id,
        kind=NotificationKind.SCHEDULE,
        text=f"The schedule “{found.title}” of {found.client} stands still",
        detail=f"{text} It is tried again every hour.",
        about=f"schedule {found.id} of {found.next_on} not made",
        client_id=found.client_id,
        now=now,
    )
