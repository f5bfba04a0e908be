"""A letter may bear a paper, which is set from its text when the letter is sent."""

import sqlalchemy as sa

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "mail_message",
        sa.Column("paper", sa.String(), server_default=sa.text("''"), nullable=False),
    )


def downgrade() -> None:
    raise RuntimeError("What a firm wrote since cannot be told in the tables of before.")
