"""Checkout Sessions: the hosted pages on which a client pays."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import stripe

from assure_app.stripe_gateway import fields
from assure_app.stripe_gateway.client import ask, client, options
from assure_app.stripe_gateway.outcomes import Outcome
from assure_app.stripe_gateway.records import CheckoutSession, SessionPayment, SessionStatus

if TYPE_CHECKING:
    from stripe.params.checkout import SessionCreateParams

_METHODS = ("card", "us_bank_account")
_ANY_SAVED = ("always", "limited", "unspecified")


def create_checkout(
    account_id: str,
    *,
    amount_cents: int,
    description: str,
    client_reference: str,
    metadata: Mapping[str, str],
    success_url: str,
    cancel_url: str,
    idempotency_key: str,
    expires_at: datetime | None = None,
    currency: str = "usd",
    customer_id: str | None = None,
    email: str = "",
    saves_method: bool = False,
) -> Outcome[CheckoutSession]:
    """Open a page for one payment of this amount, of which `description` is what the client reads.

    `metadata` goes to the session and to its payment, whose charges Stripe gives a copy. The page
    lives for 24 hours, or until `expires_at`, half an hour from now at the earliest. A customer is
    offered whatever they saved; with `saves_method` what is paid with is saved for them.
    """
    params = create_params(
        amount_cents=amount_cents,
        currency=currency,
        description=description,
        client_reference=client_reference,
        metadata=metadata,
        success_url=success_url,
        cancel_url=cancel_url,
        expires_at=expires_at,
        customer_id=customer_id,
        email=email,
        saves_method=saves_method,
    )
    return ask(
        lambda: client().v1.checkout.sessions.create(params, options(account_id, idempotency_key)),
        lambda session: _session(session, account_id),
    )


def create_setup_page(
    account_id: str,
    *,
    customer_id: str,
    metadata: Mapping[str, str],
    success_url: str,
    cancel_url: str,
    idempotency_key: str,
) -> Outcome[CheckoutSession]:
    """Open a page on which a method is saved for the customer, with nothing charged."""
    params = setup_params(
        customer_id=customer_id, metadata=metadata, success_url=success_url, cancel_url=cancel_url
    )
    return ask(
        lambda: client().v1.checkout.sessions.create(params, options(account_id, idempotency_key)),
        lambda session: _session(session, account_id),
    )


def retrieve_checkout(account_id: str, session_id: str) -> Outcome[CheckoutSession]:
    """The session as it is now."""
    return ask(
        lambda: client().v1.checkout.sessions.retrieve(session_id, options=options(account_id)),
        lambda session: _session(session, account_id),
    )


def expire_checkout(
    account_id: str, session_id: str, *, idempotency_key: str
) -> Outcome[CheckoutSession]:
    """Close the page, so that nobody pays there any more; refused when it is not open."""
    return ask(
        lambda: client().v1.checkout.sessions.expire(
            session_id, options=options(account_id, idempotency_key)
        ),
        lambda session: _session(session, account_id),
    )


def create_params(
    *,
    amount_cents: int,
    currency: str,
    description: str,
    client_reference: str,
    metadata: Mapping[str, str],
    success_url: str,
    cancel_url: str,
    expires_at: datetime | None,
    customer_id: str | None,
    email: str,
    saves_method: bool,
) -> SessionCreateParams:
    """What is sent to open a session."""
    params: SessionCreateParams = {
        "mode": "payment",
        "ui_mode": "hosted_page",
        "submit_type": "pay",
        "allowed_payment_method_types": list(_METHODS),
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": currency,
                    "unit_amount": amount_cents,
                    "product_data": {"name": description},
                },
            }
        ],
        "payment_intent_data": {"description": description, "metadata": dict(metadata)},
        "metadata": dict(metadata),
        "client_reference_id": client_reference,
        "success_url": success_url,
        "cancel_url": cancel_url,
    }
    if expires_at is not None:
        params["expires_at"] = int(expires_at.timestamp())
    if customer_id is not None:
        params["customer"] = customer_id
        # What was saved while paying is for "limited" use: unasked, Stripe would not show it again.
        params["saved_payment_method_options"] = {"allow_redisplay_filters": list(_ANY_SAVED)}
    elif email:
        params["customer_email"] = email
    if saves_method:
        params["payment_intent_data"]["setup_future_usage"] = "off_session"
        if customer_id is None:
            params["customer_creation"] = "always"
    return params


def setup_params(
    *, customer_id: str, metadata: Mapping[str, str], success_url: str, cancel_url: str
) -> SessionCreateParams:
    """What is sent to open a page that saves a method."""
    return {
        "mode": "setup",
        "ui_mode": "hosted_page",
        "allowed_payment_method_types": list(_METHODS),
        "customer": customer_id,
        "setup_intent_data": {"metadata": dict(metadata)},
        "metadata": dict(metadata),
        "success_url": success_url,
        "cancel_url": cancel_url,
    }


def _session(session: stripe.checkout.Session, account_id: str) -> CheckoutSession:
    return CheckoutSession(
        id=fields.text(session, "id"),
        account_id=account_id,
        url=fields.text_or_empty(session, "url"),
        status=fields.one_of(SessionStatus, session, "status"),
        payment_status=fields.one_of(SessionPayment, session, "payment_status"),
        payment_intent_id=fields.reference(session, "payment_intent"),
        customer_id=fields.reference(session, "customer"),
        client_reference=fields.text_or_empty(session, "client_reference_id"),
        amount_cents=_amount_cents(session),
        currency=fields.text_or_empty(session, "currency"),
        created_at=fields.moment(session, "created"),
        expires_at=fields.moment(session, "expires_at"),
        metadata=fields.words(session, "metadata"),
        setup_intent_id=fields.reference(session, "setup_intent"),
    )


def _amount_cents(session: stripe.checkout.Session) -> int:
    is_told = fields.part(session, "amount_total") is not None
    return fields.cents(session, "amount_total") if is_told else 0
