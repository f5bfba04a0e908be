"""A firm, its users and the teams that give them rights."""

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from assure_app.models.columns import UtcDateTime


class Firm(SQLModel, table=True):
    """An accounting firm; nothing of one is ever visible to another (R139)."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=200)
    timezone: str = Field(max_length=64)
    invoice_prefix: str = Field(default="INV-", max_length=16)
    next_invoice_number: int = Field(default=1001)
    created_at: datetime = Field(sa_type=UtcDateTime)


class FirmUser(SQLModel, table=True):
    """A person of the firm who signs in with e-mail and password."""

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
