"""What was told long ago is forgotten, so that the bell's tables do not grow for ever."""

from datetime import datetime

from sqlalchemy import delete, select

from assure_app.billing.stripe_sweep import Swept
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.models.tables import notification

_MOST_AT_ONCE = 1_000


def prune_next(*, now: datetime) -> Swept | None:
    """Delete some of the notifications whose time is over; None when there are none left."""
    over = select(notification.c.id).where(notification.c.forget_at <= now)
    with reading() as connection:  # Looking alone does not ask for the one write lock of SQLite.
        if connection.execute(over.limit(1)).first() is None:
            return None
    batch = over.order_by(notification.c.forget_at).limit(_MOST_AT_ONCE)
    with unit_of_work() as connection:
        ids = connection.scalars(batch.with_for_update(skip_locked=True)).all()
        connection.execute(delete(notification).where(notification.c.id.in_(ids)))
    return Swept(what=f"{len(ids)} old notifications", firm_id=None) if ids else None
