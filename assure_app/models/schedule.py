"""Invoices that come again by themselves: when, for whom, with which lines (R123)."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from assure_app.domain.schedules import Frequency, ScheduleStatus
from assure_app.models.columns import UtcDateTime, one_of

_DUE = text("due_at IS NOT NULL")


class Schedule(SQLModel, table=True):
    """What is billed again and again. Its days are told from `first_on` and `anchor_day`.

    `next_on` is the day of the next invoice, NULL when none follows; `due_at` the moment at which
    it is made, only while the schedule is active. `last_on` is the day of the last one made. It
    ends after `ends_on`, or with its `most_invoices`-th invoice. `sends_itself` is whether the
    invoice goes to the client at once; `problem` says why the next one could not be made. Letters
    come from the firm's user `owner_id`. Triggers refuse DELETE, another client, and an illegal
    change of status.
    """

    __table_args__ = (
        one_of("frequency", Frequency),
        one_of("status", ScheduleStatus),
        CheckConstraint("anchor_day BETWEEN 1 AND 31", name="anchor_day_exists"),
        CheckConstraint("due_days BETWEEN 0 AND 365", name="due_days_in_range"),
        CheckConstraint("total_cents >= 0", name="total_positive"),
        CheckConstraint("generated_count >= 0", name="generated_positive"),
        CheckConstraint("ends_on IS NULL OR most_invoices IS NULL", name="one_end"),
        CheckConstraint(
            "most_invoices >= 1 AND most_invoices >= generated_count", name="most_in_range"
        ),
        CheckConstraint("next_on > last_on AND next_on <= ends_on", name="next_in_range"),
        CheckConstraint("(last_on IS NULL) = (generated_count = 0)", name="last_is_generated"),
        CheckConstraint(
            "(next_on IS NOT NULL) = (status IN ('Active', 'Paused'))", name="standing_has_next"
        ),
        CheckConstraint("(due_at IS NOT NULL) = (status = 'Active')", name="active_is_due"),
        Index("ix_schedule_due", "due_at", "id", sqlite_where=_DUE, postgresql_where=_DUE),
        Index("ix_schedule_by_next", "firm_id", "status", "next_on", "id"),
        Index("ix_schedule_by_client", "client_id", "id"),
        Index("ix_schedule_by_engagement", "engagement_id"),
        Index("uq_schedule_form_token", "firm_id", "form_token", unique=True),
    )

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id")
    client_id: int = Field(foreign_key="client.id")
    engagement_id: int | None = Field(default=None, foreign_key="engagement.id")
    owner_id: int = Field(foreign_key="firm_user.id")
    title: str = Field(max_length=200)
    frequency: str = Field(max_length=16)
    first_on: date
    anchor_day: int
    next_on: date | None = None
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ends_on: date | None = None
    most_invoices: int | None = None
    due_days: int
    sends_itself: bool = True
    total_cents: int = Field(sa_type=BigInteger)
    status: str = Field(default=ScheduleStatus.ACTIVE.value, max_length=16)
    generated_count: int = 0
    last_on: date | None = None
    problem: str = Field(default="", max_length=500)
    version: int = 0
    form_token: str = Field(max_length=64)
    form_hash: str = Field(max_length=64)
    created_at: datetime = Field(sa_type=UtcDateTime)


class ScheduleLine(SQLModel, table=True):
    """One line of the invoices to come, as in `invoice_line`."""

    __tablename__ = "schedule_line"
    __table_args__ = (UniqueConstraint("schedule_id", "position"),)

    id: int | None = Field(default=None, primary_key=True)
    schedule_id: int = Field(foreign_key="schedule.id")
    position: int
    description: str = Field(max_length=500)
    quantity_thousandths: int = Field(sa_type=BigInteger)
    unit_price_cents: int = Field(sa_type=BigInteger)
    amount_cents: int = Field(sa_type=BigInteger)
    tax_rate_thousandths: int
    tax_cents: int = Field(sa_type=BigInteger)


class ScheduleEntry(SQLModel, table=True):
    """What became of a schedule and by whom, oldest first; triggers refuse UPDATE and DELETE."""

    __tablename__ = "schedule_entry"
    __table_args__ = (Index("ix_schedule_entry_schedule", "schedule_id", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id")
    schedule_id: int = Field(foreign_key="schedule.id")
    at: datetime = Field(sa_type=UtcDateTime)
    text: str = Field(max_length=1000)
    actor: str = Field(max_length=200)
    user_id: int | None = Field(default=None, foreign_key="firm_user.id")
