"""What a client owed when it first saved something to pay with, and its answer to paying it all."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from assure_app.domain.backfill import Answer
from assure_app.models.columns import UtcDateTime, one_of


class BackfillOffer(SQLModel, table=True):
    """The question whether recent unpaid invoices shall be paid now, asked of a client once: when
    its first method was saved, by whomever (R114, R119, R122).

    `offered_on` is the firm's day of that. Whoever of the client's people answers first answers for
    all; `charged_id` is the method that they agreed to. `closed_at` is when somebody had seen what
    came of it. Triggers refuse DELETE and a second answer.
    """

    __tablename__ = "backfill_offer"
    __table_args__ = (
        UniqueConstraint("client_id"),
        one_of("answer", Answer),
        CheckConstraint(
            "(answer = 'waiting') = (answered_at IS NULL)"
            " AND (answered_at IS NULL) = (answered_by_id IS NULL)",
            name="answered_by_somebody",
        ),
        CheckConstraint(
            "(answer = 'accepted') = (charged_id IS NOT NULL)", name="accepted_charges"
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id")
    client_id: int = Field(foreign_key="client.id")
    method_id: int = Field(foreign_key="payment_method.id")
    offered_on: date
    offered_at: datetime = Field(sa_type=UtcDateTime)
    answer: str = Field(default=Answer.WAITING.value, max_length=16)
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answered_by_id: int | None = Field(default=None, foreign_key="contact.id")
    charged_id: int | None = Field(default=None, foreign_key="payment_method.id")
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class BackfillItem(SQLModel, table=True):
    """One invoice of an accepted back-fill, and the asking for its money (R120).

    Written in the transaction of the answer, so that what was agreed to is asked for, whoever dies.
    Triggers refuse DELETE and UPDATE.
    """

    __tablename__ = "backfill_item"
    __table_args__ = (UniqueConstraint("checkout_id"),)

    offer_id: int = Field(foreign_key="backfill_offer.id", primary_key=True)
    invoice_id: int = Field(foreign_key="invoice.id", primary_key=True)
    checkout_id: int = Field(foreign_key="checkout.id")
