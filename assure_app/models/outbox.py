"""Mail to be sent: written in the transaction that causes it, sent afterwards."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from assure_app.models.columns import UtcDateTime


class MailMessage(SQLModel, table=True):
    """One message to one person. `due_at` is when it is to be tried (again), NULL once it was sent
    or given up; a sender that takes it moves `due_at` on, so that no other takes it meanwhile.

    `paper` is what its attachment is set from, as text, "" for none. What has `written_from` is
    written anew from that when it is sent, so that what it says is true at that moment, or it is
    dropped. `stop_link` is where its reader stops such letters, "" where they cannot. One that
    `has_secret`, such as a link that opens an account, is emptied as soon as it is no longer to be
    tried. `message_id` goes into the message itself, so that a repeated delivery can be told.
    """

    __tablename__ = "mail_message"
    __table_args__ = (
        UniqueConstraint("message_id"),
        Index(
            "ix_mail_message_due",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id")
    invoice_id: int | None = Field(default=None, foreign_key="invoice.id", index=True)
    message_id: str = Field(max_length=200)
    to_email: str = Field(max_length=254)
    from_name: str = Field(max_length=200)
    reply_to: str = Field(
        default="", max_length=254, sa_column_kwargs={"server_default": text("''")}
    )
    subject: str = Field(max_length=300)
    paper: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    written_from: str = Field(
        default="", max_length=200, sa_column_kwargs={"server_default": text("''")}
    )
    stop_link: str = Field(
        default="", max_length=500, sa_column_kwargs={"server_default": text("''")}
    )
    text: str
    html: str
    has_secret: bool = False
    created_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    attempts: int = 0
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    failure: str = Field(default="", max_length=500)
