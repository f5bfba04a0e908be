"""What a client's people do with what they saved: choose the default, and remove (R127, R142)."""

from datetime import datetime

from assure_app.billing import method_acts, payer_rights
from assure_app.billing.method_acts import Actor, Removal
from assure_app.domain.portal_access import PortalPrincipal

ACT = "change saved payment methods"


def find(payer: PortalPrincipal, row_id: object) -> Removal:
    """The client's own method and what depends on it, for the question before it is removed.

    Raises PaymentNotAllowed, and NotFound for one that is another's or was removed.
    """
    payer.require_payer()
    return method_acts.ask(_actor(payer), row_id)


def make_default(payer: PortalPrincipal, row_id: object, *, now: datetime) -> str:
    """Make a method the client's one default; gives the sentence to show.

    Raises PaymentNotAllowed, NotFound, and MethodDisabled for one that takes no payments.
    """
    payer_rights.require(payer, act=ACT, now=now)
    return method_acts.make_default(_actor(payer), row_id, now=now)


def remove(payer: PortalPrincipal, row_id: object, *, told: str = "", now: datetime) -> str:
    """Remove a method for good, at Stripe too; gives the sentence to show.

    `told` is the warning that they read. Raises PaymentNotAllowed, and what `method_acts.remove`
    does.
    """
    payer_rights.require(payer, act=ACT, now=now)
    return method_acts.remove(_actor(payer), row_id, told=told, now=now)


def _actor(payer: PortalPrincipal) -> Actor:
    return Actor(
        firm_id=payer.firm_id,
        client_id=payer.client_id,
        name=f"{payer.name} of a client",
        user_id=None,
        check=lambda connection: payer_rights.require_still(
            connection, payer, what=method_acts.WHAT
        ),
    )
