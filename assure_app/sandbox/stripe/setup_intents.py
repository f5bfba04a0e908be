"""SetupIntents: a method saved for later, with nothing charged."""

from collections.abc import Mapping

from assure_app.sandbox.stripe import declines, ids, mandates, payment_attempts, payment_methods
from assure_app.sandbox.stripe.behaviours import Bank
from assure_app.sandbox.stripe.endpoint import Endpoint, reads
from assure_app.sandbox.stripe.errors import ApiError, unexpected_state
from assure_app.sandbox.stripe.listing import lists
from assure_app.sandbox.stripe.parameters import (
    METHOD_TYPES,
    Flag,
    Kind,
    Labels,
    Text,
    Within,
)
from assure_app.sandbox.stripe.partition import Partition, labelled, shown
from assure_app.sandbox.stripe.payment_intents import ALL_TYPES, MANDATE_DATA
from assure_app.sandbox.stripe.store import Json

_PATH = "/v1/setup_intents"
_CONFIRM: Mapping[str, Kind] = {
    "payment_method": Text(),
    "payment_method_data": Within(payment_methods.INLINE, required=("type",)),
    "return_url": Text(),
    "mandate_data": MANDATE_DATA,
    "allowed_payment_method_types": METHOD_TYPES,
}
_OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")


def make(partition: Partition, given: Json, *, session_id: str | None = None) -> Json:
    """A new intent that waits for a method."""
    if given.get("customer"):
        partition.get("customer", given["customer"], param="customer")
    intent_id = ids.new_id("seti")
    allowed = given.get("allowed_payment_method_types")
    intent = partition.add(
        "setup_intent",
        {
            "id": intent_id,
            "allowed_payment_method_types": allowed,
            "application": None,
            "automatic_payment_methods": None if allowed else {"enabled": True},
            "cancellation_reason": None,
            "client_secret": f"{intent_id}_secret_{ids.token(32)}",
            "customer": given.get("customer"),
            "description": given.get("description"),
            "flow_directions": None,
            "last_setup_error": None,
            "latest_attempt": None,
            "livemode": False,
            "mandate": None,
            "metadata": labelled(None, given.get("metadata")),
            "next_action": None,
            "on_behalf_of": None,
            "payment_method": None,
            "payment_method_configuration_details": None,
            "payment_method_options": {},
            "payment_method_types": allowed or ALL_TYPES,
            "single_use_mandate": None,
            "status": "requires_payment_method",
            "usage": given.get("usage") or "off_session",
        },
        session=session_id,
    )
    partition.emit("setup_intent.created", intent)
    return intent


def attempt(
    partition: Partition, intent: Json, method: Json, *, is_authenticated: bool = False
) -> Json:
    """Save a method: the intent succeeds, asks for authentication, or tells why it could not."""
    behaviour = payment_methods.behaviour_of(method)
    partition.save(intent, payment_method=method["id"], next_action=None)
    if not isinstance(behaviour, Bank):
        asks = payment_attempts.needs_authentication(behaviour, method, is_off_session=False)
        if asks and not is_authenticated:
            action = {"type": "use_stripe_sdk", "use_stripe_sdk": {}}
            partition.save(intent, status="requires_action", next_action=action)
            partition.emit("setup_intent.requires_action", intent)
            return intent
        if behaviour.decline_code and behaviour.declines_when == "always" and not asks:
            return fail(partition, intent, method, declines.of_card(behaviour.decline_code))
    if is_authenticated:
        partition.save(method, _is_authenticated=True)
    mandate_id = mandates.of_method(partition, method)
    if intent["customer"]:
        payment_methods.attach_to(partition, method, intent["customer"])
    partition.save(intent, status="succeeded", mandate=mandate_id, last_setup_error=None)
    partition.emit("setup_intent.succeeded", intent)
    return intent


def fail(partition: Partition, intent: Json, method: Json, why: declines.Decline) -> Json:
    """The method could not be saved; another may be tried."""
    error = {
        "type": "card_error",
        "code": why.code,
        "decline_code": why.decline_code,
        "message": why.sentence,
        "payment_method": shown(method),
    }
    partition.save(
        intent,
        status="requires_payment_method",
        payment_method=None,
        next_action=None,
        last_setup_error=error,
    )
    partition.emit("setup_intent.setup_failed", intent)
    return intent


def create(partition: Partition, given: Json) -> Json:
    intent = make(partition, given)
    if given.get("confirm"):
        return _confirm(partition, intent, given)
    return intent


def confirm(partition: Partition, given: Json, *, object_id: str) -> Json:
    return _confirm(partition, _open(partition, object_id, "confirm"), given)


def cancel(partition: Partition, given: Json, *, object_id: str) -> Json:
    intent = _open(partition, object_id, "cancel")
    reason = given.get("cancellation_reason")
    partition.save(intent, status="canceled", cancellation_reason=reason, next_action=None)
    partition.emit("setup_intent.canceled", intent)
    return intent


def _confirm(partition: Partition, intent: Json, given: Json) -> Json:
    if given.get("payment_method_data"):
        method = payment_methods.create(partition, given["payment_method_data"])
    elif method_id := given.get("payment_method") or intent["payment_method"]:
        method = payment_methods.find(partition, method_id)
    else:
        raise _wrong_state(intent, "confirm")
    attempt(partition, intent, method)
    if intent["status"] == "requires_payment_method":
        error = dict(intent["last_setup_error"])
        raise ApiError(
            402,
            error["message"],
            kind="card_error",
            code=error["code"],
            is_kept=True,
            decline_code=error["decline_code"],
            setup_intent=shown(intent),
        )
    return intent


def _open(partition: Partition, intent_id: str, act: str) -> Json:
    intent = partition.get("setup_intent", intent_id)
    if intent["status"] not in _OPEN:
        raise _wrong_state(intent, act)
    return intent


def _wrong_state(intent: Json, act: str) -> Exception:
    return unexpected_state(
        f"You cannot {act} this SetupIntent because it has a status of {intent['status']}.",
        code="setup_intent_unexpected_state",
        setup_intent=shown(intent),
    )


ENDPOINTS = (
    Endpoint(
        method="POST",
        path=_PATH,
        answer=create,
        fields={
            **_CONFIRM,
            "confirm": Flag(),
            "customer": Text(),
            "description": Text(most=1_000),
            "metadata": Labels(),
            "usage": Text(("off_session", "on_session")),
            "automatic_payment_methods": Within(
                {"enabled": Flag(), "allow_redirects": Text(("always", "never"))}
            ),
        },
    ),
    Endpoint(method="POST", path=f"{_PATH}/{{object_id}}/confirm", answer=confirm, fields=_CONFIRM),
    Endpoint(
        method="POST",
        path=f"{_PATH}/{{object_id}}/cancel",
        answer=cancel,
        fields={"cancellation_reason": Text(("abandoned", "duplicate", "requested_by_customer"))},
    ),
    reads("setup_intent", _PATH),
    lists("setup_intent", _PATH, customer=Text(), payment_method=Text()),
)
