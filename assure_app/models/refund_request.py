"""Refunds that somebody asked for and another person decides on."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from assure_app.domain.refund_approval import RequestState
from assure_app.models.columns import UtcDateTime, one_of

_PENDING = text("state = 'pending'")


class RefundRequest(SQLModel, table=True):
    """A refund asked for, and what became of it. Triggers refuse DELETE, any change of what was
    asked, and a second decision.

    `form_token` makes a doubled submit one request; `refund_token`, which no browser is told, makes
    a doubled approval one refund.
    `answer` is why it was declined, or why it cannot be done any more. `refund_id` is the ledger
    row that the approval wrote.
    """

    __tablename__ = "refund_request"
    __table_args__ = (
        UniqueConstraint("firm_id", "form_token"),
        UniqueConstraint("refund_token"),
        UniqueConstraint("refund_id"),
        one_of("state", RequestState),
        CheckConstraint("amount_cents > 0", name="amount_positive"),
        CheckConstraint("reason <> ''", name="has_reason"),
        CheckConstraint("(state = 'pending') = (decided_at IS NULL)", name="decided_has_moment"),
        CheckConstraint(
            "(state = 'approved') = (refund_id IS NOT NULL)", name="approved_has_refund"
        ),
        CheckConstraint(
            "state NOT IN ('approved', 'declined')"
            " OR (decider_id IS NOT NULL AND decider_id <> asker_id)",
            name="decided_by_another",
        ),
        Index(
            "uq_refund_request_pending",
            "payment_id",
            unique=True,
            sqlite_where=_PENDING,
            postgresql_where=_PENDING,
        ),
        Index(
            "ix_refund_request_waiting",
            "firm_id",
            sqlite_where=_PENDING,
            postgresql_where=_PENDING,
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id")
    invoice_id: int = Field(foreign_key="invoice.id")
    payment_id: int = Field(foreign_key="payment.id")
    amount_cents: int = Field(sa_type=BigInteger)
    reason: str = Field(max_length=64)
    notes: str = Field(default="", max_length=2000)
    asker_id: int = Field(foreign_key="firm_user.id")
    asker: str = Field(max_length=200)
    form_token: str = Field(max_length=64)
    refund_token: str = Field(max_length=64)
    form_hash: str = Field(max_length=64)
    state: str = Field(max_length=16)
    created_at: datetime = Field(sa_type=UtcDateTime)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    decider_id: int | None = Field(default=None, foreign_key="firm_user.id")
    answer: str = Field(default="", max_length=500)
    refund_id: int | None = Field(default=None, foreign_key="payment.id")
