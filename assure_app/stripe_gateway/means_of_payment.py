"""What of a card or bank account may be shown and kept: its name, last four and expiry (R040)."""

from assure_app.stripe_gateway import fields

_BRANDS = {
    "amex": "American Express",
    "cartes_bancaires": "Cartes Bancaires",
    "diners": "Diners Club",
    "discover": "Discover",
    "eftpos_au": "eftpos",
    "jcb": "JCB",
    "link": "Link",
    "mastercard": "Mastercard",
    "unionpay": "UnionPay",
    "visa": "Visa",
}


def brand_or_bank(means: object) -> str:
    """A name for people; "" where Stripe gives none."""
    brand = fields.text_or_empty(means, "brand")
    return _BRANDS.get(brand, "Card") if brand else fields.text_or_empty(means, "bank_name")


def expiry(means: object) -> str:
    """Month and year of a card, such as 04/30; "" for a bank account."""
    if fields.part(means, "exp_month") is None:
        return ""
    month, year = fields.cents(means, "exp_month"), fields.cents(means, "exp_year")
    return f"{month:02}/{year % 100:02}"
