"""What the demo's clients saved to pay with: at the local Stripe, and here as the product keeps it.

One charges well and has just been saved, so that past invoices are asked about; one is over this
month; one is declined whenever it is charged.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from assure_app.billing import method_books, stripe_customers
from assure_app.billing.method_rows import AddedBy
from assure_app.billing.stripe_customers import METADATA_KEY, StripeCustomer
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.models.tables import client, contact, stripe_customer
from assure_app.sandbox.demo_charges import DemoStripe
from assure_app.sandbox.demo_people import CHEN, DemoFirm


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A card that somebody of a client saved so long ago; `expires_now` in this very month."""

    client: str
    card: str
    ago: timedelta
    expires_now: bool = False


_SAVED = (
    Saved(client="Patel Family", card="pm_card_visa", ago=timedelta(hours=1)),
    Saved(
        client="Okafor Dental PLLC",
        card="pm_card_mastercard",
        ago=timedelta(days=150),
        expires_now=True,
    ),
    Saved(client="Brightwater Foods", card="pm_card_chargeCustomerFail", ago=timedelta(days=170)),
)


def load(
    one: DemoFirm,
    clients: Mapping[str, tuple[int, int | None]],
    stripe: DemoStripe | None,
    *,
    now: datetime,
) -> None:
    """Save the demo's methods, unless there is no local Stripe to save them at."""
    if stripe is None or one is not CHEN:
        return
    for saved in _SAVED:
        client_id, _ = clients[saved.client]
        _save(one, stripe, saved, client_id, now=now)


def _save(
    one: DemoFirm, stripe: DemoStripe, saved: Saved, client_id: int, *, now: datetime
) -> None:
    at = now - saved.ago
    with reading() as connection:
        person = connection.execute(select(contact).where(contact.c.client_id == client_id)).one()
    customer = _reserved(one, client_id, person.email, at)
    method = stripe.save(
        one.account_id,
        {
            "name": customer.name,
            "email": customer.email,
            "metadata": {METADATA_KEY: customer.token},
        },
        card=saved.card,
        expires=now.date() if saved.expires_now else None,
        at=at,
    )
    with unit_of_work() as connection:
        connection.execute(
            update(stripe_customer)
            .where(stripe_customer.c.id == customer.id)
            .values(customer_id=method.customer_id)
        )
        by = AddedBy(contact_id=person.id)
        method_books.book(connection, method, now=at, added_by=by)


def _reserved(one: DemoFirm, client_id: int, email: str, at: datetime) -> StripeCustomer:
    with unit_of_work() as connection:
        firm_id = connection.scalar(select(client.c.firm_id).where(client.c.id == client_id))
        return stripe_customers.reserve(
            connection,
            one.account_id,
            firm_id=int(firm_id or 0),
            client_id=client_id,
            email=email,
            now=at,
        )
