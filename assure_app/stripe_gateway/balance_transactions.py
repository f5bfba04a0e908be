"""Balance transactions: every movement of an account's balance, with what Stripe kept of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import stripe

from assure_app.stripe_gateway import fields, pages
from assure_app.stripe_gateway.balance_records import Balance, BalanceTransaction
from assure_app.stripe_gateway.client import ask, client, options
from assure_app.stripe_gateway.outcomes import Outcome
from assure_app.stripe_gateway.records import Page, Window

if TYPE_CHECKING:
    from stripe.params import BalanceTransactionListParams

_CURRENCY = "usd"


def list_balance_transactions(
    account_id: str, window: Window, *, after: str = ""
) -> Outcome[Page[BalanceTransaction]]:
    """What moved the balance within the window, the newest first; `after` is of the page before."""
    return ask(
        lambda: client().v1.balance_transactions.list(
            list_params(window, after), options(account_id)
        ),
        lambda page: pages.read_page(page, lambda each: _transaction(each, account_id)),
    )


def list_of_payout(
    account_id: str, payout_id: str, *, after: str = ""
) -> Outcome[Page[BalanceTransaction]]:
    """What a payout that Stripe made by itself carried, its own transaction among it."""
    return ask(
        lambda: client().v1.balance_transactions.list(
            payout_params(payout_id, after), options(account_id)
        ),
        lambda page: pages.read_page(page, lambda each: _transaction(each, account_id)),
    )


def retrieve_balance(account_id: str) -> Outcome[Balance]:
    """What the account may pay out at this moment, and what came in lately."""
    return ask(
        lambda: client().v1.balance.retrieve(None, options(account_id)),
        lambda balance: Balance(
            account_id=account_id,
            available_cents=_sum(balance, "available"),
            pending_cents=_sum(balance, "pending"),
        ),
    )


def list_params(window: Window, after: str = "") -> BalanceTransactionListParams:
    params: BalanceTransactionListParams = {
        "limit": pages.PAGE_SIZE,
        "created": {**pages.created(window)},
    }
    return params | {"starting_after": after} if after else params


def payout_params(payout_id: str, after: str = "") -> BalanceTransactionListParams:
    params: BalanceTransactionListParams = {"limit": pages.PAGE_SIZE, "payout": payout_id}
    return params | {"starting_after": after} if after else params


def _transaction(told: stripe.BalanceTransaction, account_id: str) -> BalanceTransaction:
    return BalanceTransaction(
        id=fields.text(told, "id"),
        account_id=account_id,
        kind=fields.text(told, "type"),
        category=fields.text(told, "reporting_category"),
        amount_cents=fields.signed_cents(told, "amount"),
        fee_cents=fields.signed_cents(told, "fee"),
        net_cents=fields.signed_cents(told, "net"),
        currency=fields.text(told, "currency"),
        source_id=fields.reference(told, "source") or "",
        description=fields.text_or_empty(told, "description"),
        available_at=fields.moment(told, "available_on"),
        created_at=fields.moment(told, "created"),
    )


def _sum(balance: stripe.Balance, name: str) -> int:
    """Other currencies are in no books here."""
    parts = fields.items_of(balance, name)
    return sum(
        fields.signed_cents(each, "amount")
        for each in parts
        if fields.text(each, "currency") == _CURRENCY
    )
