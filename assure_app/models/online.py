"""What passes between a firm's Stripe account and its books."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text, true
from sqlmodel import Field, SQLModel

from assure_app.domain.online import CheckoutState
from assure_app.models.columns import UtcDateTime, one_of

_LIVE = text("state = 'new' OR state = 'open'")
_DUE = text("due_at IS NOT NULL")
_OPEN = text("resolved_at IS NULL")
_CURRENT = text("is_current")
_UNANSWERED = text("account_id IS NULL AND problem = ''")


class EventState(StrEnum):
    """Where a callback is: to be applied, applied, of no concern, or given to a person."""

    WAITING = "waiting"
    DONE = "done"
    IGNORED = "ignored"
    FAILED = "failed"


class ExceptionKind(StrEnum):
    """Why a person has to look at something that Stripe told."""

    UNKNOWN_CHARGE = "unknown charge"
    UNKNOWN_OBJECT = "unknown object"
    FOREIGN_ACCOUNT = "foreign account"
    MISMATCH = "mismatch"
    CONTRADICTION = "contradiction"
    SURPLUS = "needs refund or credit"
    REFUNDED_AT_STRIPE = "refunded at Stripe"
    DISPUTED = "disputed"
    NOT_APPLIED = "not applied"


class StripeAccount(SQLModel, table=True):
    """A firm's own account at Stripe, as Stripe last described it (R067).

    A firm has one current account; those it had before stay, because ledger rows name them and
    Stripe may still tell of them. `wanted` is what Stripe asks for, its own words with commas
    between. `disconnected_at` is when somebody of the firm ended payments by it. `onboarded_by` is
    who was sent to Stripe to set it up, until Stripe has the firm's details. `polled_until` is how
    far its list of events was read, and `poll_at` when it is read next. `reconcile_at` is the night
    in which it is compared with the books, NULL until the first one is fixed.
    """

    __tablename__ = "stripe_account"
    __table_args__ = (
        Index(
            "uq_stripe_account_current",
            "firm_id",
            unique=True,
            sqlite_where=_CURRENT,
            postgresql_where=_CURRENT,
        ),
        CheckConstraint(
            "(disconnected_at IS NULL) = (disconnected_by = '')", name="disconnected_by_somebody"
        ),
    )

    account_id: str = Field(primary_key=True, max_length=255)
    firm_id: int = Field(foreign_key="firm.id")
    is_current: bool = Field(default=True, sa_column_kwargs={"server_default": true()})
    charges_enabled: bool = False
    payouts_enabled: bool = False
    details_submitted: bool = False
    disabled_reason: str = Field(default="", max_length=100)
    wanted: str = Field(
        default="", max_length=2000, sa_column_kwargs={"server_default": text("''")}
    )
    disconnected_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    disconnected_by: str = Field(
        default="", max_length=200, sa_column_kwargs={"server_default": text("''")}
    )
    onboarded_by: int | None = Field(default=None, foreign_key="firm_user.id")
    checked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    polled_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    poll_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reconcile_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)


class AccountRequest(SQLModel, table=True):
    """An account asked for at Stripe: written before the asking, with the key that makes asking
    twice one account (R067).

    `token` goes to Stripe as metadata, to find the account by. A request is open until Stripe made
    the account or said why not; a firm has one open request at most.
    """

    __tablename__ = "account_request"
    __table_args__ = (
        UniqueConstraint("token"),
        UniqueConstraint("idempotency_key"),
        UniqueConstraint("account_id"),
        CheckConstraint("account_id IS NULL OR problem = ''", name="made_or_refused"),
        Index(
            "uq_account_request_open",
            "firm_id",
            unique=True,
            sqlite_where=_UNANSWERED,
            postgresql_where=_UNANSWERED,
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id")
    user_id: int = Field(foreign_key="firm_user.id")
    email: str = Field(max_length=254)
    token: str = Field(max_length=64)
    idempotency_key: str = Field(max_length=64)
    account_id: str | None = Field(default=None, max_length=255)
    problem: str = Field(default="", max_length=500)
    created_at: datetime = Field(sa_type=UtcDateTime)


class Checkout(SQLModel, table=True):
    """One asking for money at Stripe, by a payment page or of a saved method: written before the
    asking, with the key that makes asking twice one (R051). Triggers refuse DELETE and any change
    of what was asked.

    `token` goes to Stripe as metadata and comes back with every charge. `form_token` makes a
    doubled click one page. `customer_id` is whose saved methods the page offers, and with
    `saves_method` what is paid with is saved for them. `due_at` is when it is looked after next if
    nobody is heard of, NULL once nothing can happen any more.

    Auto-pay and back-fill charge the saved method `method_id` with nobody present: then there is no
    page, `asked_at` is when Stripe was asked first, or anew after the asking was looked for, and
    `payment_intent_id` what came of it. `contact_id` is who confirmed it, NULL for auto-pay.
    """

    __table_args__ = (
        UniqueConstraint("token"),
        UniqueConstraint("idempotency_key"),
        UniqueConstraint("firm_id", "form_token"),
        UniqueConstraint("account_id", "session_id"),
        one_of("state", CheckoutState),
        CheckConstraint("amount_cents BETWEEN 50 AND 99999999", name="amount_chargeable"),
        CheckConstraint("NOT saves_method OR customer_id IS NOT NULL", name="saves_for_customer"),
        CheckConstraint(
            "state <> 'open' OR (session_id IS NOT NULL AND url <> '')", name="open_has_page"
        ),
        CheckConstraint("source IN ('online', 'autopay', 'backfill')", name="source_known"),
        CheckConstraint("(source = 'online') = (method_id IS NULL)", name="page_or_method"),
        CheckConstraint("source <> 'online' OR contact_id IS NOT NULL", name="page_has_contact"),
        CheckConstraint("source = 'online' OR state <> 'open'", name="method_has_no_page"),
        Index(
            "uq_checkout_live",
            "invoice_id",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        Index("ix_checkout_due", "due_at", sqlite_where=_DUE, postgresql_where=_DUE),
        Index("ix_checkout_invoice", "invoice_id", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id")
    client_id: int = Field(foreign_key="client.id")
    invoice_id: int = Field(foreign_key="invoice.id")
    contact_id: int | None = Field(default=None, foreign_key="contact.id")
    payer: str = Field(max_length=200)
    email: str = Field(max_length=254)
    token: str = Field(max_length=64)
    idempotency_key: str = Field(max_length=64)
    form_token: str = Field(max_length=64)
    form_hash: str = Field(max_length=64)
    account_id: str = Field(max_length=255)
    amount_cents: int = Field(sa_type=BigInteger)
    currency: str = Field(max_length=3)
    description: str = Field(max_length=500)
    success_url: str = Field(max_length=1000)
    cancel_url: str = Field(max_length=1000)
    customer_id: str | None = Field(default=None, max_length=255)
    saves_method: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    source: str = Field(
        default="online", max_length=16, sa_column_kwargs={"server_default": "online"}
    )
    method_id: int | None = Field(default=None, foreign_key="payment_method.id")
    payment_intent_id: str | None = Field(default=None, max_length=255)
    asked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    state: str = Field(max_length=16)
    session_id: str | None = Field(default=None, max_length=255)
    url: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    problem: str = Field(default="", max_length=500)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class StripeEvent(SQLModel, table=True):
    """The inbox: that something happened to an object, which is then asked for anew (R057–R060).

    The envelope only. `due_at` is when it is tried (again), NULL once it was dealt with; whoever
    takes it moves `due_at` on, so that nobody else takes it meanwhile.
    """

    __tablename__ = "stripe_event"
    __table_args__ = (
        UniqueConstraint("event_id"),
        one_of("state", EventState),
        CheckConstraint("(state = 'waiting') = (due_at IS NOT NULL)", name="waiting_is_due"),
        Index("ix_stripe_event_due", "due_at", sqlite_where=_DUE, postgresql_where=_DUE),
    )

    id: int | None = Field(default=None, primary_key=True)
    event_id: str = Field(max_length=255)
    account_id: str = Field(max_length=255)
    type: str = Field(max_length=100)
    object_id: str = Field(max_length=255)
    object_kind: str = Field(max_length=100)
    created_at: datetime = Field(sa_type=UtcDateTime)
    received_at: datetime = Field(sa_type=UtcDateTime)
    state: str = Field(max_length=16)
    attempts: int = 0
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    applied_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    error: str = Field(default="", max_length=500)


class StripeException(SQLModel, table=True):
    """Something Stripe told that no rule settles, waiting for a person (R061–R063).

    One for each kind and object. `firm_id` is NULL when no firm here has the account.
    """

    __tablename__ = "stripe_exception"
    __table_args__ = (
        UniqueConstraint("account_id", "object_id", "kind"),
        one_of("kind", ExceptionKind),
        Index("ix_stripe_exception_open", "firm_id", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int | None = Field(default=None, foreign_key="firm.id")
    account_id: str = Field(max_length=255)
    object_id: str = Field(max_length=255)
    object_kind: str = Field(max_length=100)
    kind: str = Field(max_length=32)
    sentence: str = Field(max_length=500)
    amount_cents: int | None = Field(default=None, sa_type=BigInteger)
    invoice_id: int | None = Field(default=None, foreign_key="invoice.id")
    payment_id: int | None = Field(default=None, foreign_key="payment.id")
    event_id: str | None = Field(default=None, max_length=255)
    opened_at: datetime = Field(sa_type=UtcDateTime)
    resolved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    resolved_by: str = Field(default="", max_length=200)
    resolution: str = Field(default="", max_length=500)
