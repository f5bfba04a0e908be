"""PaymentIntents: the will to take one amount, tried until it succeeds or is canceled."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import stripe

from assure_app.stripe_gateway import fields
from assure_app.stripe_gateway.charges import read_charge
from assure_app.stripe_gateway.client import ask, client, options
from assure_app.stripe_gateway.outcomes import Outcome
from assure_app.stripe_gateway.records import IntentStatus, PaymentIntent

if TYPE_CHECKING:
    from stripe.params import PaymentIntentCreateParams, PaymentIntentListParams

MOST_LISTED = 100


def charge_off_session(
    account_id: str,
    *,
    amount_cents: int,
    currency: str,
    customer_id: str,
    method_id: str,
    method_kind: str,
    description: str,
    metadata: Mapping[str, str],
    idempotency_key: str,
) -> Outcome[PaymentIntent]:
    """Charge a saved method with nobody present; under the same key there is one charge.

    `method_kind` is Stripe's word, card or us_bank_account. A decline is Refused and names the
    intent, which keeps the failed charge; a card whose holder must confirm is declined as
    `authentication_required`. A bank payment comes back as processing.
    """
    params = create_params(
        amount_cents=amount_cents,
        currency=currency,
        customer_id=customer_id,
        method_id=method_id,
        method_kind=method_kind,
        description=description,
        metadata=metadata,
    )
    return ask(
        lambda: client().v1.payment_intents.create(params, options(account_id, idempotency_key)),
        lambda intent: _payment_intent(intent, account_id),
    )


def retrieve_payment_intent(account_id: str, payment_intent_id: str) -> Outcome[PaymentIntent]:
    """The PaymentIntent as it is now."""
    return ask(
        lambda: client().v1.payment_intents.retrieve(
            payment_intent_id, options=options(account_id)
        ),
        lambda intent: _payment_intent(intent, account_id),
    )


def cancel_payment_intent(
    account_id: str, payment_intent_id: str, *, idempotency_key: str
) -> Outcome[PaymentIntent]:
    """Give it up, so that no money comes by it any more; refused when it is over already."""
    return ask(
        lambda: client().v1.payment_intents.cancel(
            payment_intent_id, options=options(account_id, idempotency_key)
        ),
        lambda intent: _payment_intent(intent, account_id),
    )


def find_payment_intent(
    account_id: str, *, customer_id: str, since: datetime, key: str, value: str
) -> Outcome[PaymentIntent | None]:
    """The customer's intent that bears this in its metadata, made since then; None if there is
    none. A customer has far fewer than a hundred in the days that are looked through."""
    params = list_params(customer_id, since)
    return ask(
        lambda: client().v1.payment_intents.list(params, options(account_id)),
        lambda page: next(
            (
                found
                for each in fields.items(page)
                if (found := _payment_intent(each, account_id)).metadata.get(key) == value
            ),
            None,
        ),
    )


def create_params(
    *,
    amount_cents: int,
    currency: str,
    customer_id: str,
    method_id: str,
    method_kind: str,
    description: str,
    metadata: Mapping[str, str],
) -> PaymentIntentCreateParams:
    """What is sent to charge a saved method."""
    return {
        "amount": amount_cents,
        "currency": currency,
        "customer": customer_id,
        "payment_method": method_id,
        "allowed_payment_method_types": [method_kind],
        "off_session": True,
        "confirm": True,
        "description": description,
        "metadata": dict(metadata),
        "expand": ["latest_charge.balance_transaction"],
    }


def list_params(customer_id: str, since: datetime) -> PaymentIntentListParams:
    """What is sent to find a customer's intents."""
    return {
        "customer": customer_id,
        "created": {"gte": int(since.timestamp())},
        "limit": MOST_LISTED,
    }


def _payment_intent(intent: stripe.PaymentIntent, account_id: str) -> PaymentIntent:
    error = fields.part(intent, "last_payment_error")
    latest = fields.part(intent, "latest_charge")
    return PaymentIntent(
        id=fields.text(intent, "id"),
        account_id=account_id,
        status=fields.one_of(IntentStatus, intent, "status"),
        amount_cents=fields.cents(intent, "amount"),
        currency=fields.text(intent, "currency"),
        latest_charge_id=fields.reference(intent, "latest_charge"),
        customer_id=fields.reference(intent, "customer"),
        error_code=fields.text_or_empty(error, "code"),
        error_decline_code=fields.text_or_empty(error, "decline_code"),
        error_sentence=fields.text_or_empty(error, "message"),
        created_at=fields.moment(intent, "created"),
        metadata=fields.words(intent, "metadata"),
        latest_charge=(
            None if latest is None or isinstance(latest, str) else read_charge(latest, account_id)
        ),
    )
