"""The two sides of a reconciliation as the rules see them: Stripe's word, and the books."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from assure_app.domain.disputes import DisputeFacts
from assure_app.domain.online import ChargeState
from assure_app.domain.stripe_refunds import RefundSays, RefundState
from assure_app.domain.transitions import RowStatus

ARRIVED = frozenset({RowStatus.COMPLETED, RowStatus.REFUNDED})


class Subject(StrEnum):
    """What a finding is about, in Stripe's words."""

    CHARGE = "charge"
    REFUND = "refund"
    DISPUTE = "dispute"
    PAYOUT = "payout"


class FindingKind(StrEnum):
    """In what the two sides differ."""

    CHARGE_NOT_BOOKED = "charge not booked"
    CHARGE_NOT_AT_STRIPE = "charge not at Stripe"
    CHARGE_AMOUNT = "charge amount"
    CHARGE_STATUS = "charge status"
    FEE = "fee"
    REFUND_NOT_BOOKED = "refund not booked"
    REFUND_NOT_AT_STRIPE = "refund not at Stripe"
    REFUND_AMOUNT = "refund amount"
    REFUND_STATUS = "refund status"
    DISPUTE_NOT_BOOKED = "dispute not booked"
    DISPUTE_NOT_AT_STRIPE = "dispute not at Stripe"
    DISPUTE_STATE = "dispute state"
    RETURN_AMOUNT = "returned amount"
    PAYOUT_SUM = "payout sum"


class Mending(StrEnum):
    """The one act that mends a difference: each is idempotent, and none writes a figure of its
    own."""

    BOOK = "book"
    TAKE_FEE = "take fee"
    SET_ASIDE = "set aside"
    ASK_AGAIN = "ask again"
    HAND_OVER = "hand over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """An object at Stripe that the comparison is about."""

    subject: Subject
    object_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeTold:
    """A charge at Stripe. `is_asked_for` when a payment of ours asked for it; `fee_cents` is None
    until Stripe knows it."""

    id: str
    amount_cents: int
    currency: str
    says: ChargeState
    fee_cents: int | None
    is_asked_for: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeKept:
    """A row of the ledger for a charge; a charge has a second one only after a failed one."""

    charge_id: str
    payment_id: int
    invoice_number: str
    amount_cents: int
    status: RowStatus
    fee_cents: int

    @property
    def is_settled(self) -> bool:
        """Whether the money is in the ledger for good."""
        return self.status in ARRIVED


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundTold:
    """A refund at Stripe."""

    id: str
    charge_id: str
    amount_cents: int
    says: RefundSays


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundKept:
    """A refund in the books that Stripe has told of or taken on."""

    refund_id: str
    payment_id: int
    invoice_number: str
    amount_cents: int
    state: RefundState


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeTold:
    """A dispute at Stripe."""

    id: str
    charge_id: str
    amount_cents: int
    facts: DisputeFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeKept:
    """A dispute in the books: `shown_cents` is what the ledger shows as taken because of it, and
    `room_cents` what is left of its payment."""

    dispute_id: str
    payment_id: int
    invoice_number: str
    amount_cents: int
    facts: DisputeFacts
    shown_cents: int
    room_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What Stripe says; a thing that Stripe was asked for and does not have is `missing`."""

    charges: tuple[ChargeTold, ...] = ()
    refunds: tuple[RefundTold, ...] = ()
    disputes: tuple[DisputeTold, ...] = ()
    missing: frozenset[Thing] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What the books hold of these things, by Stripe's ids."""

    charges: Mapping[str, tuple[ChargeKept, ...]] = field(default_factory=dict)
    refunds: Mapping[str, RefundKept] = field(default_factory=dict)
    disputes: Mapping[str, DisputeKept] = field(default_factory=dict)

    def settled(self, charge_id: str) -> ChargeKept | None:
        """The row of a charge whose money is in the ledger."""
        return next((row for row in self.charges.get(charge_id, ()) if row.is_settled), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One difference. `books_says` and `stripe_says` stand side by side on the screen, with the
    cents each speaks of, None for nothing."""

    kind: FindingKind
    thing: Thing
    sentence: str
    mending: Mending
    books_says: str
    stripe_says: str
    books_cents: int | None
    stripe_cents: int | None
    payment_id: int | None = None
