"""What Stripe says of an account's balance, and of what it pays out to the bank; frozen."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PayoutStatus(StrEnum):
    PENDING = "pending"
    IN_TRANSIT = "in_transit"
    PAID = "paid"
    FAILED = "failed"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceTransaction:
    """One movement of an account's balance: what came in (or, negative, went out), what Stripe kept
    of it, and the rest of both.

    `kind` and `category` are Stripe's words; `source_id` is the charge, refund, dispute or payout
    that caused it, "" for none.
    """

    id: str
    account_id: str
    kind: str
    category: str
    amount_cents: int
    fee_cents: int
    net_cents: int
    currency: str
    source_id: str
    description: str
    available_at: datetime
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """An account's dollars: what may be paid out, and what came in lately."""

    account_id: str
    available_cents: int
    pending_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout:
    """The balance on its way to the bank; below zero when Stripe takes from there.

    Only of one that Stripe made by itself (`is_automatic`) it is known what it carries, once it
    `is_itemized`.
    """

    id: str
    account_id: str
    amount_cents: int
    currency: str
    status: PayoutStatus
    is_automatic: bool
    is_itemized: bool
    arrives_at: datetime
    bank_name: str
    last4: str
    failure_code: str
    failure_sentence: str
    created_at: datetime
