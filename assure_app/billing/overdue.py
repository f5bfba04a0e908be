"""Entering Overdue is said once in the invoice's timeline, by System (R076).

Overdue itself is decided by the calendar whenever somebody looks (R074). An invoice enters it when
its due day has passed while it is open, and leaves it when it is paid or cancelled, or is given a
later due day; from then on entering it again is news again. What was overdue already when it came
here, from another program's file, never entered it here.
"""

from datetime import date, datetime

from sqlalchemy import Connection, bindparam, select, text, update

from assure_app.billing import activity, invoice_record
from assure_app.billing.stripe_sweep import Swept
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.calendar import day_of, long_day_text
from assure_app.domain.invoice_status import Stage
from assure_app.models.tables import firm, invoice

SYSTEM = "System"

# Built once: building a statement takes longer than running it.
_ZONES = select(firm.c.timezone).distinct()
_BECAME_OVERDUE = (
    select(invoice.c.firm_id, invoice.c.id)
    .where(
        invoice.c.firm_id.in_(select(firm.c.id).where(firm.c.timezone == bindparam("zone"))),
        invoice.c.stage == text("'open'"),
        invoice.c.overdue_noted_at.is_(None),
        invoice.c.due_on < bindparam("today"),
    )
    .limit(1)
)


def note_next(*, now: datetime) -> Swept | None:
    """Say it of one invoice that became overdue; None when there is none left."""
    found = _find(now)
    if found is None:
        return None
    firm_id, invoice_id, today = found
    with unit_of_work() as connection:
        locked = invoice_record.lock_of_firm(connection, firm_id=firm_id, invoice_id=invoice_id)
        is_first = connection.execute(
            update(invoice)
            .where(
                invoice.c.id == invoice_id,
                invoice.c.stage == Stage.OPEN.value,
                invoice.c.due_on < today,
                invoice.c.overdue_noted_at.is_(None),
            )
            .values(overdue_noted_at=now)
        )
        if is_first.rowcount == 1:
            _say(connection, locked, now)
    return Swept(what=f"invoice {invoice_id} overdue", firm_id=firm_id)


def _find(now: datetime) -> tuple[int, int, date] | None:
    """An invoice that became overdue by its firm's calendar, asked for each zone that there is."""
    with reading() as connection:
        for timezone in connection.scalars(_ZONES).all():
            today = day_of(now, timezone)
            row = connection.execute(_BECAME_OVERDUE, {"zone": timezone, "today": today}).first()
            if row is not None:
                return row.firm_id, row.id, today
    return None


def _say(connection: Connection, overdue: invoice_record.InvoiceRecord, now: datetime) -> None:
    activity.append(
        connection,
        firm_id=overdue.firm_id,
        invoice_id=overdue.id,
        at=now,
        text=f"Invoice became overdue: it was due {long_day_text(overdue.due_on)}",
        actor=SYSTEM,
    )
