"""Refunds at Stripe: what was asked, under which key, and which row of the ledger each is."""

from collections.abc import Iterator

import sqlalchemy as sa

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

DUE = sa.text("due_at IS NOT NULL")

# Name, event, condition, sentence: what the database itself refuses, as in 0002.
GUARDS = (
    (
        "stripe_refund_delete",
        "DELETE",
        "1 = 1",
        "R094: a refund that was asked for is never forgotten",
    ),
    (
        "stripe_refund_replace",
        "INSERT",
        "EXISTS (SELECT 1 FROM stripe_refund WHERE id = NEW.id)",
        "R094: a refund that was asked for is never replaced",
    ),
    (
        "stripe_refund_frozen",
        "UPDATE",
        """
        NEW.id <> OLD.id OR NEW.firm_id <> OLD.firm_id OR NEW.payment_id <> OLD.payment_id
        OR NEW.account_id <> OLD.account_id OR NEW.charge_id <> OLD.charge_id
        OR NEW.amount_cents <> OLD.amount_cents OR NEW.stripe_reason <> OLD.stripe_reason
        OR COALESCE(NEW.token, '') <> COALESCE(OLD.token, '')
        OR COALESCE(NEW.idempotency_key, '') <> COALESCE(OLD.idempotency_key, '')
        OR NEW.asked_at <> OLD.asked_at
        OR (OLD.refund_id IS NOT NULL AND COALESCE(NEW.refund_id, '') <> OLD.refund_id)
        """,
        "R094: what was asked of Stripe cannot change",
    ),
    (
        "stripe_refund_transition",
        "UPDATE",
        """
        NEW.state <> OLD.state AND OLD.state || ' ' || NEW.state NOT IN (
            'new accepted', 'new done', 'new failed', 'new refused',
            'accepted done', 'accepted failed', 'done failed'
        )
        """,
        "R093: a refund cannot go from its state to that one",
    ),
    (
        "stripe_refund_row",
        "INSERT",
        """
        NOT EXISTS (
            SELECT 1 FROM payment AS given JOIN payment AS taken ON taken.id = given.reverses_id
            WHERE given.id = NEW.payment_id AND given.kind = 'refund'
            AND given.firm_id = NEW.firm_id AND given.amount_cents = -NEW.amount_cents
            AND taken.stripe_account_id = NEW.account_id
            AND taken.stripe_charge_id = NEW.charge_id
        )
        """,
        "R094: a refund at Stripe and its ledger row agree in firm, amount and charge",
    ),
)


def upgrade() -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    _create()
    for guard in GUARDS:
        for statement in _postgresql(*guard) if is_postgresql else _sqlite(*guard):
            op.execute(statement)
    if is_postgresql:
        op.execute(
            "CREATE TRIGGER stripe_refund_truncate BEFORE TRUNCATE ON stripe_refund"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()"
        )


def downgrade() -> None:
    raise RuntimeError("What a firm wrote since cannot be told in the tables of before.")


def _create() -> None:
    op.create_table(
        "stripe_refund",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("payment_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.String(255), nullable=False),
        sa.Column("charge_id", sa.String(255), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.String(64)),
        sa.Column("idempotency_key", sa.String(64)),
        sa.Column("stripe_reason", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("refund_id", sa.String(255)),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        *(
            sa.CheckConstraint(condition, name=op.f(f"ck_stripe_refund_{name}"))
            for name, condition in (
                ("state_known", "state IN ('new', 'accepted', 'done', 'failed', 'refused')"),
                ("amount_positive", "amount_cents > 0"),
                ("asked_with_key", "(token IS NULL) = (idempotency_key IS NULL)"),
                ("told_has_id", "(state IN ('new', 'refused')) = (refund_id IS NULL)"),
                ("asked_or_told", "refund_id IS NOT NULL OR token IS NOT NULL"),
                ("moving_is_due", "(state IN ('new', 'accepted')) = (due_at IS NOT NULL)"),
            )
        ),
        *(
            sa.ForeignKeyConstraint(
                [f"{table}_id"], [f"{table}.id"], name=op.f(f"fk_stripe_refund_{table}_id")
            )
            for table in ("firm", "payment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_refund")),
        sa.UniqueConstraint("payment_id", name=op.f("uq_stripe_refund_payment_id")),
        sa.UniqueConstraint(
            "account_id", "refund_id", name=op.f("uq_stripe_refund_account_id_refund_id")
        ),
        sa.UniqueConstraint("token", name=op.f("uq_stripe_refund_token")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_stripe_refund_idempotency_key")),
    )
    op.create_index(
        "ix_stripe_refund_due", "stripe_refund", ["due_at"], sqlite_where=DUE, postgresql_where=DUE
    )


def _sqlite(name: str, event: str, condition: str, sentence: str) -> Iterator[str]:
    yield f"""
        CREATE TRIGGER {name} BEFORE {event} ON stripe_refund WHEN {condition}
        BEGIN SELECT RAISE(ABORT, '{sentence}'); END
        """


def _postgresql(name: str, event: str, condition: str, sentence: str) -> Iterator[str]:
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
        f"CREATE TRIGGER {name} BEFORE {event} ON stripe_refund"
        f" FOR EACH ROW EXECUTE FUNCTION {name}()"
    )
