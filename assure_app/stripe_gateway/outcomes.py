"""What became of asking Stripe something: it did it, it said no, or nobody knows."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeAlias, TypeVar

Value = TypeVar("Value")


class Reason(StrEnum):
    """Why Stripe said no."""

    DECLINED = "declined"  # The card or bank did; another one may do.
    MISSING = "missing"  # There is no such object in this account.
    NO_ACCESS = "no_access"  # The firm's account does not exist for us, or let us go.
    KEY_REUSED = "key_reused"  # The idempotency key was used for something else before.
    BAD_KEY = "bad_key"  # This installation's secret key is none: whoever runs it mends that.
    INVALID = "invalid"  # Anything else: as asked, it will never be done.


@dataclass(frozen=True, slots=True)
class Ok(Generic[Value]):
    """Stripe did it."""

    value: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Stripe did not do it, and never will when asked the same.

    `code` is Stripe's own word, `sentence` is for a person's eyes, `decline_code` is the bank's
    word behind a decline, else "". A decline of a PaymentIntent names it and its failed charge.
    """

    reason: Reason
    code: str
    sentence: str
    decline_code: str = ""
    payment_intent_id: str = ""
    charge_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Stripe may have done it or not: ask again, under the same idempotency key.

    `reason` is a word for the log: it holds nothing that Stripe or a client wrote.
    """

    reason: str


Outcome: TypeAlias = Ok[Value] | Refused | Unknown
