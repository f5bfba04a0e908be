"""A card that auto-pay charges is announced a month before it is over (R127).

Once for each card and expiry, to those of the client's people who may pay. A card that is not the
default, or of a client without auto-pay, stops nothing when it is over: the word beside it on the
page is enough. As either may change, such a card is looked at again each day until it is over.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, select

from assure_app.billing import answer_address, audit, method_needs, method_rows, portal_links
from assure_app.billing.method_rows import StoredMethod
from assure_app.billing.stripe_sweep import Swept
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.email_address import is_address
from assure_app.domain.portal_access import PortalRole
from assure_app.domain.saved_methods import Expiry, standing_of
from assure_app.mail import method_letters, outbox
from assure_app.mail.method_letters import MailedMethod
from assure_app.models.tables import client, contact, firm, payment_method

_LOOK_AGAIN = timedelta(days=1)
_PAYERS = [role.value for role in PortalRole if role.may_pay]


def announce_next(*, now: datetime) -> Swept | None:
    """Look at the card that has been due the longest; None when none is due.

    Any number of workers may call it: what is decided and the letters are one transaction, in which
    the client is held.
    """
    # A month ahead, the day's own beginning matters to nobody: UTC's will do.
    today = now.astimezone(UTC).date()
    with unit_of_work() as connection:
        due = connection.execute(
            select(payment_method.c.id, payment_method.c.firm_id, payment_method.c.client_id)
            .where(payment_method.c.announce_on <= today)
            .order_by(payment_method.c.announce_on, payment_method.c.id)
            .limit(1)
        ).first()
        if due is None:
            return None
        method_rows.hold_client(connection, due.client_id)
        method = method_rows.own(
            connection, firm_id=due.firm_id, client_id=due.client_id, row_id=due.id
        )
        if method.announce_on is not None and method.announce_on <= today:
            _look_at(connection, method, today, now)
    return Swept(what=f"expiry of method {due.id}", firm_id=None)


def _look_at(connection: Connection, method: StoredMethod, today: date, now: datetime) -> None:
    work = method_needs.autopay_engagements(connection, method.client_id)
    if standing_of(method.expiry, today) is Expiry.OVER or not method.is_usable:
        again = None
    elif method.is_default and work:
        _announce(connection, method, work, now)
        again = None
    else:
        again = today + _LOOK_AGAIN
    method_rows.change(connection, method, announce_on=again)


def _announce(
    connection: Connection, method: StoredMethod, work: Sequence[str], now: datetime
) -> None:
    names = connection.execute(
        select(client.c.name, firm.c.name.label("firm"))
        .join(firm, firm.c.id == client.c.firm_id)
        .where(client.c.id == method.client_id)
    ).one()
    people = connection.execute(
        select(contact.c.name, contact.c.email)
        .where(
            contact.c.client_id == method.client_id,
            contact.c.is_active,
            contact.c.role.in_(_PAYERS),
        )
        .order_by(contact.c.id)
    ).all()
    for person in people:
        told = MailedMethod(
            firm=names.firm,
            client=names.name,
            person=person.name,
            card=method.name,
            expiry=method.expiry,
            work=", ".join(work),
            link=portal_links.home_link(method.client_id),
        )
        _post(connection, method, told, to_email=person.email, now=now)
    audit.note(
        connection,
        firm_id=method.firm_id,
        user_id=None,
        text=f"{names.name} was told that {method.name}, on auto-pay, expires {method.expiry}",
        at=now,
    )


def _post(
    connection: Connection,
    method: StoredMethod,
    told: MailedMethod,
    *,
    to_email: str,
    now: datetime,
) -> None:
    key = f"card {method.id} expires {method.expiry} to {to_email}"
    if not is_address(to_email) or outbox.is_known(connection, key):
        return
    letter = method_letters.expires(told)
    outbox.enqueue(
        connection,
        firm_id=method.firm_id,
        to_email=to_email,
        from_name=told.firm,
        reply_to=answer_address.of_firm(connection, method.firm_id, but_not=to_email),
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        now=now,
        key=key,
    )
