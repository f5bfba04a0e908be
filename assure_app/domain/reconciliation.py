"""What the books say of an account beside what Stripe says: pure matching, to the cent.

Both sides are facts about charges, refunds and disputes, by Stripe's ids. What agrees, or is under
way, gives nothing; what does not gives one finding, with the sentence a person reads and the one
act that mends it. A refund or dispute of a charge that is in no ledger is no finding of its own:
the charge is one.
"""

from collections.abc import Collection, Iterator

from assure_app.domain.disputes import DisputeFacts
from assure_app.domain.money import full_text
from assure_app.domain.online import CURRENCY, ChargeState
from assure_app.domain.reconciliation_facts import (
    ARRIVED,
    ChargeKept,
    ChargeTold,
    DisputeKept,
    DisputeTold,
    Finding,
    FindingKind,
    Kept,
    Mending,
    RefundKept,
    RefundTold,
    Subject,
    Thing,
    Told,
)
from assure_app.domain.stripe_refunds import RefundState, moves_on, state_said
from assure_app.domain.transitions import RowStatus


def differences(told: Told, kept: Kept) -> list[Finding]:
    """Every difference between the two sides, each once."""
    found = [_of_charge(each, kept.charges.get(each.id, ())) for each in told.charges]
    found += [_of_refund(each, kept) for each in told.refunds]
    found += [_of_dispute(each, kept) for each in told.disputes]
    found += list(_of_missing(told.missing, kept))
    return [each for each in found if each is not None]


_AGREES = {
    ChargeState.PENDING: frozenset({RowStatus.PENDING}),
    ChargeState.SUCCEEDED: ARRIVED,
    ChargeState.FAILED: frozenset({RowStatus.FAILED}),
}
_CHARGE_WORDS = {
    ChargeState.PENDING: "Pending",
    ChargeState.SUCCEEDED: "Succeeded",
    ChargeState.FAILED: "Failed",
}
_REFUND_WORDS = {
    RefundState.NEW: "Asked for",
    RefundState.ACCEPTED: "Pending",
    RefundState.DONE: "Refunded",
    RefundState.FAILED: "Failed",
    RefundState.REFUSED: "Refused",
}
NOT_BOOKED = "Not in the ledger"
NOT_THERE = "Not there"


def _of_charge(told: ChargeTold, rows: tuple[ChargeKept, ...]) -> Finding | None:
    if not rows:
        return _charge_not_booked(told)
    row = next((each for each in rows if each.status is not RowStatus.FAILED), rows[-1])
    where = f"a payment of {full_text(row.amount_cents)} on {row.invoice_number}"
    if (told.amount_cents, told.currency) != (row.amount_cents, CURRENCY):
        return _finding(
            FindingKind.CHARGE_AMOUNT,
            _charge(told.id),
            f"The ledger has {where}, but Stripe took {_money(told.amount_cents, told.currency)}.",
            Mending.ASK_AGAIN,
            books=(row.status.value, row.amount_cents),
            stripe=(_CHARGE_WORDS[told.says], told.amount_cents),
            payment_id=row.payment_id,
        )
    if row.status not in _AGREES[told.says]:
        return _finding(
            FindingKind.CHARGE_STATUS,
            _charge(told.id),
            f"The ledger has {where} as {row.status.value}, but Stripe says that it "
            f"{_CHARGE_SENTENCE[told.says]}.",
            Mending.ASK_AGAIN if told.says is ChargeState.PENDING else Mending.BOOK,
            books=(row.status.value, row.amount_cents),
            stripe=(_CHARGE_WORDS[told.says], told.amount_cents),
            payment_id=row.payment_id,
        )
    if not row.is_settled or told.fee_cents is None or told.fee_cents == row.fee_cents:
        return None
    return _finding(
        FindingKind.FEE,
        _charge(told.id),
        f"Stripe kept {full_text(told.fee_cents)} of {where}, but the ledger has a fee of "
        f"{full_text(row.fee_cents)}.",
        Mending.TAKE_FEE,
        books=("Fee", row.fee_cents),
        stripe=("Fee", told.fee_cents),
        payment_id=row.payment_id,
    )


_CHARGE_SENTENCE = {
    ChargeState.PENDING: "is still pending",
    ChargeState.SUCCEEDED: "succeeded",
    ChargeState.FAILED: "failed",
}


def _charge_not_booked(told: ChargeTold) -> Finding | None:
    """A try that failed took nothing; a pending one that nobody here asked for may still."""
    if told.says is ChargeState.FAILED:
        return None
    if told.says is ChargeState.PENDING and not told.is_asked_for:
        return None
    money = _money(told.amount_cents, told.currency)
    sentence = (
        f"Stripe took {money} for an invoice here, and the ledger does not show it."
        if told.is_asked_for
        else f"Stripe took {money} that no invoice here asked for."
    )
    return _finding(
        FindingKind.CHARGE_NOT_BOOKED,
        _charge(told.id),
        sentence,
        Mending.BOOK if told.is_asked_for else Mending.SET_ASIDE,
        books=(NOT_BOOKED, None),
        stripe=(_CHARGE_WORDS[told.says], told.amount_cents),
    )


def _of_refund(told: RefundTold, kept: Kept) -> Finding | None:
    row = kept.refunds.get(told.id)
    if row is None:
        return _refund_not_booked(told, kept.settled(told.charge_id))
    where = f"a refund of {full_text(row.amount_cents)} on {row.invoice_number}"
    said = state_said(told.says)
    if told.amount_cents != row.amount_cents:
        kind, mending = FindingKind.REFUND_AMOUNT, Mending.ASK_AGAIN
        sentence = f"The ledger has {where}, but Stripe refunded {full_text(told.amount_cents)}."
    elif said is not row.state:
        kind = FindingKind.REFUND_STATUS
        mending = Mending.BOOK if moves_on(row.state, told.says) else Mending.ASK_AGAIN
        sentence = (
            f"The ledger has {where} as {_REFUND_WORDS[row.state].lower()}, but at Stripe it is "
            f"{_REFUND_WORDS[said].lower()}."
        )
    else:
        return None
    return _finding(
        kind,
        Thing(subject=Subject.REFUND, object_id=told.id),
        sentence,
        mending,
        books=(_REFUND_WORDS[row.state], row.amount_cents),
        stripe=(_REFUND_WORDS[said], told.amount_cents),
        payment_id=row.payment_id,
    )


def _refund_not_booked(told: RefundTold, charge: ChargeKept | None) -> Finding | None:
    said = state_said(told.says)
    if charge is None or said is RefundState.FAILED:
        return None
    return _finding(
        FindingKind.REFUND_NOT_BOOKED,
        Thing(subject=Subject.REFUND, object_id=told.id),
        f"{full_text(told.amount_cents)} of a payment on {charge.invoice_number} was refunded in "
        "Stripe, and the ledger does not show it.",
        Mending.BOOK,
        books=(NOT_BOOKED, None),
        stripe=(_REFUND_WORDS[said], told.amount_cents),
        payment_id=charge.payment_id,
    )


def _of_dispute(told: DisputeTold, kept: Kept) -> Finding | None:
    known = kept.disputes.get(told.id)
    thing = Thing(subject=Subject.DISPUTE, object_id=told.id)
    if known is None:
        charge = kept.settled(told.charge_id)
        if charge is None:
            return None
        return _finding(
            FindingKind.DISPUTE_NOT_BOOKED,
            thing,
            f"A payer’s bank disputes {full_text(told.amount_cents)} of a payment on "
            f"{charge.invoice_number}, and the books do not know of it.",
            Mending.BOOK,
            books=(NOT_BOOKED, None),
            stripe=(_state_words(told.facts), told.amount_cents),
            payment_id=charge.payment_id,
        )
    if _moved(told.facts) != _moved(known.facts):
        return _finding(
            FindingKind.DISPUTE_STATE,
            thing,
            f"A dispute of {full_text(known.amount_cents)} on {known.invoice_number} stands "
            "otherwise at Stripe than in the books.",
            Mending.BOOK,
            books=(_state_words(known.facts), known.facts.taken_cents),
            stripe=(_state_words(told.facts), told.facts.taken_cents),
            payment_id=known.payment_id,
        )
    missing_cents = told.facts.taken_cents - known.shown_cents
    if missing_cents == 0 or (missing_cents > 0 and known.room_cents == 0):
        return None  # What there is no room for, a person has in the queue.
    return _finding(
        FindingKind.RETURN_AMOUNT,
        thing,
        f"A bank took back {full_text(told.facts.taken_cents)} of a payment on "
        f"{known.invoice_number}, but the ledger shows {full_text(known.shown_cents)}.",
        Mending.BOOK,
        books=("Taken back", known.shown_cents),
        stripe=("Taken back", told.facts.taken_cents),
        payment_id=known.payment_id,
    )


def _of_missing(missing: Collection[Thing], kept: Kept) -> Iterator[Finding]:
    """What the books hold and Stripe does not have; what failed took no money anyway."""
    for thing in sorted(missing, key=lambda each: (each.subject, each.object_id)):
        if thing.subject is Subject.CHARGE:
            rows = kept.charges.get(thing.object_id, ())
            standing = next((row for row in rows if row.status is not RowStatus.FAILED), None)
            if standing is not None:
                yield _not_there(FindingKind.CHARGE_NOT_AT_STRIPE, thing, "a payment", standing)
        elif thing.subject is Subject.REFUND:
            refund = kept.refunds.get(thing.object_id)
            if refund is not None and refund.state is not RefundState.FAILED:
                yield _not_there(FindingKind.REFUND_NOT_AT_STRIPE, thing, "a refund", refund)
        elif thing.object_id in kept.disputes:
            dispute = kept.disputes[thing.object_id]
            yield _not_there(FindingKind.DISPUTE_NOT_AT_STRIPE, thing, "a dispute", dispute)


def _not_there(
    kind: FindingKind, thing: Thing, noun: str, row: ChargeKept | RefundKept | DisputeKept
) -> Finding:
    return _finding(
        kind,
        thing,
        f"The books have {noun} of {full_text(row.amount_cents)} on {row.invoice_number}, which "
        "Stripe does not have.",
        Mending.ASK_AGAIN,
        books=("In the books", row.amount_cents),
        stripe=(NOT_THERE, None),
        payment_id=row.payment_id,
    )


def _moved(facts: DisputeFacts) -> tuple[str, int, int]:
    return facts.state.value, facts.withdrawn_cents, facts.reinstated_cents


def _state_words(facts: DisputeFacts) -> str:
    return facts.state.value.removeprefix("warning_").replace("_", " ").capitalize()


def _money(cents: int, currency: str) -> str:
    return full_text(cents) if currency == CURRENCY else f"{cents} {currency.upper()} cents"


def _charge(charge_id: str) -> Thing:
    return Thing(subject=Subject.CHARGE, object_id=charge_id)


def _finding(
    kind: FindingKind,
    thing: Thing,
    sentence: str,
    mending: Mending,
    *,
    books: tuple[str, int | None],
    stripe: tuple[str, int | None],
    payment_id: int | None = None,
) -> Finding:
    return Finding(
        kind=kind,
        thing=thing,
        sentence=sentence,
        mending=mending,
        books_says=books[0],
        books_cents=books[1],
        stripe_says=stripe[0],
        stripe_cents=stripe[1],
        payment_id=payment_id,
    )
