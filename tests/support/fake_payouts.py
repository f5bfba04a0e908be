"""What a Stripe of the tests' own lists by time: what moved the balance, and payouts."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from assure_app.stripe_gateway.balance_records import (
    Balance,
    BalanceTransaction,
    Payout,
    PayoutStatus,
)
from assure_app.stripe_gateway.outcomes import Ok, Reason, Refused
from assure_app.stripe_gateway.records import (
    Charge,
    ChargeStatus,
    Dispute,
    Page,
    Refund,
    RefundStatus,
    Window,
)

MISSING = Refused(reason=Reason.MISSING, code="resource_missing", sentence="No such object.")
_KINDS = {"card": ("charge", "refund"), "us_bank_account": ("payment", "payment_refund")}


@dataclass
class FakePayouts:
    """The part of FakeStripe that is about lists by time and payouts."""

    payouts: dict[str, Payout] = field(default_factory=dict)
    carried: dict[str, tuple[BalanceTransaction, ...]] = field(default_factory=dict)
    page_size: int = 100

    if TYPE_CHECKING:
        now: datetime = field(default_factory=datetime.now)
        charges: dict[str, Charge] = field(default_factory=dict)
        refunds: dict[str, Refund] = field(default_factory=dict)
        disputes: dict[str, Dispute] = field(default_factory=dict)

        def _id(self, prefix: str) -> str: ...
        def _tell(self, kind: str, object_kind: str, object_id: str, account_id: str) -> None: ...
        def _keep(self) -> None: ...
        def _one(self, things: dict[str, Any], account_id: str, object_id: str) -> Any: ...

    # What the firm and Stripe do.

    def take_in_dashboard(self, account_id: str, amount_cents: int, **changes: Any) -> str:
        """Somebody of the firm takes a card in Stripe's dashboard; the charge's id."""
        values: dict[str, Any] = {
            "id": self._id("ch"),
            "account_id": account_id,
            "amount_cents": amount_cents,
            "amount_refunded_cents": 0,
            "fee_cents": 33,
            "currency": "usd",
            "status": ChargeStatus.SUCCEEDED,
            "is_disputed": False,
            "payment_intent_id": self._id("pi"),
            "customer_id": None,
            "method": "card",
            "brand_or_bank": "Visa",
            "last4": "4242",
            "expiry": "04/30",
            "failure_code": "",
            "failure_sentence": "",
            "receipt_url": "",
            "created_at": self.now,
            "metadata": {},
        }
        charge = Charge(**values | changes)
        self.charges[charge.id] = charge
        self._keep()
        return charge.id

    def pay_out(self, account_id: str, **changes: Any) -> str:
        """Everything that moved and was not paid out goes to the bank; the payout's id."""
        before = {each.id for parts in self.carried.values() for each in parts}
        parts = [each for each in self.movements(account_id) if each.id not in before]
        payout_id = self._id("po")
        own = BalanceTransaction(
            id=self._id("txn"),
            account_id=account_id,
            kind="payout",
            category="payout",
            amount_cents=-sum(each.net_cents for each in parts),
            fee_cents=0,
            net_cents=-sum(each.net_cents for each in parts),
            currency="usd",
            source_id=payout_id,
            description="STRIPE PAYOUT",
            available_at=self.now,
            created_at=self.now,
        )
        values: dict[str, Any] = {
            "id": payout_id,
            "account_id": account_id,
            "amount_cents": -own.net_cents,
            "currency": "usd",
            "status": PayoutStatus.IN_TRANSIT,
            "is_automatic": True,
            "is_itemized": True,
            "arrives_at": self.now + timedelta(days=2),
            "bank_name": "STRIPE TEST BANK",
            "last4": "6789",
            "failure_code": "",
            "failure_sentence": "",
            "created_at": self.now,
        }
        self.payouts[payout_id] = Payout(**values | changes)
        self.carried[payout_id] = (own, *reversed(parts))
        self._tell("payout.created", "payout", payout_id, account_id)
        self._keep()
        return payout_id

    def change_payout(self, payout_id: str, status: PayoutStatus, **changes: Any) -> None:
        """A payout arrives or fails."""
        known = self.payouts[payout_id] = replace(self.payouts[payout_id], status=status, **changes)
        self._tell(f"payout.{status.value}", "payout", payout_id, known.account_id)
        self._keep()

    def movements(self, account_id: str) -> list[BalanceTransaction]:
        """What moved an account's balance, the oldest first: it follows from all else."""
        found = [*self._of_charges(), *self._of_refunds(), *self._of_disputes()]
        return [each for each in found if each.account_id == account_id]

    # What the gateway asks.

    def list_charges_made(self, account_id: str, window: Window, *, after: str = "") -> Any:
        return self._page(self.charges.values(), account_id, window, after)

    def list_refunds_made(self, account_id: str, window: Window, *, after: str = "") -> Any:
        return self._page(self.refunds.values(), account_id, window, after)

    def list_disputes_opened(self, account_id: str, window: Window, *, after: str = "") -> Any:
        return self._page(self.disputes.values(), account_id, window, after)

    def list_payouts(self, account_id: str, window: Window, *, after: str = "") -> Any:
        return self._page(self.payouts.values(), account_id, window, after)

    def list_balance_transactions(self, account_id: str, window: Window, *, after: str = "") -> Any:
        return self._page(self.movements(account_id), account_id, window, after)

    def retrieve_payout(self, account_id: str, payout_id: str) -> Any:
        return self._one(self.payouts, account_id, payout_id)

    def list_of_payout(self, account_id: str, payout_id: str, *, after: str = "") -> Any:
        if payout_id not in self.payouts or self.payouts[payout_id].account_id != account_id:
            return MISSING
        return self._cut(list(self.carried[payout_id]), after)

    def retrieve_balance(self, account_id: str) -> Any:
        paid_out = {each.id for parts in self.carried.values() for each in parts}
        left = [each for each in self.movements(account_id) if each.id not in paid_out]
        pending = [each.net_cents for each in left if each.available_at > self.now]
        return Ok(
            Balance(
                account_id=account_id,
                available_cents=sum(each.net_cents for each in left) - sum(pending),
                pending_cents=sum(pending),
            )
        )

    def _page(self, things: Iterable[Any], account_id: str, window: Window, after: str) -> Any:
        found = [
            each
            for each in things
            if each.account_id == account_id and window.since <= each.created_at < window.until
        ]
        return self._cut(list(reversed(found)), after)

    def _cut(self, found: list[Any], after: str) -> Any:
        ids = [each.id for each in found]
        start = ids.index(after) + 1 if after else 0
        cut = found[start : start + self.page_size]
        has_more = start + self.page_size < len(found)
        return Ok(Page(items=tuple(cut), after=cut[-1].id if has_more else ""))

    def _of_charges(self) -> Iterator[BalanceTransaction]:
        for each in self.charges.values():
            if each.status is ChargeStatus.SUCCEEDED and each.fee_cents is not None:
                yield self._moved(each, _KINDS[each.method][0], each.amount_cents, each.fee_cents)

    def _of_refunds(self) -> Iterator[BalanceTransaction]:
        for each in self.refunds.values():
            method = self.charges[each.charge_id].method
            yield self._moved(each, _KINDS[method][1], -each.amount_cents)
            if each.status is RefundStatus.FAILED:
                yield self._moved(each, "refund_failure", each.amount_cents)

    def _of_disputes(self) -> Iterator[BalanceTransaction]:
        for each in self.disputes.values():
            if each.withdrawn_cents:
                yield self._moved(each, "adjustment", -each.withdrawn_cents, 1_500)
            if each.reinstated_cents:
                yield self._moved(each, "adjustment", each.reinstated_cents, -1_500)

    def _moved(
        self, cause: Charge | Refund | Dispute, kind: str, amount_cents: int, fee_cents: int = 0
    ) -> BalanceTransaction:
        sign = "in" if amount_cents > 0 else "out"
        return BalanceTransaction(
            id=f"txn_{cause.id}_{kind}_{sign}",
            account_id=cause.account_id,
            kind=kind,
            category=kind,
            amount_cents=amount_cents,
            fee_cents=fee_cents,
            net_cents=amount_cents - fee_cents,
            currency="usd",
            source_id=cause.id,
            description="",
            available_at=cause.created_at + timedelta(days=2),
            created_at=cause.created_at,
        )
