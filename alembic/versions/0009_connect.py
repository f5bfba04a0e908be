"""A firm connects Stripe itself: accounts one after the other, and each asked for once."""

import sqlalchemy as sa

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

CURRENT = sa.text("is_current")
UNANSWERED = sa.text("account_id IS NULL AND problem = ''")
KEPT = (
    "account_id, firm_id, charges_enabled, payouts_enabled, details_submitted, disabled_reason,"
    " checked_at, polled_until, poll_at"
)


def upgrade() -> None:
    # The primary key becomes another one, which SQLite does not change in place.
    op.execute("CREATE TABLE stripe_account_before AS SELECT * FROM stripe_account")
    op.drop_table("stripe_account")
    _create_account()
    op.execute(f"INSERT INTO stripe_account ({KEPT}) SELECT {KEPT} FROM stripe_account_before")
    op.drop_table("stripe_account_before")
    _create_request()


def downgrade() -> None:
    raise RuntimeError("What a firm wrote since cannot be told in the tables of before.")


def _create_account() -> None:
    flags = ("charges_enabled", "payouts_enabled", "details_submitted")
    op.create_table(
        "stripe_account",
        sa.Column("account_id", sa.String(255), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("is_current", sa.Boolean(), server_default=sa.true(), nullable=False),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in flags),
        sa.Column("disabled_reason", sa.String(100), nullable=False),
        sa.Column("wanted", sa.String(2000), server_default=sa.text("''"), nullable=False),
        sa.Column("disconnected_at", sa.DateTime(timezone=True)),
        sa.Column("disconnected_by", sa.String(200), server_default=sa.text("''"), nullable=False),
        sa.Column("onboarded_by", sa.Integer()),
        *(
            sa.Column(name, sa.DateTime(timezone=True))
            for name in ("checked_at", "polled_until", "poll_at")
        ),
        sa.CheckConstraint(
            "(disconnected_at IS NULL) = (disconnected_by = '')",
            name=op.f("ck_stripe_account_disconnected_by_somebody"),
        ),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_stripe_account_firm_id")),
        sa.ForeignKeyConstraint(
            ["onboarded_by"], ["firm_user.id"], name=op.f("fk_stripe_account_onboarded_by")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_stripe_account")),
    )
    op.create_index(
        "uq_stripe_account_current",
        "stripe_account",
        ["firm_id"],
        unique=True,
        sqlite_where=CURRENT,
        postgresql_where=CURRENT,
    )


def _create_request() -> None:
    op.create_table(
        "account_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("idempotency_key", sa.String(64), nullable=False),
        sa.Column("account_id", sa.String(255)),
        sa.Column("problem", sa.String(500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "account_id IS NULL OR problem = ''", name=op.f("ck_account_request_made_or_refused")
        ),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_account_request_firm_id")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["firm_user.id"], name=op.f("fk_account_request_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_request")),
        *(
            sa.UniqueConstraint(name, name=op.f(f"uq_account_request_{name}"))
            for name in ("token", "idempotency_key", "account_id")
        ),
    )
    op.create_index(
        "uq_account_request_open",
        "account_request",
        ["firm_id"],
        unique=True,
        sqlite_where=UNANSWERED,
        postgresql_where=UNANSWERED,
    )
