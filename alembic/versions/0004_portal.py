"""The client's way in: roles of contacts, codes and sessions, and a link of each invoice's own."""

import sqlalchemy as sa

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ROLES = "role IN ('owner', 'editor', 'signer', 'viewer', 'notify_only')"


def upgrade() -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    _add_to_contact()
    _add_to_invoice(is_postgresql=is_postgresql)
    _create_tables()


def downgrade() -> None:
    raise RuntimeError("What a firm wrote since cannot be told in the tables of before.")


def _add_to_contact() -> None:
    op.execute(
        "ALTER TABLE contact ADD COLUMN role VARCHAR(16) DEFAULT 'owner' NOT NULL"
        f" CONSTRAINT ck_contact_role_known CHECK ({ROLES})"
    )
    op.execute("ALTER TABLE contact ADD COLUMN is_active BOOLEAN DEFAULT true NOT NULL")


def _add_to_invoice(*, is_postgresql: bool) -> None:
    """Both databases draw these from the operating system's own source of chance."""
    op.execute("ALTER TABLE invoice ADD COLUMN pay_token VARCHAR(64) DEFAULT '' NOT NULL")
    uuid = "replace(gen_random_uuid()::text, '-', '')"
    token = uuid if is_postgresql else "lower(hex(randomblob(16)))"
    op.execute(f"UPDATE invoice SET pay_token = {token}")
    op.create_index("uq_invoice_pay_token", "invoice", ["pay_token"], unique=True)


def _create_tables() -> None:
    op.create_table(
        "portal_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("is_trusted", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_portal_session_token_hash")),
    )
    op.create_index("ix_portal_session_email", "portal_session", ["email"])
    op.create_table(
        "login_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("request_hash", sa.String(64), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_code")),
        sa.UniqueConstraint("request_hash", name=op.f("uq_login_code_request_hash")),
    )
    op.create_index("ix_login_code_email", "login_code", ["email", "created_at"])
    op.create_index("ix_login_code_expires_at", "login_code", ["expires_at"])
