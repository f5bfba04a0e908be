"""Telling the firm of a letter that never arrived."""

import hashlib
from datetime import datetime

from sqlalchemy import Connection, select

from assure_app.billing import activity, audit, notifications
from assure_app.domain.notifications import NotificationKind
from assure_app.mail.sender import GivenUp
from assure_app.models.tables import invoice

SYSTEM = "System"


def tell_of_undelivered(connection: Connection, given_up: GivenUp, now: datetime) -> None:
    """Say so in the timeline of its invoice, else in the firm's audit log, and behind the bell."""
    text = f"Email to {given_up.to_email} could not be delivered: {given_up.reason}"
    if given_up.invoice_id is None:
        audit.note(connection, firm_id=given_up.firm_id, user_id=None, text=text, at=now)
    else:
        _note_in_activity(connection, given_up.firm_id, given_up.invoice_id, text, now)
    notifications.tell(
        connection,
        firm_id=given_up.firm_id,
        kind=NotificationKind.UNDELIVERED,
        text=f"Email to {given_up.to_email} could not be delivered",
        detail=given_up.reason,
        # An address that takes nothing is told of once a day for an invoice, not once a letter.
        about=f"undelivered {now:%Y-%m-%d} {_digest(given_up)}",
        invoice_id=given_up.invoice_id,
        now=now,
    )


def _note_in_activity(
    connection: Connection, firm_id: int, invoice_id: int, text: str, now: datetime
) -> None:
    held = select(invoice.c.id).where(invoice.c.id == invoice_id)
    connection.execute(held.with_for_update())
    activity.append(
        connection,
        firm_id=firm_id,
        invoice_id=invoice_id,
        at=now,
        text=text[:1000],
        actor=SYSTEM,
    )


def _digest(given_up: GivenUp) -> str:
    about = f"{given_up.invoice_id} {given_up.to_email}"
    return hashlib.sha256(about.encode()).hexdigest()[:40]
