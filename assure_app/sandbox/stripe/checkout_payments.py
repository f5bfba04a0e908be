"""What a customer does on a Checkout Session's page."""

from assure_app.sandbox.stripe import (
    checkout_sessions,
    declines,
    payment_attempts,
    payment_intents,
    payment_methods,
    setup_intents,
)
from assure_app.sandbox.stripe.errors import ApiError, invalid
from assure_app.sandbox.stripe.partition import Partition
from assure_app.sandbox.stripe.store import Json


def submit(partition: Partition, session: Json, method: Json, *, saves_method: bool) -> Json:
    """Try to pay, or to save, with a method; the session is complete when that worked.

    The answer is the intent as the try left it. Raises ApiError when the session is not open.
    """
    require_open(session)
    if method["type"] not in session["payment_method_types"]:
        raise invalid("This payment method is not offered here.")
    if method.get("_is_spent") or method["customer"] not in (None, session["customer"]):
        raise invalid("This payment method is somebody else's, or may not be used again.")
    if session["mode"] == "setup":
        intent = partition.get("setup_intent", session["setup_intent"])
        partition.save(method, allow_redisplay="always" if saves_method else "limited")
        setup_intents.attempt(partition, intent, method)
    else:
        intent = _intent(partition, session, method, saves_method=saves_method)
        payment_attempts.attempt(partition, intent, method)
    return _finish(partition, session, intent)


def authenticate(partition: Partition, session: Json, *, passes: bool) -> Json:
    """The cardholder confirms the payment to the bank, or does not.

    Raises ApiError unless that is what the session waits for.
    """
    intent = waiting_intent(partition, session)
    if intent is None:
        raise invalid("This payment does not wait for authentication.")
    method = partition.get("payment_method", intent["payment_method"])
    is_setup = session["mode"] == "setup"
    if not passes:
        act = setup_intents.fail if is_setup else payment_attempts.decline
        return act(partition, intent, method, declines.AUTHENTICATION_FAILED)
    attempt = setup_intents.attempt if is_setup else payment_attempts.attempt
    attempt(partition, intent, method, is_authenticated=True)
    return _finish(partition, session, intent)


def waiting_intent(partition: Partition, session: Json) -> Json | None:
    """The session's intent while it waits for the cardholder, or None."""
    intent = partition.find(session["payment_intent"] or session["setup_intent"])
    is_waiting = session["status"] == "open" and intent and intent["status"] == "requires_action"
    return intent if is_waiting else None


def require_open(session: Json) -> None:
    """Raises ApiError when the session is complete or expired."""
    if session["status"] != "open":
        raise ApiError(400, f"This Checkout Session is {session['status']}.", code="not_open")


def future_usage(session: Json, kind: str = "card") -> str | None:
    """What the session says about using the method again."""
    options = session["payment_method_options"].get(kind, {})
    usage = options.get("setup_future_usage") or session["_payment_data"].get("setup_future_usage")
    return None if usage == "none" else usage


def offers_saving(session: Json) -> bool:
    """Whether the customer is asked if the method shall be saved."""
    options = session["saved_payment_method_options"] or {}
    return options.get("payment_method_save") == "enabled"


def _intent(partition: Partition, session: Json, method: Json, *, saves_method: bool) -> Json:
    """The session's one PaymentIntent, which begins to be with the first try."""
    usage = future_usage(session, method["type"])
    saves = saves_method and offers_saving(session)
    customer_id = checkout_sessions.ensure_customer(
        partition, session, is_needed=bool(usage) or saves
    )
    if usage or saves:
        partition.save(method, allow_redisplay="always" if saves else "limited")
    intent = partition.find(session["payment_intent"])
    if intent is None:
        wanted = session["_payment_data"] | {
            "amount": session["amount_total"],
            "currency": session["currency"],
            "allowed_payment_method_types": session["allowed_payment_method_types"],
        }
        intent = payment_intents.make(partition, wanted, session_id=session["id"])
        partition.save(session, payment_intent=intent["id"])
    return partition.save(
        intent, customer=customer_id, setup_future_usage=usage, _saves_method=saves
    )


def _finish(partition: Partition, session: Json, intent: Json) -> Json:
    if intent["status"] in ("succeeded", "processing"):
        is_paid = session["mode"] == "payment" and intent["status"] == "succeeded"
        checkout_sessions.complete(partition, session, is_paid=is_paid)
    return intent


def typed_method(partition: Partition, given: Json) -> Json:
    """The method that was typed, or that that is known already."""
    if given.get("known_method"):
        return payment_methods.find(partition, given["known_method"])
    return payment_methods.create(partition, given)
