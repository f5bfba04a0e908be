"""What a Stripe of the tests' own knows of refunds."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from assure_app.stripe_gateway.outcomes import Ok, Reason, Refused
from assure_app.stripe_gateway.records import Account, Charge, Refund, RefundStatus

MISSING = Refused(reason=Reason.MISSING, code="resource_missing", sentence="No such object.")
GONE = Refused(reason=Reason.NO_ACCESS, code="account_invalid", sentence="Gone.")
ALREADY_REFUNDED = Refused(
    reason=Reason.INVALID, code="charge_already_refunded", sentence="Refunded already."
)
_GIVES_NOTHING = {RefundStatus.FAILED, RefundStatus.CANCELED}


@dataclass
class FakeRefunds:
    """The part of FakeStripe that is about refunds."""

    refunds: dict[str, Refund] = field(default_factory=dict)
    first_refund_status: RefundStatus = RefundStatus.SUCCEEDED
    next_refusal: Refused | None = None

    if TYPE_CHECKING:
        now: datetime = field(default_factory=datetime.now)
        charges: dict[str, Charge] = field(default_factory=dict)
        accounts: dict[str, Account] = field(default_factory=dict)
        answers: dict[tuple[str, str], tuple[Any, Any]] = field(default_factory=dict)
        _lock: Any = None

        def _id(self, prefix: str) -> str: ...
        def _tell(self, kind: str, object_kind: str, object_id: str, account_id: str) -> None: ...
        def _keep(self) -> None: ...
        def _one(self, things: dict[str, Any], account_id: str, object_id: str) -> Any: ...

    # What the firm and the bank do.

    def refund(self, charge_id: str, amount_cents: int, **changes: Any) -> str:
        """Somebody gives money back, in Stripe's dashboard or by our asking; the refund's id."""
        with self._lock:
            charge = self.charges[charge_id]
            values: dict[str, Any] = {
                "id": self._id("re"),
                "account_id": charge.account_id,
                "charge_id": charge_id,
                "amount_cents": amount_cents,
                "currency": charge.currency,
                "status": self.first_refund_status,
                "reason": "",
                "failure_reason": "",
                "created_at": self.now,
                "metadata": {},
            }
            refund = Refund(**values | changes)
            self.refunds[refund.id] = refund
            self._count_refunds(charge_id)
            self._tell("refund.created", "refund", refund.id, charge.account_id)
            self._tell("charge.refunded", "charge", charge_id, charge.account_id)
            self._keep()
            return refund.id

    def change_refund(self, refund_id: str, status: RefundStatus, failure_reason: str = "") -> None:
        """A refund arrives, fails, or is canceled."""
        with self._lock:
            refund = replace(self.refunds[refund_id], status=status, failure_reason=failure_reason)
            self.refunds[refund_id] = refund
            self._count_refunds(refund.charge_id)
            self._tell("refund.updated", "refund", refund_id, refund.account_id)
            self._tell("charge.refund.updated", "refund", refund_id, refund.account_id)
            if status is RefundStatus.FAILED:
                self._tell("refund.failed", "refund", refund_id, refund.account_id)
            self._keep()

    def refunded_cents(self) -> int:
        """What was really given back, or is on its way."""
        return sum(
            each.amount_cents for each in self.refunds.values() if each.status not in _GIVES_NOTHING
        )

    # What the gateway asks.

    def create_refund(self, account_id: str, *, idempotency_key: str, **asked: Any) -> Any:
        if account_id not in self.accounts:
            return GONE
        known = self.answers.get((account_id, idempotency_key))
        if known is not None:
            if known[0] != asked:
                return Refused(reason=Reason.KEY_REUSED, code="idempotency_error", sentence="Used.")
            return known[1]
        outcome = self._refund(account_id, asked)
        self.answers[account_id, idempotency_key] = (asked, outcome)
        self._keep()
        return outcome

    def retrieve_refund(self, account_id: str, refund_id: str) -> Any:
        if account_id not in self.accounts:
            return GONE
        return self._one(self.refunds, account_id, refund_id)

    def list_refunds(self, account_id: str, charge_id: str) -> Any:
        if account_id not in self.accounts:
            return GONE
        found = [
            each
            for each in self.refunds.values()
            if (each.account_id, each.charge_id) == (account_id, charge_id)
        ]
        return Ok(tuple(reversed(found)))

    def _refund(self, account_id: str, asked: dict[str, Any]) -> Any:
        charge = self.charges.get(asked["charge_id"])
        if charge is None or charge.account_id != account_id:
            return MISSING
        if self.next_refusal is not None:
            return self.next_refusal
        if charge.amount_refunded_cents == charge.amount_cents:
            return ALREADY_REFUNDED
        if asked["amount_cents"] > charge.amount_cents - charge.amount_refunded_cents:
            return Refused(reason=Reason.INVALID, code="invalid", sentence="Too much.")
        about = {"reason": asked["reason"], "metadata": dict(asked["metadata"])}
        return Ok(self.refunds[self.refund(charge.id, asked["amount_cents"], **about)])

    def _count_refunds(self, charge_id: str) -> None:
        given = [
            each.amount_cents
            for each in self.refunds.values()
            if each.charge_id == charge_id and each.status not in _GIVES_NOTHING
        ]
        self.charges[charge_id] = replace(self.charges[charge_id], amount_refunded_cents=sum(given))
