"""Warn the firm once more before a dispute that nobody has answered is lost."""

from datetime import timedelta

import sqlalchemy as sa

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_WARNED_BEFORE = timedelta(days=3)


def upgrade() -> None:
    op.add_column("dispute", sa.Column("warn_at", sa.DateTime(timezone=True)))
    op.create_index("ix_dispute_warn_at", "dispute", ["warn_at"])
    moment = sa.DateTime(timezone=True)
    dispute = sa.table(
        "dispute",
        sa.column("id", sa.Integer()),
        sa.column("closed_at", moment),
        sa.column("evidence_due_at", moment),
        sa.column("warn_at", moment),
    )
    can_be_answered = dispute.c.closed_at.is_(None) & dispute.c.evidence_due_at.is_not(None)
    connection = op.get_bind()
    for row in connection.execute(sa.select(dispute).where(can_be_answered)).all():
        warn_at = row.evidence_due_at - _WARNED_BEFORE
        connection.execute(sa.update(dispute).where(dispute.c.id == row.id).values(warn_at=warn_at))


def downgrade() -> None:
    raise RuntimeError("What a firm wrote since cannot be told in the tables of before.")
