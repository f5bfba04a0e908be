"""Invoices as a client's people come to them: by the link of one, inside what is theirs (R054)."""

from datetime import datetime

from sqlalchemy import Connection, select, update

from assure_app.billing import activity
from assure_app.billing.invoices import VIEWED
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.errors import NotFound
from assure_app.domain.portal_access import PortalPerson, PortalPrincipal
from assure_app.models.tables import invoice

LONGEST_TOKEN = 64


def contact_for(connection: Connection, person: PortalPerson, pay_token: object) -> PortalPrincipal:
    """As whom the person comes to the invoice behind the link.

    Raises NotFound for a draft, another client's invoice and no invoice alike.
    """
    is_readable = isinstance(pay_token, str) and pay_token.isascii() and pay_token.isprintable()
    if not is_readable or not 0 < len(str(pay_token)) <= LONGEST_TOKEN:
        raise NotFound("invoice")
    client_id = connection.scalar(
        select(invoice.c.client_id).where(
            invoice.c.pay_token == pay_token, invoice.c.opened_at.is_not(None)
        )
    )
    found = person.at(client_id) if client_id is not None else None
    if found is None:
        raise NotFound("invoice")
    return found


def payer_of(person: PortalPerson, pay_token: object) -> PortalPrincipal:
    """The same, for a caller that does not hold a connection."""
    with reading() as connection:
        return contact_for(connection, person, pay_token)


def view(person: PortalPerson, pay_token: object, *, now: datetime) -> int:
    """Note that the client opened the invoice; the firm's id when that was news, else 0 (R056).

    A sent one becomes Viewed; on any other it is told in the timeline and the status stays. Once
    for each time that the invoice was sent or opened anew: the condition on `viewed_at` lets one of
    several tabs that open it at once through.
    """
    with unit_of_work() as connection:
        viewer = contact_for(connection, person, pay_token)
        is_news = invoice.c.viewed_at.is_(None) | (invoice.c.viewed_at < invoice.c.opened_at)
        noted = connection.execute(
            update(invoice)
            .where(invoice.c.pay_token == pay_token, is_news)
            .values(viewed_at=now, version=invoice.c.version + 1)
            .returning(invoice.c.id)
        ).first()
        if noted is None:
            return 0
        activity.append(
            connection,
            firm_id=viewer.firm_id,
            invoice_id=noted.id,
            at=now,
            text=VIEWED,
            actor=viewer.name,
        )
    return viewer.firm_id
