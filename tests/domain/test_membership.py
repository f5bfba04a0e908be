"""Who may change whom: held to a plain table, and to what must never happen (R135, A16)."""

from dataclasses import replace
from itertools import product

import pytest

from assure_app.domain.membership import (
    MembershipRefused,
    Role,
    Standing,
    check_change,
    check_new,
    role_of,
)

OWNER, ADMIN, MEMBER = Role.OWNER, Role.ADMIN, Role.MEMBER
ACTOR, OTHER = 1, 2


def standing(user_id: int, role: Role, **more: bool) -> Standing:
    return Standing(user_id=user_id, role=role, **more)


def refusal_of(
    actor: Standing, before: Standing, after: Standing, *, other_active_owners: int = 1
) -> str:
    try:
        check_change(actor, before, after, other_active_owners=other_active_owners)
    except MembershipRefused as refused:
        return refused.sentence
    return ""


def test_the_two_flags_make_one_role() -> None:
    assert role_of(is_owner=True, is_admin=False) is OWNER
    assert role_of(is_owner=True, is_admin=True) is OWNER
    assert role_of(is_owner=False, is_admin=True) is ADMIN
    assert role_of(is_owner=False, is_admin=False) is MEMBER


def test_an_owner_may_change_anybody_else() -> None:
    owner = standing(ACTOR, OWNER)

    for before, after in product(Role, repeat=2):
        assert refusal_of(owner, standing(OTHER, before), standing(OTHER, after)) == ""


def test_an_admin_neither_changes_nor_makes_an_owner() -> None:
    admin = standing(ACTOR, ADMIN)

    for before, after in product(Role, repeat=2):
        refusal = refusal_of(admin, standing(OTHER, before), standing(OTHER, after))
        if before is OWNER:
            assert refusal == "Only an owner changes an owner."
        elif after is OWNER:
            assert refusal == "Only an owner makes somebody an owner."
        else:
            assert refusal == ""


@pytest.mark.parametrize("is_given", [True, False])
def test_stripe_admin_is_an_owners_to_give_and_take(is_given: bool) -> None:
    before = standing(OTHER, MEMBER, is_stripe_admin=not is_given)
    after = replace(before, is_stripe_admin=is_given)

    assert refusal_of(standing(ACTOR, OWNER), before, after) == ""
    assert (
        refusal_of(standing(ACTOR, ADMIN), before, after)
        == "Only an owner gives or takes Stripe admin."
    )


def test_an_admin_gives_stripe_admin_not_even_to_themself() -> None:
    admin = standing(ACTOR, ADMIN)

    assert refusal_of(admin, admin, replace(admin, is_stripe_admin=True)) != ""


@pytest.mark.parametrize("role", [OWNER, ADMIN])
def test_nobody_deactivates_or_demotes_themself(role: Role) -> None:
    me = standing(ACTOR, role)

    assert refusal_of(me, me, replace(me, is_active=False)).startswith("You cannot deactivate")
    assert refusal_of(me, me, replace(me, role=MEMBER)) != ""
    assert refusal_of(me, me, me) == ""


def test_an_owner_does_not_become_an_admin_by_their_own_hand() -> None:
    me = standing(ACTOR, OWNER)

    assert refusal_of(me, me, replace(me, role=ADMIN)).startswith("You cannot take your own role")


@pytest.mark.parametrize(
    "actor", [standing(ACTOR, MEMBER), standing(ACTOR, OWNER, is_active=False)]
)
def test_who_manages_nothing_changes_nobody(actor: Standing) -> None:
    before = standing(OTHER, MEMBER)

    assert refusal_of(actor, before, replace(before, is_active=False)) != ""
    with pytest.raises(MembershipRefused):
        check_new(actor, MEMBER)


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": ADMIN}, {"role": MEMBER}])
def test_the_last_active_owner_stays(change: dict[str, Role | bool]) -> None:
    before = standing(OTHER, OWNER)
    after = replace(before, **change)  # type: ignore[arg-type]

    refusal = refusal_of(standing(ACTOR, OWNER), before, after, other_active_owners=0)

    assert refusal.startswith("A firm needs at least one active owner.")
    assert refusal_of(standing(ACTOR, OWNER), before, after, other_active_owners=1) == ""


def test_nobody_is_invited_as_an_owner() -> None:
    for actor in (standing(ACTOR, OWNER), standing(ACTOR, ADMIN)):
        check_new(actor, ADMIN)
        check_new(actor, MEMBER)
        with pytest.raises(MembershipRefused):
            check_new(actor, OWNER)
