"""What becomes of a bank debit, days after it was made."""

from assure_app.sandbox.stripe import (
    balance_transactions,
    behaviours,
    charges,
    checkout_sessions,
    declines,
    disputes,
    refunds,
)
from assure_app.sandbox.stripe.behaviours import Bank
from assure_app.sandbox.stripe.errors import invalid
from assure_app.sandbox.stripe.partition import Partition, shown
from assure_app.sandbox.stripe.store import Json


def settle_as_expected(partition: Partition, charge_id: str) -> None:
    """Let the debit end as its test account says; one that ended already stays as it is."""
    charge = partition.get("charge", charge_id)
    bank = behaviours.of_name(charge["_behaviour"])
    if charge["status"] != "pending" or not isinstance(bank, Bank):
        return
    if bank.failure_code:
        fail(partition, charge_id, failure_code=bank.failure_code)
    else:
        settle(partition, charge_id)


def settle(partition: Partition, charge_id: str) -> Json:
    """The debit succeeds. Raises ApiError unless it is pending."""
    charge = _pending(partition, charge_id)
    intent = partition.get("payment_intent", charge["payment_intent"])
    receipt_url = f"{partition.own_url}/receipts/{charge['_receipt']}"
    partition.save(charge, status="succeeded", paid=True, receipt_url=receipt_url)
    partition.save(intent, status="succeeded", amount_received=intent["amount"])
    partition.emit("charge.succeeded", charge)
    partition.emit("payment_intent.succeeded", intent)
    checkout_sessions.debit_ended(partition, intent, is_paid=True)
    balance_transactions.book_later(partition, charge)
    refunds.charge_settled(partition, charge)
    bank = behaviours.of_name(charge["_behaviour"])
    if isinstance(bank, Bank) and bank.dispute:
        disputes.start(partition, charge, reason=bank.dispute)
    return charge


def fail(partition: Partition, charge_id: str, *, failure_code: str) -> Json:
    """The bank returns the debit. Raises ApiError unless it is pending."""
    charge = _pending(partition, charge_id)
    intent = partition.get("payment_intent", charge["payment_intent"])
    why = declines.of_bank(failure_code)
    partition.save(charge, **charges.failed_with(why))
    method = partition.find(charge["payment_method"]) or {}
    partition.save(
        intent,
        status="requires_payment_method",
        payment_method=None,
        last_payment_error={
            "type": "invalid_request_error",
            "code": why.code,
            "message": why.sentence,
            "charge": charge_id,
            "payment_method": shown(method),
        },
    )
    partition.emit("charge.failed", charge)
    partition.emit("payment_intent.payment_failed", intent)
    checkout_sessions.debit_ended(partition, intent, is_paid=False)
    refunds.charge_settled(partition, charge)
    return charge


def _pending(partition: Partition, charge_id: str) -> Json:
    charge = partition.get("charge", charge_id)
    if charge["status"] != "pending":
        raise invalid(f"This charge is {charge['status']}, not pending.")
    return charge
