"""A customer's leave to debit a bank account."""

from assure_app.sandbox.stripe import ids
from assure_app.sandbox.stripe.endpoint import reads
from assure_app.sandbox.stripe.partition import Partition
from assure_app.sandbox.stripe.store import Json


def of_method(partition: Partition, method: Json, *, only_amount: int | None = None) -> str | None:
    """The id of the leave that a bank account's method carries, given now if need be.

    With `only_amount`, in cents, it is for one debit alone.
    """
    if method["type"] != "us_bank_account":
        return None
    known = partition.find(method.get("_mandate"))
    if known is not None and known["status"] == "active":
        return str(known["id"])
    kind = "multi_use" if only_amount is None else "single_use"
    terms = {} if only_amount is None else {"amount": only_amount, "currency": "usd"}
    mandate = partition.add(
        "mandate",
        {
            "id": ids.new_id("mandate"),
            "customer_acceptance": {
                "accepted_at": partition.now,
                "online": {"ip_address": "127.0.0.1", "user_agent": "Sandbox"},
                "type": "online",
            },
            "livemode": False,
            kind: terms,
            "payment_method": method["id"],
            "payment_method_details": {"type": "us_bank_account", "us_bank_account": {}},
            "status": "active",
            "type": kind,
        },
    )
    partition.save(method, _mandate=mandate["id"])
    return str(mandate["id"])


def void(partition: Partition, method_id: str) -> None:
    """The customer's bank has withdrawn the leave."""
    method = partition.find(method_id) or {}
    mandate = partition.find(method.get("_mandate"))
    if mandate is not None and mandate["status"] != "inactive":
        partition.save(mandate, status="inactive")
        partition.emit("mandate.updated", mandate, status="active")


ENDPOINTS = (reads("mandate", "/v1/mandates"),)
