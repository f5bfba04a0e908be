"""What the demo's people were told of its last weeks: what is a few days old they have read."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection, delete, select, update

from assure_app.billing import notifications
from assure_app.billing.charge_text import failed_text, landed_text, told_to_firm
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.ledger import Method
from assure_app.domain.notifications import NotificationKind
from assure_app.domain.transitions import Kind, RowStatus
from assure_app.models.payment import Source
from assure_app.models.tables import client, invoice, mail_message, notification, payment

_TOLD_OF = timedelta(days=30)
_UNREAD = timedelta(days=17)
_KINDS: dict[RowStatus, tuple[NotificationKind, Callable[..., str], str]] = {
    RowStatus.COMPLETED: (
        NotificationKind.PAYMENT_LANDED,
        partial(landed_text, source=Source.ONLINE),
        "landed",
    ),
    RowStatus.FAILED: (NotificationKind.PAYMENT_FAILED, failed_text, "failed"),
}


def load(firm_id: int, *, now: datetime) -> None:
    """Tell of the online payments of the last weeks, as they would have been told of then."""
    with unit_of_work() as connection:
        last_letter = connection.scalar(
            select(mail_message.c.id).order_by(mail_message.c.id.desc())
        )
        _tell_of_payments(connection, firm_id, now)
        # Letters of weeks ago were read weeks ago: none goes out now.
        connection.execute(delete(mail_message).where(mail_message.c.id > (last_letter or 0)))
        connection.execute(
            update(notification)
            .where(notification.c.firm_id == firm_id, notification.c.created_at < now - _UNREAD)
            .values(read_at=notification.c.created_at)
        )


def _tell_of_payments(connection: Connection, firm_id: int, now: datetime) -> None:
    rows = connection.execute(
        select(payment, invoice.c.number, invoice.c.client_id, client.c.name.label("client"))
        .join(invoice, invoice.c.id == payment.c.invoice_id)
        .join(client, client.c.id == invoice.c.client_id)
        .where(
            payment.c.firm_id == firm_id,
            payment.c.kind == Kind.PAYMENT.value,
            payment.c.source == Source.ONLINE.value,
            payment.c.status.in_([status.value for status in _KINDS]),
            payment.c.created_at > now - _TOLD_OF,
        )
        .order_by(payment.c.created_at, payment.c.id)
    )
    for row in rows.all():
        kind, text, what = _KINDS[RowStatus(row.status)]
        notifications.tell(
            connection,
            firm_id=firm_id,
            kind=kind,
            text=text(row.client, row.amount_cents, number=row.number, method=Method(row.method)),
            detail=told_to_firm(row.failure_reason) or row.method_detail,
            about=f"payment {row.id} {what}",
            invoice_id=row.invoice_id,
            client_id=row.client_id,
            now=row.completed_at or row.created_at,
        )
