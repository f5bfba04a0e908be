"""A new schedule that goes on like an invoice that is there: what its form opens with (R123)."""

import secrets
from datetime import datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, bindparam, select

from assure_app.billing import audit, invoice_lines, invoice_record
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.reading.invoice_editor import line_forms
from assure_app.billing.reading.schedule_rows import ScheduleForm, ScheduleStart
from assure_app.billing.schedule_form import END_OF_MONTH
from assure_app.billing.schedules import CREATE, STANDING
from assure_app.db.unit_of_work import reading
from assure_app.domain.errors import BillingError
from assure_app.domain.invoice_acts import STATUSES, Act
from assure_app.domain.permissions import Permission, Principal
from assure_app.domain.schedules import Frequency, Rhythm, monthly_after
from assure_app.models.tables import invoice, schedule

# Built once: building a statement takes longer than running it.
_SCHEDULE = (
    select(schedule.c.title)
    .join(invoice, invoice.c.schedule_id == schedule.c.id)
    .where(
        invoice.c.id == bindparam("invoice_id"),
        invoice.c.client_id == schedule.c.client_id,
        schedule.c.status.in_([each.value for each in STANDING]),
    )
)


class NotRepeatable(BillingError):
    """The invoice was cancelled: nothing goes on like it."""

    def __init__(self, number: str) -> None:
        super().__init__(f"{number} is cancelled. A cancelled invoice cannot be made recurring.")


def start(principal: Principal, number: str, *, now: datetime) -> ScheduleStart:
    """Monthly from a month after the invoice on, else as it stands; nothing is written.

    Raises NotFound for an invoice this person may not see, NotRepeatable for a cancelled one.
    """
    audit.require(principal, Permission.EDIT_BILLING, act=CREATE, now=now)
    with reading() as connection:
        found = invoice_record.find(connection, principal, number)
        if found.status(now) not in STATUSES[Act.REPEAT]:
            raise NotRepeatable(found.number)
        lines = invoice_lines.of_invoice(connection, found.id)
        note = _note(connection, found)
    return ScheduleStart(
        like=found.number,
        like_note=note,
        href=f"/invoices?invoice={quote(found.number, safe='')}",
        form_token=secrets.token_urlsafe(24),
        form=ScheduleForm(
            client=found.client,
            engagement=str(found.engagement_id or ""),
            title=found.title,
            **_days(monthly_after(found.issued_on, today=found.today(now))),
            due_days=str((found.due_on - found.issued_on).days),
            sends="on",
            lines=line_forms(lines),
        ),
    )


def _days(rhythm: Rhythm | None) -> dict[str, Any]:
    """The first date and its fields; without a day to come, the date is left to be typed.

    The form begins a rhythm on the very day of its first date. A day that the first month lacks is
    told as the end of every month.
    """
    frequency = {"frequency": Frequency.MONTHLY.value}
    if rhythm is None:
        return frequency
    is_end = rhythm.anchor_day == END_OF_MONTH or rhythm.first_on.day < rhythm.anchor_day
    date = {"date": rhythm.first_on.isoformat(), "month_end": "on" if is_end else ""}
    return frequency | date


def _note(connection: Connection, found: InvoiceRecord) -> str:
    title = connection.scalar(_SCHEDULE, {"invoice_id": found.id})
    if title is None:
        return f"Filled in like {found.number}. Nothing is set up until you save it."
    return (
        f"{found.number} was made by the schedule “{title}” already. "
        "Saved, this becomes another schedule beside it."
    )
