"""The five reasons for a refund, and the three that Stripe accepts (R081, R085)."""

from enum import StrEnum


class RefundReason(StrEnum):
    """Why money goes back, kept in full on our side for audit (R086)."""

    DUPLICATE = "Duplicate"
    FRAUDULENT = "Fraudulent"
    REQUESTED_BY_CUSTOMER = "Requested by customer"
    SERVICE_NOT_RENDERED = "Service not rendered"
    OTHER = "Other"


STRIPE_REASON = {
    RefundReason.DUPLICATE: "duplicate",
    RefundReason.FRAUDULENT: "fraudulent",
    RefundReason.REQUESTED_BY_CUSTOMER: "requested_by_customer",
    RefundReason.SERVICE_NOT_RENDERED: "requested_by_customer",
    RefundReason.OTHER: "requested_by_customer",
}
