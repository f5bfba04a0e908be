"""One schedule as its drawer shows it: what it makes, what it made, what became of it (R123)."""

from datetime import datetime
from urllib.parse import quote

from sqlalchemy import Connection, select

from assure_app.billing import autopay_switch, schedule_lines, schedule_record, schedule_words
from assure_app.billing.invoice_record import facts_of
from assure_app.billing.reading.rows import ActivityRow, LineRow
from assure_app.billing.reading.schedule_rows import GeneratedRow, ScheduleDetail
from assure_app.billing.schedule_record import ScheduleRecord
from assure_app.db.unit_of_work import reading
from assure_app.domain import invoice_status
from assure_app.domain.calendar import long_day_text, moment_text
from assure_app.domain.errors import NotFound
from assure_app.domain.line_items import Line, thousandths_text, totals
from assure_app.domain.money import full_text
from assure_app.domain.permissions import Permission, Principal
from assure_app.domain.schedules import TRANSITIONS, ScheduleStatus
from assure_app.models.tables import invoice, payment_method, schedule_entry

UPCOMING = 3
MOST_GENERATED = 12
MOST_ENTRIES = 50


def detail(principal: Principal, schedule_id: object, *, now: datetime) -> ScheduleDetail:
    """The schedule with this id, whatever a browser sent. Raises NotFound, PermissionDenied."""
    principal.require(Permission.VIEW_BILLING)
    with reading() as connection:
        found = schedule_record.find(connection, principal, schedule_id)
        lines = schedule_lines.of_schedule(connection, found.id)
        sums = totals(lines)
        generated = _generated(connection, found, now)
        more = found.generated_count - len(generated)
        can_edit = principal.has(Permission.EDIT_BILLING)
        upcoming, note = _upcoming(found)
        return ScheduleDetail(
            id=found.id,
            title=found.title,
            client=found.client,
            engagement=found.engagement or "",
            engagement_id=found.engagement_id or 0,
            status=found.status,
            rhythm=schedule_words.rhythm_of(found.rhythm, found.standing),
            ends=schedule_words.end_text(found.ends_on, found.most_invoices),
            amount=full_text(found.total_cents),
            due=schedule_words.due_text(found.due_days),
            sends=schedule_words.sends_text(sends_itself=found.sends_itself),
            problem=found.problem,
            subtotal=full_text(sums.subtotal_cents) if sums.tax_cents else "",
            tax=full_text(sums.tax_cents) if sums.tax_cents else "",
            lines=tuple(map(line_row, lines)),
            upcoming=upcoming,
            upcoming_note=note,
            generated_count=f"{found.generated_count:,} generated",
            generated=generated,
            more_generated=f"and {more:,} earlier" if more > 0 else "",
            activity=_activity(connection, found, now),
            autopay=autopay_switch.text_of(
                is_on=found.is_autopay_on,
                engagement_name=found.engagement,
                client=found.client,
                method=_default_method(connection, found.client_id),
            ),
            is_autopay_on=bool(found.is_autopay_on),
            can_edit=can_edit and found.next_on is not None,
            can_pause=can_edit and found.standing is ScheduleStatus.ACTIVE,
            can_resume=can_edit and found.standing is ScheduleStatus.PAUSED,
            can_cancel=can_edit and (found.standing, ScheduleStatus.CANCELLED) in TRANSITIONS,
        )


def id_of(text: object) -> int:
    """The id that an address names, for whom it may concern; raises NotFound for none."""
    if not isinstance(text, str) or not (text.isascii() and text.isdigit() and len(text) <= 10):
        raise NotFound("schedule")
    return int(text)


def line_row(line: Line) -> LineRow:
    """A line as tables show it."""
    rate = thousandths_text(line.tax_rate_thousandths)
    return LineRow(
        description=line.description,
        quantity=thousandths_text(line.quantity_thousandths),
        unit_price=full_text(line.unit_price_cents),
        tax=f"{rate}%" if line.tax_rate_thousandths else "",
        amount=full_text(line.amount_cents),
    )


def _upcoming(found: ScheduleRecord) -> tuple[tuple[str, ...], str]:
    match found.standing:
        case ScheduleStatus.ACTIVE:
            days = found.course.upcoming(UPCOMING)
            note = schedule_words.short_months(found.rhythm)
            return schedule_words.days_text(days), note
        case ScheduleStatus.PAUSED:
            return (), "Paused: no invoice is made until it is resumed."
        case _:
            return (), f"{found.status}: no further invoice is made."


def _generated(
    connection: Connection, found: ScheduleRecord, now: datetime
) -> tuple[GeneratedRow, ...]:
    rows = connection.execute(
        select(invoice)
        .where(invoice.c.schedule_id == found.id)
        .order_by(invoice.c.period_on.desc())
        .limit(MOST_GENERATED)
    )
    today = found.today(now)
    return tuple(
        GeneratedRow(
            number=row.number,
            href=f"/invoices?invoice={quote(row.number, safe='')}",
            day=long_day_text(row.period_on),
            amount=full_text(row.total_cents),
            status=invoice_status.status(facts_of(row), today).value,
        )
        for row in rows
    )


def _activity(
    connection: Connection, found: ScheduleRecord, now: datetime
) -> tuple[ActivityRow, ...]:
    """The latest entries, the newest first, as those of an invoice."""
    rows = connection.execute(
        select(schedule_entry)
        .where(schedule_entry.c.schedule_id == found.id)
        .order_by(schedule_entry.c.id.desc())
        .limit(MOST_ENTRIES)
    ).all()
    return tuple(
        ActivityRow(
            id=row.id,
            at=moment_text(row.at, found.timezone, now=now),
            iso=row.at.isoformat(),
            text=row.text,
            actor=row.actor,
        )
        for row in rows
    )


def _default_method(connection: Connection, client_id: int) -> str:
    row = connection.execute(
        select(payment_method.c.brand_or_bank, payment_method.c.last4, payment_method.c.kind).where(
            payment_method.c.client_id == client_id, payment_method.c.is_default
        )
    ).first()
    return autopay_switch.method_name(*row) if row else ""
