"""What a payer's bank contests or takes back, and the ledger rows that it led to."""

from collections.abc import Iterator

import sqlalchemy as sa

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# Name, table, event, condition, sentence: what the database itself refuses, as in 0002.
GUARDS = (
    (
        "dispute_delete",
        "dispute",
        "DELETE",
        "1 = 1",
        "R066: a dispute is never forgotten",
    ),
    (
        "dispute_frozen",
        "dispute",
        "UPDATE",
        """
        NEW.id <> OLD.id OR NEW.firm_id <> OLD.firm_id OR NEW.invoice_id <> OLD.invoice_id
        OR NEW.payment_id <> OLD.payment_id OR NEW.account_id <> OLD.account_id
        OR NEW.dispute_id <> OLD.dispute_id OR NEW.charge_id <> OLD.charge_id
        OR NEW.opened_at <> OLD.opened_at
        """,
        "R066: what a dispute is about cannot change",
    ),
    (
        "dispute_money",
        "dispute",
        "UPDATE",
        """
        NEW.withdrawn_cents + NEW.reinstated_cents < OLD.withdrawn_cents + OLD.reinstated_cents
        """,
        "R066: what was withdrawn or reinstated stays so",
    ),
    (
        "dispute_payment",
        "dispute",
        "INSERT",
        """
        NOT EXISTS (
            SELECT 1 FROM payment WHERE id = NEW.payment_id AND kind = 'payment'
            AND firm_id = NEW.firm_id AND invoice_id = NEW.invoice_id
            AND stripe_account_id = NEW.account_id AND stripe_charge_id = NEW.charge_id
        )
        """,
        "R066: a dispute is of a charge in the ledger of its firm",
    ),
    (
        "dispute_row_delete",
        "dispute_row",
        "DELETE",
        "1 = 1",
        "R066: what was written for a dispute stays its own",
    ),
    (
        "dispute_row_update",
        "dispute_row",
        "UPDATE",
        "1 = 1",
        "R066: what was written for a dispute stays its own",
    ),
    (
        "dispute_row_payment",
        "dispute_row",
        "INSERT",
        """
        NOT EXISTS (
            SELECT 1 FROM dispute JOIN payment ON payment.id = NEW.payment_id
            WHERE dispute.id = NEW.dispute_id AND payment.invoice_id = dispute.invoice_id
            AND (payment.reverses_id = dispute.payment_id AND payment.kind = 'return'
                 OR payment.kind = 'payment' AND payment.stripe_charge_id IS NULL)
        )
        """,
        "R066: a row of a dispute takes back its payment, or gives it back",
    ),
)
REVERSED_SUM = (
    "payment_reversed_sum",
    "payment",
    "INSERT",
    """
    NEW.kind <> 'payment' AND NEW.status <> 'Failed' AND (
        SELECT COALESCE(-SUM(amount_cents), 0) - NEW.amount_cents FROM payment
        WHERE reverses_id = NEW.reverses_id AND status <> 'Failed'
    ) > (SELECT amount_cents FROM payment WHERE id = NEW.reverses_id)
    """,
    "R080: refunds and returns cannot exceed the payment they reverse",
)


def upgrade() -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    _create_tables()
    _replace_reversed_sum(is_postgresql=is_postgresql)
    for guard in GUARDS:
        for statement in _postgresql(*guard) if is_postgresql else _sqlite(*guard):
            op.execute(statement)
    if is_postgresql:
        for table in ("dispute", "dispute_row"):
            op.execute(
                f"CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()"
            )


def downgrade() -> None:
    raise RuntimeError("What a firm wrote since cannot be told in the tables of before.")


def _create_tables() -> None:
    op.create_table(
        "dispute",
        sa.Column("id", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("firm_id", "invoice_id", "payment_id")
        ),
        *(
            sa.Column(name, sa.String(255), nullable=False)
            for name in ("account_id", "dispute_id", "charge_id")
        ),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("amount_cents", "withdrawn_cents", "reinstated_cents")
        ),
        sa.Column("reason", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("is_refundable", sa.Boolean(), nullable=False),
        sa.Column("evidence_due_at", sa.DateTime(timezone=True)),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(
            "kind IN ('inquiry', 'contest', 'bank return')", name=op.f("ck_dispute_kind_known")
        ),
        sa.CheckConstraint(
            "state IN ('warning_needs_response', 'warning_under_review', 'warning_closed',"
            " 'needs_response', 'under_review', 'won', 'lost', 'prevented')",
            name=op.f("ck_dispute_state_known"),
        ),
        sa.CheckConstraint(
            "withdrawn_cents >= 0 AND reinstated_cents >= 0", name=op.f("ck_dispute_money_moved")
        ),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (state IN ('warning_needs_response', 'warning_under_review',"
            " 'needs_response', 'under_review'))",
            name=op.f("ck_dispute_closed_is_decided"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [f"{table}_id"], [f"{table}.id"], name=op.f(f"fk_dispute_{table}_id")
            )
            for table in ("firm", "invoice", "payment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute")),
        sa.UniqueConstraint(
            "account_id", "dispute_id", name=op.f("uq_dispute_account_id_dispute_id")
        ),
    )
    for name in ("invoice_id", "payment_id"):
        op.create_index(op.f(f"ix_dispute_{name}"), "dispute", [name])
    op.create_table(
        "dispute_row",
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("dispute_id", "position", "payment_id")
        ),
        *(
            sa.ForeignKeyConstraint(
                [f"{table}_id"], [f"{table}.id"], name=op.f(f"fk_dispute_row_{table}_id")
            )
            for table in ("dispute", "payment")
        ),
        sa.PrimaryKeyConstraint("dispute_id", "position", name=op.f("pk_dispute_row")),
        sa.UniqueConstraint("payment_id", name=op.f("uq_dispute_row_payment_id")),
    )


def _replace_reversed_sum(*, is_postgresql: bool) -> None:
    """Returns are held to what is left of their payment as refunds are: no payment is reversed
    above its amount, or its invoice would ask for more than its total."""
    if not is_postgresql:
        op.execute("DROP TRIGGER payment_reversed_sum")
        for statement in _sqlite(*REVERSED_SUM):
            op.execute(statement)
        return
    function, _trigger = _postgresql(*REVERSED_SUM)
    op.execute(function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))


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
