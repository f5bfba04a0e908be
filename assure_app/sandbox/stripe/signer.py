"""Signs webhooks with Stripe's own code, so that the signature is the true one."""

import stripe


def signature(payload: str, secret: str) -> str:
    """The value of the header Stripe-Signature for a payload sent now."""
    header: str = stripe.WebhookSignature.generate_signature_header(payload, secret)
    return header
