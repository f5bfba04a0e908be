"""Disputes: a cardholder's complaint, or a debit that a bank returns after it succeeded."""

from assure_app.sandbox.stripe import balance_transactions, ids, mandates
from assure_app.sandbox.stripe.endpoint import Endpoint, reads
from assure_app.sandbox.stripe.errors import invalid
from assure_app.sandbox.stripe.listing import lists
from assure_app.sandbox.stripe.parameters import Flag, Kind, Labels, Text, Within
from assure_app.sandbox.stripe.partition import Partition, labelled, shown
from assure_app.sandbox.stripe.store import Json

_PATH = "/v1/disputes"
FEE_CENTS = 1_500
_ANSWER_WITHIN_SECONDS = 10 * 86_400
_OPEN = ("needs_response", "under_review", "warning_needs_response", "warning_under_review")
_VOIDS_THE_MANDATE = ("debit_not_authorized", "customer_initiated", "fraudulent")
REASONS = (
    *("bank_cannot_process", "check_returned", "credit_not_processed", "customer_initiated"),
    *("debit_not_authorized", "duplicate", "fraudulent", "general"),
    *("incorrect_account_details", "insufficient_funds", "product_not_received"),
    *("product_unacceptable", "subscription_canceled", "unrecognized"),
)
_EVIDENCE: dict[str, Kind] = dict.fromkeys(
    (
        *("access_activity_log", "cancellation_policy_disclosure", "cancellation_rebuttal"),
        *("customer_email_address", "customer_name", "product_description"),
        *("refund_policy_disclosure", "refund_refusal_explanation", "service_date"),
        *("duplicate_charge_explanation", "duplicate_charge_id", "uncategorized_text"),
    ),
    Text(most=20_000),
)


def start(partition: Partition, charge: Json, *, reason: str, is_inquiry: bool = False) -> Json:
    """Open a dispute of what is left of a charge. A bank's return is final at once (lost).

    An inquiry moves no money. Raises ApiError when the charge cannot be disputed (any more).
    """
    amount = charge["amount"] - charge["amount_refunded"]
    if charge["status"] != "succeeded" or charge["disputed"] or amount <= 0:
        raise invalid("Only a charge that succeeded, was not disputed and is not refunded can be.")
    is_bank = charge["payment_method_details"]["type"] == "us_bank_account"
    status = "warning_needs_response" if is_inquiry else "lost" if is_bank else "needs_response"
    dispute = _add(partition, charge, amount=amount, reason=reason, status=status)
    partition.save(charge, disputed=True)
    partition.emit("charge.dispute.created", dispute)
    if not is_inquiry:
        _move(partition, dispute, amount=-amount, fee=FEE_CENTS)
        partition.emit("charge.dispute.funds_withdrawn", dispute)
    partition.emit("charge.updated", charge, disputed=False)
    if status == "lost":
        partition.emit("charge.dispute.closed", dispute)
        if reason in _VOIDS_THE_MANDATE:
            mandates.void(partition, charge["payment_method"])
    return dispute


def win(partition: Partition, dispute_id: str) -> Json:
    """The bank sides with the account: the money and the fee come back."""
    dispute = _open(partition, dispute_id)
    if dispute["status"].startswith("warning"):
        return _close(partition, dispute, "warning_closed")
    partition.save(dispute, status="won", is_charge_refundable=True)
    _move(partition, dispute, amount=dispute["amount"], fee=-FEE_CENTS)
    partition.emit("charge.dispute.funds_reinstated", dispute)
    return _close(partition, dispute, "won")


def lose(partition: Partition, dispute_id: str) -> Json:
    """The bank sides with the customer; an inquiry becomes a dispute that is lost."""
    dispute = _open(partition, dispute_id)
    if dispute["status"].startswith("warning"):
        partition.save(dispute, is_charge_refundable=False)
        _move(partition, dispute, amount=-dispute["amount"], fee=FEE_CENTS)
        partition.emit("charge.dispute.funds_withdrawn", dispute)
    return _close(partition, dispute, "lost")


def escalate(partition: Partition, dispute_id: str) -> Json:
    """An inquiry becomes a dispute: now the money goes. Raises ApiError for anything else."""
    dispute = _open(partition, dispute_id)
    if not dispute["status"].startswith("warning"):
        raise invalid("Only an inquiry can become a dispute.")
    partition.save(dispute, status="needs_response", is_charge_refundable=False)
    _move(partition, dispute, amount=-dispute["amount"], fee=FEE_CENTS)
    partition.emit("charge.dispute.funds_withdrawn", dispute)
    partition.emit("charge.dispute.updated", dispute)
    return dispute


def reverse(partition: Partition, dispute_id: str) -> Json:
    """The bank gives back what it took for a card's dispute that was lost. Raises ApiError."""
    dispute = partition.get("dispute", dispute_id)
    if dispute["status"] != "lost" or "payment_method_details" not in dispute:
        raise invalid("Only a lost dispute of a card can be reversed.")
    partition.save(dispute, status="won")
    _move(partition, dispute, amount=dispute["amount"], fee=-FEE_CENTS)
    partition.emit("charge.dispute.funds_reinstated", dispute)
    partition.emit("charge.dispute.updated", dispute)
    return dispute


def update(partition: Partition, given: Json, *, object_id: str) -> Json:
    """Send evidence. Stripe's own test texts "winning_evidence" and "losing_evidence" decide."""
    dispute = _open(partition, object_id)
    evidence = given.get("evidence", {})
    dispute["evidence"] = dispute["evidence"] | evidence
    if "metadata" in given:
        dispute["metadata"] = labelled(dispute["metadata"], given["metadata"])
    if evidence:
        dispute["evidence_details"]["has_evidence"] = True
    if evidence and given.get("submit", True):
        dispute["evidence_details"]["submission_count"] += 1
        is_warning = dispute["status"].startswith("warning")
        dispute["status"] = "warning_under_review" if is_warning else "under_review"
    partition.save(dispute)
    partition.emit("charge.dispute.updated", dispute)
    if dispute["status"].endswith("under_review"):
        told = evidence.get("uncategorized_text")
        if told == "winning_evidence":
            return win(partition, object_id)
        if told == "losing_evidence":
            return lose(partition, object_id)
    return dispute


def close(partition: Partition, _given: Json, *, object_id: str) -> Json:
    return lose(partition, object_id)


def _add(partition: Partition, charge: Json, *, amount: int, reason: str, status: str) -> Json:
    details = charge["payment_method_details"]
    kind = details["type"]
    # Stripe describes the means of a card's dispute, and says nothing of a bank account's.
    told: Json = {}
    if kind == "card":
        card = {
            "brand": details["card"]["brand"],
            "case_type": "inquiry" if status.startswith("warning") else "chargeback",
            "network": details["card"]["network"],
            "network_reason_code": "10.4",
        }
        told["payment_method_details"] = {"type": kind, "card": card}
    return partition.add(
        "dispute",
        {
            "id": ids.new_id("dp"),
            "amount": amount,
            "balance_transactions": [],
            "charge": charge["id"],
            "currency": charge["currency"],
            "enhanced_eligibility_types": [],
            "evidence": dict.fromkeys(_EVIDENCE) | {"enhanced_evidence": {}},
            "evidence_details": {
                "due_by": partition.now + _ANSWER_WITHIN_SECONDS if told else None,
                "enhanced_eligibility": {},
                "has_evidence": False,
                "past_due": False,
                "submission_count": 0,
            },
            "is_charge_refundable": status.startswith("warning"),
            "livemode": False,
            "metadata": {},
            "payment_intent": charge["payment_intent"],
            "reason": reason,
            "status": status,
        }
        | told,
    )


def _open(partition: Partition, dispute_id: str) -> Json:
    dispute = partition.get("dispute", dispute_id)
    if dispute["status"] not in _OPEN:
        raise invalid(f"This dispute is already closed: {dispute['status']}.")
    return dispute


def _close(partition: Partition, dispute: Json, status: str) -> Json:
    partition.save(dispute, status=status)
    partition.emit("charge.dispute.closed", dispute)
    return dispute


def _move(partition: Partition, dispute: Json, *, amount: int, fee: int) -> None:
    booked = balance_transactions.book(
        partition,
        kind="adjustment",
        amount=amount,
        fee=fee,
        source=dispute["id"],
        description=f"Chargeback {'withdrawal' if amount < 0 else 'reversal'}",
        currency=dispute["currency"],
    )
    moved = [*dispute["balance_transactions"], shown(booked)]
    partition.save(dispute, balance_transactions=moved)


ENDPOINTS = (
    Endpoint(
        method="POST",
        path=f"{_PATH}/{{object_id}}",
        answer=update,
        fields={"evidence": Within(_EVIDENCE), "metadata": Labels(), "submit": Flag()},
    ),
    Endpoint(method="POST", path=f"{_PATH}/{{object_id}}/close", answer=close),
    reads("dispute", _PATH),
    lists("dispute", _PATH, charge=Text(), payment_intent=Text()),
)
