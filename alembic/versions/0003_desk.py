"""Invoices whole, a list of a million of them, settings of a firm, mail to send, files to import.

The tally of invoices is kept by triggers, so that no way of writing an invoice can forget it.
"""

import re
from collections.abc import Iterator

import sqlalchemy as sa

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

UNPAID = sa.text("stage = 'draft' OR stage = 'open' OR stage = 'cancelled'")
FAILED = sa.text("is_autopay_failed AND stage = 'open'")
SORTS = {
    "date": ("issued_on",),
    "due": ("due_on",),
    "total": ("total_cents",),
    "balance": ("open_balance_cents",),
    "number": ("number_length", "number"),
    "client_name": ("client_name", "issued_on"),
}
NEW_SORTS = ("balance", "number", "client_name")
"""The others were there before."""

STANDING = (
    "CASE WHEN stage <> 'open' THEN stage WHEN settled_cents > 0 THEN 'partial'"
    " WHEN viewed_at >= opened_at THEN 'viewed' ELSE 'sent' END"
)
OPEN_BALANCE = "CASE WHEN stage IN ('draft', 'open') THEN balance_cents ELSE 0 END"
DAY = "CASE WHEN {row}.stage = 'open' THEN {row}.due_on ELSE '1970-01-01' END"
DAY_POSTGRESQL = "CASE WHEN {row}.stage = 'open' THEN {row}.due_on ELSE DATE '1970-01-01' END"

FIRM_COLUMNS = (
    ("due_days", 30, "due_days_in_range", "due_days BETWEEN 0 AND 365"),
    ("card_fee_basis_points", 290, "card_share_in_range", "{} BETWEEN 0 AND 10000"),
    ("card_fee_fixed_cents", 30, "card_fixed_positive", "{} >= 0"),
    ("ach_fee_basis_points", 0, "ach_share_in_range", "{} BETWEEN 0 AND 10000"),
    ("ach_fee_fixed_cents", 0, "ach_fixed_positive", "{} >= 0"),
)

CHANGES = "stage, settled_cents, balance_cents, due_on, opened_at, viewed_at, is_autopay_failed"

POSTGRESQL = (
    # Two counts of one key are two rows, added up by whoever reads: a writer never waits for
    # another one's tally. Now and then a writer melts the rows of a key into one, leaving out
    # those that somebody else is melting at this moment.
    """
    CREATE FUNCTION invoice_tally_melt(firm integer) RETURNS void LANGUAGE sql AS $$
        WITH crowded AS (
            SELECT standing, due_on FROM invoice_tally WHERE firm_id = firm
            GROUP BY standing, due_on HAVING count(*) > 1
        ), melting AS (
            SELECT tally.id FROM invoice_tally AS tally JOIN crowded USING (standing, due_on)
            WHERE tally.firm_id = firm FOR UPDATE OF tally SKIP LOCKED
        ), gone AS (
            DELETE FROM invoice_tally WHERE id IN (SELECT id FROM melting) RETURNING *
        )
        INSERT INTO invoice_tally (firm_id, standing, due_on, invoices, balance_cents, failed)
        SELECT firm, standing, due_on, sum(invoices), sum(balance_cents), sum(failed)
        FROM gone GROUP BY standing, due_on
        HAVING sum(invoices) <> 0 OR sum(balance_cents) <> 0 OR sum(failed) <> 0
    $$
    """,
    *(
        f"""
        CREATE FUNCTION invoice_tally_{event}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO invoice_tally (firm_id, standing, due_on, invoices, balance_cents, failed)
            SELECT firm_id, standing, day, sum(sign), sum(sign * cents), sum(sign * failed)
            FROM ({changed}) AS changed
            GROUP BY firm_id, standing, day
            HAVING sum(sign) <> 0 OR sum(sign * cents) <> 0 OR sum(sign * failed) <> 0
            ORDER BY firm_id, standing, day;
            IF random() < 0.02 THEN
                PERFORM invoice_tally_melt(firm_id)
                FROM (SELECT DISTINCT firm_id FROM {some}) AS firms;
            END IF;
            RETURN NULL;
        END $$
        """
        for event, some, changed in (
            ("insert", "added", "{added}"),
            ("update", "added", "{added} UNION ALL {gone}"),
            ("delete", "gone", "{gone}"),
        )
        for changed in (
            changed.format(
                **{
                    name: f"""
                    SELECT firm_id, standing, {DAY_POSTGRESQL.format(row=name)} AS day,
                    {sign} AS sign, open_balance_cents AS cents, CASE WHEN is_autopay_failed
                    AND stage = 'open' AND balance_cents > 0 THEN 1 ELSE 0 END AS failed
                    FROM {name}"""
                    for name, sign in (("added", 1), ("gone", -1))
                }
            ),
        )
    ),
    *(
        f"""
        CREATE TRIGGER invoice_tally_{event} AFTER {event.upper()} ON invoice
        REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION invoice_tally_{event}()
        """
        for event, tables in (
            ("insert", "NEW TABLE AS added"),
            ("update", "NEW TABLE AS added OLD TABLE AS gone"),
            ("delete", "OLD TABLE AS gone"),
        )
    ),
    """
    CREATE FUNCTION client_renamed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE invoice SET client_name = NEW.name WHERE client_id = NEW.id;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER client_renamed AFTER UPDATE OF name ON client FOR EACH ROW
    WHEN (NEW.name <> OLD.name) EXECUTE FUNCTION client_renamed()
    """,
    """
    INSERT INTO invoice_tally (firm_id, standing, due_on, invoices, balance_cents, failed)
    SELECT firm_id, standing, CASE WHEN stage = 'open' THEN due_on ELSE DATE '1970-01-01' END,
    count(*), sum(open_balance_cents), count(*) FILTER (
        WHERE is_autopay_failed AND stage = 'open' AND balance_cents > 0
    ) FROM invoice GROUP BY 1, 2, 3
    """,
)


def upgrade() -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    _add_to_firm_and_lines()
    _add_to_invoice(is_postgresql=is_postgresql)
    _create_indexes()
    _create_tables(is_postgresql=is_postgresql)
    for statement in POSTGRESQL if is_postgresql else _sqlite():
        op.execute(statement)
    _fill_search_keys()


def downgrade() -> None:
    raise RuntimeError("What a firm wrote since cannot be told in the tables of before.")


def _add_to_firm_and_lines() -> None:
    for name, default, check, condition in FIRM_COLUMNS:
        op.execute(
            f"ALTER TABLE firm ADD COLUMN {name} INTEGER DEFAULT {default} NOT NULL"
            f" CONSTRAINT ck_firm_{check} CHECK ({condition.format(name)})"
        )
    op.execute(
        "ALTER TABLE invoice_line ADD COLUMN tax_rate_thousandths INTEGER DEFAULT 0 NOT NULL"
    )
    op.execute("ALTER TABLE invoice_line ADD COLUMN tax_cents BIGINT DEFAULT 0 NOT NULL")


def _add_to_invoice(*, is_postgresql: bool) -> None:
    kept = "STORED" if is_postgresql else "VIRTUAL"
    for column in (
        "client_name VARCHAR(200) DEFAULT '' NOT NULL",
        "form_token VARCHAR(64)",
        "form_hash VARCHAR(64) DEFAULT '' NOT NULL",
        "cancel_form_token VARCHAR(64)",
        f"number_length INTEGER GENERATED ALWAYS AS (length(number)) {kept}",
        f"standing VARCHAR(16) GENERATED ALWAYS AS ({STANDING}) {kept}",
        f"open_balance_cents BIGINT GENERATED ALWAYS AS ({OPEN_BALANCE}) {kept}",
    ):
        op.execute(f"ALTER TABLE invoice ADD COLUMN {column}")
    op.execute(
        "UPDATE invoice SET client_name ="
        " (SELECT name FROM client WHERE client.id = invoice.client_id)"
    )


def _create_indexes() -> None:
    for gone in ("ix_invoice_by_balance", "ix_invoice_open", "ix_invoice_draft"):
        op.drop_index(gone, "invoice")
    for name, columns in SORTS.items():
        if name in NEW_SORTS:
            op.create_index(f"ix_invoice_by_{name}", "invoice", ["firm_id", *columns, "id"])
        last = [column for column in ("due_on", "standing") if column not in columns]
        _create_unpaid_index(
            f"ix_invoice_unpaid_by_{name}", "firm_id", "stage", *columns, "id", *last
        )
    _create_unpaid_index("ix_invoice_unpaid_by_client", "client_id", "stage", "due_on")
    op.create_index(
        "ix_invoice_failed", "invoice", ["firm_id"], sqlite_where=FAILED, postgresql_where=FAILED
    )
    op.create_index("uq_invoice_form_token", "invoice", ["firm_id", "form_token"], unique=True)
    op.create_index("ix_payment_client_amount", "payment", ["client_id", "amount_cents", "id"])


def _create_unpaid_index(name: str, *columns: str) -> None:
    op.create_index(name, "invoice", list(columns), sqlite_where=UNPAID, postgresql_where=UNPAID)


def _create_tables(*, is_postgresql: bool) -> None:
    op.create_table(
        "invoice_tally",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("standing", sa.String(16), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("invoices", sa.BigInteger(), nullable=False),
        sa.Column("balance_cents", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_invoice_tally_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_tally")),
    )
    op.create_index("ix_invoice_tally_firm", "invoice_tally", ["firm_id", "standing", "due_on"])
    bytewise = sa.String(64, collation="C" if is_postgresql else None)
    op.create_table(
        "search_key",
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("key", bytewise, nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_search_key_firm_id")),
        sa.ForeignKeyConstraint(
            ["invoice_id"],
            ["invoice.id"],
            name=op.f("fk_search_key_invoice_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("firm_id", "key", "invoice_id", name=op.f("pk_search_key")),
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["user_id"], ["firm_user.id"], name=op.f("fk_invitation_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
    )
    op.create_index("ix_invitation_user_id", "invitation", ["user_id"])
    _create_mail_and_files()


def _create_mail_and_files() -> None:
    op.create_table(
        "mail_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer()),
        sa.Column("message_id", sa.String(200), nullable=False),
        sa.Column("to_email", sa.String(254), nullable=False),
        sa.Column("from_name", sa.String(200), nullable=False),
        sa.Column("reply_to", sa.String(254), server_default=sa.text("''"), nullable=False),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("html", sa.String(), nullable=False),
        sa.Column("has_secret", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("failure", sa.String(500), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_mail_message_firm_id")),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoice.id"], name=op.f("fk_mail_message_invoice_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_message")),
        sa.UniqueConstraint("message_id", name=op.f("uq_mail_message_message_id")),
    )
    is_due = sa.text("due_at IS NOT NULL")
    op.create_index(
        "ix_mail_message_due",
        "mail_message",
        ["due_at"],
        sqlite_where=is_due,
        postgresql_where=is_due,
    )
    op.create_index("ix_mail_message_invoice_id", "mail_message", ["invoice_id"])
    op.create_table(
        "import_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True)),
        sa.Column("outcome", sa.String(500), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_import_file_firm_id")),
        sa.ForeignKeyConstraint(["user_id"], ["firm_user.id"], name=op.f("fk_import_file_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_file")),
    )
    op.create_index("ix_import_file_firm_id", "import_file", ["firm_id"])


def _sqlite() -> Iterator[str]:
    """SQLite has one writer, so each key of the tally is one row."""
    add, take = _sqlite_count("NEW", "+"), _sqlite_count("OLD", "-")
    for event, columns, steps in (
        ("INSERT", "", add),
        ("UPDATE", f" OF {CHANGES}", take + add),
        ("DELETE", "", take),
    ):
        yield (
            f"CREATE TRIGGER invoice_tally_{event.lower()} AFTER {event}{columns} ON invoice"
            f" BEGIN {steps} END"
        )
    yield """
        CREATE TRIGGER client_renamed AFTER UPDATE OF name ON client WHEN NEW.name <> OLD.name
        BEGIN UPDATE invoice SET client_name = NEW.name WHERE client_id = NEW.id; END
    """
    yield f"""
        INSERT INTO invoice_tally (firm_id, standing, due_on, invoices, balance_cents, failed)
        SELECT firm_id, standing, {DAY.format(row="invoice")}, count(*), sum(open_balance_cents),
        sum(is_autopay_failed AND stage = 'open' AND balance_cents > 0)
        FROM invoice GROUP BY 1, 2, 3
    """


def _sqlite_count(row: str, sign: str) -> str:
    key = f"""firm_id = {row}.firm_id AND standing = {row}.standing
        AND due_on = {DAY.format(row=row)}"""
    return f"""
        INSERT INTO invoice_tally (firm_id, standing, due_on, invoices, balance_cents, failed)
        SELECT {row}.firm_id, {row}.standing, {DAY.format(row=row)}, 0, 0, 0
        WHERE NOT EXISTS (SELECT 1 FROM invoice_tally WHERE {key});
        UPDATE invoice_tally SET invoices = invoices {sign} 1,
        balance_cents = balance_cents {sign} {row}.open_balance_cents,
        failed = failed {sign} ({row}.is_autopay_failed AND {row}.stage = 'open'
                                AND {row}.balance_cents > 0)
        WHERE {key};
    """


def _fill_search_keys() -> None:
    """The terms as `domain.search_terms` makes them, for what is there already."""
    connection = op.get_bind()
    numbers = "SELECT firm_id, number AS term, id AS invoice_id FROM invoice"
    references = "SELECT firm_id, reference AS term, invoice_id FROM payment WHERE reference <> ''"
    for query in (numbers, references):
        for row in connection.execute(sa.text(query)).all():
            for key in _search_terms(row.term):
                connection.execute(
                    sa.text(
                        "INSERT INTO search_key (firm_id, key, invoice_id)"
                        " VALUES (:firm_id, :key, :invoice_id) ON CONFLICT DO NOTHING"
                    ),
                    {"firm_id": row.firm_id, "key": key, "invoice_id": row.invoice_id},
                )


def _search_terms(text: str) -> set[str]:
    whole = text.strip().removeprefix("#").strip().casefold()[:64]
    digits = re.search(r"[0-9]+$", whole)
    return {whole, digits[0]} - {""} if digits else {whole} - {""}
