"""PaymentIntents: the will to take one amount, tried until it succeeds or is canceled."""

import stripe

from assure_app.stripe_gateway import fields
from assure_app.stripe_gateway.client import ask, client, options
from assure_app.stripe_gateway.outcomes import Outcome
from assure_app.stripe_gateway.records import IntentStatus, PaymentIntent


def retrieve_payment_intent(account_id: str, payment_intent_id: str) -> Outcome[PaymentIntent]:
    """The PaymentIntent as it is now."""
    return ask(
        lambda: client().v1.payment_intents.retrieve(
            payment_intent_id, options=options(account_id)
        ),
        lambda intent: _payment_intent(intent, account_id),
    )


def _payment_intent(intent: stripe.PaymentIntent, account_id: str) -> PaymentIntent:
    error = fields.part(intent, "last_payment_error")
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
    )
