"""Who of a client's people is written to about a charge that nobody was present for."""

from sqlalchemy import Connection, bindparam, case, select

from assure_app.domain.email_address import is_address
from assure_app.domain.portal_access import PortalRole
from assure_app.models.tables import contact

_PAYERS = [role.value for role in PortalRole if role.may_pay]
_MOST_CONTACTS = 50

# Built once: building a statement takes longer than running it.
_EMAILS = (
    select(contact.c.email)
    .where(
        contact.c.client_id == bindparam("client_id"),
        contact.c.is_active,
        contact.c.role.in_(_PAYERS),
    )
    .order_by(case((contact.c.id == bindparam("wanted_id"), 0), else_=1), contact.c.id)
    .limit(_MOST_CONTACTS)
)


def address(connection: Connection, client_id: int, wanted_id: int | None) -> str:
    """The address of the wanted contact if they may still pay, else of the oldest who may; ""."""
    emails = connection.scalars(_EMAILS, {"client_id": client_id, "wanted_id": wanted_id or 0})
    return next((each for each in emails if is_address(each)), "")
