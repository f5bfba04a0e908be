"""What moved an account's balance: charges less fees, refunds, disputes, payouts."""

from datetime import UTC, datetime, timedelta
from typing import Any

from assure_app.sandbox.stripe import ids
from assure_app.sandbox.stripe.endpoint import Endpoint, reads
from assure_app.sandbox.stripe.listing import lists
from assure_app.sandbox.stripe.parameters import Text
from assure_app.sandbox.stripe.partition import Partition
from assure_app.sandbox.stripe.store import Json

_PATH = "/v1/balance_transactions"
BOOKED_AFTER_SECONDS = 1
_AVAILABLE_AFTER_DAYS = 2
_CATEGORIES = {"adjustment": "dispute", "topup": "topup"}


def card_fee(amount: int) -> int:
    """2.9 % and 30 cents, half a cent up."""
    return (amount * 29 + 500) // 1000 + 30


def book_later(partition: Partition, charge: Json) -> None:
    """Let the charge's balance transaction be known in a moment, as with Stripe."""
    partition.later("book_charge", charge["id"], due_at=partition.now + BOOKED_AFTER_SECONDS)


def book_charge(partition: Partition, charge_id: str) -> None:
    """Put a charge that succeeded on the balance, once, and tell its fee."""
    charge = partition.get("charge", charge_id)
    if charge["status"] != "succeeded" or charge["balance_transaction"] is not None:
        return
    is_card = charge["payment_method_details"]["type"] == "card"
    booked = book(
        partition,
        kind="charge" if is_card else "payment",
        amount=charge["amount"],
        fee=card_fee(charge["amount"]) if is_card else 0,
        source=charge["id"],
        description=charge["description"],
        currency=charge["currency"],
    )
    partition.save(charge, balance_transaction=booked["id"])
    partition.emit("charge.updated", charge, balance_transaction=None)


def book(
    partition: Partition,
    *,
    kind: str,
    amount: int,
    source: str,
    fee: int = 0,
    description: str | None = None,
    currency: str = "usd",
) -> Json:
    """One movement of the balance: `amount` is signed, the fee is taken off it."""
    details: list[dict[str, Any]] = []
    if fee:
        details = [
            {
                "amount": fee,
                "application": None,
                "currency": currency,
                "description": "Stripe processing fees",
                "type": "stripe_fee",
            }
        ]
    available = datetime.fromtimestamp(partition.now, UTC) + timedelta(days=_AVAILABLE_AFTER_DAYS)
    return partition.add(
        "balance_transaction",
        {
            "id": ids.new_id("txn"),
            "amount": amount,
            "available_on": int(available.timestamp()),
            "balance_type": "payments",
            "currency": currency,
            "description": description,
            "exchange_rate": None,
            "fee": fee,
            "fee_details": details,
            "net": amount - fee,
            "reporting_category": _CATEGORIES.get(kind, "charge" if kind == "payment" else kind),
            "source": source,
            "status": "pending",
            "type": kind,
        },
    )


def balance(partition: Partition) -> int:
    """What the account has, in cents; below zero when it owes."""
    row = partition.store.row(
        "SELECT coalesce(sum(json_extract(body, '$.net')), 0) AS net FROM object"
        " WHERE account = ? AND kind = 'balance_transaction'",
        (partition.account,),
    )
    return 0 if row is None else int(row["net"])


def read_balance(partition: Partition, _given: Json) -> Json:
    """The balance as Stripe tells it; here all of it is available at once."""
    net = balance(partition)
    none = {"amount": 0, "currency": "usd", "source_types": {"card": 0}}
    available = {"amount": net, "currency": "usd", "source_types": {"card": net}}
    return {"object": "balance", "available": [available], "livemode": False, "pending": [none]}


ENDPOINTS = (
    Endpoint(method="GET", path="/v1/balance", answer=read_balance),
    reads("balance_transaction", _PATH),
    lists("balance_transaction", _PATH, type=Text(), source=Text(), currency=Text(most=3)),
)
