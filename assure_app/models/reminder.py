"""Reminding clients: a firm's plan and how far it came, what was sent, and who wants none."""

import secrets
from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from assure_app.models.columns import UtcDateTime

_DUE = text("due_at IS NOT NULL")


def new_reminder_token() -> str:
    """What the link ends in by which one contact stops reminders: 128 bits nobody can guess."""
    return secrets.token_urlsafe(16)


class ReminderPlan(SQLModel, table=True):
    """When a firm reminds its clients; a firm without a row does not.

    `steps` are days from the due date, as "-3,0,7". `due_at` is when the next run begins, or goes
    on; NULL while the plan is off. All days up to `done_through` are looked after. A run looks
    after the days up to `running_through` and has come to the invoice `at_id`, due `at_due_on`;
    those three are NULL between runs. No invoice bears a moment of its own: a run finds its
    invoices by their due dates, so whatever changes on one, or in the plan, is right at once.
    """

    __tablename__ = "reminder_plan"
    __table_args__ = (
        CheckConstraint("hour BETWEEN 0 AND 23", name="hour_of_day"),
        CheckConstraint("is_on = (due_at IS NOT NULL)", name="due_while_on"),
        CheckConstraint("running_through > done_through", name="runs_on"),
        CheckConstraint("(at_due_on IS NULL) = (at_id IS NULL)", name="at_one_invoice"),
        Index("ix_reminder_plan_due", "due_at", sqlite_where=_DUE, postgresql_where=_DUE),
    )

    firm_id: int = Field(foreign_key="firm.id", primary_key=True)
    is_on: bool
    steps: str = Field(max_length=60)
    hour: int
    done_through: date
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    running_through: date | None = None
    at_due_on: date | None = None
    at_id: int | None = None
    version: int = 0


class Reminder(SQLModel, table=True):
    """That the client of an invoice was reminded, on the firm's day `day`.

    `step_days` is the plan's step, NULL when a person sent it by hand; then `form_token` makes a
    doubled submit one. An invoice has each step of one due date once. `balance_cents` is what was
    owed when it was written. Triggers refuse DELETE and UPDATE.
    """

    __table_args__ = (
        UniqueConstraint("invoice_id", "due_on", "step_days"),
        UniqueConstraint("firm_id", "form_token"),
        CheckConstraint("balance_cents > 0", name="something_owed"),
        CheckConstraint(
            "(step_days IS NULL) = (form_token IS NOT NULL)", name="planned_or_by_hand"
        ),
        CheckConstraint("(user_id IS NULL) = (form_token IS NULL)", name="by_hand_of_somebody"),
    )

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id")
    invoice_id: int = Field(foreign_key="invoice.id")
    due_on: date
    step_days: int | None = None
    day: date
    balance_cents: int = Field(sa_type=BigInteger)
    created_at: datetime = Field(sa_type=UtcDateTime)
    user_id: int | None = Field(default=None, foreign_key="firm_user.id")
    form_token: str | None = Field(default=None, max_length=64)


class ReminderReader(SQLModel, table=True):
    """Somebody to whom a reminder was addressed, and the link by which they stop them.

    It is about the address: with another email a contact gets another link, and reminders again.
    `stopped_at` is since when they want none, NULL while they take them.
    """

    __tablename__ = "reminder_reader"
    __table_args__ = (UniqueConstraint("contact_id", "email"), UniqueConstraint("token"))

    id: int | None = Field(default=None, primary_key=True)
    contact_id: int = Field(foreign_key="contact.id")
    email: str = Field(max_length=254)
    token: str = Field(default_factory=new_reminder_token, max_length=64)
    created_at: datetime = Field(sa_type=UtcDateTime)
    stopped_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
