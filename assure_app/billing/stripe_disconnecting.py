"""A firm ends online payments by its Stripe account (R067).

Stripe's interface neither deletes nor disconnects an account whose losses Stripe bears, so the
account stays linked there. That serves: what becomes of payments already made still reaches the
books. What ends is everything that begins here.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, update

from assure_app.billing import audit, checkout_closing, checkouts, stripe_access, stripe_accounts
from assure_app.billing.stripe_accounts import FirmAccount
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.errors import BillingError
from assure_app.domain.permissions import Principal
from assure_app.models.tables import checkout, stripe_account

MOST_CLOSED_AT_ONCE = 10
"""Pages closed while the person waits; the sweep closes the others."""


class NothingToDisconnect(BillingError):
    """The firm has no account, or ended it already."""

    def __init__(self) -> None:
        super().__init__("The firm is not connected to Stripe.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stops:
    """What ends: clients who pay on so many pages at this moment cannot finish."""

    account_id: str
    open_pages: int


def what_stops(principal: Principal, *, now: datetime) -> Stops:
    """What disconnecting would meet now. Raises OwnersOnly and NothingToDisconnect."""
    stripe_access.require_owner(principal, act="disconnect the firm from Stripe", now=now)
    with reading() as connection:
        account = stripe_accounts.of_firm(connection, principal.firm_id)
        if account is None or not account.is_connected:
            raise NothingToDisconnect
        pages = checkouts.live_on(connection, account.account_id)
    return Stops(account_id=account.account_id, open_pages=len(pages))


def disconnect(principal: Principal, account_id: object, *, now: datetime) -> bool:
    """End online payments by this account, and close its open pages; False when it was ended.

    `account_id` is what the person was asked about: another one that was connected meanwhile
    stays. Raises OwnersOnly and NothingToDisconnect.
    """
    stripe_access.require_owner(principal, act="disconnect the firm from Stripe", now=now)
    with unit_of_work() as connection:
        stripe_access.require_owner_still(connection, principal)
        account = stripe_accounts.of_firm(connection, principal.firm_id)
        if account is None or account.account_id != account_id:
            raise NothingToDisconnect
        if not account.is_connected:
            return False
        _end(connection, principal, account, now)
        pages = checkouts.live_on(connection, account.account_id)
    for page in pages[:MOST_CLOSED_AT_ONCE]:
        with suppress(BillingError):  # The sweep takes it up: it is due.
            checkout_closing.close(page.id, now=now)
    return True


def _end(connection: Connection, principal: Principal, account: FirmAccount, now: datetime) -> None:
    is_it = stripe_account.c.account_id == account.account_id
    ended = {"disconnected_at": now, "disconnected_by": principal.name}
    connection.execute(update(stripe_account).where(is_it).values(ended))
    # As the index says it, or SQLite would not see that the index serves.
    is_live = (checkout.c.state == "new") | (checkout.c.state == "open")
    connection.execute(
        update(checkout)
        .where(is_live, checkout.c.account_id == account.account_id)
        .values(due_at=now)
    )
    text = f"{principal.name} disconnected the firm’s Stripe account {account.account_id}"
    audit.note(connection, firm_id=principal.firm_id, user_id=principal.user_id, text=text, at=now)
