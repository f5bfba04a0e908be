"""The test cards and bank accounts that a page offers, with what each of them does."""

from dataclasses import dataclass

from assure_app.sandbox.stripe.behaviours import TEST_ROUTING_NUMBER

PERSON = "Anita Patel"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialMethod:
    """What to type, and what becomes of it."""

    key: str
    kind: str  # "card" or "us_bank_account"
    number: str
    effect: str

    def typed(self, *, year: int) -> dict[str, str]:
        """The form's fields filled with it; a card expires in a year to come."""
        if self.kind == "card":
            return {
                "method": "card",
                "number": self.number,
                "expiry": f"12 / {(year + 4) % 100:02d}",
                "cvc": "123",
                "name": PERSON,
                "zip": "10001",
            }
        return {
            "method": "us_bank_account",
            "routing": TEST_ROUTING_NUMBER,
            "account": self.number,
            "holder": PERSON,
        }


def _card(number: str, effect: str) -> TrialMethod:
    return TrialMethod(key=number.replace(" ", "")[-4:], kind="card", number=number, effect=effect)


def _bank(number: str, effect: str) -> TrialMethod:
    return TrialMethod(key=number, kind="us_bank_account", number=number, effect=effect)


ALL = (
    _card("4242 4242 4242 4242", "Succeeds"),
    _card("4000 0000 0000 0002", "Is declined"),
    _card("4000 0000 0000 9995", "Is declined: insufficient funds"),
    _card("4000 0000 0000 0127", "Is declined: incorrect security code"),
    _card("4000 0025 0000 3155", "Asks for authentication (3-D Secure)"),
    _card("4000 0000 0000 0341", "Can be saved, then fails when charged"),
    _card("4000 0000 0000 0259", "Succeeds, then is disputed"),
    _card("4000 0000 0000 5126", "Succeeds; its refund fails later"),
    _bank("000123456789", "Succeeds in four business days"),
    _bank("000111111113", "Fails: account closed"),
    _bank("000222222227", "Fails: insufficient funds"),
    _bank("000555555559", "Succeeds, then is disputed"),
    _bank("000000000009", "Stays processing"),
)


def find(key: str) -> TrialMethod | None:
    """The one that a link names, or None."""
    return next((method for method in ALL if method.key == key), None)
