"""Who looks after what passes between the firm and Stripe (R061, R067, R135–R139)."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection

from assure_app.billing import audit, invoice_record, people
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.errors import BillingError
from assure_app.domain.membership import Role
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


class OwnersOnly(BillingError):
    """Connecting the firm to Stripe, and ending that, is for its owners."""

    def __init__(self) -> None:
        super().__init__(
            "Only an owner connects the firm to Stripe or ends that. Ask an owner of your firm."
        )


def may_connect(principal: Principal) -> bool:
    """Owners alone decide with which account the firm takes money."""
    return principal.is_owner


def may_continue(principal: Principal) -> bool:
    """Giving Stripe what it still wants is for owners and Stripe admins."""
    return principal.is_owner or principal.has(Permission.STRIPE_ADMIN)


def require_owner(principal: Principal, *, act: str, now: datetime) -> None:
    """Raise OwnersOnly unless the person is an owner; a denial is logged (R112)."""
    if may_connect(principal):
        return
    with unit_of_work() as connection:
        audit.note(
            connection,
            firm_id=principal.firm_id,
            user_id=principal.user_id,
            text=f"{principal.name} was denied: {act} (needs Owner)",
            at=now,
        )
    raise OwnersOnly


def require_owner_still(connection: Connection, principal: Principal) -> None:
    """Hold the firm, and raise OwnersOnly unless the person is an owner of it as of now."""
    if people.hold_firm(connection, principal).role is not Role.OWNER:
        raise OwnersOnly


def visible_to(principal: Principal) -> ColumnElement[bool]:
    """The condition on exceptions, outer joined to their invoices, that a person may see.

    What is about an invoice is for who may see that; what is about none, as a charge that nobody
    asked for, belongs to the account and is for everybody who looks after it.
    """
    own_firm = stripe_exception.c.firm_id == principal.firm_id
    is_of_none = stripe_exception.c.invoice_id.is_(None)
    return own_firm & (is_of_none | invoice_record.visible_to(principal))
