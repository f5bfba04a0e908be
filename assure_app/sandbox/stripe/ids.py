"""Identifiers as Stripe's look: a prefix that tells the kind, and letters that tell nothing."""

import secrets
import string

_LETTERS = string.ascii_letters + string.digits


def new_id(prefix: str, letters: int = 24) -> str:
    """A fresh, unguessable identifier."""
    return f"{prefix}_{token(letters)}"


def token(letters: int) -> str:
    """So many letters and digits that nobody guesses."""
    return "".join(secrets.choice(_LETTERS) for _ in range(letters))


# An identifier's prefix tells the kind of object it names.
KIND_BY_PREFIX = {
    "acct": "account",
    "ba": "bank_account",
    "ch": "charge",
    "cs": "checkout.session",
    "cus": "customer",
    "dp": "dispute",
    "evt": "event",
    "mandate": "mandate",
    "pi": "payment_intent",
    "pm": "payment_method",
    "po": "payout",
    "py": "charge",
    "pyr": "refund",
    "re": "refund",
    "seti": "setup_intent",
    "txn": "balance_transaction",
    "we": "webhook_endpoint",
}
