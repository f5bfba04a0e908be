"""What a customer typed on the Checkout page, and the sentences about what is missing."""

import re
from dataclasses import dataclass, field

from assure_app.sandbox.stripe.hosted import BankFields, CardFields, Checkout, Declined, Saved
from assure_app.sandbox.stripe_pages.forms import Typed

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_ZIP = re.compile(r"\d{5}(-\d{4})?", re.ASCII)
_FIELD_OF = {
    "exp_month": "expiry",
    "exp_year": "expiry",
    "routing_number": "routing",
    "account_number": "account",
}
_ASKED = {
    "card": {
        "number": "Enter the card number.",
        "expiry": "Enter the month and the year, such as 12 / 30.",
        "cvc": "Enter the security code.",
        "name": "Enter the name on the card.",
        "zip": "Enter a ZIP code of five digits.",
    },
    "us_bank_account": {
        "routing": "Enter the routing number.",
        "account": "Enter the account number.",
        "holder": "Enter the name of the account’s holder.",
    },
}


@dataclass(frozen=True, slots=True)
class CheckoutForm:
    """The typed texts, and by the field's name what is wrong with them."""

    typed: Typed
    errors: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.typed.get(name, "")

    @property
    def first_error(self) -> str:
        """The field to go to; "" when nothing is wrong."""
        return next(iter(self.errors), "")


def checked(checkout: Checkout, typed: Typed) -> CheckoutForm:
    """The form, with the fields that must still be filled."""
    method = method_of(checkout, typed)
    errors = {}
    if not checkout.has_fixed_email and not _EMAIL.fullmatch(typed.get("email", "")):
        errors["email"] = "Enter an email address, such as anita@example.com."
    asked = _ASKED.get(method, {}).items()
    errors |= {name: sentence for name, sentence in asked if not typed.get(name)}
    if method == "card" and not _ZIP.fullmatch(typed.get("zip", "")):
        errors["zip"] = _ASKED["card"]["zip"]
    return CheckoutForm(typed, errors)


def declined(checkout: Checkout, typed: Typed, outcome: Declined) -> CheckoutForm:
    """The form again, with the refusal beside the field it is about."""
    if saved := saved_of(checkout, typed):
        typed = {**typed, "method": saved.kind}  # So that another one can be typed beside it.
    chosen = "account" if method_of(checkout, typed) == "us_bank_account" else "number"
    name = _FIELD_OF.get(outcome.field, outcome.field)
    return CheckoutForm(typed, {name if name in typed else chosen: outcome.sentence})


def method_of(checkout: Checkout, typed: Typed) -> str:
    """What is chosen of all the session offers: the id of a saved method, or the kind of another.

    What was saved last is offered first, until something else is chosen.
    """
    offered = [each.id for each in checkout.saved]
    offered += [kind for kind in _ASKED if kind in checkout.method_types]
    chosen = typed.get("method", "")
    return chosen if chosen in offered else next(iter(offered), "card")


def saved_of(checkout: Checkout, typed: Typed) -> Saved | None:
    """The saved method that is chosen; None when another one is typed."""
    chosen = method_of(checkout, typed)
    return next((each for each in checkout.saved if each.id == chosen), None)


def card_fields(typed: Typed) -> CardFields:
    """The card as it was typed."""
    month, year = _expiry(typed["expiry"])
    return CardFields(
        number=typed["number"],
        month=month,
        year=year,
        security_code=typed["cvc"],
        name=typed["name"],
        postal_code=typed["zip"],
    )


def bank_fields(typed: Typed) -> BankFields:
    """The bank account as it was typed."""
    is_company = typed.get("holder_type") == "company"
    return BankFields(
        routing_number=typed["routing"],
        account_number=typed["account"],
        name=typed["holder"],
        holder_type="company" if is_company else "individual",
    )


def _expiry(text: str) -> tuple[str, str]:
    """Month and year of "12 / 30", "12/2030" or "1230"; whether they are any is asked later."""
    month, slash, year = text.partition("/")
    if slash:
        return month.strip(), year.strip()
    digits = text.replace(" ", "")
    return digits[:2], digits[2:]
