"""How a refund at Stripe is told in our own words."""

from assure_app.stripe_gateway.records import Refund

_LONGEST_REASON = 300
_WHY_FAILED = {
    "charge_for_pending_refund_disputed": "The payer’s bank contests the payment.",
    "declined": "The payer’s bank declined it.",
    "expired_or_canceled_card": "The card has expired or was canceled.",
    "insufficient_funds": "The Stripe balance was too low.",
    "lost_or_stolen_card": "The card was lost or stolen.",
    "merchant_request": "It was canceled in Stripe.",
}


def why_failed(refund: Refund) -> str:
    """Why a refund failed or was canceled, as a sentence; Stripe knows it by a word only."""
    if refund.failure_reason in _WHY_FAILED:
        return _WHY_FAILED[refund.failure_reason]
    return "It was canceled in Stripe." if refund.status == "canceled" else "Stripe gave no reason."
