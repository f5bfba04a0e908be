"""Charges that nobody is present for: askings without a page, and where auto-pay is with each
invoice."""

from collections.abc import Iterator

import sqlalchemy as sa

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

NEW_COLUMNS = (
    "source VARCHAR(16) DEFAULT 'online' NOT NULL",
    "method_id INTEGER",
    "payment_intent_id VARCHAR(255)",
    "asked_at {moment}",
)
NEW_RULES = (
    "ck_checkout_source_known CHECK (source IN ('online', 'autopay', 'backfill'))",
    "ck_checkout_page_or_method CHECK ((source = 'online') = (method_id IS NULL))",
    "ck_checkout_page_has_contact CHECK (source <> 'online' OR contact_id IS NOT NULL)",
    "ck_checkout_method_has_no_page CHECK (source = 'online' OR state <> 'open')",
    "fk_checkout_method_id FOREIGN KEY(method_id) REFERENCES payment_method (id)",
)
WAKE = "'waiting', {epoch}, 0, 0, '', ''"
COLUMNS = "invoice_id, firm_id, state, due_at, tries, failures, failure, stopped_by"
WOKEN = (
    "ON CONFLICT (invoice_id) DO UPDATE SET due_at = {epoch}"
    " WHERE autopay.state IN ('waiting', 'charging')"
)
EPOCH = {"sqlite": "'1970-01-01 00:00:00.000000'", "postgresql": "'1970-01-01 00:00:00+00'"}
MOMENT = {"sqlite": "DATETIME", "postgresql": "TIMESTAMP WITH TIME ZONE"}

# Name, table, event, condition, sentence: what the database itself refuses, as in 0002.
GUARDS = (
    (
        "checkout_asking_frozen",
        "checkout",
        "UPDATE",
        """
        NEW.source <> OLD.source OR COALESCE(NEW.method_id, -1) <> COALESCE(OLD.method_id, -1)
        OR COALESCE(NEW.contact_id, -1) <> COALESCE(OLD.contact_id, -1)
        OR (OLD.payment_intent_id IS NOT NULL
            AND COALESCE(NEW.payment_intent_id, '') <> OLD.payment_intent_id)
        OR (OLD.asked_at IS NOT NULL AND NEW.asked_at IS NULL)
        """,
        "R051: what was asked of Stripe cannot change",
    ),
    (
        "checkout_method",
        "checkout",
        "INSERT",
        """
        NEW.method_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM payment_method WHERE id = NEW.method_id
            AND firm_id = NEW.firm_id AND client_id = NEW.client_id
            AND account_id = NEW.account_id AND customer_id = NEW.customer_id
        )
        """,
        "R139: what is charged is a saved method of the same client",
    ),
    (
        "autopay_delete",
        "autopay",
        "DELETE",
        "1 = 1",
        "R124: what auto-pay tried is never forgotten",
    ),
    (
        "autopay_forward",
        "autopay",
        "UPDATE",
        """
        NEW.invoice_id <> OLD.invoice_id OR NEW.firm_id <> OLD.firm_id OR NEW.tries < OLD.tries
        """,
        "R124: what auto-pay tried is never forgotten",
    ),
    (
        "autopay_invoice",
        "autopay",
        "INSERT",
        """
        NOT EXISTS (SELECT 1 FROM invoice WHERE id = NEW.invoice_id AND firm_id = NEW.firm_id)
        """,
        "R139: auto-pay belongs to an invoice of the same firm",
    ),
    (
        "autopay_checkout",
        "autopay",
        "UPDATE",
        """
        NEW.checkout_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM checkout WHERE id = NEW.checkout_id
            AND invoice_id = NEW.invoice_id AND source = 'autopay'
        )
        """,
        "R139: auto-pay charges its own invoice",
    ),
)
PAYMENT_CHECKOUT = (
    "payment_checkout",
    "payment",
    "INSERT",
    """
    NEW.checkout_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM checkout WHERE id = NEW.checkout_id
        AND firm_id = NEW.firm_id AND client_id = NEW.client_id
        AND invoice_id = NEW.invoice_id AND amount_cents = NEW.amount_cents
        AND source = NEW.source AND (
            account_id = NEW.stripe_account_id
            OR (NEW.stripe_charge_id IS NULL AND NEW.status = 'Failed' AND source <> 'online')
        )
    )
    """,
    "R062: a charge and what asked for it agree in invoice, account, amount and source",
)

IS_ON = (
    "NEW.stage = 'open' AND NEW.engagement_id IS NOT NULL AND EXISTS"
    " (SELECT 1 FROM engagement WHERE id = NEW.engagement_id AND is_autopay_on)"
)
IS_CHANGED = (
    "(NEW.stage <> OLD.stage OR NEW.due_on <> OLD.due_on"
    " OR COALESCE(NEW.engagement_id, -1) <> COALESCE(OLD.engagement_id, -1)"
    " OR NEW.balance_cents <> OLD.balance_cents OR NEW.pending_cents <> OLD.pending_cents)"
)
IS_OVER = "NEW.stage <> OLD.stage AND NEW.stage IN ('paid', 'cancelled')"
IS_SWITCHED_ON = "NEW.is_autopay_on AND NOT OLD.is_autopay_on"
WAKE_INVOICE = f"INSERT INTO autopay ({COLUMNS}) VALUES (NEW.id, NEW.firm_id, {WAKE}) {WOKEN}"
WAKE_ENGAGEMENT = (
    f"INSERT INTO autopay ({COLUMNS}) SELECT id, firm_id, {WAKE} FROM invoice"
    " WHERE client_id = NEW.client_id AND stage = 'open' AND engagement_id = NEW.id"
    f" ORDER BY id {WOKEN}"
)
END = (
    "UPDATE autopay SET state = 'done', due_at = NULL"
    " WHERE invoice_id = NEW.id AND state <> 'stopped'"
)
# Name, table, event, condition, act: a change of an invoice or engagement makes auto-pay look at
# the invoice anew, whoever changed it, in whatever order.
FOLLOWING = (
    ("autopay_invoice_new", "invoice", "INSERT", IS_ON, WAKE_INVOICE),
    (
        "autopay_invoice_changed",
        "invoice",
        "UPDATE OF stage, due_on, engagement_id, balance_cents, pending_cents",
        f"{IS_CHANGED} AND {IS_ON}",
        WAKE_INVOICE,
    ),
    ("autopay_invoice_over", "invoice", "UPDATE OF stage", IS_OVER, END),
    (
        "autopay_engagement_on",
        "engagement",
        "UPDATE OF is_autopay_on",
        IS_SWITCHED_ON,
        WAKE_ENGAGEMENT,
    ),
)


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    is_postgresql = dialect == "postgresql"
    if is_postgresql:
        _widen_checkout()
    else:
        _rebuild_checkout()
    _create_autopay()
    op.execute(
        "ALTER TABLE firm ADD COLUMN autopay_retry_days VARCHAR(40) DEFAULT '3, 5, 7' NOT NULL"
    )
    is_chargeless = sa.text("checkout_id IS NOT NULL AND stripe_charge_id IS NULL")
    op.create_index(
        "uq_payment_refused",
        "payment",
        ["checkout_id"],
        unique=True,
        sqlite_where=is_chargeless,
        postgresql_where=is_chargeless,
    )
    for guard in GUARDS:
        for statement in _postgresql(*guard) if is_postgresql else _sqlite(*guard):
            op.execute(statement)
    _replace_payment_checkout(is_postgresql=is_postgresql)
    for following in FOLLOWING:
        for statement in _following(*following, dialect=dialect):
            op.execute(statement)
    op.execute(
        f"INSERT INTO autopay ({COLUMNS})"
        f" SELECT invoice.id, invoice.firm_id, {WAKE.format(epoch=EPOCH[dialect])} FROM invoice"
        " JOIN engagement ON engagement.id = invoice.engagement_id"
        " WHERE engagement.is_autopay_on AND invoice.stage = 'open'"
    )
    if is_postgresql:
        op.execute(
            "CREATE TRIGGER autopay_truncate BEFORE TRUNCATE ON autopay"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()"
        )


def downgrade() -> None:
    raise RuntimeError("What a firm wrote since cannot be told in the tables of before.")


def _widen_checkout() -> None:
    op.execute("ALTER TABLE checkout ALTER COLUMN contact_id DROP NOT NULL")
    for column in _new_columns("postgresql"):
        op.execute(f"ALTER TABLE checkout ADD COLUMN {column}")
    for rule in NEW_RULES:
        op.execute(f"ALTER TABLE checkout ADD CONSTRAINT {rule}")


def _rebuild_checkout() -> None:
    """SQLite cannot let a column be NULL that could not: the table is made anew, with all on it."""
    connection = op.get_bind()
    # The rows of the ledger name rows of this table, which is gone for a moment.
    op.execute("PRAGMA defer_foreign_keys = ON")
    made = connection.execute(
        sa.text(
            "SELECT sql FROM sqlite_master WHERE tbl_name = 'checkout' AND sql IS NOT NULL"
            " ORDER BY type = 'table' DESC, type = 'index' DESC, name"
        )
    )
    table, *others = [row.sql for row in made]
    columns = connection.execute(sa.text("PRAGMA table_info(checkout)"))
    known = ", ".join(row.name for row in columns)
    op.execute(f"CREATE TABLE checkout_before AS SELECT {known} FROM checkout")
    op.execute("DROP TABLE checkout")
    op.execute(_widened(table))
    op.execute(f"INSERT INTO checkout ({known}) SELECT {known} FROM checkout_before")
    op.execute("DROP TABLE checkout_before")
    for statement in others:
        op.execute(statement)


def _widened(table: str) -> str:
    """The statement that made the table, with the new columns and rules."""
    before = "contact_id INTEGER NOT NULL, "
    after = "contact_id INTEGER, " + "".join(f"\n\t{each}, " for each in _new_columns("sqlite"))
    if before not in table:
        raise RuntimeError("The table checkout is not as the migrations before made it.")
    rules = "".join(f", \n\tCONSTRAINT {rule}" for rule in NEW_RULES)
    return table.replace(before, after).rstrip().removesuffix(")").rstrip() + rules + "\n)"


def _new_columns(dialect: str) -> list[str]:
    return [column.format(moment=MOMENT[dialect]) for column in NEW_COLUMNS]


def _create_autopay() -> None:
    op.create_table(
        "autopay",
        sa.Column("invoice_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("next_try_at", sa.DateTime(timezone=True)),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("checkout_id", sa.Integer()),
        sa.Column("failure", sa.String(500), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True)),
        sa.Column("exhausted_at", sa.DateTime(timezone=True)),
        sa.Column("stopped_by", sa.String(200), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'charging', 'client', 'exhausted', 'stopped', 'done')",
            name=op.f("ck_autopay_state_known"),
        ),
        sa.CheckConstraint(
            "state <> 'exhausted' OR exhausted_at IS NOT NULL",
            name=op.f("ck_autopay_exhausted_has_moment"),
        ),
        sa.CheckConstraint(
            "(state = 'stopped') = (stopped_by <> '')", name=op.f("ck_autopay_stopped_by_somebody")
        ),
        sa.CheckConstraint(
            "state <> 'charging' OR checkout_id IS NOT NULL",
            name=op.f("ck_autopay_charging_has_asking"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [f"{table}_id"], [f"{table}.id"], name=op.f(f"fk_autopay_{table}_id")
            )
            for table in ("invoice", "firm", "checkout")
        ),
        sa.PrimaryKeyConstraint("invoice_id", name=op.f("pk_autopay")),
    )
    is_due = sa.text("due_at IS NOT NULL")
    op.create_index(
        "ix_autopay_due",
        "autopay",
        ["due_at", "invoice_id"],
        sqlite_where=is_due,
        postgresql_where=is_due,
    )


def _replace_payment_checkout(*, is_postgresql: bool) -> None:
    if not is_postgresql:
        op.execute("DROP TRIGGER payment_checkout")
        for statement in _sqlite(*PAYMENT_CHECKOUT):
            op.execute(statement)
        return
    function, _trigger = _postgresql(*PAYMENT_CHECKOUT)
    op.execute(function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))


def _following(
    name: str, table: str, event: str, condition: str, act: str, *, dialect: str
) -> Iterator[str]:
    act = act.format(epoch=EPOCH[dialect])
    if dialect == "sqlite":
        yield f"CREATE TRIGGER {name} AFTER {event} ON {table} WHEN {condition} BEGIN {act}; END"
        return
    yield f"""
        CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF {condition} THEN
                {act};
            END IF;
            RETURN NULL;
        END $$
        """
    yield (f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")


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
