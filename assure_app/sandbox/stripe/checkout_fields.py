"""What a Checkout Session takes, and the parts of it that never change here."""

from collections.abc import Mapping

from assure_app.sandbox.stripe import ids
from assure_app.sandbox.stripe.errors import missing_parameter
from assure_app.sandbox.stripe.parameters import (
    METHOD_TYPES,
    Each,
    Flag,
    Kind,
    Labels,
    Text,
    Whole,
    Within,
)
from assure_app.sandbox.stripe.store import Json

SHORTEST_SECONDS = 1_800
LONGEST_SECONDS = 86_400

_PRODUCT = Within({"name": Text(), "description": Text(), "metadata": Labels()}, required=("name",))
_PRICE = Within(
    {"currency": Text(("usd",)), "unit_amount": Whole(), "product_data": _PRODUCT},
    required=("currency", "unit_amount", "product_data"),
)
_LINE_ITEM = Within({"price_data": _PRICE, "quantity": Whole(1, 999_999)})
_USAGE = Text(("off_session", "on_session"))
CREATE: Mapping[str, Kind] = {
    "mode": Text(("payment", "setup")),
    "ui_mode": Text(("hosted_page",)),
    "allowed_payment_method_types": METHOD_TYPES,
    "cancel_url": Text(),
    "client_reference_id": Text(most=200),
    "currency": Text(("usd",)),
    "customer": Text(),
    "customer_creation": Text(("always", "if_required")),
    "customer_email": Text(most=800),
    "expires_at": Whole(),
    "line_items": Each(_LINE_ITEM),
    "locale": Text(("auto", "en")),
    "metadata": Labels(),
    "payment_intent_data": Within(
        {
            "description": Text(most=1_000),
            "metadata": Labels(),
            "receipt_email": Text(most=512),
            "setup_future_usage": _USAGE,
            "statement_descriptor_suffix": Text(most=22),
        }
    ),
    "payment_method_options": Within(
        {
            "us_bank_account": Within(
                {
                    "setup_future_usage": Text(("none", "off_session", "on_session")),
                    "verification_method": Text(("automatic", "instant")),
                }
            ),
            "card": Within({"setup_future_usage": _USAGE}),
        }
    ),
    "saved_payment_method_options": Within(
        {
            "payment_method_save": Text(("disabled", "enabled")),
            "allow_redisplay_filters": Each(Text(("always", "limited", "unspecified"))),
        }
    ),
    "setup_intent_data": Within({"description": Text(most=1_000), "metadata": Labels()}),
    "submit_type": Text(("auto", "pay")),
    "success_url": Text(),
    "phone_number_collection": Within({"enabled": Flag()}),
}
_NONE = (
    *("after_expiration", "allow_promotion_codes", "billing_address_collection", "client_secret"),
    *("collected_information", "consent", "consent_collection", "currency_conversion"),
    *("discounts", "invoice", "locale", "origin_context", "payment_intent", "payment_link"),
    *("payment_method_configuration_details", "permissions", "recovered_from", "setup_intent"),
    *("shipping_address_collection", "shipping_cost", "subscription"),
)
EMPTY: Json = dict.fromkeys(_NONE) | {
    "adaptive_pricing": {"enabled": False},
    "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
    "custom_fields": [],
    "custom_text": dict.fromkeys(
        ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
    ),
    "invoice_creation": None,
    "livemode": False,
    "payment_method_collection": "if_required",
    "payment_method_options": {},
    "phone_number_collection": {"enabled": False},
    "shipping_options": [],
    "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
    "ui_mode": "hosted_page",
    "wallet_options": None,
}


def line_item(given: Json) -> Json:
    """One line of what is paid for."""
    price = given.get("price_data")
    if not price:
        raise missing_parameter("line_items[0][price_data]")
    quantity = given.get("quantity", 1)
    total = price["unit_amount"] * quantity
    product = price["product_data"]
    return {
        "id": ids.new_id("li"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": total,
        "amount_tax": 0,
        "amount_total": total,
        "currency": price["currency"],
        "description": product["name"],
        "price": None,
        "quantity": quantity,
    }
