"""Pausing, resuming and cancelling a schedule: asked about in plain words, then done (R123).

What passes while a schedule is paused is skipped and never billed; that is said before it is
resumed. It is otherwise with days on which nothing ran: those are all made up for.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from assure_app.billing import audit, schedule_record, schedule_words
from assure_app.billing.reading.schedule_rows import Changed, ChangeStart
from assure_app.billing.schedule_record import ScheduleRecord
from assure_app.billing.schedules import ScheduleChanged
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.calendar import long_day_text
from assure_app.domain.errors import NotFound
from assure_app.domain.permissions import Permission, Principal
from assure_app.domain.schedules import ScheduleStatus, check_transition


class ScheduleAct(StrEnum):
    """What can be done with a schedule as a whole."""

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    leads_to: ScheduleStatus
    title: str
    busy: str
    back: str
    tone: str
    sentences: Callable[[ScheduleRecord, date], tuple[str, ...]]


def start(principal: Principal, act: object, schedule_id: object, *, now: datetime) -> ChangeStart:
    """The question before it is done. Raises NotFound, ScheduleNotChangeable, PermissionDenied."""
    kind = _kind(act)
    audit.require(principal, Permission.EDIT_BILLING, act=_denied(act), now=now)
    with reading() as connection:
        found = schedule_record.find(connection, principal, schedule_id)
    check_transition(found.standing, kind.leads_to, act=str(act))
    after = _after(found, kind, now)
    return ChangeStart(
        act=str(act),
        subject_id=found.id,
        version=found.version,
        expected=_expected(after),
        title=f"{kind.title} schedule",
        subject=f"{found.title} · {found.client}",
        sentences=kind.sentences(found, found.today(now)),
        button=f"{kind.title} schedule",
        busy=kind.busy,
        back=kind.back,
        tone=kind.tone,
    )


def change(
    principal: Principal,
    act: object,
    schedule_id: object,
    *,
    version: int,
    expected: str,
    now: datetime,
) -> Changed:
    """Do it as it was `expected` when the question was shown; a second time changes nothing.

    Raises ScheduleChanged when the schedule moved on since, or a midnight made the answer another.
    """
    kind = _kind(act)
    audit.require(principal, Permission.EDIT_BILLING, act=_denied(act), now=now)
    with unit_of_work() as connection:
        before = schedule_record.lock(connection, principal, schedule_id)
        is_done = before.version == version + 1 and _expected(before) == expected
        if not is_done:
            check_transition(before.standing, kind.leads_to, act=str(act))
            after = _after(before, kind, now)
            if before.version != version or _expected(after) != expected:
                raise ScheduleChanged
            schedule_record.save(connection, before, after)
            text = _told(before, after, now)
            schedule_record.note(
                *(connection, before, text),
                actor=principal.name,
                user_id=principal.user_id,
                now=now,
            )
    return Changed(sentence=f"{before.title} is {_said(expected)}.")


def _kind(act: object) -> _Kind:
    if not isinstance(act, str) or act not in set(ScheduleAct):
        raise NotFound("schedule")
    return _KINDS[ScheduleAct(act)]


def _denied(act: object) -> str:
    return f"{act} a recurring schedule"


def _after(found: ScheduleRecord, kind: _Kind, now: datetime) -> ScheduleRecord:
    match kind.leads_to:
        case ScheduleStatus.ACTIVE:
            return replace(found.going_on(found.course.resumed(found.today(now))), problem="")
        case ScheduleStatus.CANCELLED:
            ended = {"next_on": None, "due_at": None, "problem": ""}
            return replace(found, status=kind.leads_to.value, **ended)  # type: ignore[arg-type]
        case _:
            return replace(found, status=kind.leads_to.value, due_at=None)


def _expected(found: ScheduleRecord) -> str:
    return f"{found.status} {found.next_on or ''}".strip()


def _said(expected: str) -> str:
    status, _, day = expected.partition(" ")
    if status == ScheduleStatus.ACTIVE:
        return f"active again: its next invoice is made on {long_day_text(date.fromisoformat(day))}"
    return status.lower()


def _told(before: ScheduleRecord, after: ScheduleRecord, now: datetime) -> str:
    """What the schedule's activity says of it."""
    if after.standing is ScheduleStatus.PAUSED:
        return "Paused"
    if after.standing is ScheduleStatus.CANCELLED:
        return "Cancelled"
    skipped = before.course.missed(before.today(now))
    said = [f"{_dates(skipped)} skipped, not billed"] if skipped else []
    if after.next_on is not None:
        said.append(f"next on {long_day_text(after.next_on)}")
        return f"Resumed: {', '.join(said)}"
    return f"Completed by resuming: {', '.join([*said, 'no date is left'])}"


def _pause(_found: ScheduleRecord, _today: date) -> tuple[str, ...]:
    return (
        "No invoice is made while it is paused. Invoices that were made already stay as they are.",
        "Dates that pass in the meantime are skipped: resuming does not bill them.",
    )


def _resume(found: ScheduleRecord, today: date) -> tuple[str, ...]:
    course = found.course
    skipped, following = course.missed(today), course.resumed(today)
    past = (
        f"{_dates(skipped)} passed while it was paused, and will not be billed."
        if skipped
        else "No date passed while it was paused."
    )
    if following is None:
        return (past, "No date is left before its end, so it becomes Completed.")
    on = "today" if following == today else f"on {long_day_text(following)}"
    return (past, f"The next invoice is made {on}.")


def _cancel(found: ScheduleRecord, _today: date) -> tuple[str, ...]:
    made = schedule_words.count_text(found.generated_count)
    ends = (
        f"No further invoice is made. The {made} it made already stay as they are."
        if found.generated_count
        else "It has made no invoice yet, and makes none from now on."
    )
    return (ends, "A cancelled schedule cannot be resumed.")


def _dates(count: int) -> str:
    return "1 date" if count == 1 else f"{count:,} dates"


_KINDS = {
    ScheduleAct.PAUSE: _Kind(
        leads_to=ScheduleStatus.PAUSED,
        title="Pause",
        busy="Pausing…",
        back="Cancel",
        tone="pri",
        sentences=_pause,
    ),
    ScheduleAct.RESUME: _Kind(
        leads_to=ScheduleStatus.ACTIVE,
        title="Resume",
        busy="Resuming…",
        back="Cancel",
        tone="pri",
        sentences=_resume,
    ),
    ScheduleAct.CANCEL: _Kind(
        leads_to=ScheduleStatus.CANCELLED,
        title="Cancel",
        busy="Cancelling…",
        back="Keep schedule",
        tone="danger",
        sentences=_cancel,
    ),
}
