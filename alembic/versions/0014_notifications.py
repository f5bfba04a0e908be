"""What a firm's people are told, each for themself, and what of it they chose to hear."""

import sqlalchemy as sa

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

KINDS = (
    "kind IN ('payment_landed', 'payment_failed', 'retries_exhausted', 'dispute', 'refund',"
    " 'exception', 'schedule', 'difference', 'payout', 'undelivered', 'job_stopped')"
)
UNREAD = sa.text("read_at IS NULL AND is_shown")


def upgrade() -> None:
    op.create_table(
        "notification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("text", sa.String(500), nullable=False),
        sa.Column("detail", sa.String(500), nullable=False),
        sa.Column("invoice_id", sa.Integer()),
        sa.Column("client_id", sa.Integer()),
        sa.Column("about", sa.String(200), nullable=False),
        sa.Column("is_shown", sa.Boolean(), nullable=False),
        sa.Column("is_mailed", sa.Boolean(), nullable=False),
        *(
            sa.Column(name, sa.DateTime(timezone=True), nullable=is_nullable)
            for name, is_nullable in (
                ("created_at", False),
                ("read_at", True),
                ("forget_at", False),
            )
        ),
        sa.CheckConstraint(KINDS, name=op.f("ck_notification_kind_known")),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_notification_{column}")
            )
            for column, table in (
                ("firm_id", "firm"),
                ("user_id", "firm_user"),
                ("invoice_id", "invoice"),
                ("client_id", "client"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
        sa.UniqueConstraint("user_id", "about", name=op.f("uq_notification_user_id_about")),
    )
    op.create_index("ix_notification_user_id_id", "notification", ["user_id", "id"])
    op.create_index("ix_notification_forget_at", "notification", ["forget_at"])
    op.create_index(
        "ix_notification_unread",
        "notification",
        ["user_id"],
        sqlite_where=UNREAD,
        postgresql_where=UNREAD,
    )
    op.create_table(
        "notification_setting",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("in_app", sa.Boolean(), nullable=False),
        sa.Column("by_email", sa.Boolean(), nullable=False),
        sa.CheckConstraint(KINDS, name=op.f("ck_notification_setting_kind_known")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["firm_user.id"], name=op.f("fk_notification_setting_user_id")
        ),
        sa.PrimaryKeyConstraint("user_id", "kind", name=op.f("pk_notification_setting")),
    )


def downgrade() -> None:
    raise RuntimeError("What a firm wrote since cannot be told in the tables of before.")
