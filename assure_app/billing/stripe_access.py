"""Who looks after what passes between the firm and Stripe (R061, R067, R135–R139)."""

from datetime import datetime

from sqlalchemy import ColumnElement

from assure_app.billing import audit, invoice_record
from assure_app.domain.permissions import Permission, Principal
from assure_app.models.tables import stripe_exception


def may_look(principal: Principal) -> bool:
    """Owners, admins and Stripe admins see how the firm is connected."""
    return principal.has(Permission.MANAGE_FIRM) or principal.has(Permission.STRIPE_ADMIN)


def may_read(principal: Principal) -> bool:
    """What waits for a person names amounts, so it needs View billing besides (R137)."""
    return may_look(principal) and principal.has(Permission.VIEW_BILLING)


def may_act(principal: Principal) -> bool:
    """Asking Stripe again and settling what waits need Edit billing besides."""
    return may_look(principal) and principal.has(Permission.EDIT_BILLING)


def require_to_look(principal: Principal, *, act: str, now: datetime) -> None:
    """Raise PermissionDenied unless the person may look; a denial is logged (R112)."""
    if not may_look(principal):
        audit.require(principal, Permission.STRIPE_ADMIN, act=act, now=now)


def require_to_act(principal: Principal, *, act: str, now: datetime) -> None:
    """Raise PermissionDenied unless the person may act; a denial is logged (R112)."""
    require_to_look(principal, act=act, now=now)
    audit.require(principal, Permission.EDIT_BILLING, act=act, now=now)


def visible_to(principal: Principal) -> ColumnElement[bool]:
    """The condition on exceptions, outer joined to their invoices, that a person may see.

    What is about an invoice is for who may see that; what is about none, as a charge that nobody
    asked for, belongs to the account and is for everybody who looks after it.
    """
    own_firm = stripe_exception.c.firm_id == principal.firm_id
    is_of_none = stripe_exception.c.invoice_id.is_(None)
    return own_firm & (is_of_none | invoice_record.visible_to(principal))
