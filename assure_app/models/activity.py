"""What happened: the timeline of each invoice, and the audit log of the firm."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from assure_app.models.columns import UtcDateTime


class Activity(SQLModel, table=True):
    """One entry of an invoice's timeline; triggers refuse UPDATE and DELETE (R106, R111).

    `position` counts from 1 within the invoice and keeps same-second entries in order; `hash`
    covers every field and the previous entry's hash.
    """

    __table_args__ = (UniqueConstraint("invoice_id", "position"),)

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id")
    invoice_id: int = Field(foreign_key="invoice.id")
    position: int
    at: datetime = Field(sa_type=UtcDateTime)
    text: str = Field(max_length=1000)
    actor: str = Field(max_length=200)
    user_id: int | None = Field(default=None, foreign_key="firm_user.id")
    payment_id: int | None = Field(default=None, foreign_key="payment.id")
    previous_hash: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class AuditEntry(SQLModel, table=True):
    """Something the firm's owner may want to know that belongs to no invoice: a sign-in, a lockout,
    a money action that was denied (R112). Append-only as well."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_firm", "firm_id", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id")
    user_id: int | None = Field(default=None, foreign_key="firm_user.id")
    at: datetime = Field(sa_type=UtcDateTime)
    text: str = Field(max_length=1000)
