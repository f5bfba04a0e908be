"""What a client's people do with what they saved: choose the default, and remove (R127, R142).

Strictly inside the client they act for. Removing asks Stripe outside any transaction, after who
asked for it was committed; asked again, it does no more than it did.
"""

from datetime import datetime

from sqlalchemy import Connection

from assure_app.billing import audit, method_news, method_rows, payer_rights
from assure_app.billing.method_rows import StoredMethod
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.errors import BillingError, NotFound
from assure_app.domain.portal_access import PortalPrincipal
from assure_app.domain.saved_methods import MethodDisabled

ACT = "change saved payment methods"
_WHAT = "payment method"


class MethodNotRemoved(BillingError):
    """Stripe still keeps the method."""

    retryable = True

    def __init__(self, name: str) -> None:
        super().__init__(f"Stripe did not remove {name}. Please try again in a minute.")


def find(payer: PortalPrincipal, row_id: object) -> StoredMethod:
    """The client's own method, for the question before it is removed.

    Raises PaymentNotAllowed, and NotFound for one that is another's or was removed.
    """
    payer.require_payer()
    with reading() as connection:
        return _standing(connection, payer, row_id)


def make_default(payer: PortalPrincipal, row_id: object, *, now: datetime) -> str:
    """Make a method the client's one default; gives the sentence to show.

    Raises PaymentNotAllowed, NotFound, and MethodDisabled for one that takes no payments.
    """
    payer_rights.require(payer, act=ACT, now=now)
    with unit_of_work() as connection:
        method_rows.hold_client(connection, payer.client_id)
        payer_rights.require_still(connection, payer, what=_WHAT)
        chosen = _standing(connection, payer, row_id)
        if not chosen.is_usable:
            raise MethodDisabled(chosen.name)
        if not chosen.is_default:
            method_rows.set_default(connection, payer.client_id, chosen.id)
            _note(connection, payer, f"made {chosen.name} the default", now)
    return f"{chosen.name} is the default now."


def remove(payer: PortalPrincipal, row_id: object, *, now: datetime) -> str:
    """Remove a method for good, at Stripe too; gives the sentence to show.

    Asked twice, it changes nothing more. Raises PaymentNotAllowed, NotFound, StripeSilent, and
    MethodNotRemoved when Stripe keeps it all the same.
    """
    payer_rights.require(payer, act=ACT, now=now)
    with unit_of_work() as connection:
        payer_rights.require_still(connection, payer, what=_WHAT)
        found = method_rows.own(connection, payer, row_id)
        if found.removed_at is None:
            _note(connection, payer, f"asked to remove {found.name}", now)
    if found.removed_at is None:
        news = method_news.detach(found.account_id, found.method_id)
        with unit_of_work() as connection:
            news(connection, now=now)
            if method_rows.own(connection, payer, row_id).removed_at is None:
                raise MethodNotRemoved(found.name)
    return f"{found.name} was removed."


def _standing(connection: Connection, payer: PortalPrincipal, row_id: object) -> StoredMethod:
    found = method_rows.own(connection, payer, row_id)
    if found.removed_at is not None:
        raise NotFound(_WHAT)
    return found


def _note(connection: Connection, payer: PortalPrincipal, what: str, now: datetime) -> None:
    audit.note(
        connection,
        firm_id=payer.firm_id,
        user_id=None,
        text=f"{payer.name} of a client {what}",
        at=now,
    )
