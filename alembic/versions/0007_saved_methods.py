"""What clients saved to pay with, the customers it is saved for, and the pages that save it."""

from collections.abc import Iterator

import sqlalchemy as sa

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

CHECKOUT_COLUMNS = (
    "customer_id VARCHAR(255)",
    (
        "saves_method BOOLEAN DEFAULT false NOT NULL CONSTRAINT ck_checkout_saves_for_customer"
        " CHECK (NOT saves_method OR customer_id IS NOT NULL)"
    ),
)

# Name, table, event, condition, sentence: what the database itself refuses, as in 0002.
GUARDS = (
    (
        "checkout_customer_frozen",
        "checkout",
        "UPDATE",
        """
        COALESCE(NEW.customer_id, '') <> COALESCE(OLD.customer_id, '')
        OR NEW.saves_method <> OLD.saves_method
        """,
        "R051: what was asked of Stripe cannot change",
    ),
    (
        "checkout_customer",
        "checkout",
        "INSERT",
        """
        NEW.customer_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM stripe_customer WHERE customer_id = NEW.customer_id
            AND account_id = NEW.account_id AND client_id = NEW.client_id
        )
        """,
        "R139: a payment page offers and saves what is of its own client",
    ),
    (
        "stripe_customer_delete",
        "stripe_customer",
        "DELETE",
        "1 = 1",
        "R051: what was asked of Stripe is never forgotten",
    ),
    (
        "stripe_customer_replace",
        "stripe_customer",
        "INSERT",
        "EXISTS (SELECT 1 FROM stripe_customer WHERE id = NEW.id)",
        "R051: what was asked of Stripe is never replaced",
    ),
    (
        "stripe_customer_frozen",
        "stripe_customer",
        "UPDATE",
        """
        NEW.id <> OLD.id OR NEW.firm_id <> OLD.firm_id OR NEW.client_id <> OLD.client_id
        OR NEW.account_id <> OLD.account_id OR NEW.token <> OLD.token OR NEW.name <> OLD.name
        OR NEW.email <> OLD.email OR NEW.created_at <> OLD.created_at
        OR (OLD.customer_id IS NOT NULL AND COALESCE(NEW.customer_id, '') <> OLD.customer_id)
        OR (OLD.gone_at IS NOT NULL AND NEW.gone_at IS NULL)
        """,
        "R139: whose a customer at Stripe is cannot change",
    ),
    (
        "stripe_customer_client",
        "stripe_customer",
        "INSERT",
        """
        NOT EXISTS (SELECT 1 FROM client WHERE id = NEW.client_id AND firm_id = NEW.firm_id)
        """,
        "R139: a customer at Stripe is a client of the same firm",
    ),
    (
        "payment_method_delete",
        "payment_method",
        "DELETE",
        "1 = 1",
        "R127: what was saved is removed, never forgotten",
    ),
    (
        "payment_method_replace",
        "payment_method",
        "INSERT",
        "EXISTS (SELECT 1 FROM payment_method WHERE id = NEW.id)",
        "R127: what was saved is never replaced",
    ),
    (
        "payment_method_frozen",
        "payment_method",
        "UPDATE",
        """
        NEW.id <> OLD.id OR NEW.firm_id <> OLD.firm_id OR NEW.client_id <> OLD.client_id
        OR NEW.account_id <> OLD.account_id OR NEW.customer_id <> OLD.customer_id
        OR NEW.method_id <> OLD.method_id OR NEW.kind <> OLD.kind OR NEW.added_at <> OLD.added_at
        OR (OLD.added_by_id IS NOT NULL AND COALESCE(NEW.added_by_id, -1) <> OLD.added_by_id)
        OR (OLD.removed_at IS NOT NULL AND NEW.removed_at IS NULL)
        """,
        "R127: whose a saved method is cannot change, and removed it stays so",
    ),
    (
        "payment_method_customer",
        "payment_method",
        "INSERT",
        """
        NOT EXISTS (
            SELECT 1 FROM stripe_customer WHERE customer_id = NEW.customer_id
            AND account_id = NEW.account_id AND client_id = NEW.client_id
            AND firm_id = NEW.firm_id
        )
        """,
        "R139: a saved method is of a client of the same firm",
    ),
)


def upgrade() -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    _create_customer()
    _create_method()
    for column in CHECKOUT_COLUMNS:
        op.execute(f"ALTER TABLE checkout ADD COLUMN {column}")
    for guard in GUARDS:
        for statement in _postgresql(*guard) if is_postgresql else _sqlite(*guard):
            op.execute(statement)
    if is_postgresql:
        for table in ("stripe_customer", "payment_method"):
            op.execute(
                f"CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()"
            )


def downgrade() -> None:
    raise RuntimeError("What a firm wrote since cannot be told in the tables of before.")


def _create_customer() -> None:
    op.create_table(
        "stripe_customer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.String(255), nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("idempotency_key", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("customer_id", sa.String(255)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True)),
        sa.Column("gone_at", sa.DateTime(timezone=True)),
        *_owners("stripe_customer", "firm", "client"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_customer")),
        sa.UniqueConstraint("token", name=op.f("uq_stripe_customer_token")),
        sa.UniqueConstraint(
            "account_id", "customer_id", name=op.f("uq_stripe_customer_account_id_customer_id")
        ),
    )
    _index("uq_stripe_customer_standing", "account_id", "client_id", where="gone_at IS NULL")


def _create_method() -> None:
    op.create_table(
        "payment_method",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.String(255), nullable=False)
            for name in ("account_id", "customer_id", "method_id")
        ),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("brand_or_bank", sa.String(60), nullable=False),
        sa.Column("last4", sa.String(4), nullable=False),
        sa.Column("expiry", sa.String(5), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("added_by_id", sa.Integer()),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True)),
        sa.Column("disabled_at", sa.DateTime(timezone=True)),
        sa.Column("disabled_reason", sa.String(200), nullable=False),
        sa.CheckConstraint(
            "kind IN ('card', 'us_bank_account')", name=op.f("ck_payment_method_kind_known")
        ),
        sa.CheckConstraint(
            "NOT is_default OR (removed_at IS NULL AND disabled_at IS NULL)",
            name=op.f("ck_payment_method_default_usable"),
        ),
        sa.CheckConstraint(
            "(disabled_at IS NULL) = (disabled_reason = '')",
            name=op.f("ck_payment_method_disabled_has_reason"),
        ),
        sa.CheckConstraint("length(last4) <= 4", name=op.f("ck_payment_method_last4_only")),
        *_owners("payment_method", "firm", "client"),
        sa.ForeignKeyConstraint(
            ["added_by_id"], ["contact.id"], name=op.f("fk_payment_method_added_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_method")),
        sa.UniqueConstraint(
            "account_id", "method_id", name=op.f("uq_payment_method_account_id_method_id")
        ),
    )
    _index("uq_payment_method_default", "client_id", where="is_default")
    _index("ix_payment_method_client", "client_id", where="removed_at IS NULL")


def _owners(table: str, *owners: str) -> Iterator[sa.ForeignKeyConstraint]:
    for owner in owners:
        yield sa.ForeignKeyConstraint(
            [f"{owner}_id"], [f"{owner}.id"], name=op.f(f"fk_{table}_{owner}_id")
        )


def _index(name: str, *columns: str, where: str) -> None:
    op.create_index(
        name,
        name.removeprefix("uq_").removeprefix("ix_").rpartition("_")[0],
        columns,
        unique=name.startswith("uq_"),
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )


def _sqlite(name: str, table: str, event: str, condition: str, sentence: str) -> Iterator[str]:
    yield f"""
        CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {condition}
        BEGIN SELECT RAISE(ABORT, '{sentence}'); END
        """


def _postgresql(name: str, table: str, event: str, condition: str, sentence: str) -> Iterator[str]:
    row = "OLD" if event == "DELETE" else "NEW"
    yield f"""
        CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF {condition} THEN
                RAISE EXCEPTION '{sentence}' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN {row};
        END $$
        """
    yield (
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
    )
