"""What the bell shows of what a person was told: how much is new, and the newest first (R137).

Rights are asked again at every look: who lost one, or a client, finds nothing of it any more.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy import ColumnElement, Row, and_, func, or_, select

from assure_app.db.unit_of_work import reading
from assure_app.domain.calendar import moment_text
from assure_app.domain.notifications import (
    MOST_COUNTED,
    RULES,
    Audience,
    NotificationKind,
    age_text,
    count_text,
    kinds_for,
)
from assure_app.domain.permissions import Principal
from assure_app.models.tables import client_assignment, firm, invoice, notification

PANEL_ROWS = 12
PAGE_ROWS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationRow:
    """One piece of news; `when` is how long ago, `moment` the firm's own time of it."""

    id: int
    kind: str
    label: str
    text: str
    detail: str
    when: str
    moment: str
    href: str
    number: str
    is_unread: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationPage:
    """The newest first. `older` leads to those before them, "" for none; `newest_id` is the first's
    id, so that what comes in meanwhile is not marked as read unseen."""

    rows: tuple[NotificationRow, ...] = ()
    older: str = ""
    newest_id: int = 0
    is_first: bool = True


def visible_to(principal: Principal) -> ColumnElement[bool]:
    """The condition on what the person was told in the app and may still know."""
    own = and_(
        notification.c.user_id == principal.user_id,
        notification.c.firm_id == principal.firm_id,
        notification.c.is_shown,
    )
    kinds = kinds_for(principal)
    if len(kinds) < len(NotificationKind):
        own &= notification.c.kind.in_([kind.value for kind in kinds])
    return own if principal.sees_all_clients else own & _is_of_their_clients(principal)


def _is_of_their_clients(principal: Principal) -> ColumnElement[bool]:
    assigned = select(client_assignment.c.client_id).where(
        client_assignment.c.user_id == principal.user_id
    )
    of_stripe = [kind.value for kind, rule in RULES.items() if rule.audience is Audience.STRIPE]
    is_of_none = notification.c.client_id.is_(None) & notification.c.kind.in_(of_stripe)
    return or_(notification.c.client_id.in_(assigned), is_of_none)


def unread(principal: Principal) -> str:
    """What the bell counts: "", "3", or "99+"; one small query, as each open tab asks it."""
    if not kinds_for(principal):
        return ""
    is_unread = visible_to(principal) & notification.c.read_at.is_(None)
    some = select(notification.c.id).where(is_unread).limit(MOST_COUNTED + 1).subquery()
    with reading() as connection:
        return count_text(int(connection.scalar(select(func.count()).select_from(some)) or 0))


def page(
    principal: Principal, *, before: object = 0, most: int = PAGE_ROWS, now: datetime
) -> NotificationPage:
    """The newest, or those told before the one with this id."""
    known = before if isinstance(before, int) and not isinstance(before, bool) else 0
    wanted = (
        select(notification, invoice.c.number)
        .select_from(notification.outerjoin(invoice, invoice.c.id == notification.c.invoice_id))
        .where(visible_to(principal))
        .order_by(notification.c.id.desc())
        .limit(most + 1)
    )
    if 0 < known < 2**31:
        wanted = wanted.where(notification.c.id < known)
    with reading() as connection:
        found = connection.execute(wanted).all()
        timezone = connection.scalar(select(firm.c.timezone).where(firm.c.id == principal.firm_id))
    rows = tuple(_row(row, timezone=str(timezone), now=now) for row in found[:most])
    return NotificationPage(
        rows=rows,
        older=f"/notifications?before={rows[-1].id}" if len(found) > most else "",
        newest_id=rows[0].id if rows else 0,
        is_first=known == 0,
    )


def _row(row: Row[Any], *, timezone: str, now: datetime) -> NotificationRow:
    kind = NotificationKind(row.kind)
    moment = moment_text(row.created_at, timezone, now=now)
    return NotificationRow(
        id=row.id,
        kind=kind.value,
        label=RULES[kind].label,
        text=row.text,
        detail=row.detail,
        when=age_text(now - row.created_at) or moment,
        moment=moment,
        href=href(kind, row.number),
        number="" if RULES[kind].page else row.number or "",
        is_unread=row.read_at is None,
    )


def href(kind: NotificationKind, number: str | None) -> str:
    """Where it is looked after: the kind's own page, else its invoice, else nowhere but here."""
    if RULES[kind].page:
        return RULES[kind].page
    return f"/invoices?invoice={quote(number, safe='')}" if number else "/notifications"
