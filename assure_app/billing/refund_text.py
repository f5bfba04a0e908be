"""How a refund at Stripe is told in our own words."""

from datetime import datetime

from assure_app.billing.refund_case import Refundable
from assure_app.domain.ledger import Method
from assure_app.domain.stripe_refunds import arrival, takes_text
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


def how_it_goes_back(found: Refundable, now: datetime) -> str:
    """How and when the client gets the money; "" for what the firm settles itself (R083)."""
    if found.charge is None:
        return ""
    today = found.invoice.today(now)
    kind = "A card refund" if found.method is Method.CARD else "A refund to a bank account"
    back_to = found.charge.method_detail or "where it came from"
    who = found.charge.payer.split(" ")[0] or "the client"
    return (
        f"This refund goes through Stripe, back to {back_to}. {kind} takes "
        f"{takes_text(found.method)}: {who} sees it {arrival(found.method, today).text(today)}."
    )
