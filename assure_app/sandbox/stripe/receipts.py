"""A charge's receipt, as it stands now, for whoever has its address."""

from dataclasses import dataclass
from datetime import UTC, datetime

from assure_app.sandbox.stripe.hosted import NotFound, account_name, method_label
from assure_app.sandbox.stripe.sandbox import Sandbox
from assure_app.sandbox.stripe.store import body_of

LASTS_SECONDS = 30 * 86_400
_WANTED = """
SELECT account, body FROM object
WHERE kind = 'charge' AND json_extract(body, '$._receipt') = ?
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundLine:
    made_at: datetime
    amount_cents: int
    status: str  # "pending", "succeeded", "failed" …


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a paid charge's page shows."""

    charge_id: str
    account_name: str
    description: str
    amount_cents: int
    refunded_cents: int
    is_disputed: bool
    paid_at: datetime
    method: str  # "Visa •••• 4242", "STRIPE TEST BANK •••• 6789"
    email: str
    refunds: tuple[RefundLine, ...]  # The oldest first.


def load_receipt(sandbox: Sandbox, token: str) -> Receipt:
    """The receipt at /receipts/<token>.

    Raises NotFound when there is none, or when its 30 days are over.
    """
    row = sandbox.store.row(_WANTED, (token,))
    charge = {} if row is None else body_of(row)
    if row is None or charge["status"] != "succeeded":
        raise NotFound("There is no such receipt.")
    with sandbox.at(row["account"]) as partition:
        if partition.now - charge["created"] > LASTS_SECONDS:
            raise NotFound("This receipt has expired.")
        return Receipt(
            charge_id=charge["id"],
            account_name=account_name(partition),
            description=charge["description"] or "",
            amount_cents=charge["amount"],
            refunded_cents=charge["amount_refunded"],
            is_disputed=charge["disputed"],
            paid_at=datetime.fromtimestamp(charge["created"], UTC),
            method=method_label(charge["payment_method_details"]),
            email=charge["receipt_email"] or charge["billing_details"]["email"] or "",
            refunds=tuple(
                RefundLine(
                    made_at=datetime.fromtimestamp(refund["created"], UTC),
                    amount_cents=refund["amount"],
                    status=refund["status"],
                )
                for refund in reversed(partition.search("refund", charge=charge["id"]))
            ),
        )
