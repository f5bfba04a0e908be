"""Comparing the books with Stripe: runs, differences, payouts, and when an account is next."""

import sqlalchemy as sa

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_SUMS = ("payments", "refunds", "disputes", "payouts")
_KINDS = (
    "'charge not booked', 'charge not at Stripe', 'charge amount', 'charge status', 'fee', "
    "'refund not booked', 'refund not at Stripe', 'refund amount', 'refund status', "
    "'dispute not booked', 'dispute not at Stripe', 'dispute state', 'returned amount', "
    "'payout sum'"
)


def upgrade() -> None:
    op.add_column("stripe_account", sa.Column("reconcile_at", _MOMENT))
    op.create_index("ix_stripe_account_reconcile_at", "stripe_account", ["reconcile_at"])
    is_of_stripe = sa.text("stripe_charge_id IS NOT NULL")
    op.create_index(
        "ix_payment_account_time",
        "payment",
        ["stripe_account_id", "created_at", "id"],
        sqlite_where=is_of_stripe,
        postgresql_where=is_of_stripe,
    )
    is_pending = sa.text("stripe_charge_id IS NOT NULL AND status = 'Pending'")
    op.create_index(
        "ix_payment_account_pending",
        "payment",
        ["stripe_account_id", "id"],
        sqlite_where=is_pending,
        postgresql_where=is_pending,
    )
    op.create_index(
        "ix_stripe_refund_account_time", "stripe_refund", ["account_id", "asked_at", "id"]
    )
    op.create_index("ix_dispute_account_time", "dispute", ["account_id", "opened_at", "id"])
    _create_runs()
    _create_differences()
    _create_payouts()


def downgrade() -> None:
    raise RuntimeError("What a firm wrote since cannot be told in the tables of before.")


def _create_runs() -> None:
    op.create_table(
        "reconciliation_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        _text("account_id", 255),
        sa.Column("night", sa.Date()),
        _text("started_by", 200),
        sa.Column("is_full", sa.Boolean(), nullable=False),
        *(sa.Column(name, _MOMENT, nullable=False) for name in ("since", "until", "reached")),
        _text("phase", 16),
        sa.Column("cursor", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _SUMS),
        *(_cents(f"{name}_cents") for name in (*_SUMS, "fees")),
        sa.Column("movements", sa.Integer(), nullable=False),
        sa.Column("differences", sa.Integer(), nullable=False),
        _cents("available_cents", is_nullable=True),
        _cents("pending_cents", is_nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", _MOMENT),
        sa.Column("started_at", _MOMENT, nullable=False),
        sa.Column("finished_at", _MOMENT),
        _text("problem", 500),
        sa.CheckConstraint(
            "phase IN ('window', 'pending', 'refunds', 'disputes', 'payouts', 'differences', "
            "'done')",
            name=op.f("ck_reconciliation_run_phase_known"),
        ),
        sa.CheckConstraint(
            "(finished_at IS NULL) = (due_at IS NOT NULL)",
            name=op.f("ck_reconciliation_run_running_is_due"),
        ),
        sa.CheckConstraint(
            "since <= reached AND reached <= until",
            name=op.f("ck_reconciliation_run_reached_in_window"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation_run")),
        sa.ForeignKeyConstraint(
            ["firm_id"], ["firm.id"], name=op.f("fk_reconciliation_run_firm_id")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["stripe_account.account_id"],
            name=op.f("fk_reconciliation_run_account_id"),
        ),
    )
    is_running, is_of_night = sa.text("finished_at IS NULL"), sa.text("night IS NOT NULL")
    for name, columns, is_unique, where in (
        ("uq_reconciliation_run_running", ["account_id"], True, is_running),
        ("uq_reconciliation_run_night", ["account_id", "night"], True, is_of_night),
        ("ix_reconciliation_run_due", ["due_at"], False, is_running),
    ):
        op.create_index(
            name,
            "reconciliation_run",
            columns,
            unique=is_unique,
            sqlite_where=where,
            postgresql_where=where,
        )
    op.create_index("ix_reconciliation_run_firm_id_id", "reconciliation_run", ["firm_id", "id"])


def _create_differences() -> None:
    op.create_table(
        "reconciliation_difference",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        _text("account_id", 255),
        _text("kind", 32),
        _text("subject", 16),
        _text("object_id", 255),
        _text("sentence", 500),
        _text("mending", 16),
        _text("books_says", 100),
        _cents("books_cents", is_nullable=True),
        _text("stripe_says", 100),
        _cents("stripe_cents", is_nullable=True),
        *(sa.Column(f"{name}_id", sa.Integer()) for name in ("payment", "invoice", "exception")),
        sa.Column("found_at", _MOMENT, nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=False),
        sa.Column("closed_at", _MOMENT),
        _text("closed_by", 200),
        _text("how", 500),
        sa.Column("is_set_aside", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            f"kind IN ({_KINDS})", name=op.f("ck_reconciliation_difference_kind_known")
        ),
        sa.CheckConstraint(
            "subject IN ('charge', 'refund', 'dispute', 'payout')",
            name=op.f("ck_reconciliation_difference_subject_known"),
        ),
        sa.CheckConstraint(
            "mending IN ('book', 'take fee', 'set aside', 'ask again', 'hand over')",
            name=op.f("ck_reconciliation_difference_mending_known"),
        ),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (how = '')",
            name=op.f("ck_reconciliation_difference_closed_says_how"),
        ),
        sa.CheckConstraint(
            "NOT is_set_aside OR closed_at IS NOT NULL",
            name=op.f("ck_reconciliation_difference_aside_is_closed"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation_difference")),
        sa.UniqueConstraint(
            "account_id",
            "object_id",
            "kind",
            name=op.f("uq_reconciliation_difference_account_id_object_id_kind"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [f"{name}_id"],
                [f"{table}.id"],
                name=op.f(f"fk_reconciliation_difference_{name}_id"),
            )
            for name, table in (
                ("firm", "firm"),
                ("payment", "payment"),
                ("invoice", "invoice"),
                ("exception", "stripe_exception"),
            )
        ),
    )
    is_open = sa.text("closed_at IS NULL")
    op.create_index(
        "ix_reconciliation_difference_open",
        "reconciliation_difference",
        ["firm_id", "id"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_index(
        "ix_reconciliation_difference_closed", "reconciliation_difference", ["firm_id", "closed_at"]
    )


def _create_payouts() -> None:
    op.create_table(
        "stripe_payout",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        _text("account_id", 255),
        _text("payout_id", 255),
        _cents("amount_cents"),
        _text("currency", 3),
        _text("state", 16),
        sa.Column("arrives_on", sa.Date(), nullable=False),
        _text("bank", 120),
        sa.Column("is_automatic", sa.Boolean(), nullable=False),
        sa.Column("is_itemized", sa.Boolean(), nullable=False),
        _text("failure_code", 100),
        _text("failure", 500),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("told_at", _MOMENT, nullable=False),
        sa.CheckConstraint(
            "state IN ('pending', 'in_transit', 'paid', 'failed', 'canceled')",
            name=op.f("ck_stripe_payout_state_known"),
        ),
        sa.CheckConstraint(
            "is_automatic OR NOT is_itemized", name=op.f("ck_stripe_payout_itemized_is_automatic")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_payout")),
        sa.UniqueConstraint(
            "account_id", "payout_id", name=op.f("uq_stripe_payout_account_id_payout_id")
        ),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_stripe_payout_firm_id")),
    )
    op.create_index(
        "ix_stripe_payout_firm_id_created_at", "stripe_payout", ["firm_id", "created_at", "id"]
    )
    op.create_table(
        "payout_part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("payout_id", sa.Integer(), nullable=False),
        _text("account_id", 255),
        _text("transaction_id", 255),
        _text("kind", 64),
        _text("source_id", 255),
        *(_cents(f"{name}_cents") for name in ("amount", "fee", "net")),
        _text("description", 500),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.CheckConstraint(
            "net_cents = amount_cents - fee_cents", name=op.f("ck_payout_part_net_is_rest")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_part")),
        sa.UniqueConstraint(
            "account_id", "transaction_id", name=op.f("uq_payout_part_account_id_transaction_id")
        ),
        sa.ForeignKeyConstraint(
            ["payout_id"], ["stripe_payout.id"], name=op.f("fk_payout_part_payout_id")
        ),
    )
    op.create_index("ix_payout_part_payout_id", "payout_part", ["payout_id", "id"])


def _text(name: str, most: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(most), nullable=False)


def _cents(name: str, *, is_nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=is_nullable)
