"""What Stripe says of saved methods, of the wish to save one, and of the leave to debit one."""

from typing import Any

import pytest

from assure_app.stripe_gateway import customers, mandates, payment_methods, setup_intents
from assure_app.stripe_gateway.outcomes import Ok, Reason, Refused, Unknown
from assure_app.stripe_gateway.records import Customer, Mandate, PaymentMethod, SetupIntent
from tests.support.stripe_contract import example, needs_descriptions, schema
from tests.support.stripe_transports import Canned

CARD: dict[str, Any] = {
    "id": "pm_1",
    "customer": "cus_1",
    "type": "card",
    "card": {"brand": "visa", "last4": "4242", "exp_month": 4, "exp_year": 2030},
}


@needs_descriptions
@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("payment_method", "id type"),
        ("setup_intent", "id status"),
        ("mandate", "id payment_method type status"),
    ],
)
def test_what_we_cannot_do_without_is_always_there(name: str, fields: str) -> None:
    described = schema(name)

    assert set(fields.split()) <= set(described["required"])
    assert not any(described["properties"][each].get("nullable") for each in fields.split())


@needs_descriptions
def test_the_words_we_look_for_are_stripes() -> None:
    described = schema("mandate")["properties"]

    assert set(described["status"]["enum"]) == {"active", "inactive", "pending"}
    assert set(described["type"]["enum"]) == {"multi_use", "single_use"}
    assert {"card", "us_bank_account"} <= set(
        schema("payment_method")["properties"]["type"]["enum"]
    )
    assert {"customer", "card", "us_bank_account"} <= set(schema("payment_method")["properties"])
    assert "payment_method" in schema("setup_intent")["properties"]


def test_a_card_is_known_by_its_name_its_last_four_and_its_expiry(canned: Canned) -> None:
    canned.answers(CARD)

    assert payment_methods.retrieve_payment_method("acct_1", "pm_1") == Ok(
        PaymentMethod(
            id="pm_1",
            account_id="acct_1",
            customer_id="cus_1",
            kind="card",
            brand_or_bank="Visa",
            last4="4242",
            expiry="04/30",
        )
    )


def test_a_bank_account_has_no_expiry_and_once_detached_no_customer(canned: Canned) -> None:
    bank = {"bank_name": "STRIPE TEST BANK", "last4": "6789"}
    canned.answers(
        {"id": "pm_1", "customer": None, "type": "us_bank_account", "us_bank_account": bank}
    )

    outcome = payment_methods.detach_payment_method("acct_1", "pm_1", idempotency_key="key-1")

    assert isinstance(outcome, Ok)
    assert (outcome.value.customer_id, outcome.value.brand_or_bank, outcome.value.expiry) == (
        None,
        "STRIPE TEST BANK",
        "",
    )
    (asked,) = canned.sent
    assert asked.path == "/v1/payment_methods/pm_1/detach"
    assert (asked.headers["Idempotency-Key"], asked.headers["Stripe-Account"]) == (
        "key-1",
        "acct_1",
    )


@needs_descriptions
def test_stripes_own_examples_can_be_read(canned: Canned) -> None:
    method, intent, mandate = (
        example(name) for name in ("payment_method", "setup_intent", "mandate")
    )
    canned.answers(method, intent | {"payment_method": "pm_2"}, mandate)

    assert isinstance(payment_methods.retrieve_payment_method("acct_1", "pm_1"), Ok)
    assert setup_intents.retrieve_setup_intent("acct_1", "seti_1") == Ok(
        SetupIntent(id=intent["id"], account_id="acct_1", payment_method_id="pm_2")
    )
    assert mandates.retrieve_mandate("acct_1", "mandate_1") == Ok(
        Mandate(
            id=mandate["id"],
            account_id="acct_1",
            payment_method_id=mandate["payment_method"],
            is_lasting=True,
            is_void=mandate["status"] == "inactive",
        )
    )


def test_customers_are_found_by_their_e_mail(canned: Canned) -> None:
    canned.answers(
        {"data": [{"id": "cus_1", "email": "a@b.example", "metadata": {"assure_client": "7"}}]}
    )

    assert customers.list_customers("acct_1", email="a@b.example") == Ok(
        (
            Customer(
                id="cus_1",
                account_id="acct_1",
                email="a@b.example",
                metadata={"assure_client": "7"},
            ),
        )
    )


@pytest.mark.parametrize(
    "broken",
    [{"id": 7}, {"type": None}, {"customer": 7}, {"card": {"last4": 4242}}],
)
def test_an_answer_that_makes_no_sense_leaves_it_unknown(
    canned: Canned, broken: dict[str, object]
) -> None:
    canned.answers(CARD | broken)

    assert payment_methods.retrieve_payment_method("acct_1", "pm_1") == Unknown(reason="malformed")


def test_a_method_that_is_not_there_is_refused(canned: Canned) -> None:
    error = {"type": "invalid_request_error", "code": "resource_missing", "message": "No such."}
    canned.answers({"error": error}, status=404)

    outcome = payment_methods.detach_payment_method("acct_1", "pm_1", idempotency_key="key-1")

    assert isinstance(outcome, Refused)
    assert outcome.reason is Reason.MISSING
