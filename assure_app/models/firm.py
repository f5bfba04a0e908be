"""A firm, its users and the teams that give them rights."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from assure_app.models.columns import UtcDateTime


class Firm(SQLModel, table=True):
    """An accounting firm; nothing of one is ever visible to another (R139).

    A new invoice is due `due_days` after its date. The fee columns are what Stripe keeps of a
    charge: a share in basis points (290 is 2.9 %) and a fixed part in cents (R099). Refunds of
    `second_person_cents` and more need two people; NULL is none. `autopay_retry_days` are the days
    after which auto-pay tries again, each counted from the failure before it (R126).
    """

    __table_args__ = (
        CheckConstraint("due_days BETWEEN 0 AND 365", name="due_days_in_range"),
        CheckConstraint("card_fee_basis_points BETWEEN 0 AND 10000", name="card_share_in_range"),
        CheckConstraint("ach_fee_basis_points BETWEEN 0 AND 10000", name="ach_share_in_range"),
        CheckConstraint("card_fee_fixed_cents >= 0", name="card_fixed_positive"),
        CheckConstraint("ach_fee_fixed_cents >= 0", name="ach_fixed_positive"),
        CheckConstraint("second_person_cents > 0", name="second_person_positive"),
    )

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=200)
    timezone: str = Field(max_length=64)
    invoice_prefix: str = Field(default="INV-", max_length=16)
    next_invoice_number: int = Field(default=1001)
    due_days: int = Field(default=30, sa_column_kwargs={"server_default": "30"})
    card_fee_basis_points: int = Field(default=290, sa_column_kwargs={"server_default": "290"})
    card_fee_fixed_cents: int = Field(default=30, sa_column_kwargs={"server_default": "30"})
    ach_fee_basis_points: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    ach_fee_fixed_cents: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    autopay_retry_days: str = Field(
        default="3, 5, 7", max_length=40, sa_column_kwargs={"server_default": "3, 5, 7"}
    )
    second_person_cents: int | None = Field(default=None, sa_type=BigInteger)
    created_at: datetime = Field(sa_type=UtcDateTime)


class FirmUser(SQLModel, table=True):
    """A person of the firm who signs in with email and password."""

    __tablename__ = "firm_user"
    __table_args__ = (
        UniqueConstraint("email"),
        CheckConstraint("email = lower(email)", name="email_lower"),
    )

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id", index=True)
    name: str = Field(max_length=200)
    email: str = Field(max_length=254)
    password_hash: str = Field(max_length=200)
    is_owner: bool = False
    is_admin: bool = False
    is_stripe_admin: bool = False
    is_active: bool = True
    created_at: datetime = Field(sa_type=UtcDateTime)


class Team(SQLModel, table=True):
    """A named set of rights; a user has the union of their teams' (R136)."""

    __table_args__ = (UniqueConstraint("firm_id", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id")
    name: str = Field(max_length=100)
    view_billing: bool = False
    edit_billing: bool = False
    all_clients: bool = False


class TeamMember(SQLModel, table=True):
    """That a user belongs to a team."""

    __tablename__ = "team_member"

    team_id: int = Field(foreign_key="team.id", primary_key=True)
    user_id: int = Field(foreign_key="firm_user.id", primary_key=True, index=True)


class Invitation(SQLModel, table=True):
    """A link by which a new person of the firm chooses a password, once; only its hash is kept."""

    __table_args__ = (UniqueConstraint("token_hash"),)

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="firm_user.id", index=True)
    token_hash: str = Field(max_length=64)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
