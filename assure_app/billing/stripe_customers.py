"""A client as the firm's Stripe account knows it: one customer there, asked for once (R127).

The row is written before Stripe is asked, with the key that makes asking twice one customer; the
asking itself happens outside any transaction.
"""

import secrets
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, select, update
from sqlalchemy.dialects import postgresql, sqlite

from assure_app.billing.stripe_silence import StripeSilent, answer
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.errors import BillingError, Busy
from assure_app.models.tables import client, stripe_customer
from assure_app.stripe_gateway import customers
from assure_app.stripe_gateway.outcomes import Refused
from assure_app.stripe_gateway.records import Customer

METADATA_KEY = "assure_client"
"""Under this Stripe keeps a customer's token, by which one that was made unheard is found."""
_KEY_IS_GOOD = timedelta(hours=23)
"""Stripe keeps what came of a key for a day; later the same key would make a second customer."""


class NotSaved(BillingError):
    """Stripe does not take the client as a customer, so that nothing can be saved."""

    def __init__(self, why: str) -> None:
        super().__init__(f"This cannot be saved at Stripe. {why} You can pay without saving it.")


@dataclass(frozen=True, slots=True, kw_only=True)
class StripeCustomer:
    """A customer as stored; `customer_id` is Stripe's name for them once it is known."""

    id: int
    firm_id: int
    client_id: int
    account_id: str
    token: str
    idempotency_key: str
    name: str
    email: str
    customer_id: str | None
    asked_at: datetime | None


_SELECT = select(*(stripe_customer.c[field.name] for field in fields(StripeCustomer)))
_STANDS = stripe_customer.c.gone_at.is_(None)


def of_client(connection: Connection, *, account_id: str, client_id: int) -> StripeCustomer | None:
    """The client's customer in this account; None when none was asked for yet."""
    is_of_client = (stripe_customer.c.account_id == account_id) & (
        stripe_customer.c.client_id == client_id
    )
    return _one(connection.execute(_SELECT.where(is_of_client, _STANDS)).mappings().first())


def with_id(connection: Connection, *, account_id: str, customer_id: str) -> StripeCustomer | None:
    """Whose customer this is; None for one that the firm made by itself."""
    is_it = (stripe_customer.c.account_id == account_id) & (
        stripe_customer.c.customer_id == customer_id
    )
    return _one(connection.execute(_SELECT.where(is_it, _STANDS)).mappings().first())


def reserve(
    connection: Connection,
    account_id: str,
    *,
    firm_id: int,
    client_id: int,
    email: str,
    now: datetime,
) -> StripeCustomer:
    """The client's customer, of whom the row is written now if there is none; nobody is asked yet.

    They bear the client's name and the email of whoever saves first.
    """
    name = connection.execute(select(client.c.name).where(client.c.id == client_id))
    values = {
        "firm_id": firm_id,
        "client_id": client_id,
        "account_id": account_id,
        "token": secrets.token_urlsafe(24),
        "idempotency_key": secrets.token_urlsafe(24),
        "name": name.scalar_one(),
        "email": email,
        "created_at": now,
        "asked_at": now,
    }
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    # A rival on another invoice of the client may write the row at this very moment.
    connection.execute(dialect.insert(stripe_customer).values(values).on_conflict_do_nothing())
    found = of_client(connection, account_id=account_id, client_id=client_id)
    if found is None:
        raise Busy
    return found


def ask(known: StripeCustomer, *, now: datetime) -> None:
    """Have Stripe make a committed customer; asked twice, it makes one.

    Raises StripeSilent when it may be asked for again, NotSaved when Stripe says no.
    """
    if known.customer_id is not None:
        return
    if known.asked_at is None or now - known.asked_at >= _KEY_IS_GOOD:
        found = _look_for(known)
        if found is not None:
            _keep(known, customer_id=found.id)
            return
        known = _renew_key(known, now)
    try:
        made = answer(
            customers.create_customer(
                known.account_id,
                name=known.name,
                email=known.email,
                metadata={METADATA_KEY: known.token},
                idempotency_key=known.idempotency_key,
            )
        )
    except StripeSilent as silence:
        if silence.cause.startswith("status_5"):  # Stripe keeps even its own errors under a key.
            _keep(known, asked_at=None)
        raise
    if isinstance(made, Refused):
        _keep(known, gone_at=now)
        raise NotSaved(made.sentence)
    _keep(known, customer_id=made.id)


def forget(connection: Connection, *, account_id: str, customer_id: str, now: datetime) -> None:
    """Note that Stripe does not know the customer any more: another one is made when needed."""
    connection.execute(
        update(stripe_customer)
        .where(
            stripe_customer.c.account_id == account_id,
            stripe_customer.c.customer_id == customer_id,
            _STANDS,
        )
        .values(gone_at=now)
    )


def _look_for(known: StripeCustomer) -> Customer | None:
    """One that was made under the key without our hearing of it."""
    found = answer(customers.list_customers(known.account_id, email=known.email))
    if isinstance(found, Refused):
        return None
    return next((each for each in found if each.metadata.get(METADATA_KEY) == known.token), None)


def _renew_key(known: StripeCustomer, now: datetime) -> StripeCustomer:
    _keep(known, idempotency_key=secrets.token_urlsafe(24), asked_at=now)
    with reading() as connection:
        found = of_client(connection, account_id=known.account_id, client_id=known.client_id)
    if found is None:
        raise Busy
    return found


def _keep(known: StripeCustomer, **columns: object) -> None:
    """Write what came of an asking, unless a rival under another key was first."""
    with unit_of_work() as connection:
        connection.execute(
            update(stripe_customer)
            .where(
                stripe_customer.c.id == known.id,
                stripe_customer.c.idempotency_key == known.idempotency_key,
                stripe_customer.c.customer_id.is_(None),
                _STANDS,
            )
            .values(columns)
        )


def _one(row: RowMapping | None) -> StripeCustomer | None:
    return None if row is None else StripeCustomer(**row)
