"""Five reasons on our side, three on Stripe's (R081, R085, R086)."""

from assure_app.domain.refund_reasons import STRIPE_REASON, RefundReason


def test_the_picker_offers_the_five_reasons_in_order() -> None:
    assert [reason.value for reason in RefundReason] == [
        "Duplicate",
        "Fraudulent",
        "Requested by customer",
        "Service not rendered",
        "Other",
    ]


def test_every_reason_is_told_to_stripe_in_its_words() -> None:
    assert {reason.value: STRIPE_REASON[reason] for reason in RefundReason} == {
        "Duplicate": "duplicate",
        "Fraudulent": "fraudulent",
        "Requested by customer": "requested_by_customer",
        "Service not rendered": "requested_by_customer",
        "Other": "requested_by_customer",
    }
