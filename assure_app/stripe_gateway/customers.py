"""Customers: a client's contact as the firm's Stripe account knows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import stripe

from assure_app.stripe_gateway import fields
from assure_app.stripe_gateway.client import ask, client, options
from assure_app.stripe_gateway.outcomes import Outcome
from assure_app.stripe_gateway.records import Customer

if TYPE_CHECKING:
    from stripe.params import CustomerCreateParams, CustomerListParams


def create_customer(
    account_id: str, *, name: str, email: str, metadata: Mapping[str, str], idempotency_key: str
) -> Outcome[Customer]:
    """Make one, who can then have saved methods."""
    params = create_params(name=name, email=email, metadata=metadata)
    return ask(
        lambda: client().v1.customers.create(params, options(account_id, idempotency_key)),
        lambda customer: _customer(customer, account_id),
    )


def list_customers(account_id: str, *, email: str) -> Outcome[tuple[Customer, ...]]:
    """Those with this email, the newest first; at most a hundred."""
    return ask(
        lambda: client().v1.customers.list(list_params(email), options(account_id)),
        lambda page: tuple(_customer(each, account_id) for each in fields.items(page)),
    )


def create_params(*, name: str, email: str, metadata: Mapping[str, str]) -> CustomerCreateParams:
    """What is sent to make a customer."""
    return {"name": name, "email": email, "metadata": dict(metadata)}


def list_params(email: str) -> CustomerListParams:
    """What is sent to find those with an email."""
    return {"email": email, "limit": 100}


def _customer(customer: stripe.Customer, account_id: str) -> Customer:
    return Customer(
        id=fields.text(customer, "id"),
        account_id=account_id,
        email=fields.text_or_empty(customer, "email"),
        metadata=fields.words(customer, "metadata"),
    )
