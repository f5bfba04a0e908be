"""Who refunds alone, who asks, and who decides: no large refund is one person's act (R096)."""

from dataclasses import dataclass
from enum import StrEnum

from assure_app.domain.errors import BillingError
from assure_app.domain.money import full_text
from assure_app.domain.permissions import Permission, Principal


class RequestState(StrEnum):
    """What became of a request; void is one that could not be done any more when it was decided."""

    PENDING = "pending"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    VOID = "void"


REQUEST_TRANSITIONS = frozenset(
    (RequestState.PENDING, after) for after in RequestState if after is not RequestState.PENDING
)


class NeedsSecondPerson(BillingError):
    """The refund is as large as the firm wants two people for."""

    field = "amount"

    def __init__(self, *, requested_cents: int, threshold_cents: int) -> None:
        self.requested_cents = requested_cents
        self.threshold_cents = threshold_cents
        super().__init__(
            f"Refunds of {full_text(threshold_cents)} and more need a second person: "
            "ask for this one instead."
        )


class AskingNotNeeded(BillingError):
    """Whoever may refund by themself does not ask."""

    def __init__(self) -> None:
        super().__init__("You may make this refund yourself: press Refund.")


class OwnRequest(BillingError):
    """Nobody decides on what they asked for themself."""

    def __init__(self) -> None:
        super().__init__("You asked for this refund, so somebody else decides on it.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundTerms:
    """What decides who may make a refund: its way, its size, and the firm's threshold if any."""

    is_through_stripe: bool
    amount_cents: int
    threshold_cents: int | None

    @property
    def needs_second_person(self) -> bool:
        """Whether the firm wants two people for so much."""
        return self.threshold_cents is not None and self.amount_cents >= self.threshold_cents


def holds_rights(principal: Principal, terms: RefundTerms) -> bool:
    """Whether the person has every right that such a refund asks for (R096)."""
    return all(principal.has(each) for each in _needed(terms))


def check_alone(principal: Principal, terms: RefundTerms) -> None:
    """Raise PermissionDenied or NeedsSecondPerson unless the person may refund by themself."""
    for each in _needed(terms):
        principal.require(each)
    check_size(terms)


def check_size(terms: RefundTerms) -> None:
    """Raise NeedsSecondPerson for what is too large for one person."""
    if terms.needs_second_person:
        raise NeedsSecondPerson(
            requested_cents=terms.amount_cents, threshold_cents=terms.threshold_cents or 0
        )


def check_asker(principal: Principal, terms: RefundTerms) -> None:
    """Raise PermissionDenied or AskingNotNeeded unless the person has to ask, and may."""
    principal.require(Permission.VIEW_BILLING)
    if holds_rights(principal, terms) and not terms.needs_second_person:
        raise AskingNotNeeded


def check_decider(principal: Principal, terms: RefundTerms, *, asked_by: int) -> None:
    """Raise PermissionDenied or OwnRequest unless the person may approve or decline."""
    for each in _needed(terms):
        principal.require(each)
    if principal.user_id == asked_by:
        raise OwnRequest


def _needed(terms: RefundTerms) -> tuple[Permission, ...]:
    if terms.is_through_stripe:
        return (Permission.EDIT_BILLING, Permission.STRIPE_ADMIN)
    return (Permission.EDIT_BILLING,)
