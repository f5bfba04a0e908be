"""A history that agrees gives no finding; one thing changed gives the one finding for it."""

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from assure_app.domain.balance_movements import Movement, payout_difference, things_of, to_look_at
from assure_app.domain.disputes import DisputeFacts, DisputeState
from assure_app.domain.online import ChargeState
from assure_app.domain.reconciliation import differences
from assure_app.domain.reconciliation_facts import (
    ChargeKept,
    ChargeTold,
    DisputeKept,
    DisputeTold,
    FindingKind,
    Kept,
    Mending,
    RefundKept,
    RefundTold,
    Subject,
    Thing,
    Told,
)
from assure_app.domain.stripe_refunds import RefundSays, RefundState
from assure_app.domain.transitions import RowStatus

CENTS = st.integers(min_value=50, max_value=10_000_000)
STATUS = {
    ChargeState.PENDING: RowStatus.PENDING,
    ChargeState.SUCCEEDED: RowStatus.COMPLETED,
    ChargeState.FAILED: RowStatus.FAILED,
}
SAYS = {
    RefundState.ACCEPTED: RefundSays.PENDING,
    RefundState.DONE: RefundSays.SUCCEEDED,
    RefundState.FAILED: RefundSays.FAILED,
}


@st.composite
def histories(draw: Any) -> tuple[Told, Kept]:
    """Charges, with refunds and disputes of them, as both sides tell them; and some of which
    nobody here knows because they took no money."""
    charges: list[ChargeTold] = []
    refunds: list[RefundTold] = []
    disputes: list[DisputeTold] = []
    kept_charges: dict[str, tuple[ChargeKept, ...]] = {}
    kept_refunds: dict[str, RefundKept] = {}
    kept_disputes: dict[str, DisputeKept] = {}
    for number in range(draw(st.integers(min_value=1, max_value=4))):
        told, row = draw(_charges(number))
        charges.append(told)
        kept_charges[told.id] = (row,)
        if told.says is not ChargeState.SUCCEEDED:
            continue
        for refund, stored in draw(st.lists(_refunds(number, told), max_size=2)):
            own = f"re_{number}_{len(refunds)}"
            refunds.append(replace(refund, id=own))
            kept_refunds[own] = replace(stored, refund_id=own)
        if draw(st.booleans()):
            dispute, known = draw(_disputes(number, told))
            disputes.append(dispute)
            kept_disputes[dispute.id] = known
    charges.append(replace(charges[0], id="ch_tried", says=ChargeState.FAILED))
    charges.append(
        replace(charges[0], id="ch_moving", says=ChargeState.PENDING, is_asked_for=False)
    )
    return (
        Told(charges=tuple(charges), refunds=tuple(refunds), disputes=tuple(disputes)),
        Kept(charges=kept_charges, refunds=kept_refunds, disputes=kept_disputes),
    )


def _charges(number: int) -> Any:
    def pair(says: ChargeState, cents: int, fee: int, is_fee_known: bool) -> Any:
        row = ChargeKept(
            charge_id=f"ch_{number}",
            payment_id=number,
            invoice_number=f"INV-{number}",
            amount_cents=cents,
            status=STATUS[says],
            fee_cents=fee if says is ChargeState.SUCCEEDED else 0,
        )
        told = ChargeTold(
            id=f"ch_{number}",
            amount_cents=cents,
            currency="usd",
            says=says,
            fee_cents=fee if is_fee_known and says is ChargeState.SUCCEEDED else None,
            is_asked_for=True,
        )
        return told, row

    fees = st.integers(min_value=0, max_value=1_000)
    return st.builds(pair, st.sampled_from(ChargeState), CENTS, fees, st.booleans())


def _refunds(number: int, charge: ChargeTold) -> Any:
    def pair(state: RefundState, cents: int) -> Any:
        told = RefundTold(id="", charge_id=charge.id, amount_cents=cents, says=SAYS[state])
        kept = RefundKept(
            refund_id="",
            payment_id=number,
            invoice_number=f"INV-{number}",
            amount_cents=cents,
            state=state,
        )
        return told, kept

    return st.builds(pair, st.sampled_from(list(SAYS)), CENTS)


def _disputes(number: int, charge: ChargeTold) -> Any:
    def pair(state: DisputeState) -> Any:
        is_inquiry = state.value.startswith("warning")
        facts = DisputeFacts(
            state=state,
            withdrawn_cents=0 if is_inquiry else charge.amount_cents,
            reinstated_cents=charge.amount_cents if state is DisputeState.WON else 0,
            is_refundable=is_inquiry,
        )
        told = DisputeTold(
            id=f"dp_{number}",
            charge_id=charge.id,
            amount_cents=charge.amount_cents,
            facts=facts,
        )
        kept = DisputeKept(
            dispute_id=f"dp_{number}",
            payment_id=number,
            invoice_number=f"INV-{number}",
            amount_cents=charge.amount_cents,
            facts=facts,
            shown_cents=facts.taken_cents,
            room_cents=charge.amount_cents - facts.taken_cents,
        )
        return told, kept

    return st.builds(pair, st.sampled_from(DisputeState))


def movements_of(told: Told) -> list[Movement]:
    """What Stripe's balance shows of a history."""
    found = [
        Movement(
            kind="charge",
            amount_cents=each.amount_cents,
            fee_cents=each.fee_cents,
            source_id=each.id,
        )
        for each in told.charges
        if each.says is ChargeState.SUCCEEDED and each.fee_cents is not None
    ]
    for refund in told.refunds:
        found.append(_move("refund", -refund.amount_cents, refund.id))
        if refund.says is RefundSays.FAILED:
            found.append(_move("refund_failure", refund.amount_cents, refund.id))
    for dispute in told.disputes:
        if dispute.facts.withdrawn_cents:
            found.append(_move("adjustment", -dispute.facts.withdrawn_cents, dispute.id))
        if dispute.facts.reinstated_cents:
            found.append(_move("adjustment", dispute.facts.reinstated_cents, dispute.id))
    return [
        *found,
        _move("payout", -1, "po_1"),
        _move("stripe_fee", -2, ""),
        _move("adjustment", 3, "adj_1"),
    ]


def _move(kind: str, cents: int, source_id: str) -> Movement:
    return Movement(kind=kind, amount_cents=cents, fee_cents=0, source_id=source_id)


def kinds(told: Told, kept: Kept) -> list[FindingKind]:
    return [each.kind for each in differences(told, kept)]


@settings(max_examples=40)
@given(histories())
def test_a_history_that_agrees_gives_nothing(history: tuple[Told, Kept]) -> None:
    told, kept = history

    assert differences(told, kept) == []
    assert to_look_at(movements_of(told), kept) == set()


@settings(max_examples=60)
@given(histories(), st.data())
def test_one_thing_changed_gives_its_one_finding(
    history: tuple[Told, Kept], data: st.DataObject
) -> None:
    told, kept = history
    changes = list(_changes(told, kept))
    name, changed_told, changed_kept, kind, mending = data.draw(st.sampled_from(changes))

    found = differences(changed_told, changed_kept)

    assert [(each.kind, each.mending) for each in found] == [(kind, mending)], name
    assert found[0].sentence.endswith(".")
    assert found[0].books_says
    assert found[0].stripe_says


def _changes(told: Told, kept: Kept) -> Any:
    """Each way to break one thing, with the finding that is right for it."""
    foreign = ChargeTold(
        id="ch_x",
        amount_cents=700,
        currency="usd",
        says=ChargeState.SUCCEEDED,
        fee_cents=50,
        is_asked_for=False,
    )
    more = replace(told, charges=(*told.charges, foreign))
    yield "made in the Dashboard", more, kept, FindingKind.CHARGE_NOT_BOOKED, Mending.SET_ASIDE
    yield from _charge_changes(told, kept)
    yield from _refund_changes(told, kept)
    yield from _dispute_changes(told, kept)


def _charge_changes(told: Told, kept: Kept) -> Any:
    for charge in told.charges:
        if charge.id not in kept.charges:
            continue
        (row,) = kept.charges[charge.id]
        if charge.says is not ChargeState.FAILED:
            lone = replace(told, refunds=(), disputes=())
            without = {key: rows for key, rows in kept.charges.items() if key != charge.id}
            yield (
                "row dropped",
                lone,
                replace(kept, charges=without),
                FindingKind.CHARGE_NOT_BOOKED,
                Mending.BOOK,
            )
            rest = tuple(each for each in told.charges if each.id != charge.id)
            gone = frozenset({Thing(subject=Subject.CHARGE, object_id=charge.id)})
            missing = replace(told, charges=rest, missing=gone)
            yield (
                "not at Stripe",
                missing,
                kept,
                FindingKind.CHARGE_NOT_AT_STRIPE,
                Mending.ASK_AGAIN,
            )

        yield (
            "a cent more",
            told,
            _with_row(kept, row, amount_cents=row.amount_cents + 1),
            FindingKind.CHARGE_AMOUNT,
            Mending.ASK_AGAIN,
        )
        yield (
            "euros",
            _with_told(told, row, currency="eur"),
            kept,
            FindingKind.CHARGE_AMOUNT,
            Mending.ASK_AGAIN,
        )
        for status in set(RowStatus) - {row.status, RowStatus.REFUNDED}:
            is_pending = charge.says is ChargeState.PENDING
            if status is not RowStatus.FAILED or not told.refunds:
                lone = replace(told, refunds=(), disputes=())
                mending = Mending.ASK_AGAIN if is_pending else Mending.BOOK
                yield (
                    f"row {status}",
                    lone,
                    _with_row(kept, row, status=status),
                    FindingKind.CHARGE_STATUS,
                    mending,
                )
        if row.is_settled:
            yield (
                "fee off",
                _with_told(told, row, fee_cents=row.fee_cents + 1),
                kept,
                FindingKind.FEE,
                Mending.TAKE_FEE,
            )


def _refund_changes(told: Told, kept: Kept) -> Any:
    for refund in told.refunds:
        stored = kept.refunds[refund.id]
        if stored.state is not RefundState.FAILED:
            without_it = {key: each for key, each in kept.refunds.items() if key != refund.id}
            yield (
                "refund dropped",
                told,
                replace(kept, refunds=without_it),
                FindingKind.REFUND_NOT_BOOKED,
                Mending.BOOK,
            )
        off = {**kept.refunds, refund.id: replace(stored, amount_cents=stored.amount_cents + 1)}
        yield (
            "refund a cent off",
            told,
            replace(kept, refunds=off),
            FindingKind.REFUND_AMOUNT,
            Mending.ASK_AGAIN,
        )
        if stored.state is RefundState.DONE:
            later = tuple(
                replace(each, says=RefundSays.FAILED) if each is refund else each
                for each in told.refunds
            )
            yield (
                "refund failed",
                replace(told, refunds=later),
                kept,
                FindingKind.REFUND_STATUS,
                Mending.BOOK,
            )


def _dispute_changes(told: Told, kept: Kept) -> Any:
    for dispute in told.disputes:
        known = kept.disputes[dispute.id]
        rest_of = {key: each for key, each in kept.disputes.items() if key != dispute.id}
        yield (
            "dispute dropped",
            told,
            replace(kept, disputes=rest_of),
            FindingKind.DISPUTE_NOT_BOOKED,
            Mending.BOOK,
        )
        moved = replace(
            known, facts=replace(known.facts, withdrawn_cents=known.facts.withdrawn_cents + 1)
        )
        yield (
            "dispute moved",
            told,
            replace(kept, disputes=rest_of | {dispute.id: moved}),
            FindingKind.DISPUTE_STATE,
            Mending.BOOK,
        )
        if known.shown_cents:
            short = replace(known, shown_cents=known.shown_cents - 1, room_cents=1)
            yield (
                "return short",
                told,
                replace(kept, disputes=rest_of | {dispute.id: short}),
                FindingKind.RETURN_AMOUNT,
                Mending.BOOK,
            )


def _with_row(kept: Kept, row: ChargeKept, **values: Any) -> Kept:
    return replace(kept, charges={**kept.charges, row.charge_id: (replace(row, **values),)})


def _with_told(told: Told, row: ChargeKept, **values: Any) -> Told:
    others = (
        replace(each, **values) if each.id == row.charge_id else each for each in told.charges
    )
    return replace(told, charges=tuple(others))


@settings(max_examples=60)
@given(histories(), st.data())
def test_a_movement_that_the_books_do_not_show_points_to_its_cause(
    history: tuple[Told, Kept], data: st.DataObject
) -> None:
    told, kept = history
    shown = [
        each
        for each in movements_of(told)
        if each.source_id in {**kept.charges, **kept.refunds, **kept.disputes}
    ]
    if not shown:
        return
    one = data.draw(st.sampled_from(shown))
    empty = Kept()

    (pointed_to,) = to_look_at([one], empty)

    assert pointed_to.object_id == one.source_id
    assert things_of([one]) == {pointed_to}
    if one.kind == "charge":
        off = replace(one, fee_cents=one.fee_cents + 1)
        assert to_look_at([off], kept) == {pointed_to}


def test_a_charge_under_way_is_missed_by_whom_it_was_asked_for() -> None:
    """A debit that our own payment asked for may still take money that no ledger shows."""
    told = ChargeTold(
        id="ch_1",
        amount_cents=100_000,
        currency="usd",
        says=ChargeState.PENDING,
        fee_cents=None,
        is_asked_for=True,
    )

    (found,) = differences(Told(charges=(told,)), Kept())

    assert (found.kind, found.mending) == (FindingKind.CHARGE_NOT_BOOKED, Mending.BOOK)
    assert differences(Told(charges=(replace(told, is_asked_for=False),)), Kept()) == []


def test_a_refund_that_failed_is_missed_by_nobody() -> None:
    row = ChargeKept(
        charge_id="ch_1",
        payment_id=1,
        invoice_number="INV-1",
        amount_cents=100_000,
        status=RowStatus.COMPLETED,
        fee_cents=0,
    )
    kept = Kept(charges={"ch_1": (row,)})
    failed = RefundTold(id="re_1", charge_id="ch_1", amount_cents=5_000, says=RefundSays.FAILED)

    assert kinds(Told(refunds=(failed,)), kept) == []
    given = replace(failed, says=RefundSays.SUCCEEDED)
    assert kinds(Told(refunds=(given,)), kept) == [FindingKind.REFUND_NOT_BOOKED]


def test_what_there_is_no_room_for_is_with_a_person_already() -> None:
    facts = DisputeFacts(
        state=DisputeState.LOST, withdrawn_cents=500, reinstated_cents=0, is_refundable=False
    )
    told = DisputeTold(id="dp_1", charge_id="ch_1", amount_cents=500, facts=facts)
    kept = DisputeKept(
        dispute_id="dp_1",
        payment_id=1,
        invoice_number="INV-1",
        amount_cents=500,
        facts=facts,
        shown_cents=0,
        room_cents=0,
    )

    assert kinds(Told(disputes=(told,)), Kept(disputes={"dp_1": kept})) == []
    assert kinds(Told(disputes=(told,)), Kept(disputes={"dp_1": replace(kept, room_cents=1)})) == [
        FindingKind.RETURN_AMOUNT
    ]


def test_a_payout_comes_to_what_it_carried() -> None:
    assert payout_difference("po_1", amount_cents=300, net_cents=[500, -200]) is None
    found = payout_difference("po_1", amount_cents=301, net_cents=[500, -200])
    assert found is not None
    assert found.sentence == "A payout is over $3.01, but what it carried comes to $3.00."
