"""Checkout Sessions: a page on which a customer pays, or saves a method, within a day."""

from assure_app.sandbox.stripe import (
    checkout_fields,
    customers,
    ids,
    payment_intents,
    setup_intents,
)
from assure_app.sandbox.stripe.checkout_fields import LONGEST_SECONDS, SHORTEST_SECONDS
from assure_app.sandbox.stripe.endpoint import Endpoint, reads
from assure_app.sandbox.stripe.errors import invalid, missing_parameter
from assure_app.sandbox.stripe.listing import lists
from assure_app.sandbox.stripe.parameters import Labels, Text
from assure_app.sandbox.stripe.partition import Partition, labelled
from assure_app.sandbox.stripe.store import Json

_PATH = "/v1/checkout/sessions"
NO_DETAILS: Json = dict.fromkeys(
    ("address", "business_name", "email", "individual_name", "name", "phone", "tax_ids")
) | {"tax_exempt": "none"}


def create(partition: Partition, given: Json) -> Json:
    mode = given["mode"]
    if not given.get("success_url"):
        raise missing_parameter("success_url")
    customer = _customer(partition, given)
    items = _line_items(given) if mode == "payment" else []
    total = sum(item["amount_total"] for item in items) if mode == "payment" else None
    if total is not None:
        payment_intents.require_chargeable(total)
    partition.refuse_unless_enabled()
    session_id = ids.new_id("cs_test", 58)
    expires_at = _expires_at(partition, given)
    partition.later("expire_session", session_id, due_at=expires_at)
    allowed = given.get("allowed_payment_method_types")
    session = partition.add(
        "checkout.session",
        checkout_fields.EMPTY
        | {
            "id": session_id,
            "allowed_payment_method_types": allowed,
            "amount_subtotal": total,
            "amount_total": total,
            "cancel_url": given.get("cancel_url"),
            "client_reference_id": given.get("client_reference_id"),
            "currency": _currency(given, items),
            "customer": customer["id"] if customer else None,
            "customer_creation": None if customer else given.get("customer_creation"),
            "customer_details": _details(customer, given),
            "customer_email": given.get("customer_email"),
            "expires_at": expires_at,
            "metadata": labelled(None, given.get("metadata")),
            "mode": mode,
            "payment_method_options": _options(given),
            "payment_method_types": allowed or payment_intents.ALL_TYPES,
            "payment_status": "unpaid" if mode == "payment" else "no_payment_required",
            "saved_payment_method_options": _saving(given, customer),
            "status": "open",
            "submit_type": given.get("submit_type"),
            "success_url": given["success_url"],
            "url": f"{partition.own_url}/checkout/{session_id}",
        },
        line_items=items,
        payment_data=given.get("payment_intent_data", {}),
    )
    if mode == "setup":
        setup = given.get("setup_intent_data", {}) | {
            "customer": session["customer"],
            "allowed_payment_method_types": allowed,
        }
        intent = setup_intents.make(partition, setup, session_id=session_id)
        partition.save(session, setup_intent=intent["id"])
    return session


def update(partition: Partition, given: Json, *, object_id: str) -> Json:
    session = partition.get("checkout.session", object_id)
    return partition.save(session, metadata=labelled(session["metadata"], given.get("metadata")))


def expire(partition: Partition, _given: Json, *, object_id: str) -> Json:
    session = partition.get("checkout.session", object_id)
    if session["status"] != "open":
        raise invalid(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout'
            f" Session has a status of {session['status']}."
        )
    intent = partition.find(session["payment_intent"])
    if intent is not None:
        partition.save(
            intent,
            status="canceled",
            canceled_at=partition.now,
            cancellation_reason="automatic",
            next_action=None,
        )
        partition.emit("payment_intent.canceled", intent)
    partition.save(session, status="expired", url=None)
    partition.emit("checkout.session.expired", session)
    return session


def expire_if_open(partition: Partition, session_id: str) -> None:
    """The session's time is over."""
    if partition.get("checkout.session", session_id)["status"] == "open":
        expire(partition, {}, object_id=session_id)


def complete(partition: Partition, session: Json, *, is_paid: bool) -> Json:
    """The customer is through; a bank debit is not paid yet."""
    status = "paid" if is_paid else session["payment_status"]
    partition.save(session, status="complete", payment_status=status, url=None)
    partition.emit("checkout.session.completed", session)
    return session


def debit_ended(partition: Partition, intent: Json, *, is_paid: bool) -> None:
    """Tell what became of the bank debit of a session."""
    session = partition.find(intent.get("_session"))
    if session is None:
        return
    if is_paid:
        partition.save(session, payment_status="paid")
    ending = "succeeded" if is_paid else "failed"
    partition.emit(f"checkout.session.async_payment_{ending}", session)


def line_items(partition: Partition, _given: Json, *, object_id: str) -> Json:
    data = partition.get("checkout.session", object_id)["_line_items"]
    url = f"{_PATH}/{object_id}/line_items"
    return {"object": "list", "data": data, "has_more": False, "url": url}


def ensure_customer(partition: Partition, session: Json, *, is_needed: bool) -> str | None:
    """The session's customer, made now when the session or what it saves asks for one."""
    if session["customer"] is None and (is_needed or session["customer_creation"] == "always"):
        details = session["customer_details"] or {}
        made = customers.make(
            partition, {"email": details.get("email"), "name": details.get("name")}
        )
        partition.save(session, customer=made["id"])
    customer_id: str | None = session["customer"]
    return customer_id


def _customer(partition: Partition, given: Json) -> Json | None:
    if given.get("customer") and given.get("customer_email"):
        raise invalid(
            "You may only specify one of these parameters: customer, customer_email.",
            param="customer_email",
        )
    if not given.get("customer"):
        return None
    return partition.get("customer", given["customer"], param="customer")


def _line_items(given: Json) -> list[Json]:
    items = given.get("line_items")
    if not items:
        raise missing_parameter("line_items")
    return [checkout_fields.line_item(item) for item in items]


def _currency(given: Json, items: list[Json]) -> str:
    return items[0]["currency"] if items else given.get("currency") or "usd"


def _details(customer: Json | None, given: Json) -> Json | None:
    email = customer["email"] if customer else given.get("customer_email")
    if not (customer or email):
        return None
    name = customer["name"] if customer else None
    return NO_DETAILS | {"email": email, "name": name}


def _saving(given: Json, customer: Json | None) -> Json | None:
    if customer is None and given.get("customer_creation") != "always":
        return None
    options: Json = given.get("saved_payment_method_options", {})
    none: Json = dict.fromkeys(
        ("allow_redisplay_filters", "payment_method_remove", "payment_method_save")
    )
    return none | options


def _options(given: Json) -> Json:
    options = dict(given.get("payment_method_options", {}))
    if "card" in options:
        options["card"] = {"request_three_d_secure": "automatic"} | options["card"]
    return options


def _expires_at(partition: Partition, given: Json) -> int:
    expires_at: int = given.get("expires_at", partition.now + LONGEST_SECONDS)
    if not SHORTEST_SECONDS <= expires_at - partition.now <= LONGEST_SECONDS:
        raise invalid(
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout"
            " Session creation.",
            param="expires_at",
        )
    return expires_at


ENDPOINTS = (
    Endpoint(
        method="POST",
        path=_PATH,
        answer=create,
        fields=checkout_fields.CREATE,
        required=("mode",),
    ),
    Endpoint(
        method="POST", path=f"{_PATH}/{{object_id}}", answer=update, fields={"metadata": Labels()}
    ),
    Endpoint(method="POST", path=f"{_PATH}/{{object_id}}/expire", answer=expire),
    Endpoint(method="GET", path=f"{_PATH}/{{object_id}}/line_items", answer=line_items),
    reads("checkout.session", _PATH),
    lists(
        "checkout.session",
        _PATH,
        customer=Text(),
        payment_intent=Text(),
        status=Text(("open", "complete", "expired")),
    ),
)
