"""Refunds: money of a charge on its way back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import stripe

from assure_app.stripe_gateway import fields, pages
from assure_app.stripe_gateway.client import ask, client, options
from assure_app.stripe_gateway.outcomes import Outcome
from assure_app.stripe_gateway.records import Page, Refund, RefundStatus, Window

if TYPE_CHECKING:
    from stripe.params import RefundCreateParams, RefundListParams

MOST_LISTED = 100


def create_refund(
    account_id: str,
    *,
    charge_id: str,
    amount_cents: int,
    reason: str,
    metadata: Mapping[str, str],
    idempotency_key: str,
) -> Outcome[Refund]:
    """Give back this much of a charge; under the same key there is one refund.

    `reason` is duplicate, fraudulent or requested_by_customer: Stripe takes no other.
    """
    params = create_params(
        charge_id=charge_id, amount_cents=amount_cents, reason=reason, metadata=metadata
    )
    return ask(
        lambda: client().v1.refunds.create(params, options(account_id, idempotency_key)),
        lambda refund: _refund(refund, account_id),
    )


def retrieve_refund(account_id: str, refund_id: str) -> Outcome[Refund]:
    """The refund as it is now."""
    return ask(
        lambda: client().v1.refunds.retrieve(refund_id, options=options(account_id)),
        lambda refund: _refund(refund, account_id),
    )


def list_refunds(account_id: str, charge_id: str) -> Outcome[tuple[Refund, ...]]:
    """Every refund of a charge, the newest first; at most a hundred."""
    return ask(
        lambda: client().v1.refunds.list(list_params(charge_id), options(account_id)),
        lambda page: tuple(_refund(each, account_id) for each in fields.items(page)),
    )


def list_refunds_made(account_id: str, window: Window, *, after: str = "") -> Outcome[Page[Refund]]:
    """Every refund within the window, the newest first; `after` is of the page before."""
    return ask(
        lambda: client().v1.refunds.list(made_params(window, after), options(account_id)),
        lambda page: pages.read_page(page, lambda each: _refund(each, account_id)),
    )


def create_params(
    *, charge_id: str, amount_cents: int, reason: str, metadata: Mapping[str, str]
) -> RefundCreateParams:
    """What is sent to ask for a refund."""
    return {
        "charge": charge_id,
        "amount": amount_cents,
        "reason": reason,
        "metadata": dict(metadata),
    }


def list_params(charge_id: str) -> RefundListParams:
    return {"charge": charge_id, "limit": MOST_LISTED}


def made_params(window: Window, after: str = "") -> RefundListParams:
    params: RefundListParams = {
        "limit": pages.PAGE_SIZE,
        "created": {**pages.created(window)},
    }
    return params | {"starting_after": after} if after else params


def _refund(refund: stripe.Refund, account_id: str) -> Refund:
    return Refund(
        id=fields.text(refund, "id"),
        account_id=account_id,
        charge_id=fields.reference(refund, "charge") or "",
        amount_cents=fields.cents(refund, "amount"),
        currency=fields.text(refund, "currency"),
        status=fields.one_of(RefundStatus, refund, "status"),
        reason=fields.text_or_empty(refund, "reason"),
        failure_reason=fields.text_or_empty(refund, "failure_reason"),
        created_at=fields.moment(refund, "created"),
        metadata=fields.words(refund, "metadata"),
    )
