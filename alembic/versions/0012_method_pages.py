"""The pages at Stripe on which a client saves a method with nothing charged."""

from collections.abc import Iterator

import sqlalchemy as sa

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# Name, table, event, condition, sentence: what the database itself refuses, as in 0002.
GUARDS = (
    (
        "method_page_delete",
        "method_page",
        "DELETE",
        "1 = 1",
        "R051: what was asked of Stripe is never forgotten",
    ),
    (
        "method_page_frozen",
        "method_page",
        "UPDATE",
        """
        NEW.id <> OLD.id OR NEW.firm_id <> OLD.firm_id OR NEW.client_id <> OLD.client_id
        OR NEW.contact_id <> OLD.contact_id OR NEW.account_id <> OLD.account_id
        OR NEW.customer_id <> OLD.customer_id OR NEW.token <> OLD.token
        OR NEW.idempotency_key <> OLD.idempotency_key OR NEW.form_token <> OLD.form_token
        OR NEW.success_url <> OLD.success_url OR NEW.cancel_url <> OLD.cancel_url
        OR NEW.created_at <> OLD.created_at
        OR (OLD.session_id IS NOT NULL AND COALESCE(NEW.session_id, '') <> OLD.session_id)
        """,
        "R051: what was asked of Stripe cannot change",
    ),
    (
        "method_page_customer",
        "method_page",
        "INSERT",
        """
        EXISTS (SELECT 1 FROM method_page WHERE id = NEW.id)
        OR NOT EXISTS (
            SELECT 1 FROM stripe_customer WHERE customer_id = NEW.customer_id
            AND account_id = NEW.account_id AND client_id = NEW.client_id
            AND firm_id = NEW.firm_id
        )
        """,
        "R139: a page saves what is of its own client",
    ),
)


def upgrade() -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    op.create_table(
        "method_page",
        sa.Column("id", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("firm_id", "client_id", "contact_id")
        ),
        sa.Column("account_id", sa.String(255), nullable=False),
        sa.Column("customer_id", sa.String(255), nullable=False),
        *(
            sa.Column(name, sa.String(64), nullable=False)
            for name in ("token", "idempotency_key", "form_token")
        ),
        sa.Column("success_url", sa.String(1000), nullable=False),
        sa.Column("cancel_url", sa.String(1000), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("session_id", sa.String(255)),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("problem", sa.String(500), nullable=False),
        sa.CheckConstraint(
            "(session_id IS NULL) = (url = '')", name=op.f("ck_method_page_page_has_address")
        ),
        *(
            sa.ForeignKeyConstraint(
                [f"{table}_id"], [f"{table}.id"], name=op.f(f"fk_method_page_{table}_id")
            )
            for table in ("firm", "client", "contact")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_method_page")),
        sa.UniqueConstraint("token", name=op.f("uq_method_page_token")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_method_page_idempotency_key")),
        sa.UniqueConstraint(
            "firm_id", "form_token", name=op.f("uq_method_page_firm_id_form_token")
        ),
    )
    for guard in GUARDS:
        for statement in _postgresql(*guard) if is_postgresql else _sqlite(*guard):
            op.execute(statement)
    if is_postgresql:
        op.execute(
            "CREATE TRIGGER method_page_truncate BEFORE TRUNCATE ON method_page"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()"
        )


def downgrade() -> None:
    raise RuntimeError("What a firm wrote since cannot be told in the tables of before.")


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
