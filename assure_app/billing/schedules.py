"""Setting up a recurring schedule and changing one, through one form (R123).

A new schedule is made once however often its form is sent. An edit holds only against the state
that it was begun on, and changes the invoices to come alone.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, insert, select

from assure_app.billing import (
    audit,
    client_form,
    ledger_rows,
    schedule_form,
    schedule_lines,
    schedule_record,
    schedule_words,
)
from assure_app.billing.reading.schedule_rows import SavedSchedule, ScheduleForm
from assure_app.billing.schedule_form import WantedSchedule
from assure_app.billing.schedule_record import ScheduleRecord
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.calendar import day_of, long_day_text, start_of
from assure_app.domain.entry import Entry
from assure_app.domain.errors import BillingError, FormAlreadyUsed, InvalidInput
from assure_app.domain.line_items import totals
from assure_app.domain.money import full_text
from assure_app.domain.permissions import Permission, Principal
from assure_app.domain.schedules import ScheduleNotChangeable, ScheduleStatus
from assure_app.models.tables import firm, schedule

CREATE = "set up a recurring schedule"
EDIT = "edit a recurring schedule"
"""What the audit log says that a person was denied."""

STANDING = frozenset({ScheduleStatus.ACTIVE, ScheduleStatus.PAUSED})
"""Only these can be edited."""


class ScheduleChanged(BillingError):
    """Somebody, or the schedule itself, moved on after this person looked at it."""

    def __init__(self) -> None:
        super().__init__(
            "This schedule was changed meanwhile, or its next invoice was made. "
            "Nothing was saved: open it again."
        )


def create(
    principal: Principal, form: ScheduleForm, *, form_token: str, now: datetime
) -> SavedSchedule:
    """Set up a schedule, for a client that is added with it if it is new.

    The same `form_token` again writes nothing (R035).

    Raises InvalidInput with a sentence for each field, FormAlreadyUsed; then nothing was written.
    """
    audit.require(principal, Permission.EDIT_BILLING, act=CREATE, now=now)
    if not ledger_rows.is_form_token(form_token):
        raise InvalidInput({"": "This form is not valid any more. Open a new one."})
    form_hash = ledger_rows.hash_of("schedule", form)
    with unit_of_work() as connection:
        # Two of one form wait here for each other; invoices go on being made meanwhile.
        own = select(firm.c.timezone).where(firm.c.id == principal.firm_id)
        zone = str(connection.scalar(own.with_for_update(key_share=True)))
        repeated = _saved_before(connection, principal, form_token, form_hash)
        if repeated:
            return SavedSchedule(id=repeated, sentence="The schedule is saved.", is_repeat=True)
        entry = Entry()
        wanted = schedule_form.read(
            connection, principal, entry, form, edited=None, today=day_of(now, zone)
        )
        entry.check()
        client = client_form.settle(
            connection, principal, wanted.client, wanted.new_client, now=now
        )
        identity = {
            "firm_id": principal.firm_id,
            "client_id": client.id,
            "owner_id": principal.user_id,
            "form_token": form_token,
            "form_hash": form_hash,
            "due_at": start_of(wanted.next_on, zone),
            "created_at": now,
        }
        schedule_id = _insert(connection, wanted, identity)
        schedule_lines.replace(connection, schedule_id, wanted.ordered_lines)
        made = schedule_record.find(connection, principal, schedule_id)
        first = long_day_text(wanted.next_on)
        text = f"Set up: {full_text(made.total_cents)}, {_rhythm(made)}, first on {first}"
        _note(connection, principal, made, text, now)
    return SavedSchedule(
        id=schedule_id, sentence=f"The schedule is set up: its first invoice is made on {first}."
    )


def edit(
    principal: Principal,
    schedule_id: object,
    form: ScheduleForm,
    *,
    version: int,
    now: datetime,
) -> SavedSchedule:
    """Save the form onto the schedule that was opened at this version; for invoices to come only.

    Sent a second time it finds nothing to change. Raises ScheduleChanged when it moved on since,
    ScheduleNotChangeable, NotFound, InvalidInput; then nothing was written.
    """
    audit.require(principal, Permission.EDIT_BILLING, act=EDIT, now=now)
    with unit_of_work() as connection:
        before = schedule_record.lock(connection, principal, schedule_id)
        if before.standing not in STANDING:
            raise ScheduleNotChangeable(before.standing, "edit")
        entry = Entry()
        wanted = schedule_form.read(
            connection, principal, entry, form, edited=before, today=before.today(now)
        )
        after = _edited(before, wanted)
        lines = schedule_lines.of_schedule(connection, before.id)
        text = schedule_words.edit_text(
            before, after, lines_before=lines, lines=wanted.ordered_lines
        )
        if before.version != version:
            if text or entry.problems:
                raise ScheduleChanged
            return SavedSchedule(id=before.id, sentence="The schedule is saved.", is_repeat=True)
        entry.check()
        if not text:
            return SavedSchedule(id=before.id, sentence="The schedule was left as it is.")
        schedule_record.save(connection, before, after)
        if lines != wanted.ordered_lines:
            schedule_lines.replace(connection, before.id, wanted.ordered_lines)
        _note(connection, principal, before, text, now)
    sentence = "The schedule is saved. Invoices already made stay as they are."
    return SavedSchedule(id=before.id, sentence=sentence)


def _saved_before(
    connection: Connection, principal: Principal, form_token: str, form_hash: str
) -> int | None:
    row = connection.execute(
        select(schedule.c.id, schedule.c.form_hash).where(
            schedule.c.firm_id == principal.firm_id, schedule.c.form_token == form_token
        )
    ).first()
    if row is None:
        return None
    if row.form_hash != form_hash:
        raise FormAlreadyUsed
    return int(row.id)


def _insert(connection: Connection, wanted: WantedSchedule, identity: dict[str, object]) -> int:
    begins = {
        "status": ScheduleStatus.ACTIVE.value,
        "generated_count": 0,
        "problem": "",
        "version": 0,
    }
    written = connection.execute(insert(schedule).values(identity | begins | _columns(wanted)))
    (schedule_id,) = written.inserted_primary_key or (0,)
    return int(schedule_id)


def _columns(wanted: WantedSchedule) -> dict[str, object]:
    """What the form says of a schedule, by column."""
    return {
        "engagement_id": wanted.engagement_id,
        "title": wanted.title,
        "frequency": wanted.rhythm.frequency.value,
        "first_on": wanted.rhythm.first_on,
        "anchor_day": wanted.rhythm.anchor_day,
        "next_on": wanted.next_on,
        "ends_on": wanted.ends_on,
        "most_invoices": wanted.most_invoices,
        "due_days": wanted.due_days,
        "sends_itself": wanted.sends_itself,
        "total_cents": totals(wanted.ordered_lines).total_cents,
    }


def _edited(before: ScheduleRecord, wanted: WantedSchedule) -> ScheduleRecord:
    after = replace(before, **_columns(wanted), problem="")  # type: ignore[arg-type]
    if before.standing is ScheduleStatus.ACTIVE:
        return after.going_on(wanted.next_on)
    return after


def _rhythm(found: ScheduleRecord) -> str:
    return schedule_words.rhythm_of(found.rhythm)


def _note(
    connection: Connection,
    principal: Principal,
    found: ScheduleRecord,
    text: str,
    now: datetime,
) -> None:
    schedule_record.note(
        connection, found, text, actor=principal.name, user_id=principal.user_id, now=now
    )
