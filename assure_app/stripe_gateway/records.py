"""What Stripe's objects say, as frozen values: money in cents, times in UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

Item = TypeVar("Item")


class SessionStatus(StrEnum):
    OPEN = "open"
    COMPLETE = "complete"
    EXPIRED = "expired"


class SessionPayment(StrEnum):
    """Whether a Checkout Session is paid; a bank payment under way is not yet."""

    PAID = "paid"
    UNPAID = "unpaid"
    NONE_NEEDED = "no_payment_required"


class ChargeStatus(StrEnum):
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class DisputeStatus(StrEnum):
    INQUIRY_ASKED = "warning_needs_response"
    INQUIRY_ANSWERED = "warning_under_review"
    INQUIRY_CLOSED = "warning_closed"
    ASKED = "needs_response"
    ANSWERED = "under_review"
    WON = "won"
    LOST = "lost"
    PREVENTED = "prevented"


class IntentStatus(StrEnum):
    NEEDS_METHOD = "requires_payment_method"
    NEEDS_CONFIRMATION = "requires_confirmation"
    NEEDS_ACTION = "requires_action"
    NEEDS_CAPTURE = "requires_capture"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"


class RefundStatus(StrEnum):
    PENDING = "pending"
    NEEDS_ACTION = "requires_action"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutSession:
    """A hosted page. `url` is "" once it is not open; `payment_intent_id` comes late, and
    `setup_intent_id` is there when a method is saved on it with nothing charged.

    One of the firm's own making may take no money: then it has 0 cents and no currency.
    """

    id: str
    account_id: str
    url: str
    status: SessionStatus
    payment_status: SessionPayment
    payment_intent_id: str | None
    customer_id: str | None
    client_reference: str
    amount_cents: int
    currency: str
    created_at: datetime
    expires_at: datetime
    metadata: Mapping[str, str]
    setup_intent_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One try to take money: a PaymentIntent may have several, of which one succeeds.

    `decline_code` is the bank's own word behind a failed one, "" for none. `fee_cents` is None
    until Stripe knows it. `method` is Stripe's word, such as card or us_bank_account;
    `brand_or_bank` is a name for people, `expiry` like 04/30 and "" for a bank.
    """

    id: str
    account_id: str
    amount_cents: int
    amount_refunded_cents: int
    fee_cents: int | None
    currency: str
    status: ChargeStatus
    is_disputed: bool
    payment_intent_id: str | None
    customer_id: str | None
    method: str
    brand_or_bank: str
    last4: str
    expiry: str
    failure_code: str
    failure_sentence: str
    receipt_url: str
    created_at: datetime
    metadata: Mapping[str, str]
    payment_method_id: str | None = None
    decline_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Money of a charge on its way back. One that succeeded can still fail days later.

    `reason` and `failure_reason` are Stripe's words, "" for none. `charge_id` is "" for money that
    no charge brought.
    """

    id: str
    account_id: str
    charge_id: str
    amount_cents: int
    currency: str
    status: RefundStatus
    reason: str
    failure_reason: str
    created_at: datetime
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """A payer's bank asks about a charge, contests it, or sent a debit back.

    `reason` is Stripe's word. What was withdrawn and reinstated is without Stripe's fee.
    `evidence_due_at` is None where there is nothing to answer.
    """

    id: str
    account_id: str
    charge_id: str
    amount_cents: int
    currency: str
    status: DisputeStatus
    reason: str
    is_charge_refundable: bool
    withdrawn_cents: int
    reinstated_cents: int
    evidence_due_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentIntent:
    """The will to take one amount. `error_*` tell of its latest failed try, else "".

    `latest_charge` is that charge itself where it was asked for with it, else None.
    """

    id: str
    account_id: str
    status: IntentStatus
    amount_cents: int
    currency: str
    latest_charge_id: str | None
    customer_id: str | None
    error_code: str
    error_decline_code: str
    error_sentence: str
    created_at: datetime
    metadata: Mapping[str, str]
    latest_charge: Charge | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """That something happened to an object, which is to be asked for anew.

    `account_id` is None for the platform's own account; `object_id` is "" where it has no id.
    """

    id: str
    account_id: str | None
    type: str
    object_id: str
    object_kind: str
    is_live: bool
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    id: str
    account_id: str
    email: str
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMethod:
    """A card or bank account; of nobody's once it was detached, and then never again of anybody's.

    `kind` is Stripe's word, such as card or us_bank_account, the rest as of a Charge.
    """

    id: str
    account_id: str
    customer_id: str | None
    kind: str
    brand_or_bank: str
    last4: str
    expiry: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupIntent:
    """The wish to save a method; it names one once it succeeded."""

    id: str
    account_id: str
    payment_method_id: str | None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate:
    """The leave to debit a bank account, once or lastingly; `is_void` once it was taken back."""

    id: str
    account_id: str
    payment_method_id: str
    is_lasting: bool
    is_void: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A firm's own Stripe account; `disabled_reason` is Stripe's word, "" when nothing is.

    `wanted` names what Stripe asks for now, in its own words ("external_account").
    """

    id: str
    charges_enabled: bool
    payouts_enabled: bool
    details_submitted: bool
    disabled_reason: str
    wanted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLink:
    """Where the owner of an account answers Stripe's questions, once and soon."""

    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A span of time by when objects were made: from `since` to just before `until`."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[Item]):
    """A part of a list; `after` is where the next page begins, "" after the last one."""

    items: tuple[Item, ...]
    after: str
