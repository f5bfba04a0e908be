"""PaymentIntents: one wish to be paid, however many tries it takes."""

from collections.abc import Mapping

from assure_app.sandbox.stripe import declines, ids, payment_attempts, payment_methods
from assure_app.sandbox.stripe.endpoint import Endpoint, reads
from assure_app.sandbox.stripe.errors import invalid, unexpected_state
from assure_app.sandbox.stripe.listing import lists
from assure_app.sandbox.stripe.parameters import (
    ADDRESS,
    METHOD_TYPES,
    Flag,
    Kind,
    Labels,
    Text,
    Whole,
    Within,
)
from assure_app.sandbox.stripe.partition import Partition, labelled, shown
from assure_app.sandbox.stripe.store import Json

_PATH = "/v1/payment_intents"
ALL_TYPES = ["card", "us_bank_account"]
LEAST_CENTS = 50
MOST_CENTS = 99_999_999
_USAGE = Text(("off_session", "on_session"))
_ACCEPTANCE = Within(
    {
        "accepted_at": Whole(),
        "online": Within({"ip_address": Text(), "user_agent": Text()}),
        "offline": Within(),
        "type": Text(("online", "offline")),
    }
)
MANDATE_DATA = Within({"customer_acceptance": _ACCEPTANCE})
_CONFIRM: Mapping[str, Kind] = {
    "payment_method": Text(),
    "payment_method_data": Within(payment_methods.INLINE, required=("type",)),
    "off_session": Flag(),
    "error_on_requires_action": Flag(),
    "return_url": Text(),
    "receipt_email": Text(most=512),
    "setup_future_usage": _USAGE,
    "mandate_data": MANDATE_DATA,
    "allowed_payment_method_types": METHOD_TYPES,
}
_DETAILS: Mapping[str, Kind] = {
    "amount": Whole(),
    "currency": Text(("usd",)),
    "customer": Text(),
    "description": Text(most=1_000),
    "metadata": Labels(),
    "receipt_email": Text(most=512),
    "setup_future_usage": _USAGE,
    "shipping": Within(
        {"address": ADDRESS, "name": Text(), "phone": Text()}, required=("address", "name")
    ),
    "statement_descriptor_suffix": Text(most=22),
    "allowed_payment_method_types": METHOD_TYPES,
    "payment_method": Text(),
}
_CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
_OPEN = (*_CONFIRMABLE, "processing")


def make(partition: Partition, given: Json, *, session_id: str | None = None) -> Json:
    """A new intent that waits for a method. Raises ApiError for an amount out of bounds."""
    require_chargeable(given["amount"])
    partition.refuse_unless_enabled()
    if given.get("customer"):
        partition.get("customer", given["customer"], param="customer")
    intent_id = ids.new_id("pi")
    allowed = given.get("allowed_payment_method_types")
    intent = partition.add(
        "payment_intent",
        {
            "id": intent_id,
            "allowed_payment_method_types": allowed,
            "amount": given["amount"],
            "amount_capturable": 0,
            "amount_details": {"tip": {}},
            "amount_received": 0,
            "application": None,
            "application_fee_amount": None,
            "automatic_payment_methods": None if allowed else {"enabled": True},
            "canceled_at": None,
            "cancellation_reason": None,
            "capture_method": "automatic",
            "client_secret": f"{intent_id}_secret_{ids.token(25)}",
            "confirmation_method": "automatic",
            "currency": given["currency"],
            "customer": given.get("customer"),
            "description": given.get("description"),
            "last_payment_error": None,
            "latest_charge": None,
            "livemode": False,
            "metadata": labelled(None, given.get("metadata")),
            "next_action": None,
            "on_behalf_of": None,
            "payment_method": None,
            "payment_method_configuration_details": None,
            "payment_method_options": {},
            "payment_method_types": allowed or ALL_TYPES,
            "processing": None,
            "receipt_email": given.get("receipt_email"),
            "review": None,
            "setup_future_usage": given.get("setup_future_usage"),
            "shipping": given.get("shipping"),
            "source": None,
            "statement_descriptor": None,
            "statement_descriptor_suffix": given.get("statement_descriptor_suffix"),
            "status": "requires_payment_method",
            "transfer_data": None,
            "transfer_group": None,
        },
        session=session_id,
    )
    partition.emit("payment_intent.created", intent)
    return intent


def require_chargeable(amount: int) -> None:
    """Raises ApiError for less than $0.50 or more than eight digits of cents."""
    if amount < LEAST_CENTS:
        raise invalid("Amount must be at least $0.50 usd", param="amount", code="amount_too_small")
    if amount > MOST_CENTS:
        raise invalid(
            "Amount must be no more than $999,999.99", param="amount", code="amount_too_large"
        )


def create(partition: Partition, given: Json) -> Json:
    if given.get("off_session") and not given.get("confirm"):
        raise invalid("You cannot set `off_session` without `confirm`.", param="off_session")
    intent = make(partition, given)
    if given.get("confirm"):
        return _confirm(partition, intent, given)
    if given.get("payment_method"):
        method = _method(partition, intent, given)
        partition.save(intent, payment_method=method["id"], status="requires_confirmation")
    return intent


def confirm(partition: Partition, given: Json, *, object_id: str) -> Json:
    intent = partition.get("payment_intent", object_id)
    if intent["status"] not in _CONFIRMABLE:
        raise _wrong_state(intent, "confirm")
    return _confirm(partition, intent, given)


def update(partition: Partition, given: Json, *, object_id: str) -> Json:
    intent = partition.get("payment_intent", object_id)
    if intent["status"] not in _CONFIRMABLE and set(given) - {"metadata", "description"}:
        raise _wrong_state(intent, "update")
    if given.get("customer"):
        partition.get("customer", given["customer"], param="customer")
    if "amount" in given:
        require_chargeable(given["amount"])
    if "metadata" in given:
        given["metadata"] = labelled(intent["metadata"], given["metadata"])
    if given.get("payment_method"):
        given["payment_method"] = _method(partition, intent, given)["id"]
        given["status"] = "requires_confirmation"
    return partition.save(intent, **given)


def cancel(partition: Partition, given: Json, *, object_id: str) -> Json:
    """Give the intent up; a bank debit that is still processing is stopped."""
    intent = partition.get("payment_intent", object_id)
    if intent["status"] not in _OPEN:
        raise _wrong_state(intent, "cancel")
    if intent.get("_session") and intent["status"] != "processing":
        raise unexpected_state(
            "You cannot cancel a PaymentIntent created by a Checkout Session. Expire the Checkout"
            " Session instead.",
            code="payment_intent_unexpected_state",
        )
    if intent["status"] == "processing":
        charge = partition.get("charge", intent["latest_charge"])
        partition.save(charge, status="failed", captured=False, amount_captured=0)
        partition.emit("charge.failed", charge)
    partition.save(
        intent,
        status="canceled",
        canceled_at=partition.now,
        cancellation_reason=given.get("cancellation_reason"),
        next_action=None,
    )
    partition.emit("payment_intent.canceled", intent)
    return intent


def _confirm(partition: Partition, intent: Json, given: Json) -> Json:
    method = _method(partition, intent, given)
    for name in ("setup_future_usage", "receipt_email"):
        if given.get(name):
            intent[name] = given[name]
    is_off_session = bool(given.get("off_session"))
    if is_off_session and method["customer"] is None:
        raise invalid(
            "A PaymentMethod that is charged off-session must be attached to a Customer.",
            param="payment_method",
            code="payment_method_unexpected_state",
        )
    payment_attempts.attempt(partition, intent, method, is_off_session=is_off_session)
    if intent["status"] == "requires_payment_method":
        raise payment_attempts.declined(intent)
    if intent["status"] == "requires_action" and given.get("error_on_requires_action"):
        why = declines.AUTHENTICATION_REQUIRED
        payment_attempts.decline(partition, intent, method, why)
        raise payment_attempts.declined(intent)
    return intent


def _method(partition: Partition, intent: Json, given: Json) -> Json:
    """The method to charge. Raises ApiError when it is another's, spent, or of no allowed type."""
    if given.get("payment_method_data"):
        method = payment_methods.create(partition, given["payment_method_data"])
    else:
        method_id = given.get("payment_method") or intent["payment_method"]
        if not method_id:
            raise unexpected_state(
                "You cannot confirm this PaymentIntent because it's missing a payment method.",
                code="payment_intent_unexpected_state",
                payment_intent=shown(intent),
            )
        method = payment_methods.find(partition, method_id)
    if method.get("_is_spent") or method["customer"] not in (None, intent["customer"]):
        raise invalid(
            "The provided PaymentMethod belongs to another customer or was used before without"
            " being attached to one, and may not be used again.",
            param="payment_method",
            code="payment_method_unexpected_state",
        )
    if method["type"] not in intent["payment_method_types"]:
        raise invalid(
            f"The payment method type '{method['type']}' is not allowed on this PaymentIntent.",
            param="payment_method",
        )
    return method


def _wrong_state(intent: Json, act: str) -> Exception:
    return unexpected_state(
        f"You cannot {act} this PaymentIntent because it has a status of {intent['status']}.",
        code="payment_intent_unexpected_state",
        payment_intent=shown(intent),
    )


ENDPOINTS = (
    Endpoint(
        method="POST",
        path=_PATH,
        answer=create,
        fields={
            **_CONFIRM,
            **_DETAILS,
            "confirm": Flag(),
            "automatic_payment_methods": Within(
                {"enabled": Flag(), "allow_redirects": Text(("always", "never"))}
            ),
        },
        required=("amount", "currency"),
    ),
    Endpoint(method="POST", path=f"{_PATH}/{{object_id}}", answer=update, fields=_DETAILS),
    Endpoint(method="POST", path=f"{_PATH}/{{object_id}}/confirm", answer=confirm, fields=_CONFIRM),
    Endpoint(
        method="POST",
        path=f"{_PATH}/{{object_id}}/cancel",
        answer=cancel,
        fields={
            "cancellation_reason": Text(
                ("abandoned", "duplicate", "fraudulent", "requested_by_customer")
            )
        },
    ),
    reads("payment_intent", _PATH),
    lists("payment_intent", _PATH, customer=Text()),
)
