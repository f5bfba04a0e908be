"""How a client's people get into the portal: codes mailed to them, and the browsers they opened."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from assure_app.models.columns import UtcDateTime


class PortalSession(SQLModel, table=True):
    """One browser in which somebody proved to read the mail of this address.

    What they may see there follows from the contacts that have the address at that moment.
    """

    __tablename__ = "portal_session"
    __table_args__ = (UniqueConstraint("token_hash"),)

    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(max_length=254, index=True)
    token_hash: str = Field(max_length=64)
    is_trusted: bool = False
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class LoginCode(SQLModel, table=True):
    """A code mailed to an address, for the browser that asked and nobody else.

    `request_hash` is of the secret that this browser keeps; `code_hash` is of that secret and the
    code, so that the six digits cannot be guessed from what the database holds.
    """

    __tablename__ = "login_code"
    __table_args__ = (
        UniqueConstraint("request_hash"),
        Index("ix_login_code_email", "email", "created_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(max_length=254)
    request_hash: str = Field(max_length=64)
    code_hash: str = Field(max_length=64)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
    tries: int = 0
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
