"""A firm connects its own Stripe account: made once, then set up on Stripe's own pages (R067).

The row of the asking is committed before Stripe is asked, so that a doubled click and a killed
process make one account. Stripe's pages are reached by a link that is asked for at every click.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from assure_app.billing import account_requests, audit, stripe_access, stripe_accounts
from assure_app.billing.account_requests import AccountRequest
from assure_app.billing.stripe_accounts import ConnectState, FirmAccount
from assure_app.billing.stripe_silence import StripeSilent, answer
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.errors import BillingError
from assure_app.domain.permissions import Permission, Principal
from assure_app.models.tables import firm, stripe_account
from assure_app.settings import get_settings
from assure_app.stripe_gateway import accounts
from assure_app.stripe_gateway.outcomes import Ok, Reason, Refused, Unknown
from assure_app.stripe_gateway.records import Account

PAGE = "/settings/stripe"
_CLOCKS_DIFFER = timedelta(hours=1)


class NotConnected(BillingError):
    """Stripe made no account, or gave no way in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """Where the browser goes now, "" for nowhere; `state` is how the firm is connected."""

    url: str
    state: ConnectState


def go_on(principal: Principal, *, now: datetime) -> NextStep:
    """Connect the firm, connect it again, or go on with the setup; asked twice, it is done once.

    An owner connects; giving Stripe what it still wants is for Stripe admins too. Raises
    OwnersOnly, PermissionDenied, NotConnected with Stripe's reason, and StripeSilent: asking again
    is safe.
    """
    with reading() as connection:
        account = stripe_accounts.of_firm(connection, principal.firm_id)
    if account is None or not account.is_connected:
        stripe_access.require_owner(principal, act="connect the firm to Stripe", now=now)
        account = _again(principal, account, now) or _new(principal, now)
    elif not stripe_access.may_continue(principal):
        act = "go on with the setup at Stripe"
        audit.require(principal, Permission.STRIPE_ADMIN, act=act, now=now)
    if account.charges_enabled and account.details_submitted:
        return NextStep(url="", state=account.state)
    return NextStep(url=_link(principal, account, now), state=account.state)


def _again(principal: Principal, known: FirmAccount | None, now: datetime) -> FirmAccount | None:
    """The account that the firm disconnected from, connected again; None when it let us go."""
    if known is None:
        return None
    match accounts.retrieve_account(known.account_id):
        case Ok(told):
            return _reconnected(principal, told, now)
        case Refused(reason=Reason.NO_ACCESS | Reason.MISSING):
            return None
        case Refused(code=cause) | Unknown(reason=cause):
            raise StripeSilent(cause)


def _reconnected(principal: Principal, told: Account, now: datetime) -> FirmAccount | None:
    with unit_of_work() as connection:
        stripe_access.require_owner_still(connection, principal)
        stripe_accounts.describe(connection, told, now=now)
        is_it = (stripe_account.c.account_id == told.id) & stripe_account.c.is_current
        connection.execute(
            update(stripe_account).where(is_it).values(disconnected_at=None, disconnected_by="")
        )
        text = f"{principal.name} connected the firm’s Stripe account {told.id} again"
        _note(connection, principal, text, now)
        return stripe_accounts.of_firm(connection, principal.firm_id)


def _new(principal: Principal, now: datetime) -> FirmAccount:
    """An account that Stripe makes for the firm, once."""
    with unit_of_work() as connection:
        stripe_access.require_owner_still(connection, principal)
        known = stripe_accounts.of_firm(connection, principal.firm_id)
        if known is not None and known.is_connected:
            return known  # The other of two clicks was first.
        request = account_requests.open_of(connection, principal, now=now)
        name = str(connection.scalar(select(firm.c.name).where(firm.c.id == principal.firm_id)))
    made = _made(request, name, now)
    with unit_of_work() as connection:
        stripe_access.require_owner_still(connection, principal)
        if account_requests.by_id(connection, request.id).is_open:
            account_requests.answered(connection, request.id, account_id=made.id)
            stripe_accounts.connect(
                connection, principal.firm_id, made, onboarded_by=principal.user_id, now=now
            )
            text = f"{principal.name} connected the firm to the new Stripe account {made.id}"
            _note(connection, principal, text, now)
        account = stripe_accounts.of_firm(connection, principal.firm_id)
    if account is None:
        raise LookupError(f"the account of firm {principal.firm_id}")
    return account


def _made(request: AccountRequest, name: str, now: datetime) -> Account:
    """The account of this request, made now or before. Raises NotConnected and StripeSilent."""
    if now - request.created_at >= account_requests.KEY_LASTS:
        return _found(request) or _ask(request, name)
    return _ask(request, name)


def _ask(request: AccountRequest, name: str) -> Account:
    try:
        made = answer(
            accounts.create_account(
                email=request.email,
                name=name,
                metadata={account_requests.METADATA_KEY: request.token},
                idempotency_key=request.idempotency_key,
            )
        )
    except StripeSilent as silence:
        if not silence.cause.startswith("status_5"):
            raise
        # Stripe keeps even an error of its own under a key, made or not: so look, or ask anew.
        found = _found(request)
        if found is None:
            _refuse(request, f"Stripe had a problem: {silence.cause}")
            raise
        return found
    if isinstance(made, Refused):
        _refuse(request, f"{made.code}: {made.sentence}")
        raise NotConnected(f"Stripe made no account. {made.sentence}")
    return made


def _found(request: AccountRequest) -> Account | None:
    found = answer(
        accounts.find_account(
            since=request.created_at - _CLOCKS_DIFFER,
            key=account_requests.METADATA_KEY,
            value=request.token,
        )
    )
    return None if isinstance(found, Refused) else found


def _refuse(request: AccountRequest, problem: str) -> None:
    with unit_of_work() as connection:
        account_requests.answered(connection, request.id, problem=problem)


def _link(principal: Principal, account: FirmAccount, now: datetime) -> str:
    """Stripe's setup page, for one visit. Raises NotConnected and StripeSilent."""
    _note_who_goes(principal, account)
    address = f"{get_settings().public_url}{PAGE}"
    outcome = accounts.create_account_link(
        account.account_id,
        return_url=f"{address}?setup=back",
        refresh_url=f"{address}?setup=late",
        idempotency_key=secrets.token_hex(16),
    )
    if isinstance(outcome, Refused) and outcome.reason in {Reason.NO_ACCESS, Reason.MISSING}:
        with unit_of_work() as connection:
            stripe_accounts.disconnect(connection, account.account_id, now=now)
        raise NotConnected(outcome.sentence)
    link = answer(outcome)
    if isinstance(link, Refused):
        raise NotConnected(f"Stripe did not open its setup page. {link.sentence}")
    return link.url


def _note_who_goes(principal: Principal, account: FirmAccount) -> None:
    """Whoever gives Stripe the firm's details becomes Stripe admin when Stripe has them (A16)."""
    if account.details_submitted or account.onboarded_by == principal.user_id:
        return
    with unit_of_work() as connection:
        is_without = (stripe_account.c.account_id == account.account_id) & ~(
            stripe_account.c.details_submitted
        )
        connection.execute(
            update(stripe_account).where(is_without).values(onboarded_by=principal.user_id)
        )


def _note(connection: Connection, principal: Principal, text: str, now: datetime) -> None:
    audit.note(connection, firm_id=principal.firm_id, user_id=principal.user_id, text=text, at=now)
