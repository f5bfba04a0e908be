"""One schedule as the services decide on it: found inside what a person may see, locked, saved."""

from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, insert, select, update

from assure_app.billing import clients
from assure_app.domain.calendar import day_of, start_of
from assure_app.domain.errors import Busy, NotFound
from assure_app.domain.permissions import Principal
from assure_app.domain.schedules import Course, Frequency, Rhythm, ScheduleStatus
from assure_app.models.tables import client, engagement, firm, schedule, schedule_entry

SYSTEM = "System"
_LARGEST_ID = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleRecord:
    """A schedule's stored facts, with its firm's time zone and the names that people know."""

    id: int
    firm_id: int
    client_id: int
    engagement_id: int | None
    owner_id: int
    title: str
    frequency: str
    first_on: date
    anchor_day: int
    next_on: date | None
    due_at: datetime | None
    ends_on: date | None
    most_invoices: int | None
    due_days: int
    sends_itself: bool
    total_cents: int
    status: str
    generated_count: int
    last_on: date | None
    problem: str
    version: int
    client: str
    engagement: str | None
    is_autopay_on: bool | None
    timezone: str

    @property
    def standing(self) -> ScheduleStatus:
        """What the badge says."""
        return ScheduleStatus(self.status)

    @property
    def rhythm(self) -> Rhythm:
        """The days it falls on."""
        return Rhythm(
            frequency=Frequency(self.frequency),
            first_on=self.first_on,
            anchor_day=self.anchor_day,
        )

    @property
    def course(self) -> Course:
        """Where it stands; only while a next day is known."""
        if self.next_on is None:
            raise ValueError("a schedule that ended has no next day")
        return Course(
            rhythm=self.rhythm,
            next_on=self.next_on,
            generated_count=self.generated_count,
            ends_on=self.ends_on,
            most_invoices=self.most_invoices,
        )

    def today(self, now: datetime) -> date:
        """The firm's calendar day at this moment (R074)."""
        return day_of(now, self.timezone)

    def going_on(self, next_on: date | None) -> "ScheduleRecord":
        """Active with this next day, due when the firm's day begins; Completed without one."""
        if next_on is None:
            return replace(self, next_on=None, due_at=None, status=ScheduleStatus.COMPLETED.value)
        due_at = start_of(next_on, self.timezone)
        return replace(self, next_on=next_on, due_at=due_at, status=ScheduleStatus.ACTIVE.value)


_OTHERS = {
    "client": client.c.name.label("client"),
    "engagement": engagement.c.name.label("engagement"),
    "is_autopay_on": engagement.c.is_autopay_on,
    "timezone": firm.c.timezone,
}
_STORED = tuple(field.name for field in fields(ScheduleRecord) if field.name not in _OTHERS)
SELECT = select(*(schedule.c[name] for name in _STORED), *_OTHERS.values()).select_from(
    schedule.join(client, client.c.id == schedule.c.client_id)
    .join(firm, firm.c.id == schedule.c.firm_id)
    .outerjoin(engagement, engagement.c.id == schedule.c.engagement_id)
)

# Built once: building a statement takes longer than running it.
_DUE = (
    SELECT.where(schedule.c.due_at <= bindparam("now"))
    .order_by(schedule.c.due_at, schedule.c.id)
    .limit(1)
    .with_for_update(of=schedule, skip_locked=True)
)
_UPDATE = update(schedule).where(
    schedule.c.id == bindparam("known_id"), schedule.c.version == bindparam("known_version")
)
_ENTRY = insert(schedule_entry).inline()


def find(connection: Connection, principal: Principal, schedule_id: object) -> ScheduleRecord:
    """The schedule with this id, whatever a browser sent; NotFound unless it may be seen."""
    return _one(connection, principal, schedule_id, is_locking=False)


def lock(connection: Connection, principal: Principal, schedule_id: object) -> ScheduleRecord:
    """The same, and nobody else changes it before this transaction ends."""
    return _one(connection, principal, schedule_id, is_locking=True)


def lock_due(connection: Connection, now: datetime) -> ScheduleRecord | None:
    """The schedule that has been due the longest and that no other worker holds, locked."""
    row = connection.execute(_DUE, {"now": now}).mappings().first()
    return None if row is None else record(dict(row))


def save(connection: Connection, before: ScheduleRecord, after: ScheduleRecord) -> None:
    """Write what changed; Busy when somebody else wrote in between."""
    changed: dict[str, Any] = {
        name: getattr(after, name)
        for name in _STORED
        if getattr(after, name) != getattr(before, name)
    }
    known = {"known_id": before.id, "known_version": before.version}
    written = connection.execute(_UPDATE, known | changed | {"version": before.version + 1})
    if written.rowcount != 1:
        raise Busy


def note(
    connection: Connection,
    found: ScheduleRecord,
    text: str,
    *,
    actor: str,
    user_id: int | None,
    now: datetime,
) -> None:
    """Add to what became of the schedule."""
    entry = {
        "firm_id": found.firm_id,
        "schedule_id": found.id,
        "at": now,
        "text": text[:1000],
        "actor": actor,
        "user_id": user_id,
    }
    connection.execute(_ENTRY, entry)


def rezone(connection: Connection, *, firm_id: int, timezone: str) -> None:
    """Have every schedule of the firm be due when its day begins by this clock."""
    due = (schedule.c.firm_id == firm_id) & schedule.c.due_at.is_not(None)
    days = connection.scalars(select(schedule.c.next_on).where(due).distinct())
    for day in days.all():
        on_day = update(schedule).where(due, schedule.c.next_on == day)
        connection.execute(on_day.values(due_at=start_of(day, timezone)))


def record(row: dict[str, Any]) -> ScheduleRecord:
    """A row of SELECT."""
    return ScheduleRecord(**row)


def _one(
    connection: Connection, principal: Principal, schedule_id: object, *, is_locking: bool
) -> ScheduleRecord:
    is_id = isinstance(schedule_id, int) and not isinstance(schedule_id, bool)
    if not is_id or not 0 < int(str(schedule_id)) <= _LARGEST_ID:
        raise NotFound("schedule")
    wanted = _visible(is_locking=is_locking).where(clients.visible_to(principal))
    row = connection.execute(wanted, {"known": schedule_id}).mappings().first()
    if row is None:
        raise NotFound("schedule")
    return record(dict(row))


@cache
def _visible(*, is_locking: bool) -> Select[tuple[Any, ...]]:
    wanted = SELECT.where(schedule.c.id == bindparam("known"))
    return wanted.with_for_update(of=schedule) if is_locking else wanted
