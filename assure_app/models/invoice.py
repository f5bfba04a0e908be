"""Invoices and their lines."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from assure_app.domain.invoice_status import Stage
from assure_app.models.columns import UtcDateTime, one_of


class Invoice(SQLModel, table=True):
    """A claim on a client. `settled`, `pending`, `balance`, `overpaid` and `stage` are a projection
    of the ledger's rows, recomputed from them in the transaction that changes a row.

    `opened_at`: sent, or last reopened by a refund that left nothing settled (A3).
    `version` counts changes; a writer that read another version loses.
    """

    __table_args__ = (
        UniqueConstraint("firm_id", "number"),
        one_of("stage", Stage),
        CheckConstraint("total_cents >= 0", name="total_positive"),
        CheckConstraint("balance_cents BETWEEN 0 AND total_cents", name="balance_in_range"),
        CheckConstraint("settled_cents >= 0", name="settled_positive"),
        CheckConstraint("pending_cents >= 0", name="pending_positive"),
        CheckConstraint("overpaid_cents >= 0", name="overpaid_positive"),
        CheckConstraint(
            "(stage = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled_has_moment"
        ),
        Index("ix_invoice_by_date", "firm_id", "issued_on", "id"),
        Index("ix_invoice_by_due", "firm_id", "due_on", "id"),
        Index("ix_invoice_by_total", "firm_id", "total_cents", "id"),
        Index("ix_invoice_by_balance", "firm_id", "balance_cents", "id"),
        Index("ix_invoice_by_client", "client_id", "issued_on", "id"),
        Index(
            "ix_invoice_open",
            "firm_id",
            "due_on",
            "balance_cents",
            "is_autopay_failed",
            sqlite_where=text("stage = 'open'"),
            postgresql_where=text("stage = 'open'"),
        ),
        Index(
            "ix_invoice_draft",
            "firm_id",
            sqlite_where=text("stage = 'draft'"),
            postgresql_where=text("stage = 'draft'"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id")
    client_id: int = Field(foreign_key="client.id")
    engagement_id: int | None = Field(default=None, foreign_key="engagement.id")
    number: str = Field(max_length=32)
    title: str = Field(default="", max_length=200)
    issued_on: date
    due_on: date
    total_cents: int = Field(sa_type=BigInteger)
    settled_cents: int = Field(default=0, sa_type=BigInteger)
    pending_cents: int = Field(default=0, sa_type=BigInteger)
    balance_cents: int = Field(sa_type=BigInteger)
    overpaid_cents: int = Field(default=0, sa_type=BigInteger)
    stage: str = Field(default=Stage.DRAFT.value, max_length=16)
    is_autopay_failed: bool = False
    created_at: datetime = Field(sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    opened_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    viewed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    cancelled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    cancel_reason: str = Field(default="", max_length=2000)
    written_off_cents: int = Field(default=0, sa_type=BigInteger)
    version: int = Field(default=0)


class InvoiceLine(SQLModel, table=True):
    """One line of an invoice. Quantity in thousandths, so that 1.5 hours is the integer 1500."""

    __tablename__ = "invoice_line"
    __table_args__ = (UniqueConstraint("invoice_id", "position"),)

    id: int | None = Field(default=None, primary_key=True)
    invoice_id: int = Field(foreign_key="invoice.id")
    position: int
    description: str = Field(max_length=500)
    quantity_thousandths: int = Field(default=1000, sa_type=BigInteger)
    unit_price_cents: int = Field(sa_type=BigInteger)
    amount_cents: int = Field(sa_type=BigInteger)
