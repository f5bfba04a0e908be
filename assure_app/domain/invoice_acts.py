"""What can be done with an invoice as it stands (R032, R038, R130, R141).

A screen hides what an invoice's status does not have, and shows what it has but not now, or not to
this person, with the reason.
"""

from dataclasses import dataclass
from enum import StrEnum

from assure_app.domain.invoice_status import PAYABLE, Status
from assure_app.domain.money import short_text
from assure_app.domain.permissions import Permission, Principal


class Act(StrEnum):
    """Something a firm user does with a whole invoice; in the words of "You need … to …"."""

    SEND = "send an invoice"
    SEND_AGAIN = "send an invoice again"
    EDIT = "edit an invoice"
    RECORD = "record a payment"
    MARK_PAID = "mark an invoice as paid"
    REMIND = "remind a client of an invoice"
    REPEAT = "make an invoice recurring"
    CANCEL = "cancel an invoice"


STATUSES = {
    Act.SEND: frozenset({Status.DRAFT}),
    Act.SEND_AGAIN: frozenset(PAYABLE),
    Act.EDIT: frozenset({Status.DRAFT, Status.SENT, Status.VIEWED}),
    Act.RECORD: frozenset(PAYABLE),
    Act.MARK_PAID: frozenset(PAYABLE),
    Act.REMIND: frozenset(PAYABLE),
    Act.REPEAT: frozenset(Status) - {Status.CANCELLED},
    Act.CANCEL: frozenset(Status) - {Status.PAID, Status.CANCELLED},
}
"""On which statuses an act exists at all."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Whether an act is there for someone, and if it cannot be done now, why: a sentence or ""."""

    exists: bool
    block: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it can be done now."""
        return self.exists and not self.block


def offer(
    act: Act, principal: Principal, status: Status, *, balance_cents: int, pending_cents: int
) -> Offer:
    """What an invoice with this status and money offers to this person."""
    if status not in STATUSES[act]:
        return Offer(exists=False)
    block = why_not_now(act, balance_cents=balance_cents, pending_cents=pending_cents)
    if not block and not principal.has(Permission.EDIT_BILLING):
        block = f"You need “{Permission.EDIT_BILLING}” to {act}."
    return Offer(exists=True, block=block)


def why_not_now(act: Act, *, balance_cents: int, pending_cents: int) -> str:
    """Why money on its way holds an act up, or ""."""
    match act:
        case Act.RECORD | Act.MARK_PAID | Act.REMIND if balance_cents == 0:
            return "The whole balance is already on its way."
        case Act.EDIT | Act.CANCEL if pending_cents:
            verb = "Edit" if act is Act.EDIT else "Cancel"
            return (
                f"A payment of {short_text(pending_cents)} is on its way. "
                f"{verb} the invoice after it has cleared or failed."
            )
    return ""
