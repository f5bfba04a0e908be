"""How sure a payment through Stripe is: until when the payer's bank may still take it back."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from assure_app.domain.ledger import Method
from assure_app.domain.transitions import RowStatus

CARD_DAYS = 120
"""The card networks let a cardholder dispute a charge for 120 days as a rule; a few reasons, such
as a service that was promised for a later day, allow more."""
BANK_DAYS = 60
"""By the rules of the ACH network a consumer may contest a debit for 60 calendar days, a business
for two. We are not told whose account it is, so the longer of the two holds; in rare cases a bank
takes a debit back later still."""

_DAYS = {Method.CARD: CARD_DAYS, Method.ACH: BANK_DAYS}


class Certainty(StrEnum):
    """Whether the money is there to stay."""

    PENDING = "Pending"
    REVOCABLE = "Paid, but the bank may still take it back"
    PAID = "Paid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sureness:
    """How sure a payment is; `until` is the last day on which it may be taken back."""

    certainty: Certainty
    until: date | None = None


def sureness(
    method: Method,
    status: RowStatus,
    *,
    charged_on: date,
    settled_on: date | None,
    today: date,
) -> Sureness | None:
    """How sure a payment through Stripe is today; None where there is nothing to be sure of.

    A card counts from its charge, a bank payment from the day it settled. What failed or was
    refunded in full cannot be taken back, and of money paid outside Stripe nothing is known.
    """
    if method not in _DAYS or status in {RowStatus.FAILED, RowStatus.REFUNDED}:
        return None
    if status is RowStatus.PENDING:
        return Sureness(certainty=Certainty.PENDING)
    begins_on = charged_on if method is Method.CARD else settled_on or charged_on
    until = begins_on + timedelta(days=_DAYS[method])
    if today > until:
        return Sureness(certainty=Certainty.PAID)
    return Sureness(certainty=Certainty.REVOCABLE, until=until)
