"""Finds a firm's ledger rows by the moment they were confirmed, for the reports."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_payment_firm_completed", "payment", ["firm_id", "completed_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_payment_firm_completed", "payment")
