"""Every parameter we send is one that Stripe knows, with a value that Stripe takes."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError
from stripe import params as known
from stripe.params.checkout import SessionCreateParams

from assure_app.domain.refund_reasons import STRIPE_REASON
from assure_app.stripe_gateway import accounts, charges, checkouts, customers, events, refunds
from tests.support.stripe_contract import (
    needs_descriptions,
    require_described_request,
    require_known_params,
    schema,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
PLAIN = checkouts.create_params(
    amount_cents=12_345,
    currency="usd",
    description="Invoice INV-1001",
    client_reference="INV-1001",
    metadata={"assure_checkout": "abc"},
    success_url="https://billing.example.com/pay/x",
    cancel_url="https://billing.example.com/pay/x",
    expires_at=None,
    customer_id=None,
    email="",
    saves_method=False,
)
FULL = checkouts.create_params(
    amount_cents=12_345,
    currency="usd",
    description="Invoice INV-1001",
    client_reference="INV-1001",
    metadata={"assure_checkout": "abc"},
    success_url="https://billing.example.com/pay/x",
    cancel_url="https://billing.example.com/pay/x",
    expires_at=NOON,
    customer_id=None,
    email="anita@patelfamily.example",
    saves_method=True,
)
SAVING = checkouts.create_params(
    amount_cents=12_345,
    currency="usd",
    description="Invoice INV-1001",
    client_reference="INV-1001",
    metadata={"assure_checkout": "abc"},
    success_url="https://billing.example.com/pay/x",
    cancel_url="https://billing.example.com/pay/x",
    expires_at=None,
    customer_id="cus_1",
    email="anita@patelfamily.example",
    saves_method=True,
)
POSTS: list[tuple[str, Any, type]] = [
    ("/v1/checkout/sessions", PLAIN, SessionCreateParams),
    ("/v1/checkout/sessions", FULL, SessionCreateParams),
    ("/v1/checkout/sessions", SAVING, SessionCreateParams),
    (
        "/v1/checkout/sessions",
        checkouts.setup_params(
            customer_id="cus_1",
            metadata={"assure_method_page": "abc"},
            success_url="https://billing.example.com/portal",
            cancel_url="https://billing.example.com/portal",
        ),
        SessionCreateParams,
    ),
    (
        "/v1/customers",
        customers.create_params(name="Anita", email="a@b.example", metadata={"assure_client": "7"}),
        known.CustomerCreateParams,
    ),
    (
        "/v1/accounts",
        accounts.create_params(email="a@b.example", country="US", metadata={"assure_firm": "7"}),
        known.AccountCreateParams,
    ),
    (
        "/v1/accounts",
        accounts.create_params(email="a@b.example", name="Chen", country="US", metadata={}),
        known.AccountCreateParams,
    ),
    (
        "/v1/account_links",
        accounts.link_params(
            "acct_1", return_url="https://b.example/a", refresh_url="https://b.example/b"
        ),
        known.AccountLinkCreateParams,
    ),
    *(
        (
            "/v1/refunds",
            refunds.create_params(
                charge_id="ch_1",
                amount_cents=12_345,
                reason=reason,
                metadata={"assure_refund": "abc", "assure_reason": "Service not rendered"},
            ),
            known.RefundCreateParams,
        )
        for reason in sorted(set(STRIPE_REASON.values()))
    ),
]
GETS: list[tuple[Any, type]] = [
    (charges.retrieve_params(), known.ChargeRetrieveParams),
    (charges.list_params("pi_1"), known.ChargeListParams),
    (refunds.list_params("ch_1"), known.RefundListParams),
    (customers.list_params("a@b.example"), known.CustomerListParams),
    (accounts.list_params(NOON, "acct_1"), known.AccountListParams),
    (events.list_params(NOON, {"charge.succeeded"}, "evt_1"), known.EventListParams),
]


@pytest.mark.parametrize(("params", "kind"), [post[1:] for post in POSTS] + GETS)
def test_every_name_is_one_of_the_librarys_typed_params(
    params: Mapping[str, object], kind: type
) -> None:
    require_known_params(params, kind)


def test_a_name_that_the_library_does_not_know_is_found() -> None:
    with pytest.raises(ValidationError, match="payment_method_types"):
        require_known_params({**PLAIN, "payment_method_types": ["card"]}, SessionCreateParams)
    with pytest.raises(ValidationError, match="unit_price"):
        require_known_params({"line_items": [{"unit_price": 1}]}, SessionCreateParams)


@needs_descriptions
@pytest.mark.parametrize(("path", "params"), [post[:2] for post in POSTS])
def test_every_value_is_one_that_the_description_allows(
    path: str, params: Mapping[str, object]
) -> None:
    require_described_request(path, params)


@needs_descriptions
def test_the_ways_to_pay_are_ways_that_stripe_describes() -> None:
    of_charge = schema("payment_method_details")["properties"]

    assert set(PLAIN["allowed_payment_method_types"]) <= set(of_charge)


def test_a_session_says_what_is_paid_and_whose_it_is() -> None:
    assert PLAIN == {
        "mode": "payment",
        "ui_mode": "hosted_page",
        "submit_type": "pay",
        "allowed_payment_method_types": ["card", "us_bank_account"],
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": "usd",
                    "unit_amount": 12_345,
                    "product_data": {"name": "Invoice INV-1001"},
                },
            }
        ],
        "payment_intent_data": {
            "description": "Invoice INV-1001",
            "metadata": {"assure_checkout": "abc"},
        },
        "metadata": {"assure_checkout": "abc"},
        "client_reference_id": "INV-1001",
        "success_url": "https://billing.example.com/pay/x",
        "cancel_url": "https://billing.example.com/pay/x",
    }


def test_a_session_that_saves_the_method_makes_someone_to_save_it_for() -> None:
    added = {name: value for name, value in FULL.items() if name not in PLAIN}

    assert added == {
        "expires_at": 1_795_176_000,
        "customer_email": "anita@patelfamily.example",
        "customer_creation": "always",
    }
    assert FULL["payment_intent_data"]["setup_future_usage"] == "off_session"


def test_a_customer_is_offered_all_they_saved_and_named_by_nothing_else() -> None:
    added = {name: value for name, value in SAVING.items() if name not in PLAIN}

    assert added == {
        "customer": "cus_1",
        "saved_payment_method_options": {
            "allow_redisplay_filters": ["always", "limited", "unspecified"]
        },
    }
    assert SAVING["payment_intent_data"]["setup_future_usage"] == "off_session"


def test_many_types_are_filtered_here_because_stripe_takes_twenty() -> None:
    assert "types" in events.list_params(NOON, [f"a.{number}" for number in range(20)])
    assert "types" not in events.list_params(NOON, [f"a.{number}" for number in range(21)])
