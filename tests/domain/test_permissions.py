"""Who may do what (R131–R139)."""

from itertools import product

import pytest

from assure_app.domain.errors import PermissionDenied
from assure_app.domain.permissions import Permission, Principal, TeamRights, union

NO_RIGHTS = TeamRights()


def make_principal(
    *,
    is_owner: bool = False,
    is_admin: bool = False,
    is_stripe_admin: bool = False,
    rights: TeamRights = NO_RIGHTS,
) -> Principal:
    return Principal(
        session_id=1,
        user_id=2,
        firm_id=3,
        name="Sarah Diaz",
        email="sarah@chenadvisory.com",
        is_owner=is_owner,
        is_admin=is_admin,
        is_stripe_admin=is_stripe_admin,
        rights=rights,
    )


def held(principal: Principal) -> set[Permission]:
    return {permission for permission in Permission if principal.has(permission)}


VIEW, EDIT = Permission.VIEW_BILLING, Permission.EDIT_BILLING
STRIPE, MANAGE = Permission.STRIPE_ADMIN, Permission.MANAGE_FIRM


def test_nobody_holds_anything_by_default() -> None:
    principal = make_principal()

    assert held(principal) == set()
    assert not principal.sees_all_clients


def test_view_does_not_imply_edit() -> None:
    assert held(make_principal(rights=TeamRights(view_billing=True))) == {VIEW}


def test_edit_implies_view() -> None:
    assert held(make_principal(rights=TeamRights(edit_billing=True))) == {VIEW, EDIT}


@pytest.mark.parametrize(("is_owner", "is_admin"), [(True, False), (False, True), (True, True)])
def test_owners_and_admins_bypass_teams_but_not_the_stripe_account(
    is_owner: bool, is_admin: bool
) -> None:
    principal = make_principal(is_owner=is_owner, is_admin=is_admin)

    assert held(principal) == {VIEW, EDIT, MANAGE}
    assert principal.sees_all_clients


def test_stripe_admin_alone_gives_no_sight_of_billing() -> None:
    assert held(make_principal(is_stripe_admin=True)) == {STRIPE}


def test_stripe_admin_is_held_by_whom_it_was_given_to_and_nobody_else() -> None:
    for is_owner, is_admin, is_given in product((False, True), repeat=3):
        every = TeamRights(view_billing=True, edit_billing=True, all_clients=True)
        principal = make_principal(
            is_owner=is_owner, is_admin=is_admin, is_stripe_admin=is_given, rights=every
        )

        assert principal.has(STRIPE) is is_given


def test_no_team_lets_anybody_manage_the_firm() -> None:
    every = TeamRights(view_billing=True, edit_billing=True, all_clients=True)

    assert not make_principal(is_stripe_admin=True, rights=every).has(MANAGE)


def test_seeing_all_clients_comes_from_a_team_too() -> None:
    assert make_principal(rights=TeamRights(all_clients=True)).sees_all_clients


def test_require_passes_or_names_the_right_that_is_missing() -> None:
    principal = make_principal(rights=TeamRights(view_billing=True))

    principal.require(VIEW)
    with pytest.raises(PermissionDenied) as refusal:
        principal.require(EDIT)

    assert refusal.value.needed == "Edit billing"
    assert refusal.value.sentence == (
        "You need “Edit billing” to do this. Ask an owner or admin of your firm."
    )


def test_rights_are_the_union_of_all_teams() -> None:
    teams = [
        TeamRights(view_billing=one, edit_billing=two, all_clients=three)
        for one, two, three in product((False, True), repeat=3)
    ]

    for first, second in product(teams, repeat=2):
        assert union([first, second]) == TeamRights(
            view_billing=first.view_billing or second.view_billing,
            edit_billing=first.edit_billing or second.edit_billing,
            all_clients=first.all_clients or second.all_clients,
        )


def test_no_team_gives_nothing() -> None:
    assert union([]) == NO_RIGHTS


def test_no_right_edits_a_payment() -> None:
    # R134: there is nothing to hold, so that nobody can be given it, owner included.
    assert {permission.value for permission in Permission} == {
        "View billing",
        "Edit billing",
        "Stripe admin",
        "Manage firm",
    }
