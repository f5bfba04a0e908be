"""Customers: a client's contact as the firm's Stripe account knows it."""

from collections.abc import Mapping

import stripe
from stripe.params import CustomerCreateParams

from assure_app.stripe_gateway import fields
from assure_app.stripe_gateway.client import ask, client, options
from assure_app.stripe_gateway.outcomes import Outcome
from assure_app.stripe_gateway.records import Customer


def create_customer(
    account_id: str, *, name: str, email: str, metadata: Mapping[str, str], idempotency_key: str
) -> Outcome[Customer]:
    """Make one, who can then have saved methods."""
    params = create_params(name=name, email=email, metadata=metadata)
    return ask(
        lambda: client().v1.customers.create(params, options(account_id, idempotency_key)),
        lambda customer: _customer(customer, account_id),
    )


def create_params(*, name: str, email: str, metadata: Mapping[str, str]) -> CustomerCreateParams:
    """What is sent to make a customer."""
    return {"name": name, "email": email, "metadata": dict(metadata)}


def _customer(customer: stripe.Customer, account_id: str) -> Customer:
    return Customer(
        id=fields.text(customer, "id"),
        account_id=account_id,
        email=fields.text_or_empty(customer, "email"),
        metadata=fields.words(customer, "metadata"),
    )
