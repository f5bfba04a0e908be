"""When Stripe does not answer, or cannot be asked now: nothing is concluded from that."""

from typing import TypeVar

from assure_app.domain.errors import BillingError
from assure_app.stripe_gateway.outcomes import Ok, Outcome, Reason, Refused, Unknown

Value = TypeVar("Value")

_TEMPORARY = {Reason.BAD_KEY, Reason.NO_ACCESS}
"""Refusals that whoever runs this, or the firm, can mend: asked later, it may be answered."""


class StripeSilent(BillingError):
    """Stripe could not be asked; what was asked may be asked again at any time."""

    retryable = True

    def __init__(self, cause: str = "no_answer") -> None:
        self.cause = cause
        super().__init__(
            "Stripe cannot be reached at the moment. Nothing was recorded: "
            "please try again in a minute."
        )


def answer(outcome: Outcome[Value]) -> Value | Refused:
    """What Stripe says, or its refusal of what is asked. Raises StripeSilent when it says neither.

    That a key is wrong or an account was disconnected says nothing about the object asked for.
    """
    match outcome:
        case Ok(value):
            return value
        case Refused(reason=reason, code=code) if reason in _TEMPORARY:
            raise StripeSilent(code)
        case Refused():
            return outcome
        case Unknown(reason=reason):
            raise StripeSilent(reason)
