"""Refunds at Stripe: each beside its row of the ledger."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from assure_app.domain.stripe_refunds import RefundState
from assure_app.models.columns import UtcDateTime, one_of

_DUE = text("due_at IS NOT NULL")


class StripeRefund(SQLModel, table=True):
    """One refund at Stripe and the ledger's row for it (R065, R094): one row for one refund.

    One that is asked for from here is written before the asking, with the key that makes asking
    twice one refund; `token` goes to Stripe as metadata and comes back. One made in Stripe has
    neither. `attempts` counts the askings; `due_at` is when it is looked after next if nobody is
    heard of, NULL once it is done or over. Triggers refuse DELETE, any change of what was asked,
    illegal transitions, and a refund that does not agree with its ledger row.
    """

    __tablename__ = "stripe_refund"
    __table_args__ = (
        UniqueConstraint("payment_id"),
        UniqueConstraint("account_id", "refund_id"),
        UniqueConstraint("token"),
        UniqueConstraint("idempotency_key"),
        one_of("state", RefundState),
        CheckConstraint("amount_cents > 0", name="amount_positive"),
        CheckConstraint("(token IS NULL) = (idempotency_key IS NULL)", name="asked_with_key"),
        CheckConstraint("(state IN ('new', 'refused')) = (refund_id IS NULL)", name="told_has_id"),
        CheckConstraint("refund_id IS NOT NULL OR token IS NOT NULL", name="asked_or_told"),
        CheckConstraint(
            "(state IN ('new', 'accepted')) = (due_at IS NOT NULL)", name="moving_is_due"
        ),
        Index("ix_stripe_refund_account_time", "account_id", "asked_at", "id"),
        Index("ix_stripe_refund_due", "due_at", sqlite_where=_DUE, postgresql_where=_DUE),
    )

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id")
    payment_id: int = Field(foreign_key="payment.id")
    account_id: str = Field(max_length=255)
    charge_id: str = Field(max_length=255)
    amount_cents: int = Field(sa_type=BigInteger)
    token: str | None = Field(default=None, max_length=64)
    idempotency_key: str | None = Field(default=None, max_length=64)
    stripe_reason: str = Field(max_length=64)
    state: str = Field(max_length=16)
    refund_id: str | None = Field(default=None, max_length=255)
    attempts: int = 0
    asked_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
