"""No endpoint takes a parameter that Stripe's own library does not know, at any depth."""

from collections.abc import Mapping
from typing import Any

import pytest
import stripe.params
import stripe.params.checkout

from assure_app.sandbox.stripe.endpoint import Endpoint
from assure_app.sandbox.stripe.parameters import Each, Flag, Kind, Labels, Span, Text, Whole, Within
from assure_app.sandbox.stripe.web import ENDPOINTS
from tests.support.stripe_contract import require_known_params

_NOUNS = {
    "account": "Account",
    "account_links": "AccountLink",
    "accounts": "Account",
    "balance": "Balance",
    "balance_transactions": "BalanceTransaction",
    "charges": "Charge",
    "customers": "Customer",
    "disputes": "Dispute",
    "events": "Event",
    "mandates": "Mandate",
    "payment_intents": "PaymentIntent",
    "payment_methods": "PaymentMethod",
    "payouts": "Payout",
    "refunds": "Refund",
    "sessions": "Session",
    "setup_intents": "SetupIntent",
    "webhook_endpoints": "WebhookEndpoint",
}
_BY_METHOD = {"GET": ("Retrieve", "List"), "POST": ("Create", "Update"), "DELETE": ("Delete",) * 2}


def params_of(endpoint: Endpoint) -> Any:
    """The library's typed params for an endpoint."""
    is_checkout = endpoint.path.startswith("/v1/checkout/")
    place = stripe.params.checkout if is_checkout else stripe.params
    parts = [part for part in endpoint.path.split("/")[2:] if part != "checkout"]
    noun = _NOUNS[parts[0]]
    if len(parts) == 3 and not parts[2].startswith("{"):
        if parts[2] == "line_items":
            return place.SessionListLineItemsParams
        if parts[2] == "payment_methods":
            return stripe.params.CustomerListPaymentMethodsParams
        return getattr(place, f"{noun}{parts[2].capitalize()}Params")
    act = _BY_METHOD[endpoint.method][_is_plain(endpoint)]
    return getattr(place, f"{noun}{act}Params")


def _is_plain(endpoint: Endpoint) -> int:
    """Which of the two acts of a method it is: of GET the list, of POST the update."""
    has_id = endpoint.path.endswith("}") or endpoint.path in {"/v1/account", "/v1/balance"}
    return not has_id if endpoint.method == "GET" else has_id


def example(fields: Mapping[str, Kind]) -> dict[str, Any]:
    """Params that hold every name there is."""
    return {name: _example(kind) for name, kind in fields.items()}


def _example(kind: Kind) -> Any:
    match kind:
        case Text(choices=choices):
            found: Any = choices[0] if choices else "text"
        case Whole(least=least):
            found = max(least, 1)
        case Flag():
            found = True
        case Labels():
            found = {"name": "value"}
        case Each(item=item):
            found = [_example(item)]
        case Within(fields=fields):
            found = example(fields)
        case Span():
            found = {"gte": 1}
    return found


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda each: f"{each.method} {each.path}")
def test_every_name_is_one_of_the_librarys(endpoint: Endpoint) -> None:
    require_known_params(example(endpoint.fields), params_of(endpoint))
