"""A Stripe of the tests' own: what the product asks through its gateway is answered here.

It keeps to what Stripe keeps to: keys repeat their first answer, a page that is complete cannot be
expired, a declined try is a charge, accounts do not see each other's objects. Faults are put in by
name: the next calls of that name are silent, before or after they acted. With a file it outlives
the process, for tests that kill one.
"""

import pickle
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from assure_app.stripe_gateway import (
    accounts,
    balance_transactions,
    charges,
    checkouts,
    customers,
    disputes,
    events,
    mandates,
    payment_intents,
    payment_methods,
    payouts,
    refunds,
    setup_intents,
)
from assure_app.stripe_gateway.outcomes import Ok, Reason, Refused, Unknown
from assure_app.stripe_gateway.records import (
    Account,
    AccountLink,
    Charge,
    ChargeStatus,
    CheckoutSession,
    Dispute,
    DisputeStatus,
    Event,
    IntentStatus,
    PaymentIntent,
    SessionPayment,
    SessionStatus,
)
from tests.support.fake_methods import FakeMethods
from tests.support.fake_off_session import FakeOffSession
from tests.support.fake_payouts import FakePayouts
from tests.support.fake_refunds import FakeRefunds

CHEN = "acct_1ChenAdvisory"
START = datetime(2026, 5, 22, 15, 0, tzinfo=UTC)
MISSING = Refused(reason=Reason.MISSING, code="resource_missing", sentence="No such object.")
NOT_OPEN = Refused(reason=Reason.INVALID, code="not_open", sentence="This page is not open.")
GONE = Refused(reason=Reason.NO_ACCESS, code="account_invalid", sentence="Gone.")
PATCHED = {
    checkouts: ("create_checkout", "create_setup_page", "retrieve_checkout", "expire_checkout"),
    charges: ("retrieve_charge", "list_charges", "list_charges_made"),
    disputes: ("retrieve_dispute", "list_disputes", "list_disputes_opened"),
    payment_intents: (
        "retrieve_payment_intent",
        "charge_off_session",
        "cancel_payment_intent",
        "find_payment_intent",
    ),
    balance_transactions: ("list_balance_transactions", "list_of_payout", "retrieve_balance"),
    payouts: ("retrieve_payout", "list_payouts"),
    events: ("list_events",),
    customers: ("create_customer", "list_customers"),
    payment_methods: ("retrieve_payment_method", "detach_payment_method"),
    setup_intents: ("retrieve_setup_intent",),
    refunds: ("create_refund", "retrieve_refund", "list_refunds", "list_refunds_made"),
    mandates: ("retrieve_mandate",),
    accounts: ("retrieve_account", "create_account", "create_account_link", "find_account"),
}


@dataclass
class FakeStripe(FakeMethods, FakeRefunds, FakeOffSession, FakePayouts):
    """Everything Stripe knows; public methods without an underscore are the gateway's own names."""

    file: Path | None = None
    now: datetime = START
    sessions: dict[str, CheckoutSession] = field(default_factory=dict)
    intents: dict[str, PaymentIntent] = field(default_factory=dict)
    charges: dict[str, Charge] = field(default_factory=dict)
    disputes: dict[str, Dispute] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    asked_for: dict[str, dict[str, str]] = field(default_factory=dict)
    ways_back: list[tuple[str, str]] = field(default_factory=list)
    told: list[Event] = field(default_factory=list)
    answers: dict[tuple[str, str], tuple[Any, Any]] = field(default_factory=dict)
    faults: list[tuple[str, str]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    serial: int = 0
    before: Callable[[str], None] | None = None

    def __post_init__(self) -> None:
        self._lock = threading.RLock()
        self.accounts.setdefault(CHEN, make_account(CHEN))

    @contextmanager
    def installed(self) -> Iterator["FakeStripe"]:
        """Stand in the gateway's place until the block ends."""
        known = {
            (module, name): getattr(module, name)
            for module, names in PATCHED.items()
            for name in names
        }
        for module, name in known:
            setattr(module, name, self._answering(name))
        try:
            yield self
        finally:
            for (module, name), original in known.items():
                setattr(module, name, original)

    def be_silent(self, name: str, *, after_acting: bool = False, times: int = 1) -> None:
        """The next calls of this name time out."""
        self.faults += [(name, "after" if after_acting else "before")] * times

    # What the payer and the bank do.

    def pay(
        self, session_id: str, *, method: str = "card", fee_cents: int | None = None, **changes: Any
    ) -> str:
        """Pay on the page: a card succeeds at once, a bank payment is pending; the charge's id."""
        with self._lock:
            session = self.sessions[session_id]
            assert session.status is SessionStatus.OPEN, session.status
            pending = method == "us_bank_account"
            status = ChargeStatus.PENDING if pending else ChargeStatus.SUCCEEDED
            charge = self._charge(session, method, status, fee_cents=fee_cents, **changes)
            self._set_intent(charge, IntentStatus.PROCESSING if pending else IntentStatus.SUCCEEDED)
            self.sessions[session_id] = replace(
                self.sessions[session_id],
                status=SessionStatus.COMPLETE,
                url="",
                payment_status=SessionPayment.UNPAID if pending else SessionPayment.PAID,
            )
            self._tell(
                "charge.pending" if pending else "charge.succeeded",
                "charge",
                charge.id,
                charge.account_id,
            )
            self._tell(
                "payment_intent.processing" if pending else "payment_intent.succeeded",
                "payment_intent",
                charge.payment_intent_id or "",
                charge.account_id,
            )
            self._tell(
                "checkout.session.completed", "checkout.session", session_id, charge.account_id
            )
            self._keep()
            return charge.id

    def decline(self, session_id: str, sentence: str = "Your card was declined.") -> str:
        """A try on the page that fails; the page stays open."""
        with self._lock:
            charge = self._charge(
                self.sessions[session_id],
                "card",
                ChargeStatus.FAILED,
                last4="0002",
                failure_code="card_declined",
                failure_sentence=sentence,
            )
            self._set_intent(charge, IntentStatus.NEEDS_METHOD)
            self._tell("charge.failed", "charge", charge.id, charge.account_id)
            self._tell(
                "payment_intent.payment_failed",
                "payment_intent",
                charge.payment_intent_id or "",
                charge.account_id,
            )
            self._keep()
            return charge.id

    def settle(self, charge_id: str, *, fee_cents: int | None = None) -> None:
        """A bank payment arrives."""
        self._end(charge_id, ChargeStatus.SUCCEEDED, IntentStatus.SUCCEEDED, fee_cents=fee_cents)
        self._tell("charge.succeeded", "charge", charge_id, self.charges[charge_id].account_id)
        self._keep()

    def fail(
        self,
        charge_id: str,
        sentence: str = "Insufficient funds.",
        *,
        code: str = "insufficient_funds",
    ) -> None:
        """A bank payment comes back."""
        self._end(
            charge_id,
            ChargeStatus.FAILED,
            IntentStatus.NEEDS_METHOD,
            failure_code=code,
            failure_sentence=sentence,
        )
        self._tell("charge.failed", "charge", charge_id, self.charges[charge_id].account_id)
        self._keep()

    def learn_fee(self, charge_id: str, fee_cents: int) -> None:
        """Stripe makes up its mind what it keeps."""
        self.charges[charge_id] = replace(self.charges[charge_id], fee_cents=fee_cents)
        self._tell("charge.updated", "charge", charge_id, self.charges[charge_id].account_id)
        self._keep()

    def close_page(self, session_id: str) -> None:
        """The page comes of age."""
        self.sessions[session_id] = replace(
            self.sessions[session_id], status=SessionStatus.EXPIRED, url=""
        )
        self._tell(
            "checkout.session.expired",
            "checkout.session",
            session_id,
            self.sessions[session_id].account_id,
        )
        self._keep()

    def close_page_by_force(self) -> None:
        """Every page says it is closed, also one that was paid on."""
        for session_id, session in self.sessions.items():
            self.sessions[session_id] = replace(
                session, status=SessionStatus.EXPIRED, payment_intent_id=None, url=""
            )

    def verify_bank(self, session_id: str) -> None:
        """The payer finished, but the bank account is verified by small deposits first."""
        session = self.sessions[session_id]
        intent_id = self._id("pi")
        self.sessions[session_id] = replace(
            session, status=SessionStatus.COMPLETE, url="", payment_intent_id=intent_id
        )
        self.intents[intent_id] = make_intent(session, intent_id, IntentStatus.NEEDS_ACTION)
        self._tell("checkout.session.completed", "checkout.session", session_id, session.account_id)

    def give_up(self, session_id: str) -> None:
        """The verification came to nothing."""
        session = self.sessions[session_id]
        intent_id = session.payment_intent_id or ""
        self.intents[intent_id] = make_intent(session, intent_id, IntentStatus.CANCELED)

    def dispute(
        self,
        charge_id: str,
        status: str = "needs_response",
        *,
        reason: str = "fraudulent",
        amount_cents: int | None = None,
        **changes: Any,
    ) -> str:
        """The payer's bank asks about a charge, contests it or returns it; the dispute's id.

        Whatever is no inquiry is withdrawn at once.
        """
        charge = self.charges[charge_id]
        is_inquiry = status.startswith("warning")
        cents = charge.amount_cents if amount_cents is None else amount_cents
        values: dict[str, Any] = {
            "id": self._id("dp"),
            "account_id": charge.account_id,
            "charge_id": charge_id,
            "amount_cents": cents,
            "currency": charge.currency,
            "status": DisputeStatus(status),
            "reason": reason,
            "is_charge_refundable": is_inquiry,
            "withdrawn_cents": 0 if is_inquiry else cents,
            "reinstated_cents": 0,
            "evidence_due_at": self.now + timedelta(days=10),
            "created_at": self.now,
        } | changes
        dispute = Dispute(**values)
        self.disputes[dispute.id] = dispute
        self.charges[charge_id] = replace(charge, is_disputed=True)
        self.tell_of_dispute("created", dispute.id)
        if not is_inquiry:
            self.tell_of_dispute("funds_withdrawn", dispute.id)
        if status == "lost":
            self.tell_of_dispute("closed", dispute.id)
        return dispute.id

    def change_dispute(self, dispute_id: str, status: str, **changes: Any) -> None:
        """The dispute goes on; a win brings its money back, a loss takes it."""
        known = self.disputes[dispute_id]
        if status == "won":
            changes = {"reinstated_cents": known.withdrawn_cents} | changes
        if status in {"needs_response", "lost"}:
            withdrawn = known.withdrawn_cents or known.amount_cents
            changes = {"withdrawn_cents": withdrawn, "is_charge_refundable": False} | changes
        self.disputes[dispute_id] = replace(known, status=DisputeStatus(status), **changes)
        is_closed = status in {"won", "lost", "warning_closed", "prevented"}
        self.tell_of_dispute("closed" if is_closed else "updated", dispute_id)

    def tell_of_dispute(self, what: str, dispute_id: str) -> None:
        """An event about a dispute."""
        account_id = self.disputes[dispute_id].account_id
        self._tell(f"charge.dispute.{what}", "dispute", dispute_id, account_id)
        self._keep()

    def change_charge(self, charge_id: str, **changes: Any) -> None:
        self.charges[charge_id] = replace(self.charges[charge_id], **changes)
        self._keep()

    def only_session(self) -> str:
        """The id of the only page that is open."""
        (found,) = [each.id for each in self.sessions.values() if each.status is SessionStatus.OPEN]
        return found

    def charged_cents(self) -> int:
        """What was really taken, or may still be."""
        return sum(
            each.amount_cents
            for each in self.charges.values()
            if each.status is not ChargeStatus.FAILED
        )

    def event(self, kind: str) -> Event:
        """The last event of this type."""
        return next(each for each in reversed(self.told) if each.type == kind)

    def finish_setup(self, account_id: str) -> None:
        """The firm answers all of Stripe's questions."""
        self.accounts[account_id] = make_account(account_id)
        self._tell("account.updated", "account", account_id, account_id)
        self._keep()

    # What the gateway asks.

    def create_checkout(self, account_id: str, *, idempotency_key: str, **asked: Any) -> Any:
        if refusal := self._refusal(account_id):
            return refusal
        known = self.answers.get((account_id, idempotency_key))
        if known is not None:
            if known[0] != asked:
                return Refused(reason=Reason.KEY_REUSED, code="idempotency_error", sentence="Used.")
            return known[1]
        if asked.get("customer_id") and asked["customer_id"] not in self.customers:
            return MISSING
        session_id = self._id("cs_test")
        if asked.get("saves_method"):
            self.saving.add(session_id)
        session = CheckoutSession(
            id=session_id,
            account_id=account_id,
            url=f"https://checkout.example/{session_id}",
            status=SessionStatus.OPEN,
            payment_status=SessionPayment.UNPAID,
            payment_intent_id=None,
            customer_id=asked.get("customer_id"),
            client_reference=asked["client_reference"],
            amount_cents=asked["amount_cents"],
            currency=asked["currency"],
            created_at=self.now,
            expires_at=self.now + timedelta(hours=24),
            metadata=dict(asked["metadata"]),
        )
        self.sessions[session_id] = session
        self.answers[account_id, idempotency_key] = (asked, Ok(session))
        self._keep()
        return Ok(session)

    def retrieve_checkout(self, account_id: str, session_id: str) -> Any:
        return self._one(self.sessions, account_id, session_id)

    def expire_checkout(self, account_id: str, session_id: str, *, idempotency_key: str) -> Any:
        assert idempotency_key
        found = self.sessions.get(session_id)
        if found is None or found.account_id != account_id:
            return MISSING
        if found.status is not SessionStatus.OPEN:
            return NOT_OPEN
        self.close_page(session_id)
        return Ok(self.sessions[session_id])

    def retrieve_charge(self, account_id: str, charge_id: str) -> Any:
        return self._one(self.charges, account_id, charge_id)

    def list_charges(self, account_id: str, payment_intent_id: str) -> Any:
        found = [
            each
            for each in self.charges.values()
            if (each.account_id, each.payment_intent_id) == (account_id, payment_intent_id)
        ]
        return Ok(tuple(reversed(found)))

    def retrieve_dispute(self, account_id: str, dispute_id: str) -> Any:
        return self._one(self.disputes, account_id, dispute_id)

    def list_disputes(self, account_id: str, charge_id: str) -> Any:
        found = [
            each
            for each in self.disputes.values()
            if (each.account_id, each.charge_id) == (account_id, charge_id)
        ]
        return Ok(tuple(reversed(found)))

    def retrieve_payment_intent(self, account_id: str, payment_intent_id: str) -> Any:
        return self._one(self.intents, account_id, payment_intent_id)

    def list_events(self, account_id: str | None, *, since: datetime, types: Any = ()) -> Any:
        return Ok(
            tuple(
                each
                for each in self.told
                if each.account_id == account_id and each.created_at >= since and each.type in types
            )
        )

    def retrieve_account(self, account_id: str) -> Any:
        found = self.accounts.get(account_id)
        return Ok(found) if found else GONE

    def create_account(
        self, *, email: str, name: str = "", metadata: Any, idempotency_key: str
    ) -> Any:
        asked = (email, name, dict(metadata))
        known = self.answers.get(("", idempotency_key))
        if known is not None:
            assert known[0] == asked
            return known[1]
        account = make_account(
            self._id("acct"),
            charges_enabled=False,
            payouts_enabled=False,
            details_submitted=False,
            disabled_reason="requirements.past_due",
            wanted=("external_account", "tos_acceptance.date", "tos_acceptance.ip"),
        )
        self.accounts[account.id] = account
        self.asked_for[account.id] = dict(metadata)
        self.answers["", idempotency_key] = (asked, Ok(account))
        self._keep()
        return Ok(account)

    def find_account(self, *, since: datetime, key: str, value: str) -> Any:
        assert since < self.now
        found = [name for name, told in self.asked_for.items() if told.get(key) == value]
        return Ok(self.accounts[found[0]] if found else None)

    def create_account_link(
        self, account_id: str, *, return_url: str, refresh_url: str, idempotency_key: str
    ) -> Any:
        assert idempotency_key
        if account_id not in self.accounts:
            return GONE
        self.ways_back.append((return_url, refresh_url))
        return Ok(
            AccountLink(
                url=f"https://connect.example/{account_id}/{self._id('link')}",
                expires_at=self.now + timedelta(minutes=5),
            )
        )

    # How it keeps its books.

    def __getstate__(self) -> dict[str, Any]:
        return {
            name: value for name, value in self.__dict__.items() if name not in {"_lock", "before"}
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.before = None
        self._lock = threading.RLock()

    @staticmethod
    def of(file: Path) -> "FakeStripe":
        """What another process left in the file."""
        found: FakeStripe = pickle.loads(file.read_bytes())  # noqa: S301  our own
        return found

    def _answering(self, name: str) -> Callable[..., Any]:
        def answer(*args: Any, **kwargs: Any) -> Any:
            if self.before is not None:
                self.before(name)
            with self._lock:
                self.calls.append(name)
                fault = next((each for each in self.faults if each[0] == name), None)
                if fault:
                    self.faults.remove(fault)
                    if fault[1] == "before":
                        return Unknown(reason="no_answer")
                outcome = getattr(self, name)(*args, **kwargs)
                return Unknown(reason="no_answer") if fault else outcome

        return answer

    def _keep(self) -> None:
        if self.file is not None:
            self.file.write_bytes(pickle.dumps(self))

    def _id(self, prefix: str) -> str:
        self.serial += 1
        return f"{prefix}_{self.serial:04}"

    def _one(self, things: dict[str, Any], account_id: str, object_id: str) -> Any:
        found = things.get(object_id)
        return Ok(found) if found is not None and found.account_id == account_id else MISSING

    def _refusal(self, account_id: str) -> Refused | None:
        found = self.accounts.get(account_id)
        if found is not None and found.charges_enabled:
            return None
        return Refused(reason=Reason.INVALID, code="charges_disabled", sentence="No charges.")

    def _charge(
        self, session: CheckoutSession, method: str, status: ChargeStatus, **changes: Any
    ) -> Charge:
        intent_id = session.payment_intent_id or self._id("pi")
        self.sessions[session.id] = replace(session, payment_intent_id=intent_id)
        is_card = method == "card"
        values: dict[str, Any] = {
            "id": self._id("ch"),
            "account_id": session.account_id,
            "amount_cents": session.amount_cents,
            "amount_refunded_cents": 0,
            "fee_cents": None,
            "currency": session.currency,
            "status": status,
            "is_disputed": False,
            "payment_intent_id": intent_id,
            "customer_id": session.customer_id,
            "payment_method_id": self._used(session, method, status),
            "method": method,
            "brand_or_bank": "Visa" if is_card else "STRIPE TEST BANK",
            "last4": "4242" if is_card else "6789",
            "expiry": "04/30" if is_card else "",
            "failure_code": "",
            "failure_sentence": "",
            "receipt_url": "",
            "created_at": self.now,
            "metadata": dict(session.metadata),
        } | changes
        charge = Charge(**values)
        self.charges[charge.id] = charge
        return charge

    def _used(self, session: CheckoutSession, method: str, status: ChargeStatus) -> str | None:
        is_kept = session.customer_id is not None and status is not ChargeStatus.FAILED
        return self.method_of(session, method) if is_kept else None

    def _set_intent(self, charge: Charge, status: IntentStatus) -> None:
        intent_id = charge.payment_intent_id or ""
        self.intents[intent_id] = make_intent(charge, intent_id, status, latest=charge.id)

    def _end(
        self, charge_id: str, status: ChargeStatus, intent: IntentStatus, **changes: Any
    ) -> None:
        charge = self.charges[charge_id]
        assert charge.status is ChargeStatus.PENDING
        self.charges[charge_id] = replace(charge, status=status, **changes)
        self._set_intent(self.charges[charge_id], intent)

    def _tell(self, kind: str, object_kind: str, object_id: str, account_id: str) -> None:
        self.told.append(
            Event(
                id=self._id("evt"),
                account_id=account_id,
                type=kind,
                object_id=object_id,
                object_kind=object_kind,
                is_live=False,
                created_at=self.now,
            )
        )


def make_intent(
    about: CheckoutSession | Charge, intent_id: str, status: IntentStatus, *, latest: str = ""
) -> PaymentIntent:
    """The PaymentIntent of a page or of a charge on it."""
    return PaymentIntent(
        id=intent_id,
        account_id=about.account_id,
        status=status,
        amount_cents=about.amount_cents,
        currency=about.currency,
        latest_charge_id=latest or None,
        customer_id=None,
        error_code="",
        error_decline_code="",
        error_sentence="",
        created_at=about.created_at,
        metadata=about.metadata,
    )


def make_account(account_id: str, **changes: Any) -> Account:
    """An account that may charge."""
    values: dict[str, Any] = {
        "id": account_id,
        "charges_enabled": True,
        "payouts_enabled": True,
        "details_submitted": True,
        "disabled_reason": "",
    }
    return Account(**values | changes)
