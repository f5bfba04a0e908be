"""What Stripe's objects become here, and that the description promises what we rely on."""

from datetime import UTC, datetime
from typing import Any

import pytest

from assure_app.stripe_gateway import accounts, charges, checkouts, customers, payment_intents
from assure_app.stripe_gateway.outcomes import Ok, Unknown
from assure_app.stripe_gateway.records import (
    Account,
    AccountLink,
    Charge,
    ChargeStatus,
    CheckoutSession,
    Customer,
    IntentStatus,
    PaymentIntent,
    SessionPayment,
    SessionStatus,
)
from tests.support.stripe_contract import example, needs_descriptions, schema
from tests.support.stripe_transports import Canned

CREATED = datetime(2009, 2, 13, 23, 31, 30, tzinfo=UTC)  # 1234567890, in all of Stripe's examples.


@needs_descriptions
@pytest.mark.parametrize(
    ("name", "field", "choices"),
    [
        ("charge", "status", ChargeStatus),
        ("payment_intent", "status", IntentStatus),
        ("checkout.session", "status", SessionStatus),
        ("checkout.session", "payment_status", SessionPayment),
    ],
)
def test_our_words_are_all_of_stripes(name: str, field: str, choices: Any) -> None:
    assert set(schema(name)["properties"][field]["enum"]) == set(choices)


@needs_descriptions
@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("charge", "id amount amount_refunded currency status disputed created"),
        ("payment_intent", "id status created"),
        ("checkout.session", "id payment_status created expires_at"),
        ("customer", "id"),
        ("account", "id"),
        ("account_link", "url expires_at"),
        ("event", "id type livemode created data"),
    ],
)
def test_what_we_cannot_do_without_is_always_there(name: str, fields: str) -> None:
    described = schema(name)

    assert set(fields.split()) <= set(described["required"])
    assert not any(described["properties"][each].get("nullable") for each in fields.split())


@needs_descriptions
@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("charge", "balance_transaction payment_intent customer payment_method_details"),
        ("charge", "failure_code failure_message receipt_url metadata payment_method"),
        (
            "payment_intent",
            "latest_charge customer last_payment_error metadata",
        ),
        (
            "checkout.session",
            "url payment_intent customer client_reference_id amount_total currency metadata",
        ),
        ("api_errors", "code decline_code message"),
        ("customer", "email metadata"),
        ("account", "charges_enabled payouts_enabled details_submitted requirements"),
        ("account", "metadata"),
        ("account_requirements", "disabled_reason currently_due"),
        ("balance_transaction", "fee"),
        ("payment_method_details", "type card us_bank_account"),
        ("payment_method_details_card", "brand last4 exp_month exp_year"),
        ("payment_method_details_us_bank_account", "bank_name last4"),
        ("event", "account"),
    ],
)
def test_what_we_look_at_when_it_is_there_has_that_name(name: str, fields: str) -> None:
    assert set(fields.split()) <= set(schema(name)["properties"])


@needs_descriptions
def test_a_charge_of_stripes_own(canned: Canned) -> None:
    canned.answers(example("charge") | {"balance_transaction": {"id": "txn_1", "fee": 33}})

    assert charges.retrieve_charge("acct_1", "ch_1") == Ok(
        Charge(
            id="ch_1PgafuB7WZ01zgkWXYmPNZs8",
            account_id="acct_1",
            amount_cents=100,
            amount_refunded_cents=0,
            fee_cents=33,
            currency="usd",
            status=ChargeStatus.SUCCEEDED,
            is_disputed=False,
            payment_intent_id=None,
            customer_id=None,
            method="card",
            brand_or_bank="Visa",
            last4="4242",
            expiry="08/30",
            failure_code="",
            failure_sentence="",
            receipt_url=example("charge")["receipt_url"],
            created_at=CREATED,
            metadata={},
            payment_method_id=example("charge")["payment_method"],
        )
    )


@needs_descriptions
@pytest.mark.parametrize("transaction", [None, "txn_1"])
def test_a_fee_that_is_not_told_yet_is_none(canned: Canned, transaction: str | None) -> None:
    canned.answers(example("charge") | {"balance_transaction": transaction})

    outcome = charges.retrieve_charge("acct_1", "ch_1")

    assert isinstance(outcome, Ok)
    assert outcome.value.fee_cents is None


@needs_descriptions
def test_a_bank_account_has_a_bank_and_no_expiry(canned: Canned) -> None:
    bank = {"bank_name": "STRIPE TEST BANK", "last4": "6789", "account_type": "checking"}
    canned.answers(
        example("charge")
        | {
            "status": "failed",
            "failure_code": "R01",
            "failure_message": "There was too little on the account.",
            "payment_intent": {"id": "pi_1", "object": "payment_intent"},
            "metadata": {"assure_checkout": "abc"},
            "payment_method_details": {"type": "us_bank_account", "us_bank_account": bank},
        }
    )

    outcome = charges.retrieve_charge("acct_1", "ch_1")

    assert isinstance(outcome, Ok)
    charge = outcome.value
    assert (charge.method, charge.brand_or_bank) == ("us_bank_account", "STRIPE TEST BANK")
    assert (charge.last4, charge.expiry) == ("6789", "")
    assert charge.status is ChargeStatus.FAILED
    assert charge.failure_sentence == "There was too little on the account."
    assert charge.payment_intent_id == "pi_1"
    assert charge.metadata == {"assure_checkout": "abc"}


@needs_descriptions
def test_a_checkout_session_of_stripes_own(canned: Canned) -> None:
    canned.answers(example("checkout.session") | {"amount_total": 500, "currency": "usd"})

    assert checkouts.retrieve_checkout("acct_1", "cs_1") == Ok(
        CheckoutSession(
            id=example("checkout.session")["id"],
            account_id="acct_1",
            url=example("checkout.session")["url"],
            status=SessionStatus.OPEN,
            payment_status=SessionPayment.UNPAID,
            payment_intent_id="pi_1PgafyB7WZ01zgkWSjxsAJo3",
            customer_id=None,
            client_reference="",
            amount_cents=500,
            currency="usd",
            created_at=CREATED,
            expires_at=CREATED,
            metadata={},
        )
    )


@needs_descriptions
def test_a_page_of_the_firms_own_that_takes_no_money_can_be_read(canned: Canned) -> None:
    canned.answers(example("checkout.session") | {"mode": "setup", "amount_total": None})

    outcome = checkouts.retrieve_checkout("acct_1", "cs_1")

    assert isinstance(outcome, Ok)
    assert (outcome.value.amount_cents, outcome.value.currency) == (0, "")


@needs_descriptions
def test_a_payment_intent_of_stripes_own(canned: Canned) -> None:
    error = {
        "type": "card_error",
        "code": "card_declined",
        "decline_code": "insufficient_funds",
        "message": "Your card has insufficient funds.",
    }
    canned.answers(
        example("payment_intent") | {"latest_charge": "ch_1", "last_payment_error": error}
    )

    assert payment_intents.retrieve_payment_intent("acct_1", "pi_1") == Ok(
        PaymentIntent(
            id="pi_1PgafyB7WZ01zgkWSjxsAJo3",
            account_id="acct_1",
            status=IntentStatus.NEEDS_METHOD,
            amount_cents=1099,
            currency="usd",
            latest_charge_id="ch_1",
            customer_id=None,
            error_code="card_declined",
            error_decline_code="insufficient_funds",
            error_sentence="Your card has insufficient funds.",
            created_at=CREATED,
            metadata={},
        )
    )


@needs_descriptions
def test_an_account_its_link_and_a_customer_of_stripes_own(canned: Canned) -> None:
    account, link = example("account"), example("account_link")
    canned.answers(account, link, example("customer"))

    assert accounts.retrieve_account("acct_1") == Ok(
        Account(
            id=account["id"],
            charges_enabled=False,
            payouts_enabled=False,
            details_submitted=False,
            disabled_reason="requirements.past_due",
            wanted=tuple(account["requirements"]["currently_due"]),
        )
    )
    assert accounts.create_account_link(
        "acct_1",
        return_url="https://a.example",
        refresh_url="https://b.example",
        idempotency_key="k",
    ) == Ok(AccountLink(url=link["url"], expires_at=CREATED))
    assert customers.create_customer(
        "acct_1", name="A", email="", metadata={}, idempotency_key="k"
    ) == Ok(Customer(id="cus_QXg1o8vcGmoR32", account_id="acct_1", email="", metadata={}))


CHARGE = {
    "id": "ch_1",
    "amount": 100,
    "amount_refunded": 0,
    "currency": "usd",
    "status": "succeeded",
    "disputed": False,
    "created": 1234567890,
}


@pytest.mark.parametrize(
    "broken",
    [
        {"id": ""},
        {"id": 7},
        {"amount": "100"},
        {"amount": 1.5},
        {"amount": True},
        {"amount": -1},
        {"amount": None},
        {"status": "refunded"},
        {"status": None},
        {"disputed": "no"},
        {"created": 10**20},
        {"metadata": {"a": 1}},
        {"metadata": ["a"]},
        {"payment_intent": {"object": "payment_intent"}},
        {"balance_transaction": {"fee": "3"}},
        {"receipt_url": 7},
        {"payment_method_details": {"type": "card", "card": {"exp_month": "1", "exp_year": 2030}}},
    ],
)
def test_an_answer_that_makes_no_sense_leaves_it_unknown(
    canned: Canned, broken: dict[str, object]
) -> None:
    canned.answers(CHARGE)
    assert isinstance(charges.retrieve_charge("acct_1", "ch_1"), Ok)

    canned.answers(CHARGE | broken)
    assert charges.retrieve_charge("acct_1", "ch_1") == Unknown(reason="malformed")


@pytest.mark.parametrize("answer", [[], [1], "text", 7, None, {"data": {}}, {}])
def test_an_answer_of_another_kind_leaves_it_unknown(canned: Canned, answer: object) -> None:
    canned.answers(answer)

    assert isinstance(charges.retrieve_charge("acct_1", "ch_1"), Unknown)
    assert isinstance(charges.list_charges("acct_1", "pi_1"), Unknown)
    assert isinstance(checkouts.retrieve_checkout("acct_1", "cs_1"), Unknown)
