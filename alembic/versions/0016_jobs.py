"""Jobs that a transaction leaves behind, work that comes round, and entering Overdue."""

import sqlalchemy as sa

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_NOT_NOTED = sa.text("stage = 'open' AND overdue_noted_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("what", sa.String(200), nullable=False),
        sa.Column("invoice_id", sa.Integer()),
        sa.Column("arguments", sa.String(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("failure", sa.String(500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.Column(name, sa.DateTime(timezone=True))
            for name in ("due_at", "done_at", "stopped_at")
        ),
        sa.CheckConstraint(
            "(due_at IS NOT NULL) <> (done_at IS NOT NULL OR stopped_at IS NOT NULL)",
            name=op.f("ck_job_due_or_over"),
        ),
        sa.CheckConstraint(
            "done_at IS NULL OR stopped_at IS NULL", name=op.f("ck_job_done_or_stopped")
        ),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_job_firm_id")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_job_invoice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("key", name=op.f("uq_job_key")),
    )
    _partial_index("ix_job_due", "job", ["due_at"], sa.text("due_at IS NOT NULL"))
    _partial_index("ix_job_stopped", "job", ["firm_id"], sa.text("stopped_at IS NOT NULL"))
    op.create_index("ix_job_done", "job", ["done_at"])
    op.create_table(
        "periodic_work",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("title", sa.String(100), nullable=False),
        sa.Column("every_seconds", sa.Integer(), nullable=False),
        sa.Column("period", sa.BigInteger(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_periodic_work")),
    )
    op.add_column("invoice", sa.Column("overdue_noted_at", sa.DateTime(timezone=True)))
    # What fell due before anybody looked is no news today.
    op.execute(
        "UPDATE invoice SET overdue_noted_at = CURRENT_TIMESTAMP"
        " WHERE stage = 'open' AND due_on < CURRENT_DATE"
    )
    # All four columns, so that no index that many noted ones are in as well looks as good.
    sought = ["firm_id", "stage", "overdue_noted_at", "due_on"]
    _partial_index("ix_invoice_not_noted", "invoice", sought, _NOT_NOTED)


def downgrade() -> None:
    raise RuntimeError("What a firm wrote since cannot be told in the tables of before.")


def _partial_index(name: str, table: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
