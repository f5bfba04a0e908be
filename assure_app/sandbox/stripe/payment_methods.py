"""Cards and bank accounts. Of a number only the brand, the last four and its behaviour are kept."""

from collections.abc import Mapping
from datetime import UTC, datetime

from assure_app.sandbox.stripe import behaviours, declines, ids
from assure_app.sandbox.stripe.behaviours import Bank, Card
from assure_app.sandbox.stripe.endpoint import Endpoint, reads
from assure_app.sandbox.stripe.errors import ApiError, invalid, missing_object, missing_parameter
from assure_app.sandbox.stripe.listing import page
from assure_app.sandbox.stripe.parameters import (
    BILLING_DETAILS,
    PAGE,
    Kind,
    Labels,
    Text,
    Whole,
    Within,
)
from assure_app.sandbox.stripe.partition import Partition, labelled
from assure_app.sandbox.stripe.store import Json

_PATH = "/v1/payment_methods"
_TYPE = Text(("card", "us_bank_account"))
_ALLOW_REDISPLAY = Text(("always", "limited", "unspecified"))
CARD_FIELDS = Within(
    {"number": Text(), "exp_month": Whole(), "exp_year": Whole(), "cvc": Text()},
    required=("number", "exp_month", "exp_year"),
)
BANK_FIELDS = Within(
    {
        "account_number": Text(),
        "routing_number": Text(),
        "account_holder_type": Text(("individual", "company")),
        "account_type": Text(("checking", "savings")),
    },
    required=("account_number", "routing_number"),
)
DATA: Mapping[str, Kind] = {
    "type": _TYPE,
    "card": CARD_FIELDS,
    "us_bank_account": BANK_FIELDS,
    "billing_details": BILLING_DETAILS,
    "allow_redisplay": _ALLOW_REDISPLAY,
    "metadata": Labels(),
}
# Only a page of Stripe's own hands a card's number over together with what it pays.
INLINE: Mapping[str, Kind] = {name: kind for name, kind in DATA.items() if name != "card"}
LIST_OF_CUSTOMER: Mapping[str, Kind] = {
    **{name: kind for name, kind in PAGE.items() if name != "created"},
    "type": _TYPE,
    "allow_redisplay": _ALLOW_REDISPLAY,
}


def create(partition: Partition, given: Json) -> Json:
    """A payment method of what was typed; the numbers are looked up and forgotten."""
    kind = given["type"]
    if kind not in given:
        raise missing_parameter(kind)
    typed = given[kind]
    if kind == "us_bank_account":
        bank = behaviours.bank_of(
            routing_number=typed["routing_number"], account_number=typed["account_number"]
        )
        return of_bank(partition, bank, given)
    card = behaviours.card_of(typed["number"])
    behaviours.check_card_fields(
        card,
        month=typed["exp_month"],
        year=typed["exp_year"],
        cvc=typed.get("cvc"),
        today=datetime.fromtimestamp(partition.now, UTC).date(),
    )
    return of_card(partition, card, given)


def of_card(partition: Partition, card: Card, given: Json) -> Json:
    """A payment method for a test card."""
    year = datetime.fromtimestamp(partition.now, UTC).year
    typed = given.get("card", {})
    details = {
        "brand": card.brand,
        "checks": {
            "address_line1_check": None,
            "address_postal_code_check": None,
            "cvc_check": "unchecked",
        },
        "country": "US",
        "display_brand": card.brand,
        "exp_month": typed.get("exp_month", 12),
        "exp_year": typed.get("exp_year", year + 4),
        "fingerprint": f"{card.brand}{card.last4}".ljust(16, "x"),
        "funding": card.funding,
        "generated_from": None,
        "last4": card.last4,
        "networks": {"available": [card.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }
    return _add(partition, "card", details, given, behaviour=card.name)


def of_bank(partition: Partition, bank: Bank, given: Json) -> Json:
    """A payment method for a test bank account, verified at once."""
    typed = given.get("us_bank_account", {})
    details = {
        "account_holder_type": typed.get("account_holder_type", "individual"),
        "account_type": typed.get("account_type", "checking"),
        "bank_name": behaviours.BANK_NAME,
        "financial_connections_account": None,
        "fingerprint": f"bank{bank.last4}".ljust(16, "x"),
        "last4": bank.last4,
        "networks": {"preferred": "ach", "supported": ["ach"]},
        "routing_number": behaviours.TEST_ROUTING_NUMBER,
        "status_details": {},
    }
    return _add(partition, "us_bank_account", details, given, behaviour=bank.name)


def find(partition: Partition, method_id: str, *, param: str = "payment_method") -> Json:
    """The method with an id; a test method such as "pm_card_visa" makes a new one.

    Raises ApiError `resource_missing`.
    """
    behaviour = behaviours.of_name(method_id)
    if isinstance(behaviour, Card):
        return of_card(partition, behaviour, {})
    if isinstance(behaviour, Bank):
        return of_bank(partition, behaviour, {})
    found = partition.find(method_id)
    if found is None or found["object"] != "payment_method":
        raise missing_object("PaymentMethod", method_id, param=param)
    return found


def behaviour_of(method: Json) -> Card | Bank:
    """How the method will behave when it is charged."""
    known = behaviours.of_name(method["_behaviour"])
    return known or Card(
        number="0" * 12 + method["card"]["last4"], decline_code="test_mode_live_card"
    )


def attach(partition: Partition, given: Json, *, object_id: str) -> Json:
    method = find(partition, object_id, param="id")
    customer = partition.get("customer", given["customer"], param="customer")
    _require_attachable(method)
    return attach_to(partition, method, customer["id"])


def attach_to(partition: Partition, method: Json, customer_id: str) -> Json:
    """Keep the method for the customer; doing it again changes nothing."""
    if method["customer"] == customer_id:
        return method
    if method["customer"] is not None:
        raise invalid(
            "The payment method you provided has already been attached to a customer.",
            code="payment_method_unexpected_state",
        )
    partition.save(method, customer=customer_id)
    partition.emit("payment_method.attached", method)
    return method


def detach(partition: Partition, _given: Json, *, object_id: str) -> Json:
    method = partition.get("payment_method", object_id)
    customer_id = method["customer"]
    if customer_id is None:
        raise invalid(
            "The payment method you provided is not attached to a customer so detachment is"
            " impossible.",
            code="payment_method_unexpected_state",
        )
    partition.save(method, customer=None, _is_spent=True)
    partition.emit("payment_method.detached", method, customer=customer_id)
    return method


def update(partition: Partition, given: Json, *, object_id: str) -> Json:
    method = partition.get("payment_method", object_id)
    card = given.pop("card", {})
    if card and method["type"] == "card":
        method["card"].update(card)
    if "metadata" in given:
        given["metadata"] = labelled(method["metadata"], given["metadata"])
    if "billing_details" in given:
        given["billing_details"] = method["billing_details"] | given["billing_details"]
    partition.save(method, **given)
    partition.emit("payment_method.updated", method)
    return method


def require_attached(partition: Partition, method_id: str, customer_id: str, *, param: str) -> Json:
    """The customer's own method; raises ApiError when it is another's or nobody's."""
    method = find(partition, method_id, param=param)
    if method["customer"] != customer_id:
        raise invalid(
            f"The customer does not have a payment method with the ID {method_id}. The payment"
            " method must be attached to the customer.",
            param=param,
            code="resource_missing",
        )
    return method


def page_of(partition: Partition, given: Json, *, url: str = _PATH) -> Json:
    names = ("customer", "type", "allow_redisplay")
    equal = {name: given[name] for name in names if given.get(name)}
    return page(partition, "payment_method", given, url=url, equal=equal)


def _require_attachable(method: Json) -> None:
    if method.get("_is_spent"):
        raise invalid(
            "This PaymentMethod was previously used without being attached to a Customer or was"
            " detached from a Customer, and may not be used again.",
            code="payment_method_unexpected_state",
        )
    behaviour = behaviour_of(method)
    if isinstance(behaviour, Card) and _declines_on_attach(behaviour):
        decline = declines.of_card(behaviour.decline_code)
        raise ApiError(
            402,
            decline.sentence,
            kind="card_error",
            code=decline.code,
            decline_code=decline.decline_code,
        )


def _declines_on_attach(card: Card) -> bool:
    return bool(card.decline_code and card.declines_when == "always" and not card.authentication)


def _add(partition: Partition, kind: str, details: Json, given: Json, *, behaviour: str) -> Json:
    empty = {"address": None, "email": None, "name": None, "phone": None, "tax_id": None}
    return partition.add(
        "payment_method",
        {
            "id": ids.new_id("pm"),
            "allow_redisplay": given.get("allow_redisplay") or "unspecified",
            "billing_details": empty | given.get("billing_details", {}),
            "customer": None,
            "customer_account": None,
            "livemode": False,
            "metadata": labelled(None, given.get("metadata")),
            "type": kind,
            kind: details,
        },
        behaviour=behaviour,
    )


ENDPOINTS = (
    Endpoint(method="POST", path=_PATH, answer=create, fields=DATA, required=("type",)),
    Endpoint(
        method="POST",
        path=f"{_PATH}/{{object_id}}",
        answer=update,
        fields={
            "allow_redisplay": _ALLOW_REDISPLAY,
            "billing_details": BILLING_DETAILS,
            "card": Within({"exp_month": Whole(1, 12), "exp_year": Whole(2000, 2100)}),
            "metadata": Labels(),
        },
    ),
    Endpoint(
        method="POST",
        path=f"{_PATH}/{{object_id}}/attach",
        answer=attach,
        fields={"customer": Text()},
        required=("customer",),
    ),
    Endpoint(method="POST", path=f"{_PATH}/{{object_id}}/detach", answer=detach),
    Endpoint(
        method="GET",
        path=_PATH,
        answer=page_of,
        fields={**LIST_OF_CUSTOMER, "customer": Text()},
    ),
    reads("payment_method", _PATH),
)
