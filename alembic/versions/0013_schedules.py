"""Invoices that come again by themselves, and what each of them was generated from."""

from collections.abc import Iterator

import sqlalchemy as sa

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INVOICE_COLUMNS = (
    "schedule_id INTEGER CONSTRAINT fk_invoice_schedule_id REFERENCES schedule (id)",
    (
        "period_on DATE CONSTRAINT ck_invoice_generated_has_period"
        " CHECK ((schedule_id IS NULL) = (period_on IS NULL))"
    ),
)
CHECKS = (
    ("frequency_known", "frequency IN ('Monthly', 'Quarterly', 'Annual', 'One-time')"),
    ("status_known", "status IN ('Active', 'Paused', 'Completed', 'Cancelled')"),
    ("anchor_day_exists", "anchor_day BETWEEN 1 AND 31"),
    ("due_days_in_range", "due_days BETWEEN 0 AND 365"),
    ("total_positive", "total_cents >= 0"),
    ("generated_positive", "generated_count >= 0"),
    ("one_end", "ends_on IS NULL OR most_invoices IS NULL"),
    ("most_in_range", "most_invoices >= 1 AND most_invoices >= generated_count"),
    ("next_in_range", "next_on > last_on AND next_on <= ends_on"),
    ("last_is_generated", "(last_on IS NULL) = (generated_count = 0)"),
    ("standing_has_next", "(next_on IS NOT NULL) = (status IN ('Active', 'Paused'))"),
    ("active_is_due", "(due_at IS NOT NULL) = (status = 'Active')"),
)

_WHOSE = """
    NOT EXISTS (
        SELECT 1 FROM client WHERE id = NEW.client_id AND firm_id = NEW.firm_id
    )
    OR NOT EXISTS (
        SELECT 1 FROM firm_user WHERE id = NEW.owner_id AND firm_id = NEW.firm_id
    )
    OR (NEW.engagement_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM engagement WHERE id = NEW.engagement_id
        AND client_id = NEW.client_id AND firm_id = NEW.firm_id
    ))
    """

# Name, table, event, condition, sentence: what the database itself refuses, as in 0002.
GUARDS = (
    ("schedule_delete", "schedule", "DELETE", "1 = 1", "R123: a schedule is never deleted"),
    (
        "schedule_replace",
        "schedule",
        "INSERT",
        "EXISTS (SELECT 1 FROM schedule WHERE id = NEW.id)",
        "R123: a schedule is never replaced",
    ),
    (
        "schedule_whose_new",
        "schedule",
        "INSERT",
        _WHOSE,
        "R139: a schedule, its client, its engagement and its owner belong to one firm",
    ),
    (
        "schedule_whose",
        "schedule",
        "UPDATE",
        _WHOSE,
        "R139: a schedule, its client, its engagement and its owner belong to one firm",
    ),
    (
        "schedule_frozen",
        "schedule",
        "UPDATE",
        """
        NEW.id <> OLD.id OR NEW.firm_id <> OLD.firm_id OR NEW.client_id <> OLD.client_id
        OR NEW.form_token <> OLD.form_token OR NEW.form_hash <> OLD.form_hash
        OR NEW.created_at <> OLD.created_at OR NEW.generated_count < OLD.generated_count
        OR NEW.version < OLD.version
        OR (OLD.last_on IS NOT NULL AND (NEW.last_on IS NULL OR NEW.last_on < OLD.last_on))
        """,
        "R124: whose a schedule is and what it generated cannot change",
    ),
    (
        "schedule_transition",
        "schedule",
        "UPDATE",
        """
        (OLD.status IN ('Completed', 'Cancelled') AND NEW.version <> OLD.version)
        OR (NEW.status <> OLD.status AND OLD.status NOT IN ('Active', 'Paused'))
        """,
        "R123: a schedule that is completed or cancelled stays so",
    ),
    (
        "schedule_entry_delete",
        "schedule_entry",
        "DELETE",
        "1 = 1",
        "R111: what happened is never deleted",
    ),
    (
        "schedule_entry_update",
        "schedule_entry",
        "UPDATE",
        "1 = 1",
        "R111: what happened is never changed",
    ),
    (
        "invoice_generated",
        "invoice",
        "INSERT",
        """
        NEW.schedule_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM schedule WHERE id = NEW.schedule_id
            AND client_id = NEW.client_id AND firm_id = NEW.firm_id
        )
        """,
        "R139: a schedule bills its own client",
    ),
    (
        "invoice_period_frozen",
        "invoice",
        "UPDATE",
        """
        COALESCE(NEW.schedule_id, 0) <> COALESCE(OLD.schedule_id, 0)
        OR COALESCE(NEW.period_on, '1970-01-01') <> COALESCE(OLD.period_on, '1970-01-01')
        """,
        "R124: what an invoice was generated from cannot change",
    ),
)


def upgrade() -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    _create_schedule()
    _create_line()
    _create_entry()
    for column in INVOICE_COLUMNS:
        op.execute(f"ALTER TABLE invoice ADD COLUMN {column}")
    of_schedule = sa.text("schedule_id IS NOT NULL")
    op.create_index(
        "uq_invoice_period",
        "invoice",
        ["schedule_id", "period_on"],
        unique=True,
        sqlite_where=of_schedule,
        postgresql_where=of_schedule,
    )
    for guard in GUARDS:
        for statement in _postgresql(*guard) if is_postgresql else _sqlite(*guard):
            op.execute(statement)
    if is_postgresql:
        for table in ("schedule", "schedule_entry"):
            op.execute(
                f"CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()"
            )


def downgrade() -> None:
    raise RuntimeError("What a firm wrote since cannot be told in the tables of before.")


def _create_schedule() -> None:
    op.create_table(
        "schedule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer()),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("frequency", sa.String(16), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("anchor_day", sa.Integer(), nullable=False),
        sa.Column("next_on", sa.Date()),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("ends_on", sa.Date()),
        sa.Column("most_invoices", sa.Integer()),
        sa.Column("due_days", sa.Integer(), nullable=False),
        sa.Column("sends_itself", sa.Boolean(), nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("generated_count", sa.Integer(), nullable=False),
        sa.Column("last_on", sa.Date()),
        sa.Column("problem", sa.String(500), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("form_token", sa.String(64), nullable=False),
        sa.Column("form_hash", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.CheckConstraint(condition, name=op.f(f"ck_schedule_{name}"))
            for name, condition in CHECKS
        ),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_schedule_{column}"))
            for column, table in (
                ("firm_id", "firm"),
                ("client_id", "client"),
                ("engagement_id", "engagement"),
                ("owner_id", "firm_user"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule")),
    )
    is_due = sa.text("due_at IS NOT NULL")
    op.create_index(
        "ix_schedule_due",
        "schedule",
        ["due_at", "id"],
        sqlite_where=is_due,
        postgresql_where=is_due,
    )
    op.create_index("ix_schedule_by_next", "schedule", ["firm_id", "status", "next_on", "id"])
    op.create_index("ix_schedule_by_client", "schedule", ["client_id", "id"])
    op.create_index("ix_schedule_by_engagement", "schedule", ["engagement_id"])
    op.create_index("uq_schedule_form_token", "schedule", ["firm_id", "form_token"], unique=True)


def _create_line() -> None:
    op.create_table(
        "schedule_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("schedule_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("description", sa.String(500), nullable=False),
        sa.Column("quantity_thousandths", sa.BigInteger(), nullable=False),
        sa.Column("unit_price_cents", sa.BigInteger(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("tax_rate_thousandths", sa.Integer(), nullable=False),
        sa.Column("tax_cents", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["schedule_id"], ["schedule.id"], name=op.f("fk_schedule_line_schedule_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule_line")),
        sa.UniqueConstraint(
            "schedule_id", "position", name=op.f("uq_schedule_line_schedule_id_position")
        ),
    )


def _create_entry() -> None:
    op.create_table(
        "schedule_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("schedule_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.String(1000), nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("user_id", sa.Integer()),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_schedule_entry_{column}")
            )
            for column, table in (
                ("firm_id", "firm"),
                ("schedule_id", "schedule"),
                ("user_id", "firm_user"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule_entry")),
    )
    op.create_index("ix_schedule_entry_schedule", "schedule_entry", ["schedule_id", "id"])


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
