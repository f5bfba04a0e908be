"""Each refusal carries its values and the sentence a user reads."""

import pytest

from assure_app.domain import errors


@pytest.mark.parametrize(
    ("refusal", "field", "sentence"),
    [
        (
            errors.AmountExceedsBalance(requested_cents=150_001, balance_cents=150_000),
            "amount",
            "The most you can record is $1,500.00.",
        ),
        (
            errors.RefundExceedsRefundable(requested_cents=2, refundable_cents=1),
            "amount",
            "The most you can refund is $0.01.",
        ),
        (
            errors.AmountNotPositive(requested_cents=-1),
            "amount",
            "Enter an amount greater than $0.00.",
        ),
        (
            errors.NotPayable("Draft"),
            "",
            "This invoice is Draft. A payment can be recorded on an open one only.",
        ),
        (
            errors.NotFound("invoice"),
            "",
            "This invoice does not exist, or you may not see it.",
        ),
        (
            errors.InvalidInput({"amount": "Enter an amount.", "date": "Enter a date."}),
            "",
            "Enter an amount. Enter a date.",
        ),
    ],
)
def test_a_refusal_says_what_to_do(refusal: errors.BillingError, field: str, sentence: str) -> None:
    assert refusal.field == field
    assert refusal.sentence == sentence
    assert refusal.retryable is False


def test_only_a_busy_database_is_worth_the_same_request_again() -> None:
    assert errors.Busy().retryable is True
    assert errors.FormAlreadyUsed().retryable is False


def test_problems_are_kept_apart_from_the_dictionary_they_came_in() -> None:
    problems = {"amount": "Enter an amount."}

    refusal = errors.InvalidInput(problems)
    problems.clear()

    assert refusal.problems == {"amount": "Enter an amount."}
