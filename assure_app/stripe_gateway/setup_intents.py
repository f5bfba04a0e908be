"""SetupIntents: a method saved for later with nothing charged."""

from assure_app.stripe_gateway import fields
from assure_app.stripe_gateway.client import ask, client, options
from assure_app.stripe_gateway.outcomes import Outcome
from assure_app.stripe_gateway.records import SetupIntent


def retrieve_setup_intent(account_id: str, intent_id: str) -> Outcome[SetupIntent]:
    """The SetupIntent as it is now."""
    return ask(
        lambda: client().v1.setup_intents.retrieve(intent_id, options=options(account_id)),
        lambda intent: SetupIntent(
            id=fields.text(intent, "id"),
            account_id=account_id,
            payment_method_id=fields.reference(intent, "payment_method"),
            metadata=fields.words(intent, "metadata"),
        ),
    )
