"""The list of schedules: its figures, its filters, one page at a time (R123, R128)."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, case, func, select

from assure_app.billing import autopay_switch, clients
from assure_app.billing.reading.schedule_rows import Figure, SchedulePage, ScheduleRow
from assure_app.billing.schedule_record import SELECT, ScheduleRecord, record
from assure_app.billing.schedule_words import rhythm_of
from assure_app.db.unit_of_work import reading
from assure_app.domain.calendar import day_of, day_text
from assure_app.domain.money import full_text
from assure_app.domain.permissions import Permission, Principal
from assure_app.domain.schedules import STEP_MONTHS, Frequency, ScheduleStatus
from assure_app.models.tables import client, engagement, firm, payment_method, schedule

PAGE_SIZE = 50
_MOST_PAGES = 100_000
_LONGEST_SEARCH = 200
NO_METHOD = autopay_switch.NO_METHOD
FILTERS = (*(status.value for status in ScheduleStatus), NO_METHOD)
"""What the list can be narrowed to."""

_METHOD = ("brand_or_bank", "last4", "kind")
_default = payment_method.alias("default_method")
_HAS_METHOD = (
    select(_default.c.id)
    .where(_default.c.client_id == schedule.c.client_id, _default.c.is_default)
    .exists()
)
_LACKS_METHOD = and_(
    engagement.c.is_autopay_on,
    schedule.c.status.in_((ScheduleStatus.ACTIVE.value, ScheduleStatus.PAUSED.value)),
    ~_HAS_METHOD,
)
_TABLES = schedule.join(client, client.c.id == schedule.c.client_id).outerjoin(
    engagement, engagement.c.id == schedule.c.engagement_id
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleQuery:
    """What is asked for: one of FILTERS or "", part of a name, and which page from 1 on."""

    show: str = ""
    search: str = ""
    page: int = 1


def page(principal: Principal, query: ScheduleQuery, *, now: datetime) -> SchedulePage:
    """The page: what comes next first, then what has ended. Raises PermissionDenied."""
    principal.require(Permission.VIEW_BILLING)
    visible = clients.visible_to(principal)
    narrowed = and_(visible, *_narrowing(query))
    with reading() as connection:
        zone = connection.scalar(select(firm.c.timezone).where(firm.c.id == principal.firm_id))
        today = day_of(now, str(zone))
        total = _count(connection, visible)
        matching = _count(connection, narrowed)
        last_page = max(1, -(-matching // PAGE_SIZE))
        at = min(max(1, query.page), last_page, _MOST_PAGES)
        rows = connection.execute(_rows(narrowed, at)).mappings().all()
        return SchedulePage(
            rows=tuple(_row(row, today) for row in rows),
            figures=_figures(connection, visible),
            count=f"{matching:,} of {total:,}",
            total=total,
            previous_page=str(at - 1) if at > 1 else "",
            next_page=str(at + 1) if at < last_page else "",
        )


def _narrowing(query: ScheduleQuery) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if query.show == NO_METHOD:
        found.append(_LACKS_METHOD)
    elif query.show in FILTERS:
        found.append(schedule.c.status == query.show)
    wanted = " ".join(query.search.split())[:_LONGEST_SEARCH].replace("\x00", "")
    if wanted:
        found.append(
            client.c.name.icontains(wanted, autoescape=True)
            | schedule.c.title.icontains(wanted, autoescape=True)
        )
    return found


def _count(connection: Connection, condition: ColumnElement[bool]) -> int:
    counted = select(func.count()).select_from(_TABLES).where(condition)
    return int(connection.scalar(counted) or 0)


def _rows(condition: ColumnElement[bool], at: int) -> Select[tuple[object, ...]]:
    """Every page begins with a key, so that no row is on two of them."""
    with_method = SELECT.add_columns(*(payment_method.c[name] for name in _METHOD)).outerjoin(
        payment_method,
        (payment_method.c.client_id == schedule.c.client_id) & payment_method.c.is_default,
    )
    order = (schedule.c.next_on.is_(None), schedule.c.next_on, schedule.c.id.desc())
    return (
        with_method.where(condition).order_by(*order).limit(PAGE_SIZE).offset((at - 1) * PAGE_SIZE)
    )


def _row(row: RowMapping, today: date) -> ScheduleRow:
    method = {name: row[name] for name in _METHOD}
    found = record({name: row[name] for name in row if name not in _METHOD})
    autopay = autopay_switch.text_of(
        is_on=found.is_autopay_on,
        engagement_name=found.engagement,
        client=found.client,
        method=autopay_switch.method_name(**method),
    )
    return ScheduleRow(
        id=str(found.id),
        href=f"/recurring?schedule={found.id}",
        client=found.client,
        title=found.title,
        rhythm=rhythm_of(found.rhythm, found.standing),
        amount=full_text(found.total_cents),
        autopay=autopay.label,
        method=autopay.method,
        next_on=_next_on(found, today),
        last_on=day_text(found.last_on, today=today) if found.last_on else "",
        generated=f"{found.generated_count:,} generated",
        status=found.status,
        problem=found.problem,
    )


def _next_on(found: ScheduleRecord, today: date) -> str:
    """The day of the next invoice; a schedule that is paused makes none, whatever its days are."""
    if found.next_on is None or found.standing is ScheduleStatus.PAUSED:
        return ""
    return day_text(found.next_on, today=today)


def _figures(connection: Connection, visible: ColumnElement[bool]) -> tuple[Figure, ...]:
    """How many there are of each kind, and what the active ones bill in a month."""
    rows = connection.execute(
        select(
            schedule.c.status,
            schedule.c.frequency,
            func.count().label("schedules"),
            func.sum(schedule.c.total_cents).label("cents"),
            func.sum(case((_LACKS_METHOD, 1), else_=0)).label("without"),
        )
        .select_from(_TABLES)
        .where(visible)
        .group_by(schedule.c.status, schedule.c.frequency)
    ).all()
    active = [row for row in rows if row.status == ScheduleStatus.ACTIVE]
    yearly_cents = sum(
        int(row.cents) * 12 // STEP_MONTHS[Frequency(row.frequency)]
        for row in active
        if row.frequency != Frequency.ONE_TIME
    )
    paused = sum(row.schedules for row in rows if row.status == ScheduleStatus.PAUSED)
    without = sum(int(row.without) for row in rows)
    # An average month, rounded half up to the cent.
    monthly = full_text((yearly_cents * 2 + 12) // 24)
    return (
        Figure(
            name="Active",
            figure=f"{sum(row.schedules for row in active):,}",
            hint=f"{monthly} a month",
        ),
        Figure(name="Paused", figure=f"{paused:,}", hint="make no invoices"),
        Figure(name=NO_METHOD, figure=f"{without:,}", hint="auto-pay on, nothing to charge"),
    )
