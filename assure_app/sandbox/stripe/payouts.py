"""Payouts: the balance on its way to the account's bank."""

from assure_app.sandbox.stripe import balance_transactions, business_days, ids
from assure_app.sandbox.stripe.endpoint import Endpoint, reads
from assure_app.sandbox.stripe.errors import invalid
from assure_app.sandbox.stripe.listing import lists
from assure_app.sandbox.stripe.parameters import Labels, Text, Whole
from assure_app.sandbox.stripe.partition import Partition, labelled
from assure_app.sandbox.stripe.store import Json

_PATH = "/v1/payouts"
BANK_DAYS = 2
_BANK_ACCOUNT = "ba_1AssureSandbox"
_BANK: Json = {
    "account_holder_name": None,
    "account_holder_type": "company",
    "account_type": None,
    "bank_name": "STRIPE TEST BANK",
    "country": "US",
    "currency": "usd",
    "customer": None,
    "fingerprint": None,
    "last4": "6789",
    "metadata": {},
    "routing_number": "110000000",
    "status": "new",
}
_NEVER = (
    *("application_fee", "application_fee_amount", "failure_balance_transaction"),
    *("failure_code", "failure_message", "original_payout", "payout_method", "reversed_by"),
)


def create(partition: Partition, given: Json) -> Json:
    if given["amount"] > balance_transactions.balance(partition):
        raise invalid(
            "You have insufficient funds in your Stripe account for this transfer.",
            code="balance_insufficient",
            param="amount",
        )
    payout, _booked = _send(partition, given, is_automatic=False)
    return payout


def pay_out(partition: Partition) -> Json:
    """Send all that is available to the bank, as Stripe does by itself every day.

    The payout carries exactly these balance transactions. What the account put in itself stays
    there for refunds. Raises ApiError when there is nothing to send.
    """
    carried = [
        each
        for each in partition.search("balance_transaction", status="available")
        if "_payout" not in each and each["type"] not in ("topup", "payout")
    ]
    amount = sum(each["net"] for each in carried)
    if amount <= 0:
        raise invalid("Nothing is available to be paid out.")
    given = {"amount": amount, "currency": "usd", "description": "STRIPE PAYOUT"}
    payout, booked = _send(partition, given, is_automatic=True)
    for each in (*carried, booked):
        partition.save(each, _payout=payout["id"])
    return payout


def _send(partition: Partition, given: Json, *, is_automatic: bool) -> tuple[Json, Json]:
    payout_id = ids.new_id("po")
    booked = balance_transactions.book(
        partition,
        kind="payout",
        amount=-given["amount"],
        source=payout_id,
        description=given.get("description"),
    )
    _open_bank_account(partition)
    arrival = business_days.after(partition.now, BANK_DAYS)
    payout = partition.add(
        "payout",
        dict.fromkeys(_NEVER)
        | {
            "id": payout_id,
            "amount": given["amount"],
            "arrival_date": arrival,
            "automatic": is_automatic,
            "balance_transaction": booked["id"],
            "currency": given["currency"],
            "description": given.get("description"),
            "destination": _BANK_ACCOUNT,
            "livemode": False,
            "metadata": labelled(None, given.get("metadata")),
            "method": "standard",
            "reconciliation_status": "completed" if is_automatic else "not_applicable",
            "source_type": "card",
            "statement_descriptor": given.get("statement_descriptor"),
            "status": "in_transit",
            "trace_id": None,
            "type": "bank_account",
        },
    )
    partition.emit("payout.created", payout)
    partition.later("pay_out", payout_id, due_at=arrival)
    return payout, booked


def _open_bank_account(partition: Partition) -> None:
    """Let the account have a bank account that payouts go to, as of its first one."""
    if partition.find(_BANK_ACCOUNT) is None:
        partition.add("bank_account", {"id": _BANK_ACCOUNT} | _BANK)


def arrive(partition: Partition, payout_id: str) -> None:
    """The money has reached the bank, unless it failed before."""
    payout = partition.get("payout", payout_id)
    if payout["status"] == "in_transit":
        partition.save(payout, status="paid")
        partition.emit("payout.paid", payout)


def fail(partition: Partition, payout_id: str) -> Json:
    """The bank sends the money back. Raises ApiError when it failed already."""
    payout = partition.get("payout", payout_id)
    if payout["status"] == "failed":
        raise invalid("This payout has failed already.")
    booked = balance_transactions.book(
        partition,
        kind="payout_failure",
        amount=payout["amount"],
        source=payout_id,
        description="Payout failure",
    )
    partition.save(
        payout,
        status="failed",
        failure_balance_transaction=booked["id"],
        failure_code="account_closed",
        failure_message="The bank account has been closed",
    )
    partition.emit("payout.failed", payout)
    return payout


ENDPOINTS = (
    Endpoint(
        method="POST",
        path=_PATH,
        answer=create,
        fields={
            "amount": Whole(1),
            "currency": Text(("usd",)),
            "description": Text(),
            "metadata": Labels(),
            "method": Text(("standard", "instant")),
            "statement_descriptor": Text(most=22),
        },
        required=("amount", "currency"),
    ),
    reads("payout", _PATH),
    lists("payout", _PATH, status=Text()),
)
