"""Reminding clients: a firm's plan, what was sent, and who wants none.

A letter may be written anew from what it is about when it is sent, and bear the link by which its
reader stops such letters.
"""

from collections.abc import Iterator

import sqlalchemy as sa

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

DUE = sa.text("due_at IS NOT NULL")

# Name, table, event, condition, sentence: what the database itself refuses, as in 0002.
GUARDS = (
    (
        "reminder_delete",
        "reminder",
        "DELETE",
        "1 = 1",
        "R075: that a client was reminded is never forgotten",
    ),
    (
        "reminder_frozen",
        "reminder",
        "UPDATE",
        "1 = 1",
        "R075: what a client was reminded of does not change",
    ),
    (
        "reminder_invoice",
        "reminder",
        "INSERT",
        """
        EXISTS (SELECT 1 FROM reminder WHERE id = NEW.id) OR NOT EXISTS (
            SELECT 1 FROM invoice WHERE id = NEW.invoice_id AND firm_id = NEW.firm_id
            AND stage = 'open' AND balance_cents = NEW.balance_cents
        )
        """,
        "R075: a reminder is of an open invoice of its firm, and of what it asks for",
    ),
    (
        "reminder_reader_delete",
        "reminder_reader",
        "DELETE",
        "1 = 1",
        "R075: who stopped reminders is never forgotten",
    ),
    (
        "reminder_reader_frozen",
        "reminder_reader",
        "UPDATE",
        """
        NEW.id <> OLD.id OR NEW.contact_id <> OLD.contact_id OR NEW.email <> OLD.email
        OR NEW.token <> OLD.token OR NEW.created_at <> OLD.created_at
        """,
        "R075: a link stays that of the address to which it was sent",
    ),
)


def upgrade() -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    _create_plan()
    _create_reminder()
    _create_reader()
    for column in (
        sa.Column("written_from", sa.String(200), server_default=sa.text("''"), nullable=False),
        sa.Column("stop_link", sa.String(500), server_default=sa.text("''"), nullable=False),
    ):
        op.add_column("mail_message", column)
    for guard in GUARDS:
        for statement in _postgresql(*guard) if is_postgresql else _sqlite(*guard):
            op.execute(statement)
    if is_postgresql:
        for table in ("reminder", "reminder_reader"):
            op.execute(
                f"CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()"
            )


def downgrade() -> None:
    raise RuntimeError("What a firm wrote since cannot be told in the tables of before.")


def _create_plan() -> None:
    op.create_table(
        "reminder_plan",
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("steps", sa.String(60), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("done_through", sa.Date(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("running_through", sa.Date()),
        sa.Column("at_due_on", sa.Date()),
        sa.Column("at_id", sa.Integer()),
        sa.Column("version", sa.Integer(), nullable=False),
        *(
            sa.CheckConstraint(condition, name=op.f(f"ck_reminder_plan_{name}"))
            for name, condition in (
                ("hour_of_day", "hour BETWEEN 0 AND 23"),
                ("due_while_on", "is_on = (due_at IS NOT NULL)"),
                ("runs_on", "running_through > done_through"),
                ("at_one_invoice", "(at_due_on IS NULL) = (at_id IS NULL)"),
            )
        ),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_reminder_plan_firm_id")),
        sa.PrimaryKeyConstraint("firm_id", name=op.f("pk_reminder_plan")),
    )
    op.create_index(
        "ix_reminder_plan_due", "reminder_plan", ["due_at"], sqlite_where=DUE, postgresql_where=DUE
    )


def _create_reminder() -> None:
    op.create_table(
        "reminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("step_days", sa.Integer()),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("balance_cents", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Integer()),
        sa.Column("form_token", sa.String(64)),
        *(
            sa.CheckConstraint(condition, name=op.f(f"ck_reminder_{name}"))
            for name, condition in (
                ("something_owed", "balance_cents > 0"),
                ("planned_or_by_hand", "(step_days IS NULL) = (form_token IS NOT NULL)"),
                ("by_hand_of_somebody", "(user_id IS NULL) = (form_token IS NULL)"),
            )
        ),
        *(
            sa.ForeignKeyConstraint(
                [f"{column}_id"], [f"{table}.id"], name=op.f(f"fk_reminder_{column}_id")
            )
            for column, table in (("firm", "firm"), ("invoice", "invoice"), ("user", "firm_user"))
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint(
            *("invoice_id", "due_on", "step_days"),
            name=op.f("uq_reminder_invoice_id_due_on_step_days"),
        ),
        sa.UniqueConstraint("firm_id", "form_token", name=op.f("uq_reminder_firm_id_form_token")),
    )


def _create_reader() -> None:
    op.create_table(
        "reminder_reader",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_reminder_reader_contact_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_reader")),
        sa.UniqueConstraint(
            "contact_id", "email", name=op.f("uq_reminder_reader_contact_id_email")
        ),
        sa.UniqueConstraint("token", name=op.f("uq_reminder_reader_token")),
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
