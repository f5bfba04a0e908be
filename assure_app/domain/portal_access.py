"""Who of a client's people may enter the portal, and who of them may pay there (R053, R054)."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from assure_app.domain.errors import BillingError


class PortalRole(StrEnum):
    """What a contact is at the client."""

    OWNER = "owner"
    EDITOR = "editor"
    SIGNER = "signer"
    VIEWER = "viewer"
    NOTIFY_ONLY = "notify_only"

    @property
    def label(self) -> str:
        """The role as people read it."""
        return self.value.replace("_", "-").capitalize()

    @property
    def in_words(self) -> str:
        """The role with what it may do, as the firm chooses it."""
        if self.may_pay:
            return f"{self.label} — may look and pay"
        return f"{self.label} — may look" if self.may_enter else f"{self.label} — gets mail only"

    @property
    def may_enter(self) -> bool:
        """Whether this person may sign in; who is only notified gets letters and no more."""
        return self is not PortalRole.NOTIFY_ONLY

    @property
    def may_pay(self) -> bool:
        """Whether this person may pay the client's invoices (R053)."""
        return self in _PAYERS


class PaymentNotAllowed(BillingError):
    """The contact's role may look at the client's invoices, but not pay them (R053)."""

    def __init__(self, role: PortalRole) -> None:
        self.role = role
        super().__init__(
            f"Your role, {role.label}, can see invoices but not pay them. Ask an owner, editor or"
            " signer of your company to pay."
        )


_PAYERS = frozenset({PortalRole.OWNER, PortalRole.EDITOR, PortalRole.SIGNER})


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalPrincipal:
    """A contact at work in the portal, for one client of one firm and for nothing else."""

    contact_id: int
    client_id: int
    firm_id: int
    name: str
    email: str
    role: PortalRole

    @property
    def may_pay(self) -> bool:
        """Whether they may pay this client's invoices (R053)."""
        return self.role.may_pay

    def require_payer(self) -> None:
        """Raise PaymentNotAllowed unless they may pay."""
        if not self.may_pay:
            raise PaymentNotAllowed(self.role)


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalPerson:
    """Whoever reads the mail of an address, with each client that they are a contact of.

    Never empty: somebody who is no contact any more is nobody.
    """

    session_id: int
    email: str
    contacts: tuple[PortalPrincipal, ...]

    def at(self, client_id: int) -> PortalPrincipal | None:
        """This person at that client; None when they are nobody there."""
        return next((each for each in self.contacts if each.client_id == client_id), None)


def entering(contacts: Iterable[PortalPrincipal]) -> tuple[PortalPrincipal, ...]:
    """Those of a person's contacts with which they may enter, the oldest first."""
    return tuple(
        sorted((each for each in contacts if each.role.may_enter), key=lambda each: each.contact_id)
    )
