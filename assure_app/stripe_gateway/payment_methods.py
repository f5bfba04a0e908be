"""Payment methods: the cards and bank accounts that a customer saved."""

from __future__ import annotations

import stripe

from assure_app.stripe_gateway import fields, means_of_payment
from assure_app.stripe_gateway.client import ask, client, options
from assure_app.stripe_gateway.outcomes import Outcome
from assure_app.stripe_gateway.records import PaymentMethod


def retrieve_payment_method(account_id: str, method_id: str) -> Outcome[PaymentMethod]:
    """The method as it is now."""
    return ask(
        lambda: client().v1.payment_methods.retrieve(method_id, options=options(account_id)),
        lambda method: _payment_method(method, account_id),
    )


def detach_payment_method(
    account_id: str, method_id: str, *, idempotency_key: str
) -> Outcome[PaymentMethod]:
    """Take the method from its customer for good; refused when it is nobody's already."""
    return ask(
        lambda: client().v1.payment_methods.detach(
            method_id, options=options(account_id, idempotency_key)
        ),
        lambda method: _payment_method(method, account_id),
    )


def _payment_method(method: stripe.PaymentMethod, account_id: str) -> PaymentMethod:
    kind = fields.text(method, "type")
    means = fields.part(method, kind)
    return PaymentMethod(
        id=fields.text(method, "id"),
        account_id=account_id,
        customer_id=fields.reference(method, "customer"),
        kind=kind,
        brand_or_bank=means_of_payment.brand_or_bank(means),
        last4=fields.text_or_empty(means, "last4"),
        expiry=means_of_payment.expiry(means),
    )
