"""A firm's own Stripe account as last described, and whether clients can pay by it (R067)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, bindparam, insert, select, update

from assure_app.billing import audit, stripe_access
from assure_app.billing.stripe_silence import StripeSilent
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.permissions import Principal
from assure_app.models.tables import firm_user, stripe_account
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
    """A firm's Stripe account as stored; `wanted` is what Stripe asks for, in its own words."""

    firm_id: int
    account_id: str
    is_current: bool
    charges_enabled: bool
    payouts_enabled: bool
    details_submitted: bool
    disabled_reason: str
    wanted: str
    disconnected_at: datetime | None
    disconnected_by: str
    onboarded_by: int | None
    checked_at: datetime | None

    @property
    def is_deauthorized(self) -> bool:
        """Whether Stripe took our access to it away: nothing can be asked of it any more."""
        return self.disabled_reason == DEAUTHORIZED

    @property
    def is_connected(self) -> bool:
        """Whether we may act on it: neither the firm nor Stripe ended that."""
        return self.is_current and self.disconnected_at is None and not self.is_deauthorized

    @property
    def takes_payments(self) -> bool:
        """Whether clients can pay by it (R067)."""
        return self.is_connected and self.charges_enabled

    @property
    def state(self) -> ConnectState:
        """Active once clients can pay; connected but short of that it is restricted."""
        if not self.is_connected:
            return ConnectState.NOT_CONNECTED
        return ConnectState.ACTIVE if self.charges_enabled else ConnectState.RESTRICTED


_SELECT = select(*(stripe_account.c[name] for name in FirmAccount.__dataclass_fields__))

# Built once: building a statement takes longer than running it.
_OF_FIRM = _SELECT.where(
    stripe_account.c.firm_id == bindparam("firm_id"), stripe_account.c.is_current
)
_HELD_OF_FIRM = _OF_FIRM.with_for_update(read=True)


def of_firm(connection: Connection, firm_id: int, *, is_held: bool = False) -> FirmAccount | None:
    """The firm's current account, None when it never connected one.

    `is_held` keeps it from being disconnected until the caller's transaction ends.
    """
    wanted = _HELD_OF_FIRM if is_held else _OF_FIRM
    row = connection.execute(wanted, {"firm_id": firm_id}).mappings().first()
    return None if row is None else FirmAccount(**row)


def find(connection: Connection, account_id: str) -> FirmAccount | None:
    """An account, current or of former days; None when no firm here ever had it."""
    row = connection.execute(_SELECT.where(stripe_account.c.account_id == account_id))
    known = row.mappings().first()
    return None if known is None else FirmAccount(**known)


def connected_of(connection: Connection, firm_id: int) -> frozenset[str]:
    """The firm's account, if it may be acted on."""
    account = of_firm(connection, firm_id)
    return frozenset({account.account_id} if account is not None and account.is_connected else ())


def firm_of(connection: Connection, account_id: str) -> int | None:
    """The firm that has, or had, this account; None when nobody here did."""
    owner = select(stripe_account.c.firm_id).where(stripe_account.c.account_id == account_id)
    return connection.scalar(owner)


def connect(
    connection: Connection,
    firm_id: int,
    account: Account,
    *,
    onboarded_by: int | None = None,
    now: datetime,
) -> None:
    """Note that the firm has this account from now on; events before now are none of ours.

    An account it had before stays known, but is not its current one any more. Who was Stripe admin
    there is none here: the owner grants that anew (R096).
    """
    is_former = (stripe_account.c.firm_id == firm_id) & stripe_account.c.is_current
    replaced = connection.execute(update(stripe_account).where(is_former).values(is_current=False))
    if replaced.rowcount:
        connection.execute(
            update(firm_user).where(firm_user.c.firm_id == firm_id).values(is_stripe_admin=False)
        )
    known = {
        "firm_id": firm_id,
        "account_id": account.id,
        "onboarded_by": onboarded_by,
        "polled_until": now,
        "poll_at": now,
    }
    connection.execute(insert(stripe_account).values(known | _described(account, now)))


def describe(connection: Connection, account: Account, *, now: datetime) -> bool:
    """Keep what Stripe says of an account now; False when that is what was known.

    Once Stripe has the firm's details, whoever was sent there to give them is Stripe admin (A16).
    """
    known = connection.execute(
        _SELECT.where(stripe_account.c.account_id == account.id).with_for_update()
    ).first()
    if known is None:
        return False
    told = _described(account, now)
    connection.execute(
        update(stripe_account).where(stripe_account.c.account_id == account.id).values(told)
    )
    if account.details_submitted and known.onboarded_by is not None and known.is_current:
        _make_admin(connection, known.firm_id, known.onboarded_by, account.id, now)
    return any(getattr(known, name) != told[name] for name in told if name != "checked_at")


def disconnect(connection: Connection, account_id: str, *, now: datetime) -> bool:
    """Note that the account let us go: nobody can pay by it any more."""
    gone = Account(
        id=account_id,
        charges_enabled=False,
        payouts_enabled=False,
        details_submitted=False,
        disabled_reason=DEAUTHORIZED,
    )
    return describe(connection, gone, now=now)


def check(principal: Principal, *, now: datetime) -> ConnectState:
    """Ask Stripe how the firm's account stands because a person wants to know (R067).

    Raises PermissionDenied, and StripeSilent when Stripe cannot be asked.
    """
    stripe_access.require_to_act(principal, act="check the Stripe connection", now=now)
    return refresh(principal.firm_id, now=now)


def look(principal: Principal, *, now: datetime) -> ConnectState:
    """Ask Stripe the same for who comes back from its setup: whoever may look may hear it."""
    stripe_access.require_to_look(principal, act="look at the Stripe connection", now=now)
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


def _make_admin(
    connection: Connection, firm_id: int, user_id: int, account_id: str, now: datetime
) -> None:
    """Give the right once: what the owner takes away later stays taken."""
    person = connection.execute(
        select(firm_user.c.name, firm_user.c.is_stripe_admin)
        .where(firm_user.c.id == user_id, firm_user.c.firm_id == firm_id, firm_user.c.is_active)
        .with_for_update()
    ).first()
    if person is not None and not person.is_stripe_admin:
        is_them = firm_user.c.id == user_id
        connection.execute(update(firm_user).where(is_them).values(is_stripe_admin=True))
        text = f"{person.name} set up the firm’s Stripe account {account_id} and is Stripe admin"
        audit.note(connection, firm_id=firm_id, user_id=user_id, text=text, at=now)
    is_set_up = stripe_account.c.account_id == account_id
    connection.execute(update(stripe_account).where(is_set_up).values(onboarded_by=None))


def _described(account: Account, now: datetime) -> dict[str, object]:
    return {
        "charges_enabled": account.charges_enabled,
        "payouts_enabled": account.payouts_enabled,
        "details_submitted": account.details_submitted,
        "disabled_reason": account.disabled_reason[:100],
        "wanted": ",".join(account.wanted)[:2000],
        "checked_at": now,
    }
