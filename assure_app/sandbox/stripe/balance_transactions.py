"""What moved an account's balance: charges less fees, refunds, disputes, payouts."""

from datetime import UTC, datetime, timedelta
from typing import Any

from assure_app.sandbox.stripe import ids
from assure_app.sandbox.stripe.endpoint import Endpoint, reads
from assure_app.sandbox.stripe.listing import page
from assure_app.sandbox.stripe.parameters import PAGE, Text
from assure_app.sandbox.stripe.partition import Partition
from assure_app.sandbox.stripe.store import Json

_PATH = "/v1/balance_transactions"
BOOKED_AFTER_SECONDS = 1
_AVAILABLE_AFTER_DAYS = 2
_TAKES_DAYS = ("charge", "payment")
"""What comes in is available two days later; what goes out takes effect at once."""
_CATEGORIES = {
    "payment": "charge",
    "payment_refund": "refund",
    "payout_failure": "payout_reversal",
}
_FILTERS = ("type", "source", "currency")


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
        since=charge["created"] + BOOKED_AFTER_SECONDS if is_card else None,
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
    since: int | None = None,
) -> Json:
    """One movement of the balance: `amount` is signed, the fee is taken off it.

    What comes in is available two days after `since`, or after now.
    """
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
    days = _AVAILABLE_AFTER_DAYS if kind in _TAKES_DAYS else 0
    began = datetime.fromtimestamp(partition.now if since is None else since, UTC)
    available_on = int((began + timedelta(days=days)).timestamp())
    waits = available_on > partition.now
    booked = partition.add(
        "balance_transaction",
        {
            "id": ids.new_id("txn"),
            "amount": amount,
            "created": int(began.timestamp()),
            "available_on": available_on,
            "balance_type": "payments",
            "currency": currency,
            "description": description,
            "exchange_rate": None,
            "fee": fee,
            "fee_details": details,
            "net": amount - fee,
            "reporting_category": _category(kind, amount, source),
            "source": source,
            "status": "pending" if waits else "available",
            "type": kind,
        },
    )
    if waits:
        partition.later("make_available", booked["id"], due_at=booked["available_on"])
    return booked


def make_available(partition: Partition, transaction_id: str) -> None:
    """What came in may be paid out from now on."""
    partition.save(partition.get("balance_transaction", transaction_id), status="available")


def _category(kind: str, amount: int, source: str) -> str:
    if kind != "adjustment":
        return _CATEGORIES.get(kind, kind)
    if not source.startswith("dp_"):
        return "other_adjustment"
    return "dispute" if amount < 0 else "dispute_reversal"


def balance(partition: Partition) -> int:
    """What the account has, in cents; below zero when it owes."""
    row = partition.store.row(
        "SELECT coalesce(sum(json_extract(body, '$.net')), 0) AS net FROM object"
        " WHERE account = ? AND kind = 'balance_transaction'",
        (partition.account,),
    )
    return 0 if row is None else int(row["net"])


def read_balance(partition: Partition, _given: Json) -> Json:
    """The balance as Stripe tells it: what may be paid out, and what came in lately."""
    pending = sum(each["net"] for each in partition.search("balance_transaction", status="pending"))
    return {
        "object": "balance",
        "available": [_part(balance(partition) - pending)],
        "livemode": False,
        "pending": [_part(pending)],
    }


def _part(cents: int) -> Json:
    return {"amount": cents, "currency": "usd", "source_types": {"card": cents}}


def _list(partition: Partition, given: Json) -> Json:
    """All of them, or those that a payout carried, its own among them."""
    equal = {name: given[name] for name in _FILTERS if given.get(name)}
    if given.get("payout"):
        partition.get("payout", given["payout"], param="payout")
        equal["_payout"] = given["payout"]
    return page(partition, "balance_transaction", given, url=_PATH, equal=equal)


ENDPOINTS = (
    Endpoint(method="GET", path="/v1/balance", answer=read_balance),
    reads("balance_transaction", _PATH),
    Endpoint(
        method="GET",
        path=_PATH,
        answer=_list,
        fields={
            **PAGE,
            "type": Text(),
            "source": Text(),
            "currency": Text(most=3),
            "payout": Text(),
        },
    ),
)
