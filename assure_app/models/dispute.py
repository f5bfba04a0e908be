"""What a payer's bank asks of a payment, contests or takes back, as Stripe tells it (R066)."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from assure_app.domain.disputes import OPEN, DisputeKind, DisputeState
from assure_app.models.columns import UtcDateTime, one_of

_OPEN = ", ".join(f"'{state.value}'" for state in DisputeState if state in OPEN)


class Dispute(SQLModel, table=True):
    """One dispute of a payment in the ledger, as Stripe last described it. Triggers refuse DELETE,
    any change of what is disputed, and money that moves backwards.

    `reason` is Stripe's word. `evidence_due_at` is until when it can be answered, NULL where it
    cannot; from `warn_at` on the firm is to hear of that once more, NULL once it did. `closed_at`
    is when we heard that it was decided; `state` says how.
    """

    __table_args__ = (
        UniqueConstraint("account_id", "dispute_id"),
        Index("ix_dispute_account_time", "account_id", "opened_at", "id"),
        one_of("kind", DisputeKind),
        one_of("state", DisputeState),
        CheckConstraint("withdrawn_cents >= 0 AND reinstated_cents >= 0", name="money_moved"),
        CheckConstraint(f"(closed_at IS NULL) = (state IN ({_OPEN}))", name="closed_is_decided"),
    )

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id")
    invoice_id: int = Field(foreign_key="invoice.id", index=True)
    payment_id: int = Field(foreign_key="payment.id", index=True)
    account_id: str = Field(max_length=255)
    dispute_id: str = Field(max_length=255)
    charge_id: str = Field(max_length=255)
    amount_cents: int = Field(sa_type=BigInteger)
    withdrawn_cents: int = Field(sa_type=BigInteger)
    reinstated_cents: int = Field(sa_type=BigInteger)
    reason: str = Field(max_length=100)
    kind: str = Field(max_length=16)
    state: str = Field(max_length=32)
    is_refundable: bool
    evidence_due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    warn_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    opened_at: datetime = Field(sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class DisputeRow(SQLModel, table=True):
    """A ledger row that was written because of a dispute: what a bank took, or gave back after all.

    `position` counts from 1, so that two writers cannot both write the next one.
    """

    __tablename__ = "dispute_row"
    __table_args__ = (UniqueConstraint("payment_id"),)

    dispute_id: int = Field(foreign_key="dispute.id", primary_key=True)
    position: int = Field(primary_key=True)
    payment_id: int = Field(foreign_key="payment.id")
