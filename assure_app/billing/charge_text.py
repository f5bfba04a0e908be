"""How a charge is called in our own words, and which of its details may be kept (R040)."""

import re

from assure_app.billing.autopay_story import AUTO_PAY
from assure_app.domain.autopay import Decline, decline_of
from assure_app.domain.ledger import Method
from assure_app.domain.money import full_text
from assure_app.models.payment import Source
from assure_app.stripe_gateway.records import Charge

CONFIRM = "The bank wants the cardholder to confirm this payment."
_BANK = "us_bank_account"
_MEANS = {Method.CARD: "card", Method.ACH: "bank transfer"}
# Stripe speaks to the payer.
_YOURS = re.compile(r"\b[Yy]our(?= (?:card|bank|account|payment method)\b)")
_LONGEST_DETAIL = 80
_LONGEST_REASON = 300


def method_of(stripe_method: str) -> Method:
    """A bank debit is ACH; everything else that Checkout takes for us is a card."""
    return Method.ACH if stripe_method == _BANK else Method.CARD


def method_detail(charge: Charge) -> str:
    """ "Visa •••• 4242": brand or bank and the last four digits, and never more."""
    last4 = charge.last4 if charge.last4.isascii() and charge.last4.isalnum() else ""
    name = _shown(charge.brand_or_bank, _LONGEST_DETAIL - 10)
    return " ".join(part for part in (name, f"•••• {last4[-4:]}" if last4 else "") if part)


def method_text(charge: Charge) -> str:
    """What was paid with, for a sentence: "Visa •••• 4242", else the method alone."""
    return method_detail(charge) or method_of(charge.method).value


def reason_of(charge: Charge) -> str:
    """Why it failed, in Stripe's words for the payer, or in ours where nobody would understand."""
    if needs_confirmation(charge.decline_code, charge.failure_code):
        return CONFIRM
    told = _shown(charge.failure_sentence, _LONGEST_REASON)
    return told or _shown(charge.failure_code.replace("_", " "), 100) or "Stripe gave no reason."


def told_to_firm(reason: str) -> str:
    """A reason for the firm's people, whose card it is not: "The card was declined." """
    return _YOURS.sub(lambda found: "The" if found[0] == "Your" else "the", reason)


def needs_confirmation(*codes: str) -> bool:
    """Whether the cardholder only has to confirm to the bank: it is no decline to them."""
    return decline_of(*codes) is Decline.AUTHENTICATION


def landed_text(
    client: str, amount_cents: int, *, number: str, method: Method, source: Source
) -> str:
    """ "Patel Family paid $1,200.00 on INV-1042 by card", as the firm's people are told; what
    nobody was present for is "by Auto-Pay" (R109)."""
    means = AUTO_PAY if source is Source.AUTOPAY else _MEANS[method]
    return f"{client} paid {full_text(amount_cents)} on {number} by {means}"


def failed_text(client: str, amount_cents: int, *, number: str, method: Method) -> str:
    """ "Patel Family: card payment of $1,200.00 on INV-1042 failed"."""
    means = "card" if method is Method.CARD else "bank"
    return f"{client}: {means} payment of {full_text(amount_cents)} on {number} failed"


def _shown(text: str, limit: int) -> str:
    """One line of what can be shown: a bank's name comes from outside."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())[:limit]
