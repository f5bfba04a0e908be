"""A firm's own Stripe account as last described, and whether clients can pay by it (R067)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, insert, select, update

from assure_app.billing import stripe_access
from assure_app.billing.stripe_silence import StripeSilent
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.permissions import Principal
from assure_app.models.tables import stripe_account
from assure_app.stripe_gateway import accounts
from assure_app.stripe_gateway.outcomes import Ok, Reason, Refused, Unknown
from assure_app.stripe_gateway.records import Account

DEAUTHORIZED = "disconnected"


class ConnectState(StrEnum):
    """What the firm's connection to Stripe is, in the words of the settings page."""

    NOT_CONNECTED = "Not connected"
    RESTRICTED = "Restricted"
    ACTIVE = "Active"


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmAccount:
    """A firm's Stripe account as stored."""

    firm_id: int
    account_id: str
    charges_enabled: bool
    payouts_enabled: bool
    details_submitted: bool
    disabled_reason: str
    checked_at: datetime | None

    @property
    def state(self) -> ConnectState:
        """Active once clients can pay; everything short of that is restricted."""
        return ConnectState.ACTIVE if self.charges_enabled else ConnectState.RESTRICTED


_SELECT = select(
    stripe_account.c.firm_id,
    stripe_account.c.account_id,
    stripe_account.c.charges_enabled,
    stripe_account.c.payouts_enabled,
    stripe_account.c.details_submitted,
    stripe_account.c.disabled_reason,
    stripe_account.c.checked_at,
)


def of_firm(connection: Connection, firm_id: int) -> FirmAccount | None:
    """The firm's account, None when it never connected one."""
    row = connection.execute(_SELECT.where(stripe_account.c.firm_id == firm_id)).mappings().first()
    return None if row is None else FirmAccount(**row)


def firm_of(connection: Connection, account_id: str) -> int | None:
    """The firm that has this account, None when nobody here does."""
    owner = select(stripe_account.c.firm_id).where(stripe_account.c.account_id == account_id)
    return connection.scalar(owner)


def connect(connection: Connection, firm_id: int, account: Account, *, now: datetime) -> None:
    """Note that the firm has this account from now on; events before now are none of ours."""
    known = {"firm_id": firm_id, "account_id": account.id, "polled_until": now, "poll_at": now}
    connection.execute(insert(stripe_account).values(known | _described(account, now)))


def describe(connection: Connection, account: Account, *, now: datetime) -> bool:
    """Keep what Stripe says of an account now; False when that is what was known."""
    known = connection.execute(
        _SELECT.where(stripe_account.c.account_id == account.id).with_for_update()
    ).first()
    if known is None:
        return False
    told = _described(account, now)
    connection.execute(
        update(stripe_account).where(stripe_account.c.account_id == account.id).values(told)
    )
    return any(getattr(known, name) != told[name] for name in told if name != "checked_at")


def disconnect(connection: Connection, account_id: str, *, now: datetime) -> bool:
    """Note that the account let us go: nobody can pay by it any more."""
    gone = Account(
        id=account_id,
        charges_enabled=False,
        payouts_enabled=False,
        details_submitted=True,
        disabled_reason=DEAUTHORIZED,
    )
    return describe(connection, gone, now=now)


def check(principal: Principal, *, now: datetime) -> ConnectState:
    """Ask Stripe how the firm's account stands because a person wants to know (R067).

    Raises PermissionDenied, and StripeSilent when Stripe cannot be asked.
    """
    stripe_access.require_to_act(principal, act="check the Stripe connection", now=now)
    return refresh(principal.firm_id, now=now)


def refresh(firm_id: int, *, now: datetime) -> ConnectState:
    """Ask Stripe what the firm's account may do and keep the answer. Raises StripeSilent."""
    with reading() as connection:
        known = of_firm(connection, firm_id)
    if known is None:
        return ConnectState.NOT_CONNECTED
    outcome = accounts.retrieve_account(known.account_id)
    with unit_of_work() as connection:
        match outcome:
            case Ok(account):
                describe(connection, account, now=now)
            case Refused(reason=Reason.NO_ACCESS | Reason.MISSING):
                disconnect(connection, known.account_id, now=now)
            case Refused(code=cause) | Unknown(reason=cause):
                raise StripeSilent(cause)
        found = of_firm(connection, firm_id)
    return ConnectState.NOT_CONNECTED if found is None else found.state


def _described(account: Account, now: datetime) -> dict[str, object]:
    return {
        "charges_enabled": account.charges_enabled,
        "payouts_enabled": account.payouts_enabled,
        "details_submitted": account.details_submitted,
        "disabled_reason": account.disabled_reason[:100],
        "checked_at": now,
    }
