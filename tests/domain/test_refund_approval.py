"""Who refunds alone, who asks and who decides, for every person and every amount (R096)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assure_app.domain.errors import BillingError
from assure_app.domain.permissions import Permission, Principal, TeamRights
from assure_app.domain.refund_approval import (
    AskingNotNeeded,
    NeedsSecondPerson,
    OwnRequest,
    RefundTerms,
    check_alone,
    check_asker,
    check_decider,
    holds_rights,
)

people = st.builds(
    Principal,
    session_id=st.just(1),
    user_id=st.integers(1, 3),
    firm_id=st.just(1),
    name=st.just("Lena Fox"),
    email=st.just("lena@chenadvisory.example"),
    is_owner=st.booleans(),
    is_admin=st.booleans(),
    is_stripe_admin=st.booleans(),
    rights=st.builds(TeamRights, view_billing=st.booleans(), edit_billing=st.booleans()),
)
terms = st.builds(
    RefundTerms,
    is_through_stripe=st.booleans(),
    amount_cents=st.integers(1, 10_000),
    threshold_cents=st.none() | st.integers(1, 10_000),
)


def passes(check: object, *args: object, **more: object) -> bool:
    try:
        check(*args, **more)  # type: ignore[operator]
    except BillingError:
        return False
    return True


@given(people, terms)
def test_who_sees_billing_refunds_alone_or_asks_and_never_both(
    person: Principal, case: RefundTerms
) -> None:
    alone, asks = passes(check_alone, person, case), passes(check_asker, person, case)

    assert alone != asks or not person.has(Permission.VIEW_BILLING)
    assert not (alone and asks)


@given(people, people, terms)
def test_a_refund_asked_for_is_never_one_persons_act(
    asker: Principal, decider: Principal, case: RefundTerms
) -> None:
    may_decide = passes(check_decider, decider, case, asked_by=asker.user_id)

    assert may_decide == (holds_rights(decider, case) and decider.user_id != asker.user_id)


@given(people, terms)
def test_what_is_too_large_for_one_is_refused_to_everybody_alone(
    person: Principal, case: RefundTerms
) -> None:
    is_large = case.threshold_cents is not None and case.amount_cents >= case.threshold_cents

    assert passes(check_alone, person, case) == (holds_rights(person, case) and not is_large)


def make(**changes: object) -> Principal:
    values: dict[str, object] = {
        "session_id": 1,
        "user_id": 7,
        "firm_id": 1,
        "name": "Jane Chen",
        "email": "jane@chenadvisory.example",
        "is_owner": True,
        "is_admin": False,
        "is_stripe_admin": True,
        "rights": TeamRights(),
    }
    return Principal(**values | changes)  # type: ignore[arg-type]


def test_the_sentences() -> None:
    large = RefundTerms(is_through_stripe=True, amount_cents=50_000, threshold_cents=50_000)
    small = RefundTerms(is_through_stripe=True, amount_cents=49_999, threshold_cents=50_000)

    with pytest.raises(NeedsSecondPerson, match=r"^Refunds of \$500\.00 and more need a second"):
        check_alone(make(), large)
    with pytest.raises(AskingNotNeeded, match="press Refund"):
        check_asker(make(), small)
    with pytest.raises(OwnRequest, match="somebody else decides"):
        check_decider(make(), large, asked_by=7)
