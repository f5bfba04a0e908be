"""That whoever acts in the portal may pay there: at the click, and again when written (R053)."""

from datetime import datetime

from sqlalchemy import Connection, select

from assure_app.billing import audit
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.errors import NotFound
from assure_app.domain.portal_access import PaymentNotAllowed, PortalPrincipal, PortalRole
from assure_app.models.tables import contact


def require(payer: PortalPrincipal, *, act: str, now: datetime) -> None:
    """Raise PaymentNotAllowed unless their role may pay; the denial is logged (R112)."""
    if payer.may_pay:
        return
    with unit_of_work() as connection:
        audit.note(
            connection,
            firm_id=payer.firm_id,
            user_id=None,
            text=f"{payer.name} of a client was denied: {act} (role {payer.role.label})",
            at=now,
        )
    raise PaymentNotAllowed(payer.role)


def require_still(connection: Connection, payer: PortalPrincipal, *, what: str) -> None:
    """The firm may have taken the role, or all access, away since the click.

    Raises PaymentNotAllowed, or NotFound for whoever may not even look any more.
    """
    role = connection.scalar(
        select(contact.c.role).where(contact.c.id == payer.contact_id, contact.c.is_active)
    )
    if role is None:
        raise NotFound(what)
    if not PortalRole(role).may_pay:
        raise PaymentNotAllowed(PortalRole(role))
