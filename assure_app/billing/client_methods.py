"""What the firm's people do with what a client saved: add, choose the default, remove (R127, R128).

With Edit billing, inside the clients that they may see. Adding needs the client's leave: who said
that it was given, and when, stands beside the page that was asked for. Nothing is charged by it:
the question about past invoices waits for the client (R122).
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from assure_app.billing import audit, clients, method_acts, method_page_record, method_pages
from assure_app.billing.method_acts import Actor, Removal
from assure_app.billing.method_pages import Asker, NothingToAddTo
from assure_app.db.unit_of_work import reading
from assure_app.domain.errors import InvalidInput, NotFound
from assure_app.domain.permissions import Permission, Principal
from assure_app.domain.portal_access import PortalRole
from assure_app.models.tables import client, contact
from assure_app.settings import get_settings

ACT = "change a client's payment methods"
CONSENT = (
    "The client agreed that this method is kept for their payments and charged for what they owe."
)
"""What whoever adds a method has to say, and what is kept that they said."""
PATH = "/settings/contacts"
_LARGEST_ID = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CameBack:
    """What came of a page: for which client, and in which words; neither for no page of theirs."""

    client_id: int = 0
    sentence: str = ""


def start_adding(
    principal: Principal,
    client_id: object,
    *,
    has_consent: object,
    form_token: object,
    now: datetime,
) -> str:
    """The address of Stripe's page that saves a method for the client; nothing is charged there.

    The same form again gives the same page. Raises PermissionDenied, NotFound, InvalidInput when it
    was not said that the client agreed, and what `method_pages.start` raises.
    """
    audit.require(principal, Permission.EDIT_BILLING, act=ACT, now=now)
    if has_consent is not True:
        raise InvalidInput({"consent": "Ask the client first, then tick that they agreed."})
    known_id = _known_id(client_id)
    name, email = _customer(principal, known_id)
    asker = Asker(
        firm_id=principal.firm_id,
        client_id=known_id,
        contact_id=None,
        user_id=principal.user_id,
        consent=CONSENT,
        email=email,
        home=f"{get_settings().public_url}{PATH}?client={known_id}",
        check=lambda connection: _require_visible(connection, principal, known_id),
        note=f"{principal.name} said that {name} agreed, and asked to save a payment method",
    )
    return method_pages.open_for(asker, form_token=form_token, now=now)


def returned(principal: Principal, token: object, *, now: datetime) -> CameBack:
    """What came of the page that a firm user returns from. Never raises when Stripe is silent."""
    principal.require(Permission.VIEW_BILLING)
    with reading() as connection:
        page = method_page_record.by_token(connection, token)
        if page is None or page.user_id is None or page.firm_id != principal.firm_id:
            return CameBack()
        if _name(connection, principal, page.client_id) is None:
            return CameBack()
    return CameBack(client_id=page.client_id, sentence=method_pages.what_came_of(page, now=now))


def find(principal: Principal, client_id: object, row_id: object) -> Removal:
    """The method and what depends on it, for the question before it is removed.

    Raises PermissionDenied and NotFound.
    """
    principal.require(Permission.EDIT_BILLING)
    return method_acts.ask(_actor(principal, client_id), row_id)


def make_default(principal: Principal, client_id: object, row_id: object, *, now: datetime) -> str:
    """Make a method the client's one default; raises as `saved_methods.make_default` does."""
    audit.require(principal, Permission.EDIT_BILLING, act=ACT, now=now)
    return method_acts.make_default(_actor(principal, client_id), row_id, now=now)


def remove(
    principal: Principal, client_id: object, row_id: object, *, told: str, now: datetime
) -> str:
    """Remove a method for good, at Stripe too; raises as `method_acts.remove` does."""
    audit.require(principal, Permission.EDIT_BILLING, act=ACT, now=now)
    return method_acts.remove(_actor(principal, client_id), row_id, told=told, now=now)


def _actor(principal: Principal, client_id: object) -> Actor:
    known_id = _known_id(client_id)
    with reading() as connection:
        name = _name(connection, principal, known_id)
    return Actor(
        firm_id=principal.firm_id,
        client_id=known_id,
        name=f"{principal.name}, for {name},",
        user_id=principal.user_id,
        check=lambda connection: _require_visible(connection, principal, known_id),
    )


def _known_id(client_id: object) -> int:
    """An id as a browser sent it. Raises NotFound for what cannot be one."""
    is_id = isinstance(client_id, int) and not isinstance(client_id, bool)
    if not is_id or not 0 < int(str(client_id)) <= _LARGEST_ID:
        raise NotFound("client")
    return int(str(client_id))


def _name(connection: Connection, principal: Principal, client_id: int) -> str | None:
    wanted = select(client.c.name).where(client.c.id == client_id, clients.visible_to(principal))
    return connection.scalar(wanted)


def _require_visible(connection: Connection, principal: Principal, client_id: int) -> None:
    if _name(connection, principal, client_id) is None:
        raise NotFound("client")


def _customer(principal: Principal, client_id: int) -> tuple[str, str]:
    """The client's name, and by which email Stripe knows it: the first of its people's who may
    pay, or else anybody's."""
    with reading() as connection:
        _require_visible(connection, principal, client_id)
        name = str(_name(connection, principal, client_id))
        rows = connection.execute(
            select(contact.c.email, contact.c.role)
            .where(contact.c.client_id == client_id, contact.c.is_active)
            .order_by(contact.c.id)
        ).all()
    payers = [row.email for row in rows if PortalRole(row.role).may_pay]
    found = payers or [row.email for row in rows]
    if not found:
        raise NothingToAddTo("Add a contact of this client first: Stripe needs an email.")
    return name, str(found[0])
