"""Telling the firm of a letter that never arrived."""

from datetime import datetime

from sqlalchemy import Connection, select

from assure_app.billing import activity, audit
from assure_app.mail.sender import GivenUp
from assure_app.models.tables import invoice

SYSTEM = "System"


def tell_of_undelivered(connection: Connection, given_up: GivenUp, now: datetime) -> None:
    """Say so in the timeline of its invoice, else in the firm's audit log, in this transaction."""
    text = f"E-mail to {given_up.to_email} could not be delivered: {given_up.reason}"
    if given_up.invoice_id is None:
        audit.note(connection, firm_id=given_up.firm_id, user_id=None, text=text, at=now)
        return
    held = select(invoice.c.id).where(invoice.c.id == given_up.invoice_id)
    connection.execute(held.with_for_update())
    activity.append(
        connection,
        firm_id=given_up.firm_id,
        invoice_id=given_up.invoice_id,
        at=now,
        text=text[:1000],
        actor=SYSTEM,
    )
