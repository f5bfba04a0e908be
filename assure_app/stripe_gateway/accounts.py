"""Accounts: a firm's own Stripe account, connected to this installation's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

import stripe

from assure_app.stripe_gateway import fields
from assure_app.stripe_gateway.client import ask, client, options
from assure_app.stripe_gateway.outcomes import Outcome
from assure_app.stripe_gateway.records import Account, AccountLink

if TYPE_CHECKING:
    from stripe.params import AccountCreateParams, AccountLinkCreateParams, AccountListParams

PAGE_SIZE = 100
MOST_LISTED = 1_000
MOST_WANTED = 100


def create_account(
    *,
    email: str,
    name: str = "",
    metadata: Mapping[str, str],
    idempotency_key: str,
    country: str = "US",
) -> Outcome[Account]:
    """Make an account for a firm: its own Dashboard, its own fees, its own losses."""
    params = create_params(email=email, name=name, country=country, metadata=metadata)
    return ask(
        lambda: client().v1.accounts.create(params, options(None, idempotency_key)), _account
    )


def create_account_link(
    account_id: str, *, return_url: str, refresh_url: str, idempotency_key: str
) -> Outcome[AccountLink]:
    """Where the firm answers Stripe's questions; `refresh_url` is for one who comes too late."""
    params = link_params(account_id, return_url=return_url, refresh_url=refresh_url)
    return ask(
        lambda: client().v1.account_links.create(params, options(None, idempotency_key)),
        lambda link: AccountLink(
            url=fields.text(link, "url"), expires_at=fields.moment(link, "expires_at")
        ),
    )


def retrieve_account(account_id: str) -> Outcome[Account]:
    """What the account may do now; refused for NO_ACCESS when it let us go."""
    return ask(lambda: client().v1.accounts.retrieve(account_id), _account)


def find_account(*, since: datetime, key: str, value: str) -> Outcome[Account | None]:
    """The account made at or after `since` with this metadata; None when there is none."""
    return ask(
        lambda: list(islice(_made(since), MOST_LISTED)),
        lambda found: next(
            (_account(each) for each in found if fields.words(each, "metadata").get(key) == value),
            None,
        ),
    )


def list_params(since: datetime, after: str = "") -> AccountListParams:
    """What is sent for one page; `after` is the last id of the page before."""
    params: AccountListParams = {
        "limit": PAGE_SIZE,
        "created": {"gte": int(since.timestamp())},
    }
    if after:
        params["starting_after"] = after
    return params


def create_params(
    *, email: str, name: str = "", country: str, metadata: Mapping[str, str]
) -> AccountCreateParams:
    """What is sent to make an account of which Stripe, not we, bears fees and losses."""
    params: AccountCreateParams = {
        "country": country,
        "email": email,
        "controller": {
            "fees": {"payer": "account"},
            "losses": {"payments": "stripe"},
            "requirement_collection": "stripe",
            "stripe_dashboard": {"type": "full"},
        },
        "capabilities": {
            "card_payments": {"requested": True},
            "us_bank_account_ach_payments": {"requested": True},
        },
        "metadata": dict(metadata),
    }
    if name:
        params["business_profile"] = {"name": name}
    return params


def link_params(account_id: str, *, return_url: str, refresh_url: str) -> AccountLinkCreateParams:
    """What is sent to get an onboarding link."""
    return {
        "account": account_id,
        "type": "account_onboarding",
        "return_url": return_url,
        "refresh_url": refresh_url,
    }


def _made(since: datetime) -> Iterator[stripe.Account]:
    after = ""
    while True:
        page = client().v1.accounts.list(list_params(since, after))
        found = fields.items(page)
        yield from found
        if not found or not fields.flag(page, "has_more"):
            return
        after = fields.text(found[-1], "id")


def _wanted(account: stripe.Account) -> tuple[str, ...]:
    due = fields.part(fields.part(account, "requirements"), "currently_due") or []
    return tuple(each for each in due if isinstance(each, str))[:MOST_WANTED]


def _account(account: stripe.Account) -> Account:
    return Account(
        id=fields.text(account, "id"),
        charges_enabled=fields.flag(account, "charges_enabled"),
        payouts_enabled=fields.flag(account, "payouts_enabled"),
        details_submitted=fields.flag(account, "details_submitted"),
        disabled_reason=fields.text_or_empty(
            fields.part(account, "requirements"), "disabled_reason"
        ),
        wanted=_wanted(account),
    )
