"""Every pair of statuses for every kind of row: legal ones pass, others are refused (R012)."""

from itertools import product

import pytest

from assure_app.domain.errors import IllegalTransition
from assure_app.domain.transitions import TRANSITIONS, Kind, RowStatus, check_transition

LEGAL = {
    (Kind.PAYMENT, "Pending", "Completed"),
    (Kind.PAYMENT, "Pending", "Failed"),
    (Kind.PAYMENT, "Completed", "Refunded"),
    (Kind.PAYMENT, "Refunded", "Completed"),
    (Kind.REFUND, "Pending", "Completed"),
    (Kind.REFUND, "Pending", "Failed"),
    (Kind.REFUND, "Completed", "Failed"),
    (Kind.RETURN, "Pending", "Completed"),
    (Kind.RETURN, "Pending", "Failed"),
}


@pytest.mark.parametrize(("kind", "before", "after"), [*product(Kind, RowStatus, RowStatus)])
def test_every_pair(kind: Kind, before: RowStatus, after: RowStatus) -> None:
    if (kind, before.value, after.value) in LEGAL:
        check_transition(kind, before=before, after=after)
        return

    with pytest.raises(IllegalTransition) as refusal:
        check_transition(kind, before=before, after=after)
    assert (refusal.value.before, refusal.value.after) == (before, after)


def test_every_kind_has_a_table() -> None:
    assert set(TRANSITIONS) == set(Kind)


def test_the_refusal_names_both_statuses() -> None:
    with pytest.raises(IllegalTransition) as refusal:
        check_transition(Kind.PAYMENT, before=RowStatus.FAILED, after=RowStatus.COMPLETED)

    assert refusal.value.sentence == "A row that is Failed cannot become Completed."
    assert not refusal.value.retryable


@pytest.mark.parametrize("kind", Kind)
def test_nothing_leaves_failed(kind: Kind) -> None:
    assert not [pair for pair in TRANSITIONS[kind] if pair[0] is RowStatus.FAILED]
