"""Who may change whom in a firm: roles, Stripe admin, deactivation (R135, A16)."""

from dataclasses import dataclass
from enum import StrEnum

from assure_app.domain.errors import BillingError


class Role(StrEnum):
    """A person's place in the firm, in the words of the members page; each holds the next."""

    OWNER = "Owner"
    ADMIN = "Admin"
    MEMBER = "Member"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What decides a person's power in the firm, apart from their teams."""

    user_id: int
    role: Role
    is_stripe_admin: bool = False
    is_active: bool = True


class MembershipRefused(BillingError):
    """The change is not this person's to make, or would leave the firm without an owner."""

    def __init__(self, sentence: str, *, field: str = "") -> None:
        self.field = field
        super().__init__(sentence)


def role_of(*, is_owner: bool, is_admin: bool) -> Role:
    """The role that the two stored flags come to."""
    if is_owner:
        return Role.OWNER
    return Role.ADMIN if is_admin else Role.MEMBER


def check_change(
    actor: Standing, before: Standing, after: Standing, *, other_active_owners: int
) -> None:
    """Raise MembershipRefused unless `actor` may turn `before` into `after`.

    `other_active_owners` counts the firm's active owners apart from the person changed. Whoever
    calls holds the firm, so that two owners who demote each other do so one after the other.
    """
    if not actor.is_active or actor.role is Role.MEMBER:
        raise MembershipRefused("Only owners and admins change people. Ask one of them.")
    _check_own_place(actor, before, after)
    if actor.role is not Role.OWNER:
        _check_admins_reach(before, after)
    is_owner_after = after.role is Role.OWNER and after.is_active
    if not is_owner_after and other_active_owners == 0 and before.role is Role.OWNER:
        raise MembershipRefused(
            "A firm needs at least one active owner. Make somebody else an owner first.",
            field="role",
        )


def check_new(actor: Standing, role: Role) -> None:
    """Raise MembershipRefused unless `actor` may add a person with this role."""
    if not actor.is_active or actor.role is Role.MEMBER:
        raise MembershipRefused("Only owners and admins invite people. Ask one of them.")
    if role is Role.OWNER:
        raise MembershipRefused(
            "Nobody is invited as an owner. Invite them first, and make them one afterwards.",
            field="role",
        )


def _check_own_place(actor: Standing, before: Standing, after: Standing) -> None:
    if actor.user_id != before.user_id:
        return
    if not after.is_active:
        raise MembershipRefused("You cannot deactivate yourself. Ask another owner or admin.")
    if _RANK[after.role] < _RANK[before.role]:
        raise MembershipRefused(
            "You cannot take your own role away. Ask another owner or admin.", field="role"
        )


def _check_admins_reach(before: Standing, after: Standing) -> None:
    if before.role is Role.OWNER:
        raise MembershipRefused("Only an owner changes an owner.")
    if after.role is Role.OWNER:
        raise MembershipRefused("Only an owner makes somebody an owner.", field="role")
    if after.is_stripe_admin != before.is_stripe_admin:
        raise MembershipRefused("Only an owner gives or takes Stripe admin.", field="stripe_admin")


_RANK = {Role.MEMBER: 0, Role.ADMIN: 1, Role.OWNER: 2}
