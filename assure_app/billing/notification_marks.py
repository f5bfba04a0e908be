"""Marking as read what one was told: one's own, and only what one may still see."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, case, select, update

from assure_app.billing.reading.notifications import href, visible_to
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.errors import NotFound
from assure_app.domain.notifications import KEPT_READ, NotificationKind
from assure_app.domain.permissions import Principal
from assure_app.models.tables import invoice, notification


def mark_read(principal: Principal, notification_id: object, *, now: datetime) -> str:
    """Mark one as read and say where it leads; a second time changes nothing. Raises NotFound."""
    is_whole = isinstance(notification_id, int) and not isinstance(notification_id, bool)
    known = notification_id if is_whole and 0 < notification_id < 2**31 else 0  # type: ignore[operator]
    is_it = visible_to(principal) & (notification.c.id == known)
    with unit_of_work() as connection:
        row = connection.execute(
            select(notification.c.kind, invoice.c.number)
            .select_from(notification.outerjoin(invoice, invoice.c.id == notification.c.invoice_id))
            .where(is_it)
        ).first()
        if row is None:
            raise NotFound("notification")
        _mark(connection, is_it, now)
    return href(NotificationKind(row.kind), row.number)


def mark_all_read(principal: Principal, *, until: object, now: datetime) -> int:
    """Mark all up to the one with this id, the newest that the person has seen; how many."""
    is_whole = isinstance(until, int) and not isinstance(until, bool)
    newest = until if is_whole and 0 < until < 2**31 else 0  # type: ignore[operator]
    with unit_of_work() as connection:
        return _mark(connection, visible_to(principal) & (notification.c.id <= newest), now)


def _mark(connection: Connection, which: ColumnElement[bool], now: datetime) -> int:
    kept_until = now + KEPT_READ
    forget_at = case(
        (notification.c.forget_at < kept_until, notification.c.forget_at), else_=kept_until
    )
    marked = connection.execute(
        update(notification)
        .where(which, notification.c.read_at.is_(None))
        .values(read_at=now, forget_at=forget_at)
    )
    return marked.rowcount
