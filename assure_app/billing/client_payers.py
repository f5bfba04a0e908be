"""Who of a client's people is written to about a charge that nobody was present for."""

from sqlalchemy import Connection, case, select

from assure_app.domain.email_address import is_address
from assure_app.domain.portal_access import PortalRole
from assure_app.models.tables import contact

_PAYERS = [role.value for role in PortalRole if role.may_pay]
_MOST_CONTACTS = 50


def address(connection: Connection, client_id: int, wanted_id: int | None) -> str:
    """The address of the wanted contact if they may still pay, else of the oldest who may; ""."""
    is_wanted = case((contact.c.id == (wanted_id or 0), 0), else_=1)
    emails = (
        select(contact.c.email)
        .where(contact.c.client_id == client_id, contact.c.is_active, contact.c.role.in_(_PAYERS))
        .order_by(is_wanted, contact.c.id)
        .limit(_MOST_CONTACTS)
    )
    return next((each for each in connection.scalars(emails) if is_address(each)), "")
