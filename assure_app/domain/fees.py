"""What Stripe keeps of a charge (R099). A refund never brings any of it back (R102, R103)."""

from assure_app.domain.ledger import Method

CARD_RATE_PER_THOUSAND = 29
CARD_FIXED_CENTS = 30


def estimate_fee_cents(method: Method, amount_cents: int) -> int:
    """Stripe's fee for a charge: card 2.9 % + 30 ¢ rounded half up, everything else nothing.

    $100 → 320, $1,500 → 4380, $0.50 → 31. A negative amount is money that left: it costs nothing
    and gives nothing back (R102). Stripe's own figure replaces the estimate when known (R100).
    """
    if method is not Method.CARD or amount_cents <= 0:
        return 0
    return (amount_cents * CARD_RATE_PER_THOUSAND + 500) // 1000 + CARD_FIXED_CENTS


def net_cents(*, amount_cents: int, fee_cents: int, refunded_cents: int) -> int:
    """What the firm keeps of a charge: gross less fee less refunds; −320 for $100 given back."""
    return amount_cents - fee_cents - refunded_cents
