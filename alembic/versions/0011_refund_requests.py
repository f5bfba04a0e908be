"""Refunds that are asked for and decided on, and from which amount a firm wants two people."""

from collections.abc import Iterator

import sqlalchemy as sa

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

PENDING = sa.text("state = 'pending'")

# Name, table, event, condition, sentence: what the database itself refuses, as in 0002.
GUARDS = (
    (
        "refund_request_delete",
        "refund_request",
        "DELETE",
        "1 = 1",
        "R106: a refund that was asked for is never forgotten",
    ),
    (
        "refund_request_new",
        "refund_request",
        "INSERT",
        """
        NEW.state <> 'pending' OR NOT EXISTS (
            SELECT 1 FROM payment WHERE id = NEW.payment_id AND kind = 'payment'
            AND firm_id = NEW.firm_id AND invoice_id = NEW.invoice_id
            AND amount_cents >= NEW.amount_cents
        )
        """,
        "R096: a refund is asked for first, of a payment of its own firm, and of no more than that",
    ),
    (
        "refund_request_frozen",
        "refund_request",
        "UPDATE",
        """
        OLD.state <> 'pending' OR NEW.id <> OLD.id OR NEW.firm_id <> OLD.firm_id
        OR NEW.invoice_id <> OLD.invoice_id OR NEW.payment_id <> OLD.payment_id
        OR NEW.amount_cents <> OLD.amount_cents OR NEW.reason <> OLD.reason
        OR NEW.notes <> OLD.notes OR NEW.asker_id <> OLD.asker_id OR NEW.asker <> OLD.asker
        OR NEW.form_token <> OLD.form_token OR NEW.form_hash <> OLD.form_hash
        OR NEW.refund_token <> OLD.refund_token
        OR NEW.created_at <> OLD.created_at
        """,
        "R096: what was asked does not change, and is decided on once",
    ),
    (
        "refund_request_refund",
        "refund_request",
        "UPDATE",
        """
        NEW.refund_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM payment WHERE id = NEW.refund_id AND kind = 'refund'
            AND reverses_id = NEW.payment_id AND amount_cents = -NEW.amount_cents
        )
        """,
        "R096: an approval makes the refund that was asked for",
    ),
)


def upgrade() -> None:
    op.execute(
        "ALTER TABLE firm ADD COLUMN second_person_cents BIGINT"
        " CONSTRAINT ck_firm_second_person_positive CHECK (second_person_cents > 0)"
    )
    _create_request()
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for guard in GUARDS:
        for statement in _postgresql(*guard) if is_postgresql else _sqlite(*guard):
            op.execute(statement)
    if is_postgresql:
        op.execute(
            "CREATE TRIGGER refund_request_truncate BEFORE TRUNCATE ON refund_request"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()"
        )


def downgrade() -> None:
    raise RuntimeError("What a firm wrote since cannot be told in the tables of before.")


def _create_request() -> None:
    op.create_table(
        "refund_request",
        sa.Column("id", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("firm_id", "invoice_id", "payment_id")
        ),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("notes", sa.String(2000), nullable=False),
        sa.Column("asker_id", sa.Integer(), nullable=False),
        sa.Column("asker", sa.String(200), nullable=False),
        sa.Column("form_token", sa.String(64), nullable=False),
        sa.Column("refund_token", sa.String(64), nullable=False),
        sa.Column("form_hash", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("decider_id", sa.Integer()),
        sa.Column("answer", sa.String(500), nullable=False),
        sa.Column("refund_id", sa.Integer()),
        *(
            sa.CheckConstraint(condition, name=op.f(f"ck_refund_request_{name}"))
            for name, condition in (
                (
                    "state_known",
                    "state IN ('pending', 'approved', 'declined', 'withdrawn', 'void')",
                ),
                ("amount_positive", "amount_cents > 0"),
                ("has_reason", "reason <> ''"),
                ("decided_has_moment", "(state = 'pending') = (decided_at IS NULL)"),
                ("approved_has_refund", "(state = 'approved') = (refund_id IS NOT NULL)"),
                (
                    "decided_by_another",
                    (
                        "state NOT IN ('approved', 'declined')"
                        " OR (decider_id IS NOT NULL AND decider_id <> asker_id)"
                    ),
                ),
            )
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_refund_request_{column}")
            )
            for column, table in (
                ("firm_id", "firm"),
                ("invoice_id", "invoice"),
                ("payment_id", "payment"),
                ("asker_id", "firm_user"),
                ("decider_id", "firm_user"),
                ("refund_id", "payment"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_request")),
        sa.UniqueConstraint(
            "firm_id", "form_token", name=op.f("uq_refund_request_firm_id_form_token")
        ),
        *(
            sa.UniqueConstraint(name, name=op.f(f"uq_refund_request_{name}"))
            for name in ("refund_token", "refund_id")
        ),
    )
    for name, column, is_unique in (
        ("uq_refund_request_pending", "payment_id", True),
        ("ix_refund_request_waiting", "firm_id", False),
    ):
        op.create_index(
            name,
            "refund_request",
            [column],
            unique=is_unique,
            sqlite_where=PENDING,
            postgresql_where=PENDING,
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
