"""Who may do what (R131–R139)."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from assure_app.domain.errors import PermissionDenied


class Permission(StrEnum):
    """A right, in the words of the settings page."""

    VIEW_BILLING = "View billing"
    EDIT_BILLING = "Edit billing"
    STRIPE_ADMIN = "Stripe admin"
    MANAGE_FIRM = "Manage firm"


ALL_CLIENTS = "Access all clients"


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamRights:
    """What one team gives to its members."""

    view_billing: bool = False
    edit_billing: bool = False
    all_clients: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """The firm user behind a request, with rights as of this request; never kept between two."""

    session_id: int
    user_id: int
    firm_id: int
    name: str
    email: str
    is_owner: bool
    is_admin: bool
    is_stripe_admin: bool
    rights: TeamRights

    @property
    def sees_all_clients(self) -> bool:
        """Owners and admins see every client, others those assigned unless a team says all."""
        return self.is_owner or self.is_admin or self.rights.all_clients

    def has(self, permission: Permission) -> bool:
        """Whether this person holds the right. Edit implies View; owners and admins hold both.

        They alone manage the firm: its people, teams and settings. Stripe admin is held by whom it
        was given to and by nobody else (R135, A16).
        """
        bypass = self.is_owner or self.is_admin
        match permission:
            case Permission.STRIPE_ADMIN:
                return self.is_stripe_admin
            case Permission.MANAGE_FIRM:
                return bypass
            case Permission.EDIT_BILLING:
                return bypass or self.rights.edit_billing
            case Permission.VIEW_BILLING:
                return bypass or self.rights.edit_billing or self.rights.view_billing

    def require(self, permission: Permission) -> None:
        """Raise PermissionDenied unless this person holds the right."""
        if not self.has(permission):
            raise PermissionDenied(permission)


def union(teams: Iterable[TeamRights]) -> TeamRights:
    """The effective rights of a member of several teams: everything any of them gives (R136)."""
    every = tuple(teams)
    return TeamRights(
        view_billing=any(team.view_billing for team in every),
        edit_billing=any(team.edit_billing for team in every),
        all_clients=any(team.all_clients for team in every),
    )


def names_of(rights: TeamRights) -> tuple[str, ...]:
    """The rights in the words of the settings page; Edit implies View and is shown so (R137)."""
    views = rights.view_billing or rights.edit_billing
    said = (
        (views, Permission.VIEW_BILLING.value),
        (rights.edit_billing, Permission.EDIT_BILLING.value),
        (rights.all_clients, ALL_CLIENTS),
    )
    return tuple(name for is_held, name in said if is_held)
