"""Comparing the books with Stripe: the runs, what they found, and what went to the bank."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from assure_app.domain.reconciliation_facts import FindingKind, Mending, Subject
from assure_app.models.columns import UtcDateTime, one_of

_RUNNING = text("finished_at IS NULL")
_OF_NIGHT = text("night IS NOT NULL")
_OPEN = text("closed_at IS NULL")


class Phase(StrEnum):
    """What a run looks at, in this order: the window by days, then all that is still open."""

    WINDOW = "window"
    PENDING = "pending"
    REFUNDS = "refunds"
    DISPUTES = "disputes"
    PAYOUTS = "payouts"
    DIFFERENCES = "differences"
    DONE = "done"


class PayoutState(StrEnum):
    """Where a payout is, in Stripe's words."""

    PENDING = "pending"
    IN_TRANSIT = "in_transit"
    PAID = "paid"
    FAILED = "failed"
    CANCELED = "canceled"


class ReconciliationRun(SQLModel, table=True):
    """One comparison of an account, from `since` to `until`: it goes on from `phase` and `reached`,
    or from the row `cursor`, when whoever did it died.

    `night` is the firm's day for which it ran by itself, NULL when a person (`started_by`) asked.
    `due_at` is when somebody takes it up if nobody is at it, NULL once it is finished. `problem` is
    why it ended without an answer. The sums are of what agreed.
    """

    __tablename__ = "reconciliation_run"
    __table_args__ = (
        one_of("phase", Phase),
        CheckConstraint("(finished_at IS NULL) = (due_at IS NOT NULL)", name="running_is_due"),
        CheckConstraint("since <= reached AND reached <= until", name="reached_in_window"),
        Index(
            "uq_reconciliation_run_running",
            "account_id",
            unique=True,
            sqlite_where=_RUNNING,
            postgresql_where=_RUNNING,
        ),
        Index(
            "uq_reconciliation_run_night",
            "account_id",
            "night",
            unique=True,
            sqlite_where=_OF_NIGHT,
            postgresql_where=_OF_NIGHT,
        ),
        Index(
            "ix_reconciliation_run_due",
            "due_at",
            sqlite_where=_RUNNING,
            postgresql_where=_RUNNING,
        ),
        Index("ix_reconciliation_run_firm_id_id", "firm_id", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id")
    account_id: str = Field(foreign_key="stripe_account.account_id", max_length=255)
    night: date | None = None
    started_by: str = Field(default="", max_length=200)
    is_full: bool = False
    since: datetime = Field(sa_type=UtcDateTime)
    until: datetime = Field(sa_type=UtcDateTime)
    reached: datetime = Field(sa_type=UtcDateTime)
    phase: str = Field(max_length=16)
    cursor: int = 0
    payments: int = 0
    payments_cents: int = Field(default=0, sa_type=BigInteger)
    refunds: int = 0
    refunds_cents: int = Field(default=0, sa_type=BigInteger)
    disputes: int = 0
    disputes_cents: int = Field(default=0, sa_type=BigInteger)
    fees_cents: int = Field(default=0, sa_type=BigInteger)
    payouts: int = 0
    payouts_cents: int = Field(default=0, sa_type=BigInteger)
    movements: int = 0
    differences: int = 0
    available_cents: int | None = Field(default=None, sa_type=BigInteger)
    pending_cents: int | None = Field(default=None, sa_type=BigInteger)
    attempts: int = 0
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    started_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    problem: str = Field(default="", max_length=500)


class ReconciliationDifference(SQLModel, table=True):
    """Something in which books and Stripe differ: one row for each object and kind, which the next
    run brings up to date, closes when it is gone, and opens again should it come back.

    `is_set_aside` when a person said that it is not ours, with a `note`. `exception_id` is where it
    waits for a person already.
    """

    __tablename__ = "reconciliation_difference"
    __table_args__ = (
        UniqueConstraint("account_id", "object_id", "kind"),
        one_of("kind", FindingKind),
        one_of("subject", Subject),
        one_of("mending", Mending),
        CheckConstraint("(closed_at IS NULL) = (how = '')", name="closed_says_how"),
        CheckConstraint("NOT is_set_aside OR closed_at IS NOT NULL", name="aside_is_closed"),
        Index(
            "ix_reconciliation_difference_open",
            "firm_id",
            "id",
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("ix_reconciliation_difference_closed", "firm_id", "closed_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id")
    account_id: str = Field(max_length=255)
    kind: str = Field(max_length=32)
    subject: str = Field(max_length=16)
    object_id: str = Field(max_length=255)
    sentence: str = Field(max_length=500)
    mending: str = Field(max_length=16)
    books_says: str = Field(max_length=100)
    books_cents: int | None = Field(default=None, sa_type=BigInteger)
    stripe_says: str = Field(max_length=100)
    stripe_cents: int | None = Field(default=None, sa_type=BigInteger)
    payment_id: int | None = Field(default=None, foreign_key="payment.id")
    invoice_id: int | None = Field(default=None, foreign_key="invoice.id")
    exception_id: int | None = Field(default=None, foreign_key="stripe_exception.id")
    found_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_by: str = Field(default="", max_length=200)
    how: str = Field(default="", max_length=500)
    is_set_aside: bool = False


class StripePayout(SQLModel, table=True):
    """Money on its way from an account to its bank, as Stripe last described it.

    `is_itemized` once all that it carried is kept beside it; Stripe says that of those alone which
    it made by itself (`is_automatic`).
    """

    __tablename__ = "stripe_payout"
    __table_args__ = (
        UniqueConstraint("account_id", "payout_id"),
        one_of("state", PayoutState),
        CheckConstraint("is_automatic OR NOT is_itemized", name="itemized_is_automatic"),
        Index("ix_stripe_payout_firm_id_created_at", "firm_id", "created_at", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id")
    account_id: str = Field(max_length=255)
    payout_id: str = Field(max_length=255)
    amount_cents: int = Field(sa_type=BigInteger)
    currency: str = Field(max_length=3)
    state: str = Field(max_length=16)
    arrives_on: date
    bank: str = Field(max_length=120)
    is_automatic: bool
    is_itemized: bool = False
    failure_code: str = Field(default="", max_length=100)
    failure: str = Field(default="", max_length=500)
    created_at: datetime = Field(sa_type=UtcDateTime)
    told_at: datetime = Field(sa_type=UtcDateTime)


class PayoutPart(SQLModel, table=True):
    """A balance transaction that a payout carried; `kind` is Stripe's word, `source_id` the object
    that caused it. Each is in one payout only."""

    __tablename__ = "payout_part"
    __table_args__ = (
        UniqueConstraint("account_id", "transaction_id"),
        CheckConstraint("net_cents = amount_cents - fee_cents", name="net_is_rest"),
        Index("ix_payout_part_payout_id", "payout_id", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    payout_id: int = Field(foreign_key="stripe_payout.id")
    account_id: str = Field(max_length=255)
    transaction_id: str = Field(max_length=255)
    kind: str = Field(max_length=64)
    source_id: str = Field(max_length=255)
    amount_cents: int = Field(sa_type=BigInteger)
    fee_cents: int = Field(sa_type=BigInteger)
    net_cents: int = Field(sa_type=BigInteger)
    description: str = Field(default="", max_length=500)
    created_at: datetime = Field(sa_type=UtcDateTime)
