"""A firm's clients, the people behind them, and the work they are billed for."""

from datetime import datetime

from sqlalchemy import UniqueConstraint, text
from sqlmodel import Field, SQLModel

from assure_app.domain.portal_access import PortalRole
from assure_app.models.columns import UtcDateTime, one_of


class Client(SQLModel, table=True):
    """Whom the firm bills."""

    __table_args__ = (UniqueConstraint("firm_id", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id")
    name: str = Field(max_length=200)
    created_at: datetime = Field(sa_type=UtcDateTime)


class Contact(SQLModel, table=True):
    """A person at a client; `role` says what they may do in the portal (R053)."""

    __table_args__ = (UniqueConstraint("client_id", "email"), one_of("role", PortalRole))

    id: int | None = Field(default=None, primary_key=True)
    client_id: int = Field(foreign_key="client.id")
    name: str = Field(max_length=200)
    email: str = Field(max_length=254, index=True)
    role: str = Field(
        default=PortalRole.OWNER.value,
        max_length=16,
        sa_column_kwargs={"server_default": PortalRole.OWNER.value},
    )
    is_active: bool = Field(default=True, sa_column_kwargs={"server_default": text("true")})


class ClientAssignment(SQLModel, table=True):
    """That a user without "access all clients" may see a client (R136)."""

    __tablename__ = "client_assignment"

    user_id: int = Field(foreign_key="firm_user.id", primary_key=True)
    client_id: int = Field(foreign_key="client.id", primary_key=True, index=True)


class Engagement(SQLModel, table=True):
    """A piece of work agreed with a client; invoices may belong to one."""

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id", index=True)
    client_id: int = Field(foreign_key="client.id", index=True)
    name: str = Field(max_length=200)
    is_autopay_on: bool = False
