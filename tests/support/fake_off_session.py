"""What the tests' own Stripe does with a saved method that is charged with nobody present."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from assure_app.stripe_gateway.outcomes import Ok, Reason, Refused, Unknown
from assure_app.stripe_gateway.records import (
    Charge,
    ChargeStatus,
    IntentStatus,
    PaymentIntent,
    PaymentMethod,
)

MISSING = Refused(reason=Reason.MISSING, code="resource_missing", sentence="No such object.")
DETACHED = Refused(
    reason=Reason.INVALID,
    code="payment_method_unexpected_state",
    sentence="This card or bank account is not saved at Stripe any more.",
)
SENTENCES = {
    "insufficient_funds": "Your card has insufficient funds.",
    "expired_card": "Your card has expired.",
    "authentication_required": (
        "Your card was declined. This transaction requires authentication."
    ),
}


@dataclass
class FakeOffSession:
    """The part of FakeStripe that charges saved methods.

    `declines` says with which code the bank declines a method, by the method's id, once for each
    entry; `declines_chargeless` with which code Stripe itself does, so that no charge is made.
    `answers_off_session` is answered to everything, as long as it is there.
    """

    declines: dict[str, list[str]] = field(default_factory=dict)
    declines_chargeless: dict[str, str] = field(default_factory=dict)
    answers_off_session: Unknown | Refused | None = None
    methods: dict[str, PaymentMethod] = field(default_factory=dict)
    intents: dict[str, PaymentIntent] = field(default_factory=dict)
    charges: dict[str, Charge] = field(default_factory=dict)
    answers: dict[tuple[str, str], tuple[Any, Any]] = field(default_factory=dict)
    now: datetime = datetime(2026, 5, 22, 15, 0, tzinfo=UTC)

    if TYPE_CHECKING:

        def _id(self, prefix: str) -> str: ...
        def _tell(self, kind: str, object_kind: str, object_id: str, account_id: str) -> None: ...
        def _keep(self) -> None: ...
        def _refusal(self, account_id: str) -> Refused | None: ...

    # What the gateway asks.

    def charge_off_session(self, account_id: str, *, idempotency_key: str, **asked: Any) -> Any:
        assert idempotency_key
        if self.answers_off_session is not None:
            return self.answers_off_session
        known = self.answers.get((account_id, idempotency_key))
        if known is not None:
            assert known[0] == asked, "the same key with other parameters"
            return known[1]
        outcome = self._charged(account_id, asked)
        self.answers[account_id, idempotency_key] = (asked, outcome)
        self._keep()
        return outcome

    def cancel_payment_intent(self, account_id: str, intent_id: str, **_asked: Any) -> Any:
        found = self.intents.get(intent_id)
        if found is None or found.account_id != account_id:
            return MISSING
        self.intents[intent_id] = replace(found, status=IntentStatus.CANCELED)
        return Ok(self.intents[intent_id])

    def find_payment_intent(
        self, account_id: str, *, customer_id: str, since: datetime, key: str, value: str
    ) -> Any:
        return Ok(
            next(
                (
                    each
                    for each in self.intents.values()
                    if (each.account_id, each.customer_id) == (account_id, customer_id)
                    and each.created_at >= since
                    and each.metadata.get(key) == value
                ),
                None,
            )
        )

    def forget_keys(self) -> None:
        """A day goes by: Stripe may forget what came of a key."""
        self.answers.clear()

    def taken_cents(self) -> int:
        """All that was ever taken, or is under way."""
        return sum(
            charge.amount_cents
            for charge in self.charges.values()
            if charge.status is not ChargeStatus.FAILED
        )

    def _charged(self, account_id: str, asked: dict[str, Any]) -> Any:
        refusal = self._refusal(account_id)
        if refusal is not None:
            return refusal
        method = self.methods.get(asked["method_id"])
        if method is None or method.account_id != account_id:
            return MISSING
        if method.customer_id != asked["customer_id"]:
            return DETACHED
        assert asked["method_kind"] == method.kind
        code = self.declines_chargeless.get(method.id, "")
        if code:
            return _declined(code)
        codes = self.declines.get(method.id, [])
        code = codes.pop(0) if codes else ""
        is_bank = method.kind == "us_bank_account"
        status = ChargeStatus.PENDING if is_bank else ChargeStatus.SUCCEEDED
        intent_id = self._id("pi")
        asked = asked | {"account_id": account_id, "intent_id": intent_id}
        charge = self._made(asked, method, ChargeStatus.FAILED if code else status, code)
        intent_status = IntentStatus.PROCESSING if is_bank else IntentStatus.SUCCEEDED
        intent = _intent(charge, IntentStatus.NEEDS_METHOD if code else intent_status)
        self.intents[intent_id] = intent
        told = "failed" if code else status.value
        self._tell(f"charge.{told}", "charge", charge.id, account_id)
        if code:
            self._tell("payment_intent.payment_failed", "payment_intent", intent_id, account_id)
            return replace(_declined(code), payment_intent_id=intent_id, charge_id=charge.id)
        return Ok(replace(intent, latest_charge=charge))

    def _made(
        self,
        asked: dict[str, Any],
        method: PaymentMethod,
        status: ChargeStatus,
        code: str,
    ) -> Charge:
        own_code = code in {"expired_card", "authentication_required"}
        charge = Charge(
            id=self._id("ch"),
            account_id=asked["account_id"],
            amount_cents=asked["amount_cents"],
            amount_refunded_cents=0,
            fee_cents=None,
            currency=asked["currency"],
            status=status,
            is_disputed=False,
            payment_intent_id=asked["intent_id"],
            customer_id=asked["customer_id"],
            payment_method_id=method.id,
            method=method.kind,
            brand_or_bank=method.brand_or_bank,
            last4=method.last4,
            expiry=method.expiry,
            failure_code=(code if own_code else "card_declined") if code else "",
            failure_sentence=SENTENCES.get(code, "Your card was declined.") if code else "",
            decline_code=code,
            receipt_url="",
            created_at=self.now,
            metadata=dict(asked["metadata"]),
        )
        self.charges[charge.id] = charge
        return charge


def _declined(code: str) -> Refused:
    own_code = code in {"expired_card", "authentication_required"}
    return Refused(
        reason=Reason.DECLINED,
        code=code if own_code else "card_declined",
        sentence=SENTENCES.get(code, "Your card was declined."),
        decline_code=code,
    )


def _intent(charge: Charge, status: IntentStatus) -> PaymentIntent:
    return PaymentIntent(
        id=charge.payment_intent_id or "",
        account_id=charge.account_id,
        status=status,
        amount_cents=charge.amount_cents,
        currency=charge.currency,
        latest_charge_id=charge.id,
        customer_id=charge.customer_id,
        error_code=charge.failure_code,
        error_decline_code=charge.decline_code,
        error_sentence=charge.failure_sentence,
        created_at=charge.created_at,
        metadata=charge.metadata,
    )
