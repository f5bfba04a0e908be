"""What an error of Stripe's library means for the act that met it."""

from typing import Any

import stripe

from assure_app.stripe_gateway.outcomes import Reason, Refused, Unknown

_REASON_OF_ERROR = (
    (stripe.CardError, Reason.DECLINED),
    (stripe.PermissionError, Reason.NO_ACCESS),
    (stripe.AuthenticationError, Reason.BAD_KEY),
    (stripe.IdempotencyError, Reason.KEY_REUSED),
)
_REASON_OF_CODE = {
    "account_closed": Reason.NO_ACCESS,
    "account_invalid": Reason.NO_ACCESS,
    "resource_missing": Reason.MISSING,
}
_LONGEST_SENTENCE = 300
_LONGEST_CODE = 100
_SENTENCES = {
    Reason.DECLINED: "The payment was declined. Try another card or bank account.",
    Reason.MISSING: "Stripe does not know this payment.",
    Reason.NO_ACCESS: "The firm’s Stripe account is not connected any more.",
    Reason.KEY_REUSED: "Stripe knows this request with other figures. Start again.",
    Reason.BAD_KEY: "Stripe does not accept this installation’s key. Tell whoever runs it.",
    Reason.INVALID: "Stripe did not accept this.",
}
_SENTENCE_OF_CODE = {
    "charge_already_refunded": "Stripe says that this payment was refunded already.",
    "charge_disputed": "The payer’s bank contests this payment, so Stripe does not refund it.",
    "balance_insufficient": "The firm’s Stripe balance is too low for this refund.",
    "refund_disputed_payment": (
        "The payer’s bank contests this payment, so Stripe does not refund it."
    ),
    "amount_too_small": "The amount is below the least that Stripe takes.",
    "amount_too_large": "The amount is above the most that Stripe takes.",
    "account_country_invalid_address": "Stripe wants the address of the firm’s account put right.",
    "checkout_session_expired": "This payment page has expired. Start again.",
    "email_invalid": "Stripe does not accept this email address.",
    "livemode_mismatch": "This belongs to Stripe’s test mode, or the other way round.",
    "payment_method_unexpected_state": (
        "This card or bank account is not saved at Stripe any more."
    ),
    "url_invalid": "Stripe does not accept the address to come back to.",
}


def outcome_of(error: stripe.StripeError) -> Refused | Unknown:
    """Refused when Stripe certainly did nothing and never will, else Unknown."""
    reason = _reason_of(error)
    if reason is None:
        return Unknown(reason=_word_for(error))
    code = _word(error.code or _told(error, "code")) or reason.value
    return Refused(
        reason=reason,
        code=code,
        sentence=_sentence(error, reason, code),
        decline_code=_word(_told(error, "decline_code")),
        payment_intent_id=_word(getattr(_told(error, "payment_intent"), "id", "")),
        charge_id=_word(_told(error, "charge")),
    )


def _reason_of(error: stripe.StripeError) -> Reason | None:
    code = error.code or _told(error, "code")
    if code == "idempotency_key_in_use":
        return None  # Another request under this key is under way, and may well do it.
    if isinstance(error, stripe.InvalidRequestError):
        return _REASON_OF_CODE.get(code, Reason.INVALID)
    return next((reason for kind, reason in _REASON_OF_ERROR if isinstance(error, kind)), None)


def _sentence(error: stripe.StripeError, reason: Reason, code: str) -> str:
    """A decline is told in Stripe's own words, which are made for the payer; all else in ours,
    because what Stripe writes to developers may name ids and parts of keys."""
    if reason is Reason.DECLINED:
        told = " ".join(str(_told(error, "message") or "").split())
        if told.isprintable() and 0 < len(told) <= _LONGEST_SENTENCE:
            return told
    return _SENTENCE_OF_CODE.get(code, _SENTENCES[reason])


def _told(error: stripe.StripeError, name: str) -> Any:
    return getattr(error.error, name, None) if error.error is not None else None


def _word(value: object) -> str:
    """A code as it may stand in a row: letters, digits and underscores, or nothing."""
    word = value if isinstance(value, str) else ""
    is_plain = word.isascii() and word.replace("_", "").isalnum()
    return word[:_LONGEST_CODE] if is_plain else ""


def _word_for(error: stripe.StripeError) -> str:
    if isinstance(error, stripe.APIConnectionError):
        return "no_answer"
    if isinstance(error, stripe.RateLimitError):
        return "rate_limited"
    status = error.http_status
    return f"status_{status}" if isinstance(status, int) else "no_answer"
