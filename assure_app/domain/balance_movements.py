"""What moved an account's balance, and what of it was paid out: whether the books show it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from assure_app.domain.disputes import DisputeFacts
from assure_app.domain.money import full_text
from assure_app.domain.reconciliation_facts import (
    Finding,
    FindingKind,
    Kept,
    Mending,
    Subject,
    Thing,
)
from assure_app.domain.stripe_refunds import RefundState


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """A balance transaction, as far as it points to something that the books must hold."""

    kind: str
    amount_cents: int
    fee_cents: int
    source_id: str


def to_look_at(movements: Iterable[Movement], kept: Kept) -> set[Thing]:
    """What these balance transactions point to and the books do not show so: it is asked for
    itself before anybody is told."""
    return {thing for each in movements if (thing := _pointed_to(each, kept)) is not None}


def things_of(movements: Iterable[Movement]) -> set[Thing]:
    """What these balance transactions point to."""
    named = ((_SUBJECT.get(each.kind), each.source_id) for each in movements)
    return {
        Thing(subject=subject, object_id=source_id)
        for subject, source_id in named
        if subject is not None and source_id
    }


def payout_difference(
    payout_id: str, *, amount_cents: int, net_cents: Collection[int]
) -> Finding | None:
    """Whether what a payout carried comes to its amount."""
    carried_cents = sum(net_cents)
    if carried_cents == amount_cents:
        return None
    return Finding(
        kind=FindingKind.PAYOUT_SUM,
        thing=Thing(subject=Subject.PAYOUT, object_id=payout_id),
        sentence=(
            f"A payout is over {full_text(amount_cents)}, but what it carried comes to "
            f"{full_text(carried_cents)}."
        ),
        mending=Mending.ASK_AGAIN,
        books_says=f"{len(net_cents)} movements",
        stripe_says="Payout",
        books_cents=carried_cents,
        stripe_cents=amount_cents,
    )


_SUBJECT = {
    "charge": Subject.CHARGE,
    "payment": Subject.CHARGE,
    "payment_failure_refund": Subject.CHARGE,
    "refund": Subject.REFUND,
    "payment_refund": Subject.REFUND,
    "refund_failure": Subject.REFUND,
    "adjustment": Subject.DISPUTE,
}
_DISPUTE_PREFIXES = ("dp_", "du_")
_PAID_BACK = "payment_failure_refund"
_REFUND_FAILED = "refund_failure"


def _pointed_to(movement: Movement, kept: Kept) -> Thing | None:
    subject = _SUBJECT.get(movement.kind)
    if subject is None or not movement.source_id:
        return None
    shows = {
        Subject.CHARGE: _shows_charge,
        Subject.REFUND: _shows_refund,
        Subject.DISPUTE: _shows_dispute,
    }[subject]
    if shows(movement, kept):
        return None
    return Thing(subject=subject, object_id=movement.source_id)


def _shows_charge(movement: Movement, kept: Kept) -> bool:
    row = kept.settled(movement.source_id)
    if row is None or movement.kind == _PAID_BACK:
        return False
    return (row.amount_cents, row.fee_cents) == (movement.amount_cents, movement.fee_cents)


def _shows_refund(movement: Movement, kept: Kept) -> bool:
    row = kept.refunds.get(movement.source_id)
    if row is None or row.amount_cents != abs(movement.amount_cents):
        return False
    return movement.kind != _REFUND_FAILED or row.state is RefundState.FAILED


def _shows_dispute(movement: Movement, kept: Kept) -> bool:
    """Stripe's own corrections are of no payment here."""
    if not movement.source_id.startswith(_DISPUTE_PREFIXES):
        return True
    known = kept.disputes.get(movement.source_id)
    return known is not None and _covers(known.facts, movement.amount_cents)


def _covers(facts: DisputeFacts, moved_cents: int) -> bool:
    """Whether the books know at least of this movement of the dispute's money."""
    if moved_cents < 0:
        return facts.withdrawn_cents >= -moved_cents
    return facts.reinstated_cents >= moved_cents
