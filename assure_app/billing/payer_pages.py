"""The payment pages that stand open for a contact who may not pay any more (R053).

They are marked in the transaction that takes the right away, and closed at Stripe after it; what
cannot be closed then, the sweep closes.
"""

from datetime import datetime

from sqlalchemy import Connection, select, update

from assure_app.billing import checkout_closing
from assure_app.db.unit_of_work import reading
from assure_app.domain.errors import BillingError
from assure_app.domain.online import LIVE
from assure_app.domain.portal_access import PortalRole
from assure_app.models.tables import checkout, contact

_LIVE = checkout.c.state.in_([state.value for state in LIVE])
_PAYERS = [role.value for role in PortalRole if role.may_pay]


def mark(connection: Connection, contact_id: int, *, now: datetime) -> None:
    """Have the sweep look after the contact's open pages now, in the caller's transaction."""
    of_contact = checkout.c.contact_id == contact_id
    connection.execute(update(checkout).where(of_contact, _LIVE).values(due_at=now))


def close(contact_id: int, *, now: datetime) -> None:
    """Close at Stripe what was marked. Never raises: what Stripe does not close, the sweep does."""
    with reading() as connection:
        of_contact = select(checkout.c.id).where(checkout.c.contact_id == contact_id, _LIVE)
        page_ids = connection.execute(of_contact.order_by(checkout.c.id)).scalars().all()
    for page_id in page_ids:
        try:
            checkout_closing.close(page_id, now=now)
        except BillingError:
            continue


def is_barred(contact_id: int) -> bool:
    """Whether the contact, for whom a page was opened, may not pay any more."""
    with reading() as connection:
        may_pay = select(contact.c.id).where(
            contact.c.id == contact_id, contact.c.is_active, contact.c.role.in_(_PAYERS)
        )
        return connection.execute(may_pay).first() is None
