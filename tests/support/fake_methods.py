"""What a Stripe of the tests' own knows of customers and of what they saved."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from assure_app.stripe_gateway.outcomes import Ok, Reason, Refused
from assure_app.stripe_gateway.records import (
    CheckoutSession,
    Customer,
    Mandate,
    PaymentMethod,
    SessionPayment,
    SessionStatus,
    SetupIntent,
)

MISSING = Refused(reason=Reason.MISSING, code="resource_missing", sentence="No such object.")
NOBODYS = Refused(
    reason=Reason.INVALID, code="payment_method_unexpected_state", sentence="Attached to nobody."
)


@dataclass
class FakeMethods:
    """The part of FakeStripe that is about saved methods."""

    customers: dict[str, Customer] = field(default_factory=dict)
    methods: dict[str, PaymentMethod] = field(default_factory=dict)
    setups: dict[str, SetupIntent] = field(default_factory=dict)
    mandates: dict[str, Mandate] = field(default_factory=dict)
    saving: set[str] = field(default_factory=set)
    answers: dict[tuple[str, str], tuple[Any, Any]] = field(default_factory=dict)

    sessions: dict[str, CheckoutSession] = field(default_factory=dict)
    now: datetime = datetime(2026, 5, 22, 15, 0, tzinfo=UTC)

    if TYPE_CHECKING:

        def _id(self, prefix: str) -> str: ...
        def _tell(self, kind: str, object_kind: str, object_id: str, account_id: str) -> None: ...
        def _keep(self) -> None: ...
        def _one(self, things: dict[str, Any], account_id: str, object_id: str) -> Any: ...

    # What the payer, the bank and the firm do.

    def save(
        self, account_id: str, customer_id: str | None, kind: str = "card", **changes: Any
    ) -> str:
        """A method is saved for the customer, or used once by nobody we keep; its id."""
        is_card = kind == "card"
        values = {
            "id": self._id("pm"),
            "account_id": account_id,
            "customer_id": customer_id,
            "kind": kind,
            "brand_or_bank": "Visa" if is_card else "STRIPE TEST BANK",
            "last4": "4242" if is_card else "6789",
            "expiry": "04/30" if is_card else "",
        } | changes
        method = PaymentMethod(**values)
        self.methods[method.id] = method
        if customer_id is not None:
            self._tell("payment_method.attached", "payment_method", method.id, account_id)
        self._keep()
        return method.id

    def change_method(
        self, method_id: str, kind: str = "payment_method.updated", **changes: Any
    ) -> None:
        """A card is renewed, or taken away in the firm's Dashboard."""
        self.methods[method_id] = replace(self.methods[method_id], **changes)
        self._tell(kind, "payment_method", method_id, self.methods[method_id].account_id)
        self._keep()

    def void_mandate(self, method_id: str, *, is_lasting: bool = True) -> None:
        """The bank takes back the leave to debit the account."""
        account_id = self.methods[method_id].account_id
        mandate = Mandate(
            id=self._id("mandate"),
            account_id=account_id,
            payment_method_id=method_id,
            is_lasting=is_lasting,
            is_void=True,
        )
        self.mandates[mandate.id] = mandate
        self._tell("mandate.updated", "mandate", mandate.id, account_id)
        self._keep()

    def set_up(self, method_id: str) -> None:
        """A method was saved with nothing charged."""
        account_id = self.methods[method_id].account_id
        intent = SetupIntent(
            id=self._id("seti"), account_id=account_id, payment_method_id=method_id
        )
        self.setups[intent.id] = intent
        self._tell("setup_intent.succeeded", "setup_intent", intent.id, account_id)
        self._keep()

    def save_on_page(self, session_id: str, kind: str = "card") -> str:
        """The client saves a method on a page that charges nothing; the method's id."""
        session = self.sessions[session_id]
        method_id = self.save(session.account_id, session.customer_id, kind)
        intent_id = session.setup_intent_id or ""
        self.setups[intent_id] = replace(self.setups[intent_id], payment_method_id=method_id)
        self.sessions[session_id] = replace(session, status=SessionStatus.COMPLETE, url="")
        self._tell("setup_intent.succeeded", "setup_intent", intent_id, session.account_id)
        self._tell("checkout.session.completed", "checkout.session", session_id, session.account_id)
        return method_id

    def method_of(self, session: CheckoutSession, kind: str) -> str:
        """What a page is paid with: saved when the page says so, else used this once."""
        saves = session.id in self.saving
        return self.save(session.account_id, session.customer_id if saves else None, kind)

    # What the gateway asks.

    def create_customer(self, account_id: str, *, idempotency_key: str, **asked: Any) -> Any:
        known = self.answers.get((account_id, idempotency_key))
        if known is not None:
            return known[1] if known[0] == asked else NOBODYS
        customer = Customer(
            id=self._id("cus"),
            account_id=account_id,
            email=asked["email"],
            metadata=dict(asked["metadata"]),
        )
        self.customers[customer.id] = customer
        self.answers[account_id, idempotency_key] = (asked, Ok(customer))
        self._keep()
        return Ok(customer)

    def create_setup_page(self, account_id: str, *, idempotency_key: str, **asked: Any) -> Any:
        known = self.answers.get((account_id, idempotency_key))
        if known is not None:
            return known[1] if known[0] == asked else NOBODYS
        if asked["customer_id"] not in self.customers:
            return MISSING
        session_id, intent_id = self._id("cs_test"), self._id("seti")
        self.setups[intent_id] = SetupIntent(
            id=intent_id,
            account_id=account_id,
            payment_method_id=None,
            metadata=dict(asked["metadata"]),
        )
        session = CheckoutSession(
            id=session_id,
            account_id=account_id,
            url=f"https://checkout.example/{session_id}",
            status=SessionStatus.OPEN,
            payment_status=SessionPayment.NONE_NEEDED,
            payment_intent_id=None,
            setup_intent_id=intent_id,
            customer_id=asked["customer_id"],
            client_reference="",
            amount_cents=0,
            currency="",
            created_at=self.now,
            expires_at=self.now + timedelta(hours=24),
            metadata=dict(asked["metadata"]),
        )
        self.sessions[session_id] = session
        self.answers[account_id, idempotency_key] = (asked, Ok(session))
        self._keep()
        return Ok(session)

    def list_customers(self, account_id: str, *, email: str) -> Any:
        found = [
            each
            for each in self.customers.values()
            if (each.account_id, each.email) == (account_id, email)
        ]
        return Ok(tuple(reversed(found)))

    def retrieve_payment_method(self, account_id: str, method_id: str) -> Any:
        return self._one(self.methods, account_id, method_id)

    def detach_payment_method(
        self, account_id: str, method_id: str, *, idempotency_key: str
    ) -> Any:
        assert idempotency_key
        found = self.methods.get(method_id)
        if found is None or found.account_id != account_id:
            return MISSING
        if found.customer_id is None:
            return NOBODYS
        self.change_method(method_id, "payment_method.detached", customer_id=None)
        return Ok(self.methods[method_id])

    def retrieve_setup_intent(self, account_id: str, intent_id: str) -> Any:
        return self._one(self.setups, account_id, intent_id)

    def retrieve_mandate(self, account_id: str, mandate_id: str) -> Any:
        return self._one(self.mandates, account_id, mandate_id)
