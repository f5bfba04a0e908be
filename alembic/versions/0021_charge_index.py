"""Find the rows of a charge whatever became of it, without reading all of its account's."""

import sqlalchemy as sa

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    is_of_stripe = sa.text("stripe_charge_id IS NOT NULL")
    op.create_index(
        "ix_payment_account_charge",
        "payment",
        ["stripe_account_id", "stripe_charge_id"],
        sqlite_where=is_of_stripe,
        postgresql_where=is_of_stripe,
    )


def downgrade() -> None:
    raise RuntimeError("What a firm wrote since cannot be told in the tables of before.")
