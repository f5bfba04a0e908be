"""Charges: one for each try to take money, kept for good."""

from typing import Any

from assure_app.sandbox.stripe import ids
from assure_app.sandbox.stripe.declines import Decline
from assure_app.sandbox.stripe.endpoint import Endpoint, reads
from assure_app.sandbox.stripe.listing import lists
from assure_app.sandbox.stripe.parameters import Labels, Text
from assure_app.sandbox.stripe.partition import Partition, labelled
from assure_app.sandbox.stripe.store import Json

_PATH = "/v1/charges"
_NEVER = (
    *("application", "application_fee", "application_fee_amount", "balance_transaction"),
    *("failure_balance_transaction", "failure_code", "failure_message", "on_behalf_of"),
    *("receipt_number", "review", "shipping", "source", "source_transfer", "statement_descriptor"),
    *("transfer_data", "transfer_group"),
)


def add(partition: Partition, intent: Json, method: Json, *, status: str, **changes: Any) -> Json:
    """A charge of an intent's amount, "succeeded", "pending" or "failed"."""
    is_bank = method["type"] == "us_bank_account"
    receipt = ids.token(48)
    body = dict.fromkeys(_NEVER) | {
        "id": ids.new_id("py" if is_bank else "ch"),
        "amount": intent["amount"],
        "amount_captured": 0 if status == "failed" else intent["amount"],
        "amount_refunded": 0,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": None if is_bank else "ASSURE SANDBOX",
        "captured": status != "failed",
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "outcome": _approved(),
        "paid": status == "succeeded",
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": _details(method, intent.get("_mandate")),
        "receipt_email": intent["receipt_email"],
        "receipt_url": f"{partition.own_url}/receipts/{receipt}",
        "refunded": False,
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": status,
    }
    return partition.add("charge", body | changes, receipt=receipt, behaviour=method["_behaviour"])


def failed_with(decline: Decline) -> Json:
    """What a charge says about the decline that ended it."""
    return {
        "status": "failed",
        "paid": False,
        "captured": False,
        "amount_captured": 0,
        "receipt_url": None,
        "failure_code": decline.code,
        "failure_message": decline.sentence,
        "outcome": _approved()
        | {
            "network_decline_code": "05" if decline.decline_code else None,
            "network_status": "declined_by_network",
            "reason": decline.decline_code or None,
            "risk_level": "normal",
            "seller_message": "The bank did not return any further details with this decline.",
            "type": "issuer_declined",
        },
    }


def update(partition: Partition, given: Json, *, object_id: str) -> Json:
    charge = partition.get("charge", object_id)
    if "metadata" in given:
        given["metadata"] = labelled(charge["metadata"], given["metadata"])
    partition.save(charge, **given)
    partition.emit("charge.updated", charge)
    return charge


def _approved() -> Json:
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "approved_by_network",
        "reason": None,
        "seller_message": "Payment complete.",
        "type": "authorized",
    }


def _details(method: Json, mandate_id: str | None) -> Json:
    kind = method["type"]
    typed = method[kind]
    if kind == "us_bank_account":
        names: tuple[str, ...] = (
            *("account_holder_type", "account_type", "bank_name", "fingerprint"),
            *("last4", "routing_number"),
        )
        more: Json = {"payment_reference": None}
        if mandate_id:
            more["mandate"] = mandate_id
    else:
        names = (
            *("brand", "checks", "country", "exp_month", "exp_year", "fingerprint"),
            *("funding", "last4", "regulated_status", "wallet"),
        )
        more = {"network": typed["brand"], "three_d_secure": None, "installments": None}
        more["mandate"] = None
    return {"type": kind, kind: {name: typed[name] for name in names} | more}


ENDPOINTS = (
    Endpoint(
        method="POST",
        path=f"{_PATH}/{{object_id}}",
        answer=update,
        fields={
            "description": Text(),
            "metadata": Labels(),
            "receipt_email": Text(most=512),
            "customer": Text(),
        },
    ),
    reads("charge", _PATH),
    lists("charge", _PATH, payment_intent=Text(), customer=Text()),
)
