"""Methods that a firm user added, cards that expire, and paying past invoices all at once."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

import sqlalchemy as sa

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

METHOD_FROZEN = (
    "payment_method_frozen",
    "payment_method",
    "UPDATE",
    """
    NEW.id <> OLD.id OR NEW.firm_id <> OLD.firm_id OR NEW.client_id <> OLD.client_id
    OR NEW.account_id <> OLD.account_id OR NEW.customer_id <> OLD.customer_id
    OR NEW.method_id <> OLD.method_id OR NEW.kind <> OLD.kind OR NEW.added_at <> OLD.added_at
    OR (OLD.added_by_id IS NOT NULL AND COALESCE(NEW.added_by_id, -1) <> OLD.added_by_id)
    OR (
        OLD.added_by_user_id IS NOT NULL
        AND COALESCE(NEW.added_by_user_id, -1) <> OLD.added_by_user_id
    )
    OR (OLD.removed_at IS NOT NULL AND NEW.removed_at IS NULL)
    """,
    "R127: whose a saved method is cannot change, and removed it stays so",
)

PAGE_FROZEN = (
    "method_page_frozen",
    "method_page",
    "UPDATE",
    """
    NEW.id <> OLD.id OR NEW.firm_id <> OLD.firm_id OR NEW.client_id <> OLD.client_id
    OR COALESCE(NEW.contact_id, -1) <> COALESCE(OLD.contact_id, -1)
    OR COALESCE(NEW.user_id, -1) <> COALESCE(OLD.user_id, -1) OR NEW.consent <> OLD.consent
    OR NEW.account_id <> OLD.account_id OR NEW.customer_id <> OLD.customer_id
    OR NEW.token <> OLD.token OR NEW.idempotency_key <> OLD.idempotency_key
    OR NEW.form_token <> OLD.form_token OR NEW.success_url <> OLD.success_url
    OR NEW.cancel_url <> OLD.cancel_url OR NEW.created_at <> OLD.created_at
    OR (OLD.session_id IS NOT NULL AND COALESCE(NEW.session_id, '') <> OLD.session_id)
    """,
    "R051: what was asked of Stripe cannot change",
)

# As in 0012: on SQLite they go with the table that they were on.
PAGE_GUARDS = (
    (
        "method_page_delete",
        "method_page",
        "DELETE",
        "1 = 1",
        "R051: what was asked of Stripe is never forgotten",
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

PAGE_USER = (
    "method_page_user",
    "method_page",
    "INSERT",
    """
    NEW.user_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM firm_user WHERE id = NEW.user_id AND firm_id = NEW.firm_id)
    """,
    "R139: a page is asked for by somebody of the same firm",
)

NEW_GUARDS = (
    (
        "backfill_offer_delete",
        "backfill_offer",
        "DELETE",
        "1 = 1",
        "R119: what a client was asked is never forgotten",
    ),
    (
        "backfill_offer_frozen",
        "backfill_offer",
        "UPDATE",
        """
        NEW.id <> OLD.id OR NEW.firm_id <> OLD.firm_id OR NEW.client_id <> OLD.client_id
        OR NEW.method_id <> OLD.method_id OR NEW.offered_on <> OLD.offered_on
        OR NEW.offered_at <> OLD.offered_at
        OR (OLD.answer <> 'waiting' AND (
            NEW.answer <> OLD.answer OR NEW.answered_at <> OLD.answered_at
            OR NEW.answered_by_id <> OLD.answered_by_id
            OR COALESCE(NEW.charged_id, -1) <> COALESCE(OLD.charged_id, -1)
        ))
        """,
        "R121: a client is asked once, and answers once",
    ),
    (
        "backfill_offer_client",
        "backfill_offer",
        "INSERT",
        """
        EXISTS (SELECT 1 FROM backfill_offer WHERE id = NEW.id OR client_id = NEW.client_id)
        OR NOT EXISTS (
            SELECT 1 FROM payment_method WHERE id = NEW.method_id AND client_id = NEW.client_id
            AND firm_id = NEW.firm_id
        )
        """,
        "R114: a client is asked once, about its own first method",
    ),
    (
        "backfill_item_delete",
        "backfill_item",
        "DELETE",
        "1 = 1",
        "R120: what was agreed to is never forgotten",
    ),
    (
        "backfill_item_update",
        "backfill_item",
        "UPDATE",
        "1 = 1",
        "R120: what was agreed to cannot change",
    ),
    (
        "backfill_item_asking",
        "backfill_item",
        "INSERT",
        """
        EXISTS (
            SELECT 1 FROM backfill_item
            WHERE offer_id = NEW.offer_id AND invoice_id = NEW.invoice_id
        )
        OR NOT EXISTS (
            SELECT 1 FROM checkout
            JOIN backfill_offer ON backfill_offer.client_id = checkout.client_id
            WHERE checkout.id = NEW.checkout_id AND checkout.invoice_id = NEW.invoice_id
            AND backfill_offer.id = NEW.offer_id AND backfill_offer.answer = 'accepted'
        )
        """,
        "R120: a back-fill asks for one invoice of its own client once",
    ),
)
COPIED = (
    *("id", "firm_id", "client_id", "contact_id", "account_id", "customer_id", "token"),
    *("idempotency_key", "form_token", "success_url", "cancel_url", "created_at", "session_id"),
    *("url", "problem"),
)


def upgrade() -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    _widen_method(is_postgresql=is_postgresql)
    if is_postgresql:
        _widen_page()
    else:
        _rebuild_page()
    _create_offer()
    _create_item()
    for guard in (PAGE_USER, *NEW_GUARDS):
        _guard(guard, is_postgresql=is_postgresql)
    if is_postgresql:
        for table in ("backfill_offer", "backfill_item"):
            op.execute(
                f"CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()"
            )


def downgrade() -> None:
    raise RuntimeError("What a firm wrote since cannot be told in the tables of before.")


def _widen_method(*, is_postgresql: bool) -> None:
    op.execute(
        "ALTER TABLE payment_method ADD COLUMN added_by_user_id INTEGER"
        " CONSTRAINT fk_payment_method_added_by_user_id REFERENCES firm_user (id)"
    )
    op.add_column("payment_method", sa.Column("announce_on", sa.Date()))
    method = sa.table(
        "payment_method",
        sa.column("id", sa.Integer()),
        sa.column("expiry", sa.String()),
        sa.column("removed_at", sa.DateTime()),
        sa.column("announce_on", sa.Date()),
    )
    kept = sa.select(method.c.id, method.c.expiry).where(method.c.removed_at.is_(None))
    for row in op.get_bind().execute(kept).all():
        moment = _announced_on(row.expiry)
        if moment is not None:
            op.execute(sa.update(method).where(method.c.id == row.id).values(announce_on=moment))
    where = sa.text("announce_on IS NOT NULL")
    op.create_index(
        "ix_payment_method_announce",
        "payment_method",
        ["announce_on"],
        sqlite_where=where,
        postgresql_where=where,
    )
    _replace(METHOD_FROZEN, is_postgresql=is_postgresql)


def _announced_on(expiry: str) -> date | None:
    """Thirty days before the last day of the month that stands on the card."""
    month, _, year = expiry.partition("/")
    if not (month.isdigit() and year.isdigit() and 1 <= int(month) <= 12):
        return None
    full_year = 2000 + int(year) % 100
    last = date(full_year, int(month), monthrange(full_year, int(month))[1])
    return last - timedelta(days=30)


def _widen_page() -> None:
    op.alter_column("method_page", "contact_id", nullable=True)
    op.execute(
        "ALTER TABLE method_page ADD COLUMN user_id INTEGER"
        " CONSTRAINT fk_method_page_user_id REFERENCES firm_user (id)"
    )
    op.execute("ALTER TABLE method_page ADD COLUMN consent VARCHAR(300) NOT NULL DEFAULT ''")
    op.execute("ALTER TABLE method_page ALTER COLUMN consent DROP DEFAULT")
    op.create_check_constraint(
        op.f("ck_method_page_asked_by_one"),
        "method_page",
        "(contact_id IS NULL) <> (user_id IS NULL)",
    )
    op.create_check_constraint(
        op.f("ck_method_page_firm_has_consent"),
        "method_page",
        "(user_id IS NULL) = (consent = '')",
    )
    _replace(PAGE_FROZEN, is_postgresql=True)


def _rebuild_page() -> None:
    """SQLite cannot let a column be empty that had to be filled, but in another table."""
    op.create_table(
        "method_page_wider",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("firm_id", "client_id")),
        *(sa.Column(name, sa.Integer()) for name in ("contact_id", "user_id")),
        sa.Column("consent", sa.String(300), nullable=False),
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
        sa.CheckConstraint(
            "(contact_id IS NULL) <> (user_id IS NULL)", name=op.f("ck_method_page_asked_by_one")
        ),
        sa.CheckConstraint(
            "(user_id IS NULL) = (consent = '')", name=op.f("ck_method_page_firm_has_consent")
        ),
        *_owners("method_page", ("firm_id", "client_id", "contact_id"), user="user_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_method_page")),
        sa.UniqueConstraint("token", name=op.f("uq_method_page_token")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_method_page_idempotency_key")),
        sa.UniqueConstraint(
            "firm_id", "form_token", name=op.f("uq_method_page_firm_id_form_token")
        ),
    )
    names = ", ".join(COPIED)
    op.execute(
        f"INSERT INTO method_page_wider (consent, {names}) SELECT '', {names} FROM method_page"
    )
    op.drop_table("method_page")
    op.rename_table("method_page_wider", "method_page")
    for guard in (*PAGE_GUARDS, PAGE_FROZEN):
        _guard(guard, is_postgresql=False)


def _create_offer() -> None:
    op.create_table(
        "backfill_offer",
        sa.Column("id", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("firm_id", "client_id", "method_id")
        ),
        sa.Column("offered_on", sa.Date(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(16), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.Column("answered_by_id", sa.Integer()),
        sa.Column("charged_id", sa.Integer()),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(
            "answer IN ('waiting', 'accepted', 'declined')",
            name=op.f("ck_backfill_offer_answer_known"),
        ),
        sa.CheckConstraint(
            "(answer = 'waiting') = (answered_at IS NULL)"
            " AND (answered_at IS NULL) = (answered_by_id IS NULL)",
            name=op.f("ck_backfill_offer_answered_by_somebody"),
        ),
        sa.CheckConstraint(
            "(answer = 'accepted') = (charged_id IS NOT NULL)",
            name=op.f("ck_backfill_offer_accepted_charges"),
        ),
        *_owners(
            "backfill_offer",
            ("firm_id", "client_id"),
            payment_method="method_id",
            contact="answered_by_id",
        ),
        sa.ForeignKeyConstraint(
            ["charged_id"], ["payment_method.id"], name=op.f("fk_backfill_offer_charged_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backfill_offer")),
        sa.UniqueConstraint("client_id", name=op.f("uq_backfill_offer_client_id")),
    )


def _create_item() -> None:
    op.create_table(
        "backfill_item",
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("offer_id", "invoice_id", "checkout_id")
        ),
        *_owners("backfill_item", ("invoice_id", "checkout_id"), backfill_offer="offer_id"),
        sa.PrimaryKeyConstraint("offer_id", "invoice_id", name=op.f("pk_backfill_item")),
        sa.UniqueConstraint("checkout_id", name=op.f("uq_backfill_item_checkout_id")),
    )


def _owners(
    table: str, columns: tuple[str, ...], **others: str
) -> Iterator[sa.ForeignKeyConstraint]:
    named = {column: column.removesuffix("_id") for column in columns}
    named |= {column: "firm_user" if owner == "user" else owner for owner, column in others.items()}
    for column, owner in named.items():
        yield sa.ForeignKeyConstraint([column], [f"{owner}.id"], name=op.f(f"fk_{table}_{column}"))


def _guard(guard: tuple[str, str, str, str, str], *, is_postgresql: bool) -> None:
    for statement in _postgresql(*guard) if is_postgresql else _sqlite(*guard):
        op.execute(statement)


def _replace(guard: tuple[str, str, str, str, str], *, is_postgresql: bool) -> None:
    """Give a trigger that stands another condition."""
    if is_postgresql:
        op.execute(next(_postgresql(*guard)).replace("CREATE", "CREATE OR REPLACE", 1))
    else:
        op.execute(f"DROP TRIGGER {guard[0]}")
        _guard(guard, is_postgresql=False)


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
