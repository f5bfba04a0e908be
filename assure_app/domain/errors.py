"""Refusals named for the business fact; each carries its values and the sentence a user reads."""

from collections.abc import Mapping

from assure_app.domain.money import full_text


class BillingError(Exception):
    """A refusal that is safe to show: `sentence` says what happened and what to do.

    `field` names the form field that caused it ("" when none did); `retryable` says whether the
    same request may succeed later without any change.
    """

    field = ""
    retryable = False

    @property
    def sentence(self) -> str:
        """What happened and what to do, for the user."""
        return str(self)

    @property
    def problems(self) -> dict[str, str]:
        """The sentences by field name; "" for one that belongs to no field."""
        return {self.field: self.sentence}


class InvalidInput(BillingError):
    """One or more fields cannot be accepted, each for a reason of its own."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self._problems = dict(problems)
        super().__init__(" ".join(self._problems.values()))

    @property
    def problems(self) -> dict[str, str]:
        """The sentences by field name."""
        return dict(self._problems)


class NotFound(BillingError):
    """There is no such thing inside what this person may see (R054, R136, R139)."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(f"This {what} does not exist, or you may not see it.")


class PermissionDenied(BillingError):
    """The person lacks a right that the act needs (R036, R096, R131–R138)."""

    def __init__(self, needed: str) -> None:
        self.needed = needed
        super().__init__(f"You need “{needed}” to do this. Ask an owner or admin of your firm.")


class AmountNotPositive(BillingError):
    """Nothing, or less than nothing, was offered or asked back (R030, R079)."""

    field = "amount"

    def __init__(self, *, requested_cents: int) -> None:
        self.requested_cents = requested_cents
        super().__init__("Enter an amount greater than $0.00.")


class AmountExceedsBalance(BillingError):
    """More was offered than the invoice still asks for (R031)."""

    field = "amount"

    def __init__(self, *, requested_cents: int, balance_cents: int) -> None:
        self.requested_cents = requested_cents
        self.balance_cents = balance_cents
        super().__init__(f"The most you can record is {full_text(balance_cents)}.")


class BalanceChanged(BillingError):
    """The whole balance was to be recorded, and it is not what the form showed (R038)."""

    def __init__(self, *, shown_cents: int, balance_cents: int) -> None:
        self.shown_cents = shown_cents
        self.balance_cents = balance_cents
        super().__init__(
            f"The balance is {full_text(balance_cents)} now, not {full_text(shown_cents)}. "
            "Nothing was recorded: look again, then decide."
        )


class RefundExceedsRefundable(BillingError):
    """More was asked back than is left of the payment (R079, R080)."""

    field = "amount"

    def __init__(self, *, requested_cents: int, refundable_cents: int) -> None:
        self.requested_cents = requested_cents
        self.refundable_cents = refundable_cents
        super().__init__(f"The most you can refund is {full_text(refundable_cents)}.")


class NotRefundable(BillingError):
    """The row gives nothing back: pending, failed, refunded, or itself a reversal (R092)."""


class NotPayable(BillingError):
    """The invoice takes no payment in its status (R032)."""

    def __init__(self, status: str) -> None:
        self.status = status
        super().__init__(
            f"This invoice is {status}. A payment can be recorded on an open one only."
        )


class IllegalTransition(BillingError):
    """A status change that the tables of `transitions` do not allow (R012)."""

    def __init__(self, *, before: str, after: str) -> None:
        self.before = before
        self.after = after
        super().__init__(f"A row that is {before} cannot become {after}.")


class FormAlreadyUsed(BillingError):
    """The same form was sent again with other figures (R035)."""

    def __init__(self) -> None:
        super().__init__(
            "This form was already recorded with other figures. Nothing was added: close it, "
            "check the Payments section, and open a new form if something is missing."
        )


class OutcomeUnknown(BillingError):
    """The database fell silent while it was told to commit: it may or may not have been written."""

    retryable = True

    def __init__(self) -> None:
        super().__init__(
            "We could not tell whether this was recorded. Press the button again: "
            "the same form is never recorded twice."
        )


class Unavailable(BillingError):
    """The database cannot be reached; nothing was written."""

    retryable = True

    def __init__(self) -> None:
        super().__init__(
            "The database cannot be reached. Nothing was written: please try again in a minute."
        )


class Busy(BillingError):
    """Someone else holds the database for too long; nothing was written."""

    retryable = True

    def __init__(self) -> None:
        super().__init__("The ledger is busy. Nothing was written: please try again.")
