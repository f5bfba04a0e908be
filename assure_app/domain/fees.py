"""What Stripe keeps of a charge (R099). A refund never brings any of it back (R102, R103)."""

import re
from dataclasses import dataclass

from assure_app.domain.ledger import Method

MOST_BASIS_POINTS = 10_000
MOST_FIXED_CENTS = 9_999
EXAMPLE_CENTS = 10_000

_PERCENT = re.compile(r"(\d{1,3})(?:\.(\d{0,2}))?\s?%?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeSchedule:
    """What Stripe keeps of each kind of charge: a share in basis points and a fixed part in cents.

    Without another agreement: card 2.9 % + 30 ¢, bank account nothing (R099).
    """

    card_basis_points: int = 290
    card_fixed_cents: int = 30
    ach_basis_points: int = 0
    ach_fixed_cents: int = 0


STANDARD = FeeSchedule()


class PercentProblem(ValueError):
    """The text is not a share that can be accepted; the message is for the user."""


def estimate_fee_cents(method: Method, amount_cents: int, schedule: FeeSchedule = STANDARD) -> int:
    """Stripe's fee for a charge, its share rounded half up to the cent; offline money costs none.

    By the standard schedule $100 → 320, $1,500 → 4380, $0.50 → 31. A negative amount is money that
    left: it costs nothing and gives nothing back (R102). Stripe's own figure replaces the estimate
    when known (R100).
    """
    if amount_cents <= 0:
        return 0
    match method:
        case Method.CARD:
            share, fixed_cents = schedule.card_basis_points, schedule.card_fixed_cents
        case Method.ACH:
            share, fixed_cents = schedule.ach_basis_points, schedule.ach_fixed_cents
        case _:
            return 0
    return (amount_cents * share + 5_000) // 10_000 + fixed_cents


def parse_percent(text: str) -> int:
    """Read a share as a person types it ("2.9", "2.90 %") in basis points; never rounds.

    Raises PercentProblem with the sentence for the field.
    """
    match = _PERCENT.fullmatch(text.strip())
    if match is None:
        raise PercentProblem("Enter a percentage with at most two decimals, for example 2.90.")
    basis_points = int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
    if basis_points > MOST_BASIS_POINTS:
        raise PercentProblem("A percentage is at most 100.")
    return basis_points


def percent_text(basis_points: int) -> str:
    """A share as the starting value of its field: 290 → "2.90"."""
    return f"{basis_points // 100}.{basis_points % 100:02d}"


def net_cents(amount_cents: int, *, fee_cents: int, given_back_cents: int) -> int:
    """What the firm keeps of a charge: no part of the fee comes back with a refund (R102, R103).

    $100 charged for $3.20 and wholly refunded leaves −320.
    """
    return amount_cents - fee_cents - given_back_cents


def lost_cents(fee_cents: int, *, amount_cents: int, given_back_cents: int) -> int:
    """How much of a charge's fee was paid for money that went back, rounded half up (R102, R103).

    The whole fee once the whole charge went back; a bank may take back no more than the charge.
    """
    if amount_cents <= 0:
        return 0
    back_cents = min(given_back_cents, amount_cents)
    return (2 * fee_cents * back_cents + amount_cents) // (2 * amount_cents)
