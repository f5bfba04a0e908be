"""What goes on by itself: jobs that a transaction left behind, and work that comes round."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from assure_app.models.columns import UtcDateTime

_DUE = text("due_at IS NOT NULL")
_STOPPED = text("stopped_at IS NOT NULL")


class Job(SQLModel, table=True):
    """Something to be done after a commit, written in that very transaction.

    `key` is the business's own name for it: the same key twice is one job. `what` says it to
    people, as “Charge of INV-1042”; `invoice_id` is what it is about, if anything. `due_at` is when
    it is taken up again unless it was done by then, NULL once it was done or given up. `turn`
    counts how often it was handed to the engine, so that a message of an earlier turn does nothing;
    `tries` how often it was really begun. Given up, it waits for a person: `stopped_at`, with
    `failure` as the sentence they read.
    """

    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint(
            "(due_at IS NOT NULL) <> (done_at IS NOT NULL OR stopped_at IS NOT NULL)",
            name="due_or_over",
        ),
        CheckConstraint("done_at IS NULL OR stopped_at IS NULL", name="done_or_stopped"),
        Index("ix_job_due", "due_at", sqlite_where=_DUE, postgresql_where=_DUE),
        Index("ix_job_stopped", "firm_id", sqlite_where=_STOPPED, postgresql_where=_STOPPED),
        Index("ix_job_done", "done_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id")
    name: str = Field(max_length=64)
    key: str = Field(max_length=200)
    what: str = Field(max_length=200)
    invoice_id: int | None = Field(default=None, foreign_key="invoice.id")
    arguments: str
    turn: int
    tries: int = 0
    failure: str = Field(default="", max_length=500)
    created_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    stopped_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class PeriodicWork(SQLModel, table=True):
    """How one periodic work stands: `period` is the number of the last one that somebody began.

    `failures` counts the periods since everything that was due was last done.
    """

    __tablename__ = "periodic_work"

    name: str = Field(max_length=64, primary_key=True)
    title: str = Field(max_length=100)
    every_seconds: int
    period: int = Field(sa_type=BigInteger)
    begun_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    failures: int = 0
