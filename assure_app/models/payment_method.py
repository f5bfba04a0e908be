"""What a client's people saved to pay with, at Stripe: here only how it is called (R040)."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from assure_app.domain.saved_methods import MethodKind
from assure_app.models.columns import UtcDateTime, one_of

_STANDS = text("gone_at IS NULL")
_DEFAULT = text("is_default")
_KEPT = text("removed_at IS NULL")
_ANNOUNCED = text("announce_on IS NOT NULL")


class StripeCustomer(SQLModel, table=True):
    """A client as the firm's Stripe account knows it, to whom methods are saved there.

    Written before Stripe is asked, with the key that makes asking twice one customer. `asked_at` is
    when that key was first used, NULL when the next asking must look for the customer first.
    `gone_at` is set when Stripe does not know the customer any more. Triggers refuse DELETE.
    """

    __tablename__ = "stripe_customer"
    __table_args__ = (
        UniqueConstraint("token"),
        UniqueConstraint("account_id", "customer_id"),
        Index(
            "uq_stripe_customer_standing",
            "account_id",
            "client_id",
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id")
    client_id: int = Field(foreign_key="client.id")
    account_id: str = Field(max_length=255)
    token: str = Field(max_length=64)
    idempotency_key: str = Field(max_length=64)
    name: str = Field(max_length=200)
    email: str = Field(max_length=254)
    customer_id: str | None = Field(default=None, max_length=255)
    created_at: datetime = Field(sa_type=UtcDateTime)
    asked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    gone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class MethodPage(SQLModel, table=True):
    """A page asked for at Stripe on which a method of a client is saved with nothing charged.

    By somebody of the client, or by a firm user, who then says that the client agreed: `consent` is
    the sentence that they said so with (R122). Written before Stripe is asked, with the key that
    makes asking twice one page, and closed with a problem when none came of it. Triggers refuse
    DELETE and any change of what was asked.
    """

    __tablename__ = "method_page"
    __table_args__ = (
        UniqueConstraint("token"),
        UniqueConstraint("idempotency_key"),
        UniqueConstraint("firm_id", "form_token"),
        CheckConstraint("(session_id IS NULL) = (url = '')", name="page_has_address"),
        CheckConstraint("(contact_id IS NULL) <> (user_id IS NULL)", name="asked_by_one"),
        CheckConstraint("(user_id IS NULL) = (consent = '')", name="firm_has_consent"),
    )

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id")
    client_id: int = Field(foreign_key="client.id")
    contact_id: int | None = Field(default=None, foreign_key="contact.id")
    user_id: int | None = Field(default=None, foreign_key="firm_user.id")
    consent: str = Field(default="", max_length=300)
    account_id: str = Field(max_length=255)
    customer_id: str = Field(max_length=255)
    token: str = Field(max_length=64)
    idempotency_key: str = Field(max_length=64)
    form_token: str = Field(max_length=64)
    success_url: str = Field(max_length=1000)
    cancel_url: str = Field(max_length=1000)
    created_at: datetime = Field(sa_type=UtcDateTime)
    session_id: str | None = Field(default=None, max_length=255)
    url: str = ""
    problem: str = Field(default="", max_length=500)


class PaymentMethod(SQLModel, table=True):
    """A card or bank account that a client saved (R127). Of it only the name, the last four digits
    and the expiry are kept, never a number (R040).

    `method_id` is Stripe's name for it in that account. Of a client's methods one is the default at
    most. Removed is for ever; disabled, it takes no payments any more, for the reason told (R066).
    Somebody of the client added it, or a firm user. `announce_on` is when the client has to be told
    that it expires, NULL once nothing is left to tell. Triggers refuse DELETE and any change of
    whose it is and what it is called at Stripe.
    """

    __tablename__ = "payment_method"
    __table_args__ = (
        UniqueConstraint("account_id", "method_id"),
        one_of("kind", MethodKind),
        CheckConstraint(
            "NOT is_default OR (removed_at IS NULL AND disabled_at IS NULL)", name="default_usable"
        ),
        CheckConstraint(
            "(disabled_at IS NULL) = (disabled_reason = '')", name="disabled_has_reason"
        ),
        CheckConstraint("length(last4) <= 4", name="last4_only"),
        Index(
            "uq_payment_method_default",
            "client_id",
            unique=True,
            sqlite_where=_DEFAULT,
            postgresql_where=_DEFAULT,
        ),
        Index(
            "ix_payment_method_client",
            "client_id",
            sqlite_where=_KEPT,
            postgresql_where=_KEPT,
        ),
        Index(
            "ix_payment_method_announce",
            "announce_on",
            sqlite_where=_ANNOUNCED,
            postgresql_where=_ANNOUNCED,
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id")
    client_id: int = Field(foreign_key="client.id")
    account_id: str = Field(max_length=255)
    customer_id: str = Field(max_length=255)
    method_id: str = Field(max_length=255)
    kind: str = Field(max_length=16)
    brand_or_bank: str = Field(max_length=60)
    last4: str = Field(max_length=4)
    expiry: str = Field(default="", max_length=5)
    is_default: bool = False
    added_by_id: int | None = Field(default=None, foreign_key="contact.id")
    added_by_user_id: int | None = Field(default=None, foreign_key="firm_user.id")
    added_at: datetime = Field(sa_type=UtcDateTime)
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    disabled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    disabled_reason: str = Field(default="", max_length=200)
    announce_on: date | None = None
