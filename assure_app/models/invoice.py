"""Invoices, their lines, and what keeps a list of a million of them quick."""

import secrets
from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from assure_app.domain.invoice_status import Stage
from assure_app.models.columns import PrefixText, UtcDateTime, one_of

_UNPAID = text("stage = 'draft' OR stage = 'open' OR stage = 'cancelled'")
"""Said as a chain of OR, the only form in which SQLite sees that `stage = 'open'` implies it."""

_GENERATED = text("schedule_id IS NOT NULL")

_STANDING = (
    "CASE WHEN stage <> 'open' THEN stage WHEN settled_cents > 0 THEN 'partial'"
    " WHEN viewed_at >= opened_at THEN 'viewed' ELSE 'sent' END"
)
_OPEN_BALANCE = "CASE WHEN stage IN ('draft', 'open') THEN balance_cents ELSE 0 END"

_SORTS = {
    "date": ("issued_on",),
    "due": ("due_on",),
    "total": ("total_cents",),
    "balance": ("open_balance_cents",),
    "number": ("number_length", "number"),
    "client_name": ("client_name", "issued_on"),
}


def _list_indexes() -> Iterator[Index]:
    """One for each sort of the whole list, and one for each sort of what is not paid.

    Most invoices of a firm are paid, so the second ones are small; they begin with the stage. What
    tells Awaiting from Overdue and one badge from another comes last, so that those of another kind
    are passed over without a look at the table.
    """
    for name, columns in _SORTS.items():
        yield Index(f"ix_invoice_by_{name}", "firm_id", *columns, "id")
        yield Index(
            f"ix_invoice_unpaid_by_{name}",
            "firm_id",
            "stage",
            *columns,
            "id",
            *(last for last in ("due_on", "standing") if last not in columns),
            sqlite_where=_UNPAID,
            postgresql_where=_UNPAID,
        )


def new_pay_token() -> str:
    """What the link of one invoice ends in: 128 bits that nobody can guess (R054)."""
    return secrets.token_urlsafe(16)


class Invoice(SQLModel, table=True):
    """A claim on a client. `settled`, `pending`, `balance`, `overpaid` and `stage` are a projection
    of the ledger's rows, recomputed from them in the transaction that changes a row.

    `client_name` is the client's, kept here so that a sort by it needs one index; a trigger follows
    a renamed client. The database computes three columns itself: `standing` is the status as far as
    no calendar decides it, `open_balance_cents` what the firm still asks for, `number_length` what
    puts INV-999 before INV-1000. `form_token` makes a doubled submit one invoice, and
    `cancel_form_token` tells the form that cancelled it from another one.
    `opened_at`: sent, or last reopened by a refund that left nothing settled (A3).
    `schedule_id` and `period_on` say which day of which schedule it was generated for: each once.
    `overdue_noted_at`: when its timeline said that it became overdue, NULL when that is still to be
    said, also once it left Overdue (R076).
    `pay_token` is the end of the link by which the client opens it; every new row gets its own.
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
        Index("ix_invoice_by_client", "client_id", "issued_on", "id"),
        Index(
            "ix_invoice_unpaid_by_client",
            "client_id",
            "stage",
            "due_on",
            sqlite_where=_UNPAID,
            postgresql_where=_UNPAID,
        ),
        Index(
            "ix_invoice_failed",
            "firm_id",
            sqlite_where=text("is_autopay_failed AND stage = 'open'"),
            postgresql_where=text("is_autopay_failed AND stage = 'open'"),
        ),
        Index(
            "ix_invoice_not_noted",
            "firm_id",
            "stage",
            "overdue_noted_at",
            "due_on",
            sqlite_where=text("stage = 'open' AND overdue_noted_at IS NULL"),
            postgresql_where=text("stage = 'open' AND overdue_noted_at IS NULL"),
        ),
        Index("uq_invoice_form_token", "firm_id", "form_token", unique=True),
        Index("uq_invoice_pay_token", "pay_token", unique=True),
        CheckConstraint("(schedule_id IS NULL) = (period_on IS NULL)", name="generated_has_period"),
        Index(
            "uq_invoice_period",
            "schedule_id",
            "period_on",
            unique=True,
            sqlite_where=_GENERATED,
            postgresql_where=_GENERATED,
        ),
        *_list_indexes(),
    )

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id")
    client_id: int = Field(foreign_key="client.id")
    client_name: str = Field(
        default="", max_length=200, sa_column_kwargs={"server_default": text("''")}
    )
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
    overdue_noted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    cancelled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    cancel_reason: str = Field(default="", max_length=2000)
    cancel_form_token: str | None = Field(default=None, max_length=64)
    written_off_cents: int = Field(default=0, sa_type=BigInteger)
    version: int = Field(default=0)
    form_token: str | None = Field(default=None, max_length=64)
    form_hash: str = Field(
        default="", max_length=64, sa_column_kwargs={"server_default": text("''")}
    )
    pay_token: str = Field(
        default_factory=new_pay_token,
        max_length=64,
        sa_column_kwargs={"default": new_pay_token, "server_default": text("''")},
    )
    schedule_id: int | None = Field(default=None, foreign_key="schedule.id")
    period_on: date | None = None
    number_length: int | None = Field(
        default=None, sa_column=Column(Integer, Computed("length(number)", persisted=True))
    )
    standing: str | None = Field(
        default=None, sa_column=Column(String(16), Computed(_STANDING, persisted=True))
    )
    open_balance_cents: int | None = Field(
        default=None, sa_column=Column(BigInteger, Computed(_OPEN_BALANCE, persisted=True))
    )


class InvoiceLine(SQLModel, table=True):
    """One line of an invoice.

    Quantity in thousandths, so that 1.5 hours is the integer 1500; the tax rate in thousandths of a
    percent, so that 8.875 % is 8875. `amount_cents` is without the tax.
    """

    __tablename__ = "invoice_line"
    __table_args__ = (UniqueConstraint("invoice_id", "position"),)

    id: int | None = Field(default=None, primary_key=True)
    invoice_id: int = Field(foreign_key="invoice.id")
    position: int
    description: str = Field(max_length=500)
    quantity_thousandths: int = Field(default=1000, sa_type=BigInteger)
    unit_price_cents: int = Field(sa_type=BigInteger)
    amount_cents: int = Field(sa_type=BigInteger)
    tax_rate_thousandths: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    tax_cents: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})


class InvoiceTally(SQLModel, table=True):
    """How many invoices of a firm stand how, and what they still ask for; triggers keep it true.

    Open ones are told apart by their due day, all others stand under 1 January 1970. On PostgreSQL
    several rows of one key add up: writers append and never wait for each other.
    """

    __tablename__ = "invoice_tally"
    __table_args__ = (Index("ix_invoice_tally_firm", "firm_id", "standing", "due_on"),)

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id")
    standing: str = Field(max_length=16)
    due_on: date
    invoices: int = Field(sa_type=BigInteger)
    balance_cents: int = Field(sa_type=BigInteger)
    failed: int = Field(sa_type=BigInteger)


class SearchKey(SQLModel, table=True):
    """A term by whose beginning an invoice is found: its number, a reference paid under."""

    __tablename__ = "search_key"

    firm_id: int = Field(foreign_key="firm.id", primary_key=True)
    key: str = Field(primary_key=True, sa_type=PrefixText)
    invoice_id: int = Field(foreign_key="invoice.id", primary_key=True, ondelete="CASCADE")
