"""The sentences in which banks decline."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Decline:
    """A charge that failed: Stripe's code, the bank's own code, and the sentence for people."""

    code: str
    decline_code: str
    sentence: str


_OWN_CODE = {
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
}
_CARD_SENTENCES = {
    "insufficient_funds": "Your card has insufficient funds.",
    "test_mode_live_card": "Your card was declined. Your request was in test mode, but used a non"
    " test card. For a list of valid test cards, visit: https://stripe.com/docs/testing.",
}
_BANK_SENTENCES = {
    "account_closed": "The customer's bank account has been closed.",
    "debit_not_authorized": "The customer has notified their bank that this payment was"
    " unauthorized.",
    "insufficient_funds": "The customer's account has insufficient funds to cover this payment.",
    "invalid_currency": "The bank account can't be debited in this currency.",
    "no_account": "The customer's bank account could not be located.",
}
AUTHENTICATION_REQUIRED = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
)
AUTHENTICATION_FAILED = Decline(
    "payment_intent_authentication_failure",
    "",
    "We are unable to authenticate your payment method. Please choose a different payment method"
    " and try again.",
)


def of_card(decline_code: str) -> Decline:
    """How a card's bank declines."""
    if decline_code in _OWN_CODE:
        return Decline(decline_code, decline_code, _OWN_CODE[decline_code])
    sentence = _CARD_SENTENCES.get(decline_code, "Your card was declined.")
    return Decline("card_declined", decline_code, sentence)


def of_bank(failure_code: str) -> Decline:
    """How a bank returns a debit."""
    sentence = _BANK_SENTENCES.get(failure_code, "The customer's bank declined this payment.")
    return Decline(failure_code, "", sentence)
