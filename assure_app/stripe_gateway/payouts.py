"""Payouts: the balance of an account on its way to its bank."""

from __future__ import annotations

from typing import TYPE_CHECKING

import stripe

from assure_app.stripe_gateway import fields, pages
from assure_app.stripe_gateway.balance_records import Payout, PayoutStatus
from assure_app.stripe_gateway.client import ask, client, options
from assure_app.stripe_gateway.outcomes import Outcome
from assure_app.stripe_gateway.records import Page, Window

if TYPE_CHECKING:
    from stripe.params import PayoutListParams, PayoutRetrieveParams

_ITEMIZED = "completed"


def retrieve_payout(account_id: str, payout_id: str) -> Outcome[Payout]:
    """The payout as it is now, with the bank it goes to."""
    return ask(
        lambda: client().v1.payouts.retrieve(payout_id, retrieve_params(), options(account_id)),
        lambda payout: _payout(payout, account_id),
    )


def list_payouts(account_id: str, window: Window, *, after: str = "") -> Outcome[Page[Payout]]:
    """The payouts that began within the window, the newest first; `after` is of the page before."""
    return ask(
        lambda: client().v1.payouts.list(list_params(window, after), options(account_id)),
        lambda page: pages.read_page(page, lambda each: _payout(each, account_id)),
    )


def retrieve_params() -> PayoutRetrieveParams:
    return {"expand": ["destination"]}


def list_params(window: Window, after: str = "") -> PayoutListParams:
    params: PayoutListParams = {
        "limit": pages.PAGE_SIZE,
        "created": {**pages.created(window)},
        "expand": ["data.destination"],
    }
    return params | {"starting_after": after} if after else params


def _payout(told: stripe.Payout, account_id: str) -> Payout:
    bank = fields.part(told, "destination")
    is_known = bank is not None and not isinstance(bank, str)
    return Payout(
        id=fields.text(told, "id"),
        account_id=account_id,
        amount_cents=fields.signed_cents(told, "amount"),
        currency=fields.text(told, "currency"),
        status=fields.one_of(PayoutStatus, told, "status"),
        is_automatic=fields.flag(told, "automatic"),
        is_itemized=fields.text(told, "reconciliation_status") == _ITEMIZED,
        arrives_at=fields.moment(told, "arrival_date"),
        bank_name=(fields.text_or_empty(bank, "bank_name") if is_known else ""),
        last4=(fields.text_or_empty(bank, "last4") if is_known else ""),
        failure_code=fields.text_or_empty(told, "failure_code"),
        failure_sentence=fields.text_or_empty(told, "failure_message"),
        created_at=fields.moment(told, "created"),
    )
