"""What the firm's people are told, each for themself, and what of it they chose to hear."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from assure_app.domain.notifications import NotificationKind
from assure_app.models.columns import UtcDateTime, one_of


class Notification(SQLModel, table=True):
    """One piece of news for one person, in the words of the moment.

    `about` names what it tells of: nobody is told twice of the same. It `is_shown` behind the bell,
    `is_mailed` by letter, as the person wanted when it was told. `forget_at` is when it is deleted.
    """

    __table_args__ = (
        one_of("kind", NotificationKind),
        UniqueConstraint("user_id", "about"),
        Index("ix_notification_user_id_id", "user_id", "id"),
        Index(
            "ix_notification_unread",
            "user_id",
            sqlite_where=text("read_at IS NULL AND is_shown"),
            postgresql_where=text("read_at IS NULL AND is_shown"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id")
    user_id: int = Field(foreign_key="firm_user.id")
    kind: str = Field(max_length=32)
    text: str = Field(max_length=500)
    detail: str = Field(default="", max_length=500)
    invoice_id: int | None = Field(default=None, foreign_key="invoice.id")
    client_id: int | None = Field(default=None, foreign_key="client.id")
    about: str = Field(max_length=200)
    is_shown: bool
    is_mailed: bool
    created_at: datetime = Field(sa_type=UtcDateTime)
    read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    forget_at: datetime = Field(sa_type=UtcDateTime, index=True)


class NotificationSetting(SQLModel, table=True):
    """What one person chose for one kind; without a row the kind's own rule holds."""

    __tablename__ = "notification_setting"
    __table_args__ = (one_of("kind", NotificationKind),)

    user_id: int = Field(foreign_key="firm_user.id", primary_key=True)
    kind: str = Field(max_length=32, primary_key=True)
    in_app: bool
    by_email: bool
