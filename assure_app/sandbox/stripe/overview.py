"""What the control page shows of an account: the newest of everything, and what is on its way."""

from dataclasses import dataclass
from datetime import UTC, datetime

from assure_app.sandbox.stripe import balance_transactions
from assure_app.sandbox.stripe.hosted import method_label
from assure_app.sandbox.stripe.partition import PLATFORM, Partition
from assure_app.sandbox.stripe.sandbox import Sandbox
from assure_app.sandbox.stripe.store import Json

MOST_ROWS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    id: str
    name: str
    is_enabled: bool
    is_deauthorized: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeRow:
    id: str
    created_at: datetime
    amount_cents: int
    refunded_cents: int
    status: str  # "succeeded", "pending" or "failed"
    is_bank: bool
    method: str
    description: str
    is_disputed: bool
    failure: str

    @property
    def can_settle(self) -> bool:
        return self.status == "pending"

    @property
    def can_be_refunded(self) -> bool:
        return self.status == "succeeded" and self.refunded_cents < self.amount_cents

    @property
    def can_be_disputed(self) -> bool:
        is_left = self.refunded_cents < self.amount_cents
        return self.status == "succeeded" and is_left and not self.is_disputed


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRow:
    id: str
    created_at: datetime
    amount_cents: int
    status: str
    charge_id: str

    @property
    def can_fail(self) -> bool:
        return self.status in ("pending", "succeeded")


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeRow:
    id: str
    created_at: datetime
    amount_cents: int
    status: str
    reason: str
    charge_id: str
    can_be_reversed: bool

    @property
    def is_open(self) -> bool:
        return self.status.endswith(("needs_response", "under_review"))

    @property
    def is_inquiry(self) -> bool:
        return self.status.startswith("warning")


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutRow:
    id: str
    created_at: datetime
    amount_cents: int
    status: str

    @property
    def can_fail(self) -> bool:
        return self.status != "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    id: str
    created_at: datetime
    type: str
    deliveries: str  # "200", or "404, tried 3 times", one for each endpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultRow:
    kind: str
    path: str
    value: float
    remaining: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """One account, and what all have in common."""

    now: datetime
    advanced_seconds: int
    accounts: tuple[AccountRow, ...]
    account_id: str
    balance_cents: int
    charges: tuple[ChargeRow, ...]
    refunds: tuple[RefundRow, ...]
    disputes: tuple[DisputeRow, ...]
    payouts: tuple[PayoutRow, ...]
    events: tuple[EventRow, ...]
    faults: tuple[FaultRow, ...]


def load_overview(sandbox: Sandbox, account_id: str) -> Overview:
    """The account as its control page shows it; of each kind the newest thirty."""
    with sandbox.at(account_id) as partition:
        return Overview(
            now=_moment(partition.now),
            advanced_seconds=sandbox.advanced_seconds,
            accounts=tuple(_account(each) for each in partition.of(PLATFORM).search("account")),
            account_id=account_id,
            balance_cents=balance_transactions.balance(partition),
            charges=tuple(_charge(each) for each in _newest(partition, "charge")),
            refunds=tuple(_refund(each) for each in _newest(partition, "refund")),
            disputes=tuple(_dispute(each) for each in _newest(partition, "dispute")),
            payouts=tuple(_payout(each) for each in _newest(partition, "payout")),
            events=tuple(_event(partition, each) for each in _newest(partition, "event")),
            faults=tuple(
                FaultRow(kind=row[0], path=row[1], value=row[2], remaining=row[3])
                for row in partition.store.rows("SELECT kind, path, value, remaining FROM fault")
            ),
        )


def _newest(partition: Partition, kind: str) -> list[Json]:
    return partition.search(kind, most=MOST_ROWS)


def _account(account: Json) -> AccountRow:
    return AccountRow(
        id=account["id"],
        name=account["business_profile"]["name"] or account["email"] or account["id"],
        is_enabled=account["charges_enabled"],
        is_deauthorized=bool(account.get("_is_deauthorized")),
    )


def _charge(charge: Json) -> ChargeRow:
    details = charge["payment_method_details"]
    return ChargeRow(
        id=charge["id"],
        created_at=_moment(charge["created"]),
        amount_cents=charge["amount"],
        refunded_cents=charge["amount_refunded"],
        status=charge["status"],
        is_bank=details["type"] == "us_bank_account",
        method=method_label(details),
        description=charge["description"] or "",
        is_disputed=charge["disputed"],
        failure=charge["failure_message"] or "",
    )


def _refund(refund: Json) -> RefundRow:
    return RefundRow(
        id=refund["id"],
        created_at=_moment(refund["created"]),
        amount_cents=refund["amount"],
        status=refund["status"],
        charge_id=refund["charge"],
    )


def _dispute(dispute: Json) -> DisputeRow:
    return DisputeRow(
        id=dispute["id"],
        created_at=_moment(dispute["created"]),
        amount_cents=dispute["amount"],
        status=dispute["status"],
        reason=dispute["reason"],
        charge_id=dispute["charge"],
        can_be_reversed=dispute["status"] == "lost" and "payment_method_details" in dispute,
    )


def _payout(payout: Json) -> PayoutRow:
    return PayoutRow(
        id=payout["id"],
        created_at=_moment(payout["created"]),
        amount_cents=payout["amount"],
        status=payout["status"],
    )


def _event(partition: Partition, event: Json) -> EventRow:
    rows = partition.store.rows(
        "SELECT state, attempts, answer FROM delivery WHERE account = ? AND event_id = ?"
        " ORDER BY sequence",
        (partition.account, event["id"]),
    )
    return EventRow(
        id=event["id"],
        created_at=_moment(event["created"]),
        type=event["type"],
        deliveries="; ".join(_told(*row) for row in rows),
    )


def _told(state: str, attempts: int, answer: str) -> str:
    if state == "delivered":
        return answer
    if state == "dropped":
        return "never sent"
    if attempts == 0:
        return "on its way"
    times = "once" if attempts == 1 else f"{attempts} times"
    return f"{answer}, tried {times}{', given up' if state == 'failed' else ''}"


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
