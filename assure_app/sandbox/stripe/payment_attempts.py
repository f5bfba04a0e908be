"""One try to take an intent's money, with what the test card or bank account makes of it."""

from assure_app.sandbox.stripe import (
    balance_transactions,
    business_days,
    charges,
    declines,
    disputes,
    mandates,
    payment_methods,
)
from assure_app.sandbox.stripe.behaviours import Bank, Card
from assure_app.sandbox.stripe.declines import Decline
from assure_app.sandbox.stripe.errors import ApiError
from assure_app.sandbox.stripe.partition import Partition, shown
from assure_app.sandbox.stripe.store import Json

BANK_DAYS = 4


def attempt(
    partition: Partition,
    intent: Json,
    method: Json,
    *,
    is_off_session: bool = False,
    is_authenticated: bool = False,
) -> Json:
    """Try to charge a method: the intent succeeds, is processing, asks for authentication, or
    waits for another method after a decline, which leaves a failed charge.
    """
    partition.save(intent, payment_method=method["id"], next_action=None)
    behaviour = payment_methods.behaviour_of(method)
    if isinstance(behaviour, Bank):
        return _debit(partition, intent, method, behaviour)
    if needs_authentication(behaviour, method, is_off_session) and not is_authenticated:
        if is_off_session:
            return decline(partition, intent, method, declines.AUTHENTICATION_REQUIRED)
        return _ask_authentication(partition, intent)
    if behaviour.decline_code:
        return decline(partition, intent, method, declines.of_card(behaviour.decline_code))
    return _succeed(partition, intent, method, behaviour, is_authenticated=is_authenticated)


def decline(partition: Partition, intent: Json, method: Json, why: Decline) -> Json:
    """Keep the failed charge and let the intent wait for another method."""
    charge = charges.add(
        partition, intent, method, status="failed", **_without_status(charges.failed_with(why))
    )
    partition.save(
        intent,
        status="requires_payment_method",
        payment_method=None,
        next_action=None,
        latest_charge=charge["id"],
        last_payment_error=_error(why, charge["id"], method),
    )
    partition.emit("charge.failed", charge)
    partition.emit("payment_intent.payment_failed", intent)
    return intent


def declined(intent: Json) -> ApiError:
    """The refusal that tells the caller of a decline; the failed charge is kept."""
    error = dict(intent["last_payment_error"])
    return ApiError(
        402,
        error.pop("message"),
        kind="card_error",
        is_kept=True,
        payment_intent=shown(intent),
        **{name: value for name, value in error.items() if name not in ("type", "doc_url")},
    )


def save_method(partition: Partition, intent: Json, method: Json) -> None:
    """Keep the method for the customer when the intent says that it will be used again."""
    is_saved = intent["setup_future_usage"] or intent.get("_saves_method")
    if is_saved and intent["customer"]:
        payment_methods.attach_to(partition, method, intent["customer"])
    elif method["customer"] is None:
        partition.save(method, _is_spent=True)


def needs_authentication(card: Card, method: Json, is_off_session: bool) -> bool:
    """Whether the cardholder must confirm; some cards ask no more once they were set up."""
    if card.authentication == "on setup":
        return not (is_off_session and method.get("_is_authenticated"))
    return card.authentication == "always"


def _succeed(
    partition: Partition, intent: Json, method: Json, card: Card, *, is_authenticated: bool
) -> Json:
    if is_authenticated and intent["setup_future_usage"] == "off_session":
        partition.save(method, _is_authenticated=True)
    save_method(partition, intent, method)
    charge = charges.add(partition, intent, method, status="succeeded")
    partition.save(
        intent,
        status="succeeded",
        latest_charge=charge["id"],
        amount_received=intent["amount"],
        last_payment_error=None,
    )
    partition.emit("charge.succeeded", charge)
    partition.emit("payment_intent.succeeded", intent)
    balance_transactions.book_later(partition, charge)
    if card.dispute:
        is_inquiry = card.dispute == "inquiry"
        reason = "general" if is_inquiry else card.dispute
        disputes.start(partition, charge, reason=reason, is_inquiry=is_inquiry)
    return intent


def _debit(partition: Partition, intent: Json, method: Json, bank: Bank) -> Json:
    is_lasting = bool(intent["setup_future_usage"] or method["customer"])
    save_method(partition, intent, method)
    intent["_mandate"] = mandates.of_method(
        partition, method, only_amount=None if is_lasting else intent["amount"]
    )
    charge = charges.add(partition, intent, method, status="pending", receipt_url=None)
    partition.save(
        intent,
        status="processing",
        latest_charge=charge["id"],
        last_payment_error=None,
        processing=None,
    )
    partition.emit("charge.pending", charge)
    partition.emit("payment_intent.processing", intent)
    if not bank.never_settles:
        due_at = business_days.after(partition.now, BANK_DAYS)
        partition.later("settle_debit", charge["id"], due_at=due_at)
    return intent


def _ask_authentication(partition: Partition, intent: Json) -> Json:
    session_id = intent.get("_session")
    if session_id:
        url = f"{partition.own_url}/checkout/{session_id}"
        redirect = {"return_url": None, "url": url}
        action: Json = {"type": "redirect_to_url", "redirect_to_url": redirect}
    else:
        action = {"type": "use_stripe_sdk", "use_stripe_sdk": {}}
    partition.save(intent, status="requires_action", next_action=action)
    partition.emit("payment_intent.requires_action", intent)
    return intent


def _error(why: Decline, charge_id: str, method: Json) -> Json:
    error = {
        "type": "card_error",
        "code": why.code,
        "decline_code": why.decline_code,
        "message": why.sentence,
        "charge": charge_id,
        "payment_method": shown(method),
        "doc_url": f"https://stripe.com/docs/error-codes/{why.code.replace('_', '-')}",
    }
    return {name: value for name, value in error.items() if value}


def _without_status(changes: Json) -> Json:
    return {name: value for name, value in changes.items() if name != "status"}
