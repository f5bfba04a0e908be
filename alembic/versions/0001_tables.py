"""The first tables: firms, clients, invoices, the ledger and what happened to it."""

import sqlalchemy as sa

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_firm_and_users()
    _create_clients()
    _create_sessions()
    _create_invoice()
    _create_invoice_line()
    _create_payment()
    _create_activity()


def downgrade() -> None:
    raise RuntimeError("The first tables cannot be taken away: that would delete the ledger.")


def _create_firm_and_users() -> None:
    op.create_table(
        "firm",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("timezone", sa.String(64), nullable=False),
        sa.Column("invoice_prefix", sa.String(16), nullable=False),
        sa.Column("next_invoice_number", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_firm")),
    )
    op.create_table(
        "firm_user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("is_owner", sa.Boolean(), nullable=False),
        sa.Column("is_admin", sa.Boolean(), nullable=False),
        sa.Column("is_stripe_admin", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_firm_user_email_lower")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_firm_user_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_firm_user")),
        sa.UniqueConstraint("email", name=op.f("uq_firm_user_email")),
    )
    op.create_index("ix_firm_user_firm_id", "firm_user", ["firm_id"])
    op.create_table(
        "team",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("view_billing", sa.Boolean(), nullable=False),
        sa.Column("edit_billing", sa.Boolean(), nullable=False),
        sa.Column("all_clients", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_team_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
        sa.UniqueConstraint("firm_id", "name", name=op.f("uq_team_firm_id_name")),
    )
    op.create_table(
        "team_member",
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_team_member_team_id")),
        sa.ForeignKeyConstraint(["user_id"], ["firm_user.id"], name=op.f("fk_team_member_user_id")),
        sa.PrimaryKeyConstraint("team_id", "user_id", name=op.f("pk_team_member")),
    )
    op.create_index("ix_team_member_user_id", "team_member", ["user_id"])


def _create_clients() -> None:
    op.create_table(
        "client",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_client_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client")),
        sa.UniqueConstraint("firm_id", "name", name=op.f("uq_client_firm_id_name")),
    )
    op.create_table(
        "contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_contact_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sa.UniqueConstraint("client_id", "email", name=op.f("uq_contact_client_id_email")),
    )
    op.create_index("ix_contact_email", "contact", ["email"])
    op.create_table(
        "client_assignment",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_client_assignment_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["firm_user.id"], name=op.f("fk_client_assignment_user_id")
        ),
        sa.PrimaryKeyConstraint("user_id", "client_id", name=op.f("pk_client_assignment")),
    )
    op.create_index("ix_client_assignment_client_id", "client_assignment", ["client_id"])
    op.create_table(
        "engagement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("is_autopay_on", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_engagement_client_id")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_engagement_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_engagement")),
    )
    op.create_index("ix_engagement_client_id", "engagement", ["client_id"])
    op.create_index("ix_engagement_firm_id", "engagement", ["firm_id"])


def _create_sessions() -> None:
    op.create_table(
        "user_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["firm_user.id"], name=op.f("fk_user_session_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_user_session_token_hash")),
    )
    op.create_index("ix_user_session_user_id", "user_session", ["user_id"])
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    op.create_index("ix_sign_in_attempt_address", "sign_in_attempt", ["address", "at"])
    op.create_index("ix_sign_in_attempt_email", "sign_in_attempt", ["email", "at"])


def _create_invoice() -> None:
    op.create_table(
        "invoice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("settled_cents", sa.BigInteger(), nullable=False),
        sa.Column("pending_cents", sa.BigInteger(), nullable=False),
        sa.Column("balance_cents", sa.BigInteger(), nullable=False),
        sa.Column("overpaid_cents", sa.BigInteger(), nullable=False),
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("is_autopay_failed", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("viewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.String(2000), nullable=False),
        sa.Column("written_off_cents", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(stage = 'cancelled') = (cancelled_at IS NOT NULL)",
            name=op.f("ck_invoice_cancelled_has_moment"),
        ),
        sa.CheckConstraint(
            "stage IN ('draft', 'open', 'paid', 'cancelled')", name=op.f("ck_invoice_stage_known")
        ),
        sa.CheckConstraint(
            "balance_cents BETWEEN 0 AND total_cents", name=op.f("ck_invoice_balance_in_range")
        ),
        sa.CheckConstraint("overpaid_cents >= 0", name=op.f("ck_invoice_overpaid_positive")),
        sa.CheckConstraint("pending_cents >= 0", name=op.f("ck_invoice_pending_positive")),
        sa.CheckConstraint("settled_cents >= 0", name=op.f("ck_invoice_settled_positive")),
        sa.CheckConstraint("total_cents >= 0", name=op.f("ck_invoice_total_positive")),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_invoice_client_id")),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_invoice_engagement_id")
        ),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_invoice_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sa.UniqueConstraint("firm_id", "number", name=op.f("uq_invoice_firm_id_number")),
    )
    op.create_index("ix_invoice_by_balance", "invoice", ["firm_id", "balance_cents", "id"])
    op.create_index("ix_invoice_by_client", "invoice", ["client_id", "issued_on", "id"])
    op.create_index("ix_invoice_by_date", "invoice", ["firm_id", "issued_on", "id"])
    op.create_index("ix_invoice_by_due", "invoice", ["firm_id", "due_on", "id"])
    op.create_index("ix_invoice_by_total", "invoice", ["firm_id", "total_cents", "id"])
    op.create_index(
        "ix_invoice_draft",
        "invoice",
        ["firm_id"],
        sqlite_where=sa.text("stage = 'draft'"),
        postgresql_where=sa.text("stage = 'draft'"),
    )
    op.create_index(
        "ix_invoice_open",
        "invoice",
        ["firm_id", "due_on", "balance_cents", "is_autopay_failed"],
        sqlite_where=sa.text("stage = 'open'"),
        postgresql_where=sa.text("stage = 'open'"),
    )


def _create_invoice_line() -> None:
    op.create_table(
        "invoice_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("description", sa.String(500), nullable=False),
        sa.Column("quantity_thousandths", sa.BigInteger(), nullable=False),
        sa.Column("unit_price_cents", sa.BigInteger(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoice.id"], name=op.f("fk_invoice_line_invoice_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_line")),
        sa.UniqueConstraint(
            "invoice_id", "position", name=op.f("uq_invoice_line_invoice_id_position")
        ),
    )


def _create_payment() -> None:
    op.create_table(
        "payment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("method", sa.String(16), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("reverses_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("reference", sa.String(80), nullable=False),
        sa.Column("notes", sa.String(2000), nullable=False),
        sa.Column("paid_by", sa.String(200), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fee_cents", sa.BigInteger(), nullable=False),
        sa.Column("failure_reason", sa.String(500), nullable=False),
        sa.Column("form_token", sa.String(64), nullable=True),
        sa.Column("form_hash", sa.String(64), nullable=False),
        sa.CheckConstraint(
            "(kind = 'payment') = (amount_cents > 0)", name=op.f("ck_payment_sign_by_kind")
        ),
        sa.CheckConstraint(
            "(kind = 'payment') = (reverses_id IS NULL)",
            name=op.f("ck_payment_reversal_names_payment"),
        ),
        sa.CheckConstraint(
            "(kind = 'refund') = (reason <> '')", name=op.f("ck_payment_refund_has_reason")
        ),
        sa.CheckConstraint(
            "kind = 'payment' OR status <> 'Refunded'",
            name=op.f("ck_payment_only_payment_refunded"),
        ),
        sa.CheckConstraint(
            "kind IN ('payment', 'refund', 'return')", name=op.f("ck_payment_kind_known")
        ),
        sa.CheckConstraint(
            "method IN ('Card', 'ACH', 'Cash', 'Check', 'Wire', 'Other')",
            name=op.f("ck_payment_method_known"),
        ),
        sa.CheckConstraint(
            "source <> 'manual' OR method IN ('Cash', 'Check', 'Wire', 'Other')",
            name=op.f("ck_payment_manual_method_offline"),
        ),
        sa.CheckConstraint(
            "source IN ('manual', 'online', 'autopay', 'backfill')",
            name=op.f("ck_payment_source_known"),
        ),
        sa.CheckConstraint(
            "status IN ('Pending', 'Completed', 'Failed', 'Refunded')",
            name=op.f("ck_payment_status_known"),
        ),
        sa.CheckConstraint(
            "status IN ('Pending', 'Failed') OR completed_at IS NOT NULL",
            name=op.f("ck_payment_completed_has_moment"),
        ),
        sa.CheckConstraint("amount_cents <> 0", name=op.f("ck_payment_amount_not_zero")),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_payment_client_id")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_payment_firm_id")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_payment_invoice_id")),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["payment.id"], name=op.f("fk_payment_reverses_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["firm_user.id"], name=op.f("fk_payment_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("firm_id", "form_token", name=op.f("uq_payment_firm_id_form_token")),
    )
    op.create_index("ix_payment_invoice", "payment", ["invoice_id", "id"])
    op.create_index(
        "ix_payment_reference",
        "payment",
        ["client_id", "reference"],
        sqlite_where=sa.text("reference <> ''"),
        postgresql_where=sa.text("reference <> ''"),
    )
    op.create_index(
        "ix_payment_reverses",
        "payment",
        ["reverses_id"],
        sqlite_where=sa.text("reverses_id IS NOT NULL"),
        postgresql_where=sa.text("reverses_id IS NOT NULL"),
    )


def _create_activity() -> None:
    op.create_table(
        "activity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.String(1000), nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("payment_id", sa.Integer(), nullable=True),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_activity_firm_id")),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoice.id"], name=op.f("fk_activity_invoice_id")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_activity_payment_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["firm_user.id"], name=op.f("fk_activity_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
        sa.UniqueConstraint("invoice_id", "position", name=op.f("uq_activity_invoice_id_position")),
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.String(1000), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_audit_entry_firm_id")),
        sa.ForeignKeyConstraint(["user_id"], ["firm_user.id"], name=op.f("fk_audit_entry_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index("ix_audit_entry_firm", "audit_entry", ["firm_id", "id"])
