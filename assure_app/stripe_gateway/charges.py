"""Charges: each one try to take money, and what it cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import stripe

from assure_app.stripe_gateway import fields, means_of_payment, pages
from assure_app.stripe_gateway.client import ask, client, options
from assure_app.stripe_gateway.outcomes import Outcome
from assure_app.stripe_gateway.records import Charge, ChargeStatus, Page, Window

if TYPE_CHECKING:
    from stripe.params import ChargeListParams, ChargeRetrieveParams

MOST_TRIES = 100


def retrieve_charge(account_id: str, charge_id: str) -> Outcome[Charge]:
    """The charge as it is now, with its fee once Stripe knows it."""
    return ask(
        lambda: client().v1.charges.retrieve(charge_id, retrieve_params(), options(account_id)),
        lambda charge: read_charge(charge, account_id),
    )


def list_charges(account_id: str, payment_intent_id: str) -> Outcome[tuple[Charge, ...]]:
    """Every try of a PaymentIntent, the newest first; at most a hundred."""
    return ask(
        lambda: client().v1.charges.list(list_params(payment_intent_id), options(account_id)),
        lambda page: tuple(read_charge(each, account_id) for each in fields.items(page)),
    )


def list_charges_made(account_id: str, window: Window, *, after: str = "") -> Outcome[Page[Charge]]:
    """Every try within the window, the newest first; `after` is of the page before."""
    return ask(
        lambda: client().v1.charges.list(made_params(window, after), options(account_id)),
        lambda page: pages.read_page(page, lambda each: read_charge(each, account_id)),
    )


def retrieve_params() -> ChargeRetrieveParams:
    return {"expand": ["balance_transaction"]}


def list_params(payment_intent_id: str) -> ChargeListParams:
    return {
        "payment_intent": payment_intent_id,
        "limit": MOST_TRIES,
        "expand": ["data.balance_transaction"],
    }


def made_params(window: Window, after: str = "") -> ChargeListParams:
    params: ChargeListParams = {
        "limit": pages.PAGE_SIZE,
        "created": pages.created(window),
        "expand": ["data.balance_transaction"],
    }
    return params | {"starting_after": after} if after else params


def read_charge(charge: stripe.Charge, account_id: str) -> Charge:
    """What Stripe says of a charge, in our words."""
    details = fields.part(charge, "payment_method_details")
    method = fields.text_or_empty(details, "type")
    means = fields.part(details, method) if method else None
    return Charge(
        id=fields.text(charge, "id"),
        account_id=account_id,
        amount_cents=fields.cents(charge, "amount"),
        amount_refunded_cents=fields.cents(charge, "amount_refunded"),
        fee_cents=_fee_cents(charge),
        currency=fields.text(charge, "currency"),
        status=fields.one_of(ChargeStatus, charge, "status"),
        is_disputed=fields.flag(charge, "disputed"),
        payment_intent_id=fields.reference(charge, "payment_intent"),
        customer_id=fields.reference(charge, "customer"),
        payment_method_id=fields.reference(charge, "payment_method"),
        method=method,
        brand_or_bank=means_of_payment.brand_or_bank(means),
        last4=fields.text_or_empty(means, "last4"),
        expiry=means_of_payment.expiry(means),
        decline_code=_decline_code(charge),
        failure_code=fields.text_or_empty(charge, "failure_code"),
        failure_sentence=fields.text_or_empty(charge, "failure_message"),
        receipt_url=fields.text_or_empty(charge, "receipt_url"),
        created_at=fields.moment(charge, "created"),
        metadata=fields.words(charge, "metadata"),
    )


def _fee_cents(charge: stripe.Charge) -> int | None:
    transaction = fields.part(charge, "balance_transaction")
    if transaction is None or isinstance(transaction, str):
        return None
    return fields.cents(transaction, "fee")


def _decline_code(charge: stripe.Charge) -> str:
    """The bank's own word for why it said no."""
    if fields.text_or_empty(charge, "status") != ChargeStatus.FAILED:
        return ""
    return fields.text_or_empty(fields.part(charge, "outcome"), "reason")
