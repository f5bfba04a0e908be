"""Each way in which Stripe says no, or nothing, is told apart; and no secret is told to anybody."""

import logging
from collections.abc import Mapping
from typing import Any

import pytest
import stripe

from assure_app.stripe_gateway import charges, checkouts
from assure_app.stripe_gateway.outcomes import Ok, Outcome, Reason, Refused, Unknown
from assure_app.stripe_gateway.records import CheckoutSession
from tests.support.stripe_contract import needs_descriptions, schema
from tests.support.stripe_transports import Answer, Canned, stripe_over

SESSION = {
    "id": "cs_1",
    "url": "https://checkout.example/cs_1",
    "status": "open",
    "payment_status": "unpaid",
    "amount_total": 500,
    "currency": "usd",
    "created": 1,
    "expires_at": 2,
}


def create() -> Outcome[CheckoutSession]:
    return checkouts.create_checkout(
        "acct_1",
        amount_cents=500,
        description="Invoice INV-1",
        client_reference="INV-1",
        metadata={"assure_checkout": "abc"},
        success_url="https://a.example",
        cancel_url="https://a.example",
        idempotency_key="key-1",
    )


@pytest.mark.parametrize(
    ("status", "error", "outcome"),
    [
        (
            402,
            {
                "type": "card_error",
                "code": "card_declined",
                "decline_code": "insufficient_funds",
                "message": "Your card has insufficient funds.",
            },
            Refused(
                reason=Reason.DECLINED,
                code="card_declined",
                sentence="Your card has insufficient funds.",
                decline_code="insufficient_funds",
            ),
        ),
        (
            402,
            {"type": "card_error", "code": "card_declined", "message": "x" * 301},
            Refused(
                reason=Reason.DECLINED,
                code="card_declined",
                sentence="The payment was declined. Try another card or bank account.",
            ),
        ),
        (
            404,
            {
                "type": "invalid_request_error",
                "code": "resource_missing",
                "message": "No such checkout.session: 'cs_secret'",
            },
            Refused(
                reason=Reason.MISSING,
                code="resource_missing",
                sentence="Stripe does not know this payment.",
            ),
        ),
        (
            400,
            {"type": "invalid_request_error", "code": "amount_too_small", "message": "secret"},
            Refused(
                reason=Reason.INVALID,
                code="amount_too_small",
                sentence="The amount is below the least that Stripe takes.",
            ),
        ),
        (
            400,
            {"type": "invalid_request_error", "message": "Received unknown parameter: secret"},
            Refused(reason=Reason.INVALID, code="invalid", sentence="Stripe did not accept this."),
        ),
        (
            400,
            {"type": "invalid_request_error", "code": "<script>", "message": "secret"},
            Refused(reason=Reason.INVALID, code="invalid", sentence="Stripe did not accept this."),
        ),
        (
            400,
            {"type": "idempotency_error", "message": "Keys for idempotent requests: secret"},
            Refused(
                reason=Reason.KEY_REUSED,
                code="key_reused",
                sentence="Stripe knows this request with other figures. Start again.",
            ),
        ),
        (
            401,
            {"type": "invalid_request_error", "message": "Invalid API Key: sk_test_secret"},
            Refused(
                reason=Reason.BAD_KEY,
                code="bad_key",
                sentence=("Stripe does not accept this installation’s key. Tell whoever runs it."),
            ),
        ),
        (
            403,
            {
                "type": "invalid_request_error",
                "code": "account_invalid",
                "message": "The provided key 'sk_secret' does not have access to 'acct_1'.",
            },
            Refused(
                reason=Reason.NO_ACCESS,
                code="account_invalid",
                sentence="The firm’s Stripe account is not connected any more.",
            ),
        ),
        (
            400,
            {"type": "invalid_request_error", "code": "account_invalid", "message": "secret"},
            Refused(
                reason=Reason.NO_ACCESS,
                code="account_invalid",
                sentence="The firm’s Stripe account is not connected any more.",
            ),
        ),
        (
            400,
            {"type": "idempotency_error", "code": "idempotency_key_in_use"},
            Unknown(reason="status_400"),
        ),
        (
            409,
            {"type": "invalid_request_error", "code": "idempotency_key_in_use"},
            Unknown(reason="status_409"),
        ),
        (
            400,
            {"type": "invalid_request_error", "code": "rate_limit"},
            Unknown(reason="rate_limited"),
        ),
        (
            429,
            {"type": "invalid_request_error", "code": "rate_limit"},
            Unknown(reason="rate_limited"),
        ),
        (
            429,
            {"type": "invalid_request_error", "code": "lock_timeout"},
            Unknown(reason="rate_limited"),
        ),
        (500, {"type": "api_error", "message": "secret"}, Unknown(reason="status_500")),
        (503, {"type": "api_error"}, Unknown(reason="status_503")),
        (302, {"type": "api_error"}, Unknown(reason="status_302")),
    ],
)
def test_what_an_error_means(
    canned: Canned,
    caplog: pytest.LogCaptureFixture,
    status: int,
    error: Mapping[str, Any],
    outcome: Refused | Unknown,
) -> None:
    canned.answers({"error": error}, status=status)

    with caplog.at_level(logging.DEBUG):
        assert create() == outcome

    assert "secret" not in repr(outcome)
    assert "secret" not in caplog.text


@pytest.mark.parametrize("status", [200, 400, 402, 403, 404, 500, 503])
@pytest.mark.parametrize("body", [b"", b"<html>busy</html>", b"\xff\xfe", b'{"error', b"7", b"[]"])
def test_garbage_leaves_it_unknown(canned: Canned, status: int, body: bytes) -> None:
    canned.answers(Answer(status=status, body=body))

    assert isinstance(create(), Unknown)


@pytest.mark.parametrize("error", ["text", [], {}, None, 7, {"type": 7, "code": 7, "message": 7}])
def test_an_error_without_a_word_is_never_ok(canned: Canned, error: object) -> None:
    canned.answers({"error": error}, status=500)

    assert isinstance(create(), Unknown)


def test_no_answer_leaves_it_unknown(canned: Canned) -> None:
    problem = stripe.APIConnectionError("ReadTimeout")  # type: ignore[no-untyped-call]
    canned.answers(problem)

    assert create() == Unknown(reason="no_answer")
    assert charges.retrieve_charge("acct_1", "ch_1") == Unknown(reason="no_answer")


def test_what_is_tried_again_keeps_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0)
    lost = stripe.APIConnectionError("ConnectError", should_retry=True)  # type: ignore[no-untyped-call]
    canned = Canned()
    canned.answers(lost, Answer(status=500, body=b'{"error": {"type": "api_error"}}'), SESSION)

    with stripe_over(canned, most_retries=2):
        outcome = create()

    assert isinstance(outcome, Ok)
    assert [each.headers["Idempotency-Key"] for each in canned.sent] == ["key-1"] * 3


def test_there_is_an_end_to_trying_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0)
    canned = Canned()
    canned.answers({"error": {"type": "api_error"}}, status=500)

    with stripe_over(canned, most_retries=2):
        assert create() == Unknown(reason="status_500")

    assert len(canned.sent) == 3


@needs_descriptions
def test_these_are_all_the_kinds_of_error_that_stripe_describes() -> None:
    assert set(schema("api_errors")["properties"]["type"]["enum"]) == {
        "api_error",
        "card_error",
        "idempotency_error",
        "invalid_request_error",
    }
