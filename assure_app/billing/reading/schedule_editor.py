"""What the form of a schedule opens with, and what it shows while one types (R123)."""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from assure_app.billing import (
    audit,
    autopay_switch,
    client_form,
    clients,
    invoice_letters,
    schedule_form,
    schedule_lines,
    schedule_record,
    schedule_words,
)
from assure_app.billing.reading.editor_form import Choice, LineForm
from assure_app.billing.reading.invoice_editor import line_forms
from assure_app.billing.reading.schedule_detail import UPCOMING, id_of
from assure_app.billing.reading.schedule_rows import (
    ScheduleForm,
    SchedulePreview,
    ScheduleStart,
)
from assure_app.billing.schedule_form import END_OF_MONTH, WantedSchedule
from assure_app.billing.schedule_record import ScheduleRecord
from assure_app.billing.schedules import CREATE, EDIT, STANDING
from assure_app.db.unit_of_work import reading
from assure_app.domain.calendar import day_of
from assure_app.domain.entry import Entry
from assure_app.domain.line_items import totals
from assure_app.domain.money import full_text
from assure_app.domain.permissions import Permission, Principal
from assure_app.domain.schedules import Frequency, ScheduleNotChangeable
from assure_app.models.tables import firm


def start_new(principal: Principal, *, now: datetime) -> ScheduleStart:
    """A new schedule: monthly from today on, without end, sent by itself."""
    audit.require(principal, Permission.EDIT_BILLING, act=CREATE, now=now)
    with reading() as connection:
        own = connection.execute(
            select(firm.c.timezone, firm.c.due_days).where(firm.c.id == principal.firm_id)
        ).one()
    return ScheduleStart(
        form_token=secrets.token_urlsafe(24),
        form=ScheduleForm(
            frequency=Frequency.MONTHLY.value,
            date=day_of(now, own.timezone).isoformat(),
            due_days=str(own.due_days),
            sends="on",
            lines=(LineForm(key="1"),),
        ),
    )


def start_edit(principal: Principal, schedule_id: object, *, now: datetime) -> ScheduleStart:
    """The schedule as it stands, in texts. Raises NotFound, ScheduleNotChangeable."""
    audit.require(principal, Permission.EDIT_BILLING, act=EDIT, now=now)
    with reading() as connection:
        found = schedule_record.find(connection, principal, id_of(schedule_id))
        if found.standing not in STANDING:
            raise ScheduleNotChangeable(found.standing, "edit")
        lines = schedule_lines.of_schedule(connection, found.id)
    made = schedule_words.count_text(found.generated_count)
    verb = "was" if found.generated_count == 1 else "were"
    return ScheduleStart(
        schedule_id=found.id,
        href=f"/recurring?schedule={found.id}",
        title=found.title,
        generated=f"{made} {verb} made already" if found.generated_count else "",
        version=found.version,
        keeps_client=True,
        form_token=secrets.token_urlsafe(24),
        form=ScheduleForm(
            client=found.client,
            engagement=str(found.engagement_id or ""),
            title=found.title,
            frequency=found.frequency,
            date=found.next_on.isoformat() if found.next_on else "",
            month_end="on" if found.anchor_day == END_OF_MONTH else "",
            end=_end(found),
            ends_on=found.ends_on.isoformat() if found.ends_on else "",
            most=str(found.most_invoices or ""),
            due_days=str(found.due_days),
            sends="on" if found.sends_itself else "",
            lines=line_forms(lines),
        ),
    )


def preview(
    principal: Principal, form: ScheduleForm, *, schedule_id: int = 0, now: datetime
) -> SchedulePreview:
    """What saving this form would come to, by the very rule that saves it; nothing is written.

    `schedule_id` is 0 for a new one. Never raises for what was typed.
    """
    principal.require(Permission.EDIT_BILLING)
    entry = Entry()
    with reading() as connection:
        edited = schedule_record.find(connection, principal, schedule_id) if schedule_id else None
        zone = connection.scalar(select(firm.c.timezone).where(firm.c.id == principal.firm_id))
        today = day_of(now, str(zone))
        wanted = schedule_form.read(connection, principal, entry, form, edited=edited, today=today)
        return SchedulePreview(
            **_figures(wanted, is_whole=len(wanted.lines) == len(form.lines)),
            **_course(wanted, entry),
            sends=_sends(connection, wanted),
            autopay=_autopay(connection, principal, wanted),
            client_note=client_form.known_note(
                wanted.client, wanted.new_client, becomes="the invoices go to it"
            ),
            engagements=_choices(connection, wanted),
            problems=entry.problems,
        )


def _end(found: ScheduleRecord) -> str:
    if found.ends_on is not None:
        return "date"
    return "never" if found.most_invoices is None else "count"


def _figures(wanted: WantedSchedule, *, is_whole: bool) -> dict[str, Any]:
    amounts = {key: full_text(line.amount_cents) for key, line in wanted.lines.items()}
    if not is_whole:
        return {"amounts": amounts}
    sums = totals(wanted.ordered_lines)
    return {
        "amounts": amounts,
        "subtotal": full_text(sums.subtotal_cents),
        "tax": full_text(sums.tax_cents),
        "total": full_text(sums.total_cents),
    }


def _course(wanted: WantedSchedule, entry: Entry) -> dict[str, Any]:
    """The days in words, unless what they hang on is wrong."""
    if {"date", "frequency", "month_end", "end", "ends_on", "most"} & set(entry.problems):
        return {}
    rhythm = schedule_words.rhythm_of(wanted.rhythm)
    short = schedule_words.short_months(wanted.rhythm)
    due = schedule_words.due_text(wanted.due_days)
    return {
        "rhythm": f"{rhythm}, {due}. {short}".strip(),
        "days": schedule_words.days_text(wanted.course.upcoming(UPCOMING)),
        "ends": schedule_words.end_text(wanted.ends_on, wanted.most_invoices)
        if wanted.rhythm.frequency is not Frequency.ONE_TIME
        else "",
    }


def _sends(connection: Connection, wanted: WantedSchedule) -> str:
    """What becomes of each invoice; that nobody at the client can be written to is said first."""
    if wanted.sends_itself and not _has_address(connection, wanted):
        return "Stays a draft: the client has no email address yet"
    return schedule_words.sends_text(sends_itself=wanted.sends_itself)


def _has_address(connection: Connection, wanted: WantedSchedule) -> bool:
    if wanted.new_client is not None and wanted.new_client.contact_email:
        return True
    if wanted.client is None:
        return wanted.new_client is None  # Of nobody there is nothing to say.
    return bool(invoice_letters.addresses_of(connection, wanted.client.id))


def _autopay(connection: Connection, principal: Principal, wanted: WantedSchedule) -> str:
    if wanted.engagement_id is None or wanted.client is None:
        return ""
    found = autopay_switch.find(connection, principal, wanted.engagement_id)
    return autopay_switch.text_of(
        is_on=found.is_autopay_on,
        engagement_name=found.name,
        client=found.client,
        method=found.method,
    ).sentence


def _choices(connection: Connection, wanted: WantedSchedule) -> tuple[Choice, ...]:
    if wanted.client is None:
        return ()
    found = clients.engagements_of(connection, wanted.client.id)
    return tuple(Choice(id=str(each.id), name=each.name) for each in found)
