"""The ledger: append-only rows of money in (positive) and money out (negative)."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from assure_app.domain.ledger import Method
from assure_app.domain.transitions import Kind, RowStatus
from assure_app.models.columns import UtcDateTime, one_of

_STANDS = text("stripe_charge_id IS NOT NULL AND status <> 'Failed'")
_PENDING = text("stripe_charge_id IS NOT NULL AND status = 'Pending'")
_FAILED = text("stripe_charge_id IS NOT NULL AND status = 'Failed'")
_REFUSED = text("checkout_id IS NOT NULL AND stripe_charge_id IS NULL")


class Source(StrEnum):
    """Which of the three ways wrote the row (R002); back-fill is a label of its own (R110)."""

    MANUAL = "manual"
    ONLINE = "online"
    AUTOPAY = "autopay"
    BACKFILL = "backfill"


class Payment(SQLModel, table=True):
    """One row of an invoice's ledger (R001). Triggers refuse DELETE, any UPDATE but of status,
    completed_at, fee_cents and failure_reason, illegal transitions, and reversals that would take
    more than the payment they reverse (R010–R012, R080).

    `paid_by` is the text of the Paid by column (R014, R015); `form_token` makes a doubled submit
    one row, and `form_hash` tells a repeat from another input under the same token (R035).

    `stripe_charge_id` is one charge in one account: one row for each, and a second one only for a
    charge that succeeded after all once its row had failed (R063). An asking without a page that
    Stripe refused before there was a charge has one Failed row without any (R126).
    `method_detail` is what of a card or bank account may be kept: "Visa •••• 4242" (R040).
    """

    __table_args__ = (
        UniqueConstraint("firm_id", "form_token"),
        one_of("kind", Kind),
        one_of("method", Method),
        one_of("status", RowStatus),
        one_of("source", Source),
        CheckConstraint("amount_cents <> 0", name="amount_not_zero"),
        CheckConstraint("(kind = 'payment') = (amount_cents > 0)", name="sign_by_kind"),
        CheckConstraint(
            "(kind = 'payment') = (reverses_id IS NULL)", name="reversal_names_payment"
        ),
        CheckConstraint("(kind = 'refund') = (reason <> '')", name="refund_has_reason"),
        CheckConstraint("kind = 'payment' OR status <> 'Refunded'", name="only_payment_refunded"),
        CheckConstraint(
            "status IN ('Pending', 'Failed') OR completed_at IS NOT NULL",
            name="completed_has_moment",
        ),
        CheckConstraint(
            "source <> 'manual' OR method IN ('Cash', 'Check', 'Wire', 'Other')",
            name="manual_method_offline",
        ),
        CheckConstraint(
            "(stripe_charge_id IS NULL) = (stripe_account_id IS NULL)", name="charge_has_account"
        ),
        Index(
            "uq_payment_charge",
            "stripe_account_id",
            "stripe_charge_id",
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
        Index(
            "uq_payment_charge_failed",
            "stripe_account_id",
            "stripe_charge_id",
            unique=True,
            sqlite_where=_FAILED,
            postgresql_where=_FAILED,
        ),
        Index(
            "uq_payment_refused",
            "checkout_id",
            unique=True,
            sqlite_where=_REFUSED,
            postgresql_where=_REFUSED,
        ),
        Index(
            "ix_payment_checkout",
            "checkout_id",
            sqlite_where=text("checkout_id IS NOT NULL"),
            postgresql_where=text("checkout_id IS NOT NULL"),
        ),
        Index(
            "ix_payment_account_time",
            "stripe_account_id",
            "created_at",
            "id",
            sqlite_where=text("stripe_charge_id IS NOT NULL"),
            postgresql_where=text("stripe_charge_id IS NOT NULL"),
        ),
        Index(
            "ix_payment_account_charge",
            "stripe_account_id",
            "stripe_charge_id",
            sqlite_where=text("stripe_charge_id IS NOT NULL"),
            postgresql_where=text("stripe_charge_id IS NOT NULL"),
        ),
        Index(
            "ix_payment_account_pending",
            "stripe_account_id",
            "id",
            sqlite_where=_PENDING,
            postgresql_where=_PENDING,
        ),
        Index("ix_payment_invoice", "invoice_id", "id"),
        Index("ix_payment_firm_completed", "firm_id", "completed_at", "id"),
        Index("ix_payment_client_amount", "client_id", "amount_cents", "id"),
        Index(
            "ix_payment_reverses",
            "reverses_id",
            sqlite_where=text("reverses_id IS NOT NULL"),
            postgresql_where=text("reverses_id IS NOT NULL"),
        ),
        Index(
            "ix_payment_reference",
            "client_id",
            "reference",
            sqlite_where=text("reference <> ''"),
            postgresql_where=text("reference <> ''"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id")
    client_id: int = Field(foreign_key="client.id")
    invoice_id: int = Field(foreign_key="invoice.id")
    kind: str = Field(max_length=16)
    source: str = Field(max_length=16)
    method: str = Field(max_length=16)
    amount_cents: int = Field(sa_type=BigInteger)
    status: str = Field(max_length=16)
    reverses_id: int | None = Field(default=None, foreign_key="payment.id")
    reason: str = Field(default="", max_length=64)
    reference: str = Field(default="", max_length=80)
    notes: str = Field(default="", max_length=2000)
    paid_by: str = Field(max_length=200)
    user_id: int | None = Field(default=None, foreign_key="firm_user.id")
    created_at: datetime = Field(sa_type=UtcDateTime)
    completed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    fee_cents: int = Field(default=0, sa_type=BigInteger)
    failure_reason: str = Field(default="", max_length=500)
    form_token: str | None = Field(default=None, max_length=64)
    form_hash: str = Field(default="", max_length=64)
    stripe_account_id: str | None = Field(default=None, max_length=255)
    stripe_charge_id: str | None = Field(default=None, max_length=255)
    stripe_payment_intent_id: str | None = Field(default=None, max_length=255)
    checkout_id: int | None = Field(default=None, foreign_key="checkout.id")
    contact_id: int | None = Field(default=None, foreign_key="contact.id")
    method_detail: str = Field(
        default="", max_length=80, sa_column_kwargs={"server_default": text("''")}
    )
