"""A saved method is charged with nobody present, at the local Stripe: charged, declined, under way,
refused, repeated under its key, and found by its metadata."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from stripe.params import PaymentIntentCreateParams, PaymentIntentListParams

from assure_app import sandbox_keys
from assure_app.sandbox.stripe import make_app
from assure_app.settings import get_settings
from assure_app.stripe_gateway import charges, customers, payment_intents, payment_methods
from assure_app.stripe_gateway.client import client
from assure_app.stripe_gateway.outcomes import Ok, Outcome, Reason, Refused, Unknown, Value
from assure_app.stripe_gateway.records import ChargeStatus, IntentStatus, PaymentIntent
from tests.support.stripe_contract import (
    needs_descriptions,
    require_described_request,
    require_known_params,
    schema,
)
from tests.support.stripe_transports import Canned, InProcess, stripe_over

CHEN = "acct_1ChenAdvisory"
NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
PARAMS = payment_intents.create_params(
    amount_cents=12_345,
    currency="usd",
    customer_id="cus_1",
    method_id="pm_1",
    method_kind="us_bank_account",
    description="Invoice INV-1001",
    metadata={"assure_checkout": "token-1"},
)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[None]:
    """A local Stripe that the gateway asks."""
    app = make_app(tmp_path, keys=sandbox_keys.read(get_settings()), now=lambda: NOW)
    with stripe_over(InProcess(app)):
        yield
    app.state.sandbox.close()


def known(outcome: Outcome[Value]) -> Value:
    assert isinstance(outcome, Ok), outcome
    return outcome.value


def saved(test_method: str) -> tuple[str, str]:
    """A customer, and a method that they saved."""
    customer = known(
        customers.create_customer(
            CHEN,
            name="Patel Family",
            email="anita@patelfamily.example",
            metadata={},
            idempotency_key="customer",
        )
    )
    method = client().v1.payment_methods.attach(
        test_method, {"customer": customer.id}, {"stripe_account": CHEN}
    )
    return customer.id, method.id


def charged(
    customer_id: str, method_id: str, *, kind: str = "card", key: str = "key-1"
) -> Outcome[PaymentIntent]:
    return payment_intents.charge_off_session(
        CHEN,
        amount_cents=12_345,
        currency="usd",
        customer_id=customer_id,
        method_id=method_id,
        method_kind=kind,
        description="Invoice INV-1001",
        metadata={"assure_checkout": "token-1"},
        idempotency_key=key,
    )


def test_every_name_and_value_is_stripes() -> None:
    require_known_params(PARAMS, PaymentIntentCreateParams)
    require_known_params(payment_intents.list_params("cus_1", NOW), PaymentIntentListParams)


@needs_descriptions
def test_the_description_takes_what_is_sent() -> None:
    require_described_request("/v1/payment_intents", PARAMS)
    error = schema("api_errors")["properties"]
    assert {"charge", "decline_code", "payment_intent"} <= set(error)
    assert "reason" in schema("charge_outcome")["properties"]


@pytest.mark.usefixtures("sandbox")
def test_a_card_is_charged_once_under_one_key() -> None:
    customer_id, method_id = saved("pm_card_visa")

    first = known(charged(customer_id, method_id))
    second = known(charged(customer_id, method_id))

    assert first == second
    assert first.status is IntentStatus.SUCCEEDED
    charge = first.latest_charge
    assert charge is not None
    assert (charge.id, charge.status) == (first.latest_charge_id, ChargeStatus.SUCCEEDED)
    assert (charge.amount_cents, charge.last4) == (12_345, "4242")
    assert (charge.payment_method_id, charge.customer_id) == (method_id, customer_id)
    assert charge.metadata == {"assure_checkout": "token-1"}
    assert charge.decline_code == ""


@pytest.mark.usefixtures("sandbox")
def test_a_bank_payment_is_under_way() -> None:
    customer_id, method_id = saved("pm_usBankAccount_success")

    intent = known(charged(customer_id, method_id, kind="us_bank_account"))

    assert intent.status is IntentStatus.PROCESSING
    assert intent.latest_charge is not None
    assert intent.latest_charge.status is ChargeStatus.PENDING


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize(
    ("test_method", "code", "decline_code", "on_charge"),
    [
        (
            "pm_card_chargeCustomerFail",
            "card_declined",
            "generic_decline",
            ("card_declined", "generic_decline"),
        ),
        (
            "pm_card_authenticationRequiredOnSetup",
            "authentication_required",
            "authentication_required",
            ("authentication_required", "authentication_required"),
        ),
    ],
)
def test_a_decline_names_its_intent_and_its_failed_charge(
    test_method: str, code: str, decline_code: str, on_charge: tuple[str, str]
) -> None:
    customer_id, method_id = saved(test_method)

    refusal = charged(customer_id, method_id)
    repeated = charged(customer_id, method_id)

    assert isinstance(refusal, Refused)
    assert refusal == repeated
    assert refusal.reason is Reason.DECLINED
    assert (refusal.code, refusal.decline_code) == (code, decline_code)
    assert refusal.sentence.startswith("Your card was declined.")
    (charge,) = known(charges.list_charges(CHEN, refusal.payment_intent_id))
    assert (charge.id, charge.status) == (refusal.charge_id, ChargeStatus.FAILED)
    assert (charge.failure_code, charge.decline_code) == on_charge
    assert charge.metadata == {"assure_checkout": "token-1"}


@pytest.mark.usefixtures("sandbox")
def test_a_method_that_was_removed_is_refused_without_a_charge() -> None:
    customer_id, method_id = saved("pm_card_visa")
    known(payment_methods.detach_payment_method(CHEN, method_id, idempotency_key="detach"))

    refusal = charged(customer_id, method_id)

    assert refusal == Refused(
        reason=Reason.INVALID,
        code="payment_method_unexpected_state",
        sentence="This card or bank account is not saved at Stripe any more.",
    )


@pytest.mark.usefixtures("sandbox")
def test_a_charge_is_found_by_its_metadata() -> None:
    customer_id, method_id = saved("pm_card_visa")
    made = known(charged(customer_id, method_id))

    def found(value: str, since: datetime = NOW - timedelta(days=1)) -> PaymentIntent | None:
        return known(
            payment_intents.find_payment_intent(
                CHEN, customer_id=customer_id, since=since, key="assure_checkout", value=value
            )
        )

    assert (found("token-1") or made).id == made.id
    assert found("token-1") is not None
    assert found("token-2") is None
    assert found("token-1", NOW + timedelta(seconds=1)) is None


@pytest.mark.usefixtures("sandbox")
def test_what_is_under_way_can_be_given_up() -> None:
    customer_id, method_id = saved("pm_usBankAccount_processing")
    intent = known(charged(customer_id, method_id, kind="us_bank_account"))

    canceled = payment_intents.cancel_payment_intent(CHEN, intent.id, idempotency_key="cancel")

    assert known(canceled).status is IntentStatus.CANCELED


def test_an_answer_that_cannot_be_read_is_unknown(canned: Canned) -> None:
    canned.answers({"id": "pi_1", "object": "payment_intent", "status": "dancing"})

    assert charged("cus_1", "pm_1") == Unknown(reason="malformed")


def test_the_asking_carries_key_and_account(canned: Canned) -> None:
    canned.answers({})

    charged("cus_1", "pm_1", key="key-7")

    (asked,) = canned.sent
    assert asked.headers["Idempotency-Key"] == "key-7"
    assert asked.headers["Stripe-Account"] == CHEN
