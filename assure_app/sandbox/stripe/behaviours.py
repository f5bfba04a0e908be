"""How Stripe's test cards and bank accounts behave. A number is looked up, then forgotten."""

from dataclasses import dataclass
from datetime import date

from assure_app.sandbox.stripe.errors import ApiError

NON_TEST_CARD = "non_test_card"


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A test card, and what happens when it is charged."""

    number: str
    name: str = ""
    brand: str = "visa"
    funding: str = "credit"
    decline_code: str = ""
    declines_when: str = "always"  # or "after attaching"
    authentication: str = ""  # "on setup", or "always"
    dispute: str = ""
    refund: str = ""  # "pending", or "fails later"

    @property
    def last4(self) -> str:
        return self.number[-4:]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """A test bank account, and what becomes of a debit."""

    number: str
    name: str = ""
    failure_code: str = ""
    dispute: str = ""
    never_settles: bool = False

    @property
    def last4(self) -> str:
        return self.number[-4:]


_CARDS = (
    Card(number="4242424242424242", name="pm_card_visa"),
    Card(number="4000056655665556", name="pm_card_visa_debit", funding="debit"),
    Card(number="5555555555554444", name="pm_card_mastercard", brand="mastercard"),
    Card(number="378282246310005", name="pm_card_amex", brand="amex"),
    Card(number="6011111111111117", name="pm_card_discover", brand="discover"),
    Card(
        number="4000000000000002",
        name="pm_card_visa_chargeDeclined",
        decline_code="generic_decline",
    ),
    Card(
        number="4000000000009995",
        name="pm_card_visa_chargeDeclinedInsufficientFunds",
        decline_code="insufficient_funds",
    ),
    Card(
        number="4000000000009987",
        name="pm_card_visa_chargeDeclinedLostCard",
        decline_code="lost_card",
    ),
    Card(
        number="4000000000009979",
        name="pm_card_visa_chargeDeclinedStolenCard",
        decline_code="stolen_card",
    ),
    Card(
        number="4000000000000069",
        name="pm_card_chargeDeclinedExpiredCard",
        decline_code="expired_card",
    ),
    Card(
        number="4000000000000127",
        name="pm_card_chargeDeclinedIncorrectCvc",
        decline_code="incorrect_cvc",
    ),
    Card(
        number="4000000000000119",
        name="pm_card_chargeDeclinedProcessingError",
        decline_code="processing_error",
    ),
    Card(
        number="4000000000000341",
        name="pm_card_chargeCustomerFail",
        decline_code="generic_decline",
        declines_when="after attaching",
    ),
    Card(
        number="4000002500003155",
        name="pm_card_authenticationRequiredOnSetup",
        authentication="on setup",
    ),
    Card(
        number="4000002760003184",
        name="pm_card_authenticationRequired",
        authentication="always",
    ),
    Card(
        number="4000008260003178",
        name="pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
        authentication="always",
        decline_code="insufficient_funds",
    ),
    Card(number="4000000000000259", name="pm_card_createDispute", dispute="fraudulent"),
    Card(
        number="4000000000002685",
        name="pm_card_createDisputeProductNotReceived",
        dispute="product_not_received",
    ),
    Card(number="4000000000001976", name="pm_card_createDisputeInquiry", dispute="inquiry"),
    Card(number="4000000000007726", name="pm_card_pendingRefund", refund="pending"),
    Card(number="4000000000005126", name="pm_card_refundFail", refund="fails later"),
)
_BANKS = (
    Bank(number="000123456789", name="pm_usBankAccount_success"),
    Bank(
        number="000111111113",
        name="pm_usBankAccount_accountClosed",
        failure_code="account_closed",
    ),
    Bank(number="000111111116", name="pm_usBankAccount_noAccount", failure_code="no_account"),
    Bank(
        number="000222222227",
        name="pm_usBankAccount_insufficientFunds",
        failure_code="insufficient_funds",
    ),
    Bank(
        number="000333333335",
        name="pm_usBankAccount_debitNotAuthorized",
        failure_code="debit_not_authorized",
    ),
    Bank(
        number="000444444440",
        name="pm_usBankAccount_invalidCurrency",
        failure_code="invalid_currency",
    ),
    Bank(
        number="000555555559",
        name="pm_usBankAccount_dispute",
        dispute="debit_not_authorized",
    ),
    Bank(number="000000000009", name="pm_usBankAccount_processing", never_settles=True),
)
TEST_ROUTING_NUMBER = "110000000"
BANK_NAME = "STRIPE TEST BANK"
BRANDS = {"3": "amex", "4": "visa", "5": "mastercard", "6": "discover"}

# Stripe knows these cards by a second name.
_ALIASES = {
    "pm_card_chargeDeclined": "pm_card_visa_chargeDeclined",
    "pm_card_chargeDeclinedInsufficientFunds": "pm_card_visa_chargeDeclinedInsufficientFunds",
    "pm_card_threeDSecure2Required": "pm_card_authenticationRequired",
    "pm_usBankAccount": "pm_usBankAccount_success",
}
_BY_NAME: dict[str, Card | Bank] = {each.name: each for each in (*_CARDS, *_BANKS)}
_CARD_BY_NUMBER = {card.number: card for card in _CARDS}
_BANK_BY_NUMBER = {bank.number: bank for bank in _BANKS}


def of_name(name: str) -> Card | Bank | None:
    """The card or bank account that a test method such as "pm_card_visa" stands for."""
    return _BY_NAME.get(_ALIASES.get(name, name))


def card_of(number: str) -> Card:
    """The test card with a number, however it is spaced; one that is no test card is declined.

    Raises ApiError when it is no card number at all.
    """
    digits = "".join(number.split()).replace("-", "")
    if not (digits.isascii() and digits.isdigit() and 12 <= len(digits) <= 19 and _checks(digits)):
        raise card_refused("Your card number is incorrect.", "incorrect_number", "number")
    known = _CARD_BY_NUMBER.get(digits)
    return known or Card(
        number="0" * 12 + digits[-4:],
        name=NON_TEST_CARD,
        brand=BRANDS.get(digits[0], "unknown"),
        decline_code="test_mode_live_card",
    )


def check_card_fields(card: Card, *, month: int, year: int, cvc: str | None, today: date) -> None:
    """Raises ApiError for an expiry in the past or a security code of the wrong length."""
    if not 1 <= month <= 12:
        raise card_refused(
            "Your card's expiration month is invalid.", "invalid_expiry_month", "exp_month"
        )
    if not today.year <= year <= today.year + 50 or (year, month) < (today.year, today.month):
        raise card_refused(
            "Your card's expiration year is invalid.", "invalid_expiry_year", "exp_year"
        )
    digits = 4 if card.brand == "amex" else 3
    if cvc is not None and not (cvc.isascii() and cvc.isdigit() and len(cvc) == digits):
        raise card_refused("Your card's security code is invalid.", "invalid_cvc", "cvc")


def bank_of(*, routing_number: str, account_number: str) -> Bank:
    """The test account with these numbers. Raises ApiError for any other."""
    if routing_number.strip() != TEST_ROUTING_NUMBER:
        raise ApiError(
            400,
            f"In test mode the routing number is {TEST_ROUTING_NUMBER}.",
            code="routing_number_invalid",
            param="us_bank_account[routing_number]",
        )
    known = _BANK_BY_NUMBER.get(account_number.strip())
    if known is None:
        raise ApiError(
            400,
            "You must use a test bank account number in test mode, such as 000123456789.",
            code="account_number_invalid",
            param="us_bank_account[account_number]",
        )
    return known


def card_refused(message: str, code: str, param: str) -> ApiError:
    """What is wrong with what was typed into a field of a card."""
    return ApiError(402, message, kind="card_error", code=code, param=param)


def _checks(digits: str) -> bool:
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0
