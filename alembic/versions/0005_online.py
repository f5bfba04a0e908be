"""Money that comes in through Stripe: accounts, payment pages, callbacks, what needs a person."""

from collections.abc import Iterator

import sqlalchemy as sa

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

LIVE = sa.text("state = 'new' OR state = 'open'")
DUE = sa.text("due_at IS NOT NULL")
OPEN = sa.text("resolved_at IS NULL")
STANDS = sa.text("stripe_charge_id IS NOT NULL AND status <> 'Failed'")
FAILED = sa.text("stripe_charge_id IS NOT NULL AND status = 'Failed'")

PAYMENT_COLUMNS = (
    "stripe_account_id VARCHAR(255)",
    (
        "stripe_charge_id VARCHAR(255) CONSTRAINT ck_payment_charge_has_account"
        " CHECK ((stripe_charge_id IS NULL) = (stripe_account_id IS NULL))"
    ),
    "stripe_payment_intent_id VARCHAR(255)",
    "checkout_id INTEGER CONSTRAINT fk_payment_checkout_id REFERENCES checkout (id)",
    "contact_id INTEGER CONSTRAINT fk_payment_contact_id REFERENCES contact (id)",
    "method_detail VARCHAR(80) DEFAULT '' NOT NULL",
)

# Name, table, event, condition, sentence: what the database itself refuses, as in 0002.
GUARDS = (
    (
        "payment_charge_frozen",
        "payment",
        "UPDATE",
        """
        COALESCE(NEW.stripe_account_id, '') <> COALESCE(OLD.stripe_account_id, '')
        OR COALESCE(NEW.stripe_charge_id, '') <> COALESCE(OLD.stripe_charge_id, '')
        OR COALESCE(NEW.stripe_payment_intent_id, '') <> COALESCE(OLD.stripe_payment_intent_id, '')
        OR COALESCE(NEW.checkout_id, -1) <> COALESCE(OLD.checkout_id, -1)
        OR COALESCE(NEW.contact_id, -1) <> COALESCE(OLD.contact_id, -1)
        OR NEW.method_detail <> OLD.method_detail
        """,
        "R010: what Stripe charged, and whom, of a ledger row cannot change",
    ),
    (
        "payment_checkout",
        "payment",
        "INSERT",
        """
        NEW.checkout_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM checkout WHERE id = NEW.checkout_id
            AND firm_id = NEW.firm_id AND client_id = NEW.client_id
            AND invoice_id = NEW.invoice_id AND account_id = NEW.stripe_account_id
            AND amount_cents = NEW.amount_cents
        )
        """,
        "R062: a charge and the page it was made on agree in invoice, account and amount",
    ),
    (
        "checkout_delete",
        "checkout",
        "DELETE",
        "1 = 1",
        "R051: what was asked of Stripe is never forgotten",
    ),
    (
        "checkout_replace",
        "checkout",
        "INSERT",
        "EXISTS (SELECT 1 FROM checkout WHERE id = NEW.id)",
        "R051: what was asked of Stripe is never replaced",
    ),
    (
        "checkout_frozen",
        "checkout",
        "UPDATE",
        """
        NEW.id <> OLD.id OR NEW.firm_id <> OLD.firm_id OR NEW.client_id <> OLD.client_id
        OR NEW.invoice_id <> OLD.invoice_id OR NEW.contact_id <> OLD.contact_id
        OR NEW.payer <> OLD.payer OR NEW.email <> OLD.email OR NEW.token <> OLD.token
        OR NEW.idempotency_key <> OLD.idempotency_key OR NEW.form_token <> OLD.form_token
        OR NEW.form_hash <> OLD.form_hash OR NEW.account_id <> OLD.account_id
        OR NEW.amount_cents <> OLD.amount_cents OR NEW.currency <> OLD.currency
        OR NEW.description <> OLD.description OR NEW.success_url <> OLD.success_url
        OR NEW.cancel_url <> OLD.cancel_url OR NEW.created_at <> OLD.created_at
        OR (OLD.session_id IS NOT NULL AND COALESCE(NEW.session_id, '') <> OLD.session_id)
        """,
        "R051: what was asked of Stripe cannot change",
    ),
    (
        "checkout_transition",
        "checkout",
        "UPDATE",
        """
        NEW.state <> OLD.state AND OLD.state || ' ' || NEW.state NOT IN (
            'new open', 'new refused', 'new expired', 'open expired',
            'new completed', 'open completed', 'expired completed', 'refused completed'
        )
        """,
        "R059: a payment page cannot go from its state to that one",
    ),
    (
        "checkout_invoice",
        "checkout",
        "INSERT",
        """
        NEW.state <> 'new' OR NOT EXISTS (
            SELECT 1 FROM invoice WHERE id = NEW.invoice_id
            AND firm_id = NEW.firm_id AND client_id = NEW.client_id
        )
        """,
        "R139: a payment page is asked for first, for an invoice of its own firm and client",
    ),
    (
        "stripe_event_delete",
        "stripe_event",
        "DELETE",
        "1 = 1",
        "R058: a callback that was taken in is never forgotten",
    ),
)


def upgrade() -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    _create_account_and_checkout()
    _add_to_payment()
    _create_inbox_and_queue()
    for guard in GUARDS:
        for statement in _postgresql(*guard) if is_postgresql else _sqlite(*guard):
            op.execute(statement)
    if is_postgresql:
        for table in ("checkout", "stripe_event"):
            op.execute(
                f"CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()"
            )


def downgrade() -> None:
    raise RuntimeError("What a firm wrote since cannot be told in the tables of before.")


def _create_account_and_checkout() -> None:
    op.create_table(
        "stripe_account",
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.String(255), nullable=False),
        sa.Column("charges_enabled", sa.Boolean(), nullable=False),
        sa.Column("payouts_enabled", sa.Boolean(), nullable=False),
        sa.Column("details_submitted", sa.Boolean(), nullable=False),
        sa.Column("disabled_reason", sa.String(100), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True)),
        sa.Column("polled_until", sa.DateTime(timezone=True)),
        sa.Column("poll_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_stripe_account_firm_id")),
        sa.PrimaryKeyConstraint("firm_id", name=op.f("pk_stripe_account")),
        sa.UniqueConstraint("account_id", name=op.f("uq_stripe_account_account_id")),
    )
    op.create_table(
        "checkout",
        sa.Column("id", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("firm_id", "client_id", "invoice_id", "contact_id")
        ),
        sa.Column("payer", sa.String(200), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        *(
            sa.Column(name, sa.String(64), nullable=False)
            for name in ("token", "idempotency_key", "form_token", "form_hash")
        ),
        sa.Column("account_id", sa.String(255), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("description", sa.String(500), nullable=False),
        sa.Column("success_url", sa.String(1000), nullable=False),
        sa.Column("cancel_url", sa.String(1000), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("session_id", sa.String(255)),
        sa.Column("url", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("problem", sa.String(500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.Column(name, sa.DateTime(timezone=True))
            for name in ("expires_at", "closed_at", "due_at")
        ),
        sa.CheckConstraint(
            "state IN ('new', 'open', 'completed', 'expired', 'refused')",
            name=op.f("ck_checkout_state_known"),
        ),
        sa.CheckConstraint(
            "amount_cents BETWEEN 50 AND 99999999", name=op.f("ck_checkout_amount_chargeable")
        ),
        sa.CheckConstraint(
            "state <> 'open' OR (session_id IS NOT NULL AND url <> '')",
            name=op.f("ck_checkout_open_has_page"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [f"{table}_id"], [f"{table}.id"], name=op.f(f"fk_checkout_{table}_id")
            )
            for table in ("firm", "client", "invoice", "contact")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkout")),
        sa.UniqueConstraint("token", name=op.f("uq_checkout_token")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_checkout_idempotency_key")),
        sa.UniqueConstraint("firm_id", "form_token", name=op.f("uq_checkout_firm_id_form_token")),
        sa.UniqueConstraint(
            "account_id", "session_id", name=op.f("uq_checkout_account_id_session_id")
        ),
    )
    op.create_index(
        "uq_checkout_live",
        "checkout",
        ["invoice_id"],
        unique=True,
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )
    op.create_index(
        "ix_checkout_due", "checkout", ["due_at"], sqlite_where=DUE, postgresql_where=DUE
    )
    op.create_index("ix_checkout_invoice", "checkout", ["invoice_id", "id"])


def _add_to_payment() -> None:
    for column in PAYMENT_COLUMNS:
        op.execute(f"ALTER TABLE payment ADD COLUMN {column}")
    is_of_page = sa.text("checkout_id IS NOT NULL")
    op.create_index(
        "ix_payment_checkout",
        "payment",
        ["checkout_id"],
        sqlite_where=is_of_page,
        postgresql_where=is_of_page,
    )
    columns = ["stripe_account_id", "stripe_charge_id"]
    for name, condition in (("uq_payment_charge", STANDS), ("uq_payment_charge_failed", FAILED)):
        op.create_index(
            name,
            "payment",
            columns,
            unique=True,
            sqlite_where=condition,
            postgresql_where=condition,
        )


def _create_inbox_and_queue() -> None:
    op.create_table(
        "stripe_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.String(255), nullable=False),
        sa.Column("account_id", sa.String(255), nullable=False),
        sa.Column("type", sa.String(100), nullable=False),
        sa.Column("object_id", sa.String(255), nullable=False),
        sa.Column("object_kind", sa.String(100), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("applied_at", sa.DateTime(timezone=True)),
        sa.Column("error", sa.String(500), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'done', 'ignored', 'failed')",
            name=op.f("ck_stripe_event_state_known"),
        ),
        sa.CheckConstraint(
            "(state = 'waiting') = (due_at IS NOT NULL)",
            name=op.f("ck_stripe_event_waiting_is_due"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_event")),
        sa.UniqueConstraint("event_id", name=op.f("uq_stripe_event_event_id")),
    )
    op.create_index(
        "ix_stripe_event_due", "stripe_event", ["due_at"], sqlite_where=DUE, postgresql_where=DUE
    )
    op.create_table(
        "stripe_exception",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer()),
        sa.Column("account_id", sa.String(255), nullable=False),
        sa.Column("object_id", sa.String(255), nullable=False),
        sa.Column("object_kind", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("sentence", sa.String(500), nullable=False),
        sa.Column("amount_cents", sa.BigInteger()),
        sa.Column("invoice_id", sa.Integer()),
        sa.Column("payment_id", sa.Integer()),
        sa.Column("event_id", sa.String(255)),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True)),
        sa.Column("resolved_by", sa.String(200), nullable=False),
        sa.Column("resolution", sa.String(500), nullable=False),
        sa.CheckConstraint(
            "kind IN ('unknown charge', 'unknown object', 'foreign account', 'mismatch',"
            " 'contradiction', 'needs refund or credit', 'refunded at Stripe', 'disputed',"
            " 'not applied')",
            name=op.f("ck_stripe_exception_kind_known"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [f"{table}_id"], [f"{table}.id"], name=op.f(f"fk_stripe_exception_{table}_id")
            )
            for table in ("firm", "invoice", "payment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_exception")),
        sa.UniqueConstraint(
            "account_id",
            "object_id",
            "kind",
            name=op.f("uq_stripe_exception_account_id_object_id_kind"),
        ),
    )
    op.create_index(
        "ix_stripe_exception_open",
        "stripe_exception",
        ["firm_id"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
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
