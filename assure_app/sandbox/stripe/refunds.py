"""Refunds: never above what is left of a charge, and not final even when they succeeded."""

from typing import Any

from assure_app.sandbox.stripe import balance_transactions, behaviours, business_days, ids
from assure_app.sandbox.stripe.behaviours import Card
from assure_app.sandbox.stripe.endpoint import Endpoint, reads
from assure_app.sandbox.stripe.errors import invalid, missing_parameter
from assure_app.sandbox.stripe.listing import lists
from assure_app.sandbox.stripe.parameters import Labels, Text, Whole
from assure_app.sandbox.stripe.partition import Partition, labelled
from assure_app.sandbox.stripe.store import Json

_PATH = "/v1/refunds"
BANK_DAYS = 3
BANK_LIMIT_SECONDS = 180 * 86_400
_SLOW_CARD_SECONDS = 60
REASONS = ("duplicate", "fraudulent", "requested_by_customer")
_MOVING = ("pending", "succeeded")


def create(partition: Partition, given: Json) -> Json:
    charge = _charge(partition, given)
    amount = _refundable(partition, charge, given.get("amount"))
    refund = _add(partition, charge, amount=amount, given=given)
    refunded = charge["amount_refunded"] + amount
    partition.save(charge, amount_refunded=refunded, refunded=refunded == charge["amount"])
    if charge["status"] == "pending":
        _save(partition, refund, status="pending", pending_reason="charge_pending")
    else:
        _send(partition, refund)
    partition.emit("refund.created", refund)
    partition.emit("charge.refunded", charge)
    if refund["status"] == "failed":
        _tell_failure(partition, refund, charge)
    return refund


def update(partition: Partition, given: Json, *, object_id: str) -> Json:
    refund = partition.get("refund", object_id)
    metadata = labelled(refund["metadata"], given.get("metadata", {}))
    _save(partition, refund, metadata=metadata)
    partition.emit("refund.updated", refund)
    partition.emit("charge.refund.updated", refund)
    return refund


def cancel(partition: Partition, _given: Json, *, object_id: str) -> Json:
    refund = partition.get("refund", object_id)
    raise invalid(f"A refund whose status is {refund['status']} cannot be canceled.")


def arrive(partition: Partition, refund_id: str) -> None:
    """A pending refund has reached the customer, or the card's bank has sent it back."""
    refund = partition.get("refund", refund_id)
    charge = partition.get("charge", refund["charge"])
    behaviour = behaviours.of_name(charge["_behaviour"])
    if isinstance(behaviour, Card) and behaviour.refund == "fails later":
        if refund["status"] in _MOVING:
            fail(partition, refund_id, reason="expired_or_canceled_card")
    elif refund["status"] == "pending" and refund.get("pending_reason") == "processing":
        _save(partition, refund, status="succeeded", pending_reason=None)
        _tell_update(partition, refund)


def fail(partition: Partition, refund_id: str, *, reason: str) -> Json:
    """The money comes back to the balance; what was refunded of the charge is less again.

    Raises ApiError when the refund has failed already.
    """
    refund = partition.get("refund", refund_id)
    if refund["status"] not in _MOVING:
        raise invalid(f"A refund whose status is {refund['status']} cannot fail.")
    charge = partition.get("charge", refund["charge"])
    if refund["balance_transaction"]:
        booked = _book(partition, refund, charge, kind="refund_failure", amount=refund["amount"])
        refund["failure_balance_transaction"] = booked
    _save(partition, refund, status="failed", failure_reason=reason, pending_reason=None)
    _tell_failure(partition, refund, charge)
    return refund


def send_waiting(partition: Partition) -> None:
    """Send the refunds that waited for the balance, the oldest first, as far as it goes."""
    for refund in reversed(partition.search("refund", pending_reason="insufficient_funds")):
        if balance_transactions.balance(partition) >= refund["amount"]:
            _send(partition, refund)
            _tell_update(partition, refund)


def charge_settled(partition: Partition, charge: Json) -> None:
    """Send what waited for a debit to succeed, or give it up with a debit that failed."""
    for refund in reversed(partition.search("refund", charge=charge["id"])):
        if refund.get("pending_reason") != "charge_pending":
            continue
        if charge["status"] == "succeeded":
            _send(partition, refund)
            _tell_update(partition, refund)
        else:
            fail(partition, refund["id"], reason="unknown")


def _charge(partition: Partition, given: Json) -> Json:
    if given.get("charge"):
        return partition.get("charge", given["charge"], param="charge")
    if not given.get("payment_intent"):
        raise missing_parameter("payment_intent")
    intent = partition.get("payment_intent", given["payment_intent"], param="payment_intent")
    if not intent["latest_charge"]:
        raise invalid("This PaymentIntent does not have a successful charge to refund.")
    return partition.get("charge", intent["latest_charge"])


def _refundable(partition: Partition, charge: Json, asked: int | None) -> int:
    left = charge["amount"] - charge["amount_refunded"]
    if charge["status"] == "failed":
        raise invalid("This charge failed, so there is nothing to refund.", param="charge")
    if left == 0:
        raise invalid(
            f"Charge {charge['id']} has already been refunded.",
            code="charge_already_refunded",
        )
    if any(not each["is_charge_refundable"] for each in _disputes(partition, charge)):
        raise invalid(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.",
            code="charge_disputed",
        )
    is_bank = charge["payment_method_details"]["type"] == "us_bank_account"
    if is_bank and partition.now - charge["created"] > BANK_LIMIT_SECONDS:
        raise invalid("A bank debit can be refunded for 180 days.", param="charge")
    amount = left if asked is None else asked
    if amount > left:
        raise invalid(
            f"Refund amount ({_dollars(amount)}) is greater than unrefunded amount on charge"
            f" ({_dollars(left)})",
            param="amount",
        )
    return amount


def _dollars(cents: int) -> str:
    return f"${cents // 100:,}.{cents % 100:02d}"


def _disputes(partition: Partition, charge: Json) -> list[Json]:
    return partition.search("dispute", charge=charge["id"]) if charge["disputed"] else []


def _send(partition: Partition, refund: Json) -> None:
    """Take the money from the balance and let it go; with too little there, a card's waits."""
    charge = partition.get("charge", refund["charge"])
    is_bank = charge["payment_method_details"]["type"] == "us_bank_account"
    if balance_transactions.balance(partition) < refund["amount"]:
        if is_bank:
            _save(
                partition,
                refund,
                status="failed",
                failure_reason="insufficient_funds",
                pending_reason=None,
            )
        else:
            _save(partition, refund, status="pending", pending_reason="insufficient_funds")
        return
    refund["balance_transaction"] = _book(
        partition,
        refund,
        charge,
        kind="payment_refund" if is_bank else "refund",
        amount=-refund["amount"],
    )
    behaviour = behaviours.of_name(charge["_behaviour"])
    is_slow = isinstance(behaviour, Card) and behaviour.refund == "pending"
    waits = is_bank or is_slow
    _save(
        partition,
        refund,
        status="pending" if waits else "succeeded",
        pending_reason="processing" if waits else None,
    )
    if is_bank:
        due_at = business_days.after(partition.now, BANK_DAYS)
    else:
        due_at = partition.now + _SLOW_CARD_SECONDS
    partition.later("send_refund", refund["id"], due_at=due_at)


def _book(partition: Partition, refund: Json, charge: Json, *, kind: str, amount: int) -> str:
    booked = balance_transactions.book(
        partition,
        kind=kind,
        amount=amount,
        source=refund["id"],
        description=f"{kind.replace('_', ' ').upper()} FOR CHARGE ({charge['id']})",
        currency=refund["currency"],
    )
    return str(booked["id"])


def _save(partition: Partition, refund: Json, **changes: Any) -> None:
    """A reason that no longer holds is left out of the object, as Stripe does."""
    refund.update(changes)
    if not refund.get("pending_reason"):
        refund.pop("pending_reason", None)
    partition.save(refund)


def _tell_update(partition: Partition, refund: Json) -> None:
    if refund["status"] == "failed":
        _tell_failure(partition, refund, partition.get("charge", refund["charge"]))
        return
    partition.emit("refund.updated", refund)
    partition.emit("charge.refund.updated", refund)


def _tell_failure(partition: Partition, refund: Json, charge: Json) -> None:
    left_refunded = charge["amount_refunded"] - refund["amount"]
    partition.save(charge, amount_refunded=left_refunded, refunded=False)
    partition.emit("refund.updated", refund)
    partition.emit("charge.refund.updated", refund)
    partition.emit("refund.failed", refund)
    partition.emit("charge.updated", charge)


def _add(partition: Partition, charge: Json, *, amount: int, given: Json) -> Json:
    kind = charge["payment_method_details"]["type"]
    is_card = kind == "card"
    details: Json = {"type": "card" if is_card else "us_bank_transfer"}
    if is_card:
        details["card"] = {"type": "refund", "reference_status": "pending"}
    else:
        details["us_bank_transfer"] = {"reference": None, "reference_status": None}
    return partition.add(
        "refund",
        {
            "id": ids.new_id("re" if is_card else "pyr"),
            "amount": amount,
            "balance_transaction": None,
            "charge": charge["id"],
            "currency": charge["currency"],
            "customer": charge["customer"],
            "destination_details": details,
            "metadata": labelled(None, given.get("metadata")),
            "payment_intent": charge["payment_intent"],
            "payment_method": charge["payment_method"],
            "reason": given.get("reason"),
            "receipt_number": None,
            "source_transfer_reversal": None,
            "status": "pending",
            "transfer_reversal": None,
        },
    )


ENDPOINTS = (
    Endpoint(
        method="POST",
        path=_PATH,
        answer=create,
        fields={
            "charge": Text(),
            "payment_intent": Text(),
            "amount": Whole(1),
            "reason": Text(REASONS),
            "metadata": Labels(),
        },
    ),
    Endpoint(
        method="POST", path=f"{_PATH}/{{object_id}}", answer=update, fields={"metadata": Labels()}
    ),
    Endpoint(method="POST", path=f"{_PATH}/{{object_id}}/cancel", answer=cancel),
    reads("refund", _PATH),
    lists("refund", _PATH, charge=Text(), payment_intent=Text()),
)
