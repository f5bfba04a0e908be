"""Where auto-pay is with each invoice of an engagement that has it on."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, text
from sqlmodel import Field, SQLModel

from assure_app.domain.autopay import AutopayState
from assure_app.models.columns import UtcDateTime, one_of

_DUE = text("due_at IS NOT NULL")


class Autopay(SQLModel, table=True):
    """One invoice that auto-pay charges, or charged, or gave up (R123–R126).

    Triggers write the row, or make it due, when the invoice is sent or its figures change, and when
    its engagement's auto-pay is switched on; they end it when the invoice is paid or cancelled.
    `due_at` is when to look at the invoice next, NULL when nothing is to be done; `next_try_at`
    before when it is not charged again. `tries` counts all askings ever and only grows, `failures`
    those in a row that failed. `checkout_id` is the latest asking, `failure` what came of it.
    """

    __table_args__ = (
        one_of("state", AutopayState),
        CheckConstraint(
            "state <> 'exhausted' OR exhausted_at IS NOT NULL", name="exhausted_has_moment"
        ),
        CheckConstraint("(state = 'stopped') = (stopped_by <> '')", name="stopped_by_somebody"),
        CheckConstraint(
            "state <> 'charging' OR checkout_id IS NOT NULL", name="charging_has_asking"
        ),
        Index("ix_autopay_due", "due_at", "invoice_id", sqlite_where=_DUE, postgresql_where=_DUE),
    )

    invoice_id: int = Field(
        sa_column=Column(Integer, ForeignKey("invoice.id"), primary_key=True, autoincrement=False)
    )
    firm_id: int = Field(foreign_key="firm.id")
    state: str = Field(max_length=16)
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    next_try_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    tries: int = 0
    failures: int = 0
    checkout_id: int | None = Field(default=None, foreign_key="checkout.id")
    failure: str = Field(default="", max_length=500)
    failed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    exhausted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    stopped_by: str = Field(default="", max_length=200)
