"""The guards: what the database itself refuses, whoever asks.

Each guard is one condition in SQL that both databases understand; a row for which it holds is
refused with the sentence. Later changes to a guard belong in a later migration.
"""

from typing import NamedTuple

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


class Guard(NamedTuple):
    """A refusal: on this event of this table, when the condition holds, with this sentence."""

    name: str
    table: str
    event: str
    condition: str
    sentence: str


LEDGER = (
    Guard("payment_delete", "payment", "DELETE", "1 = 1", "R011: a ledger row is never deleted"),
    Guard(
        "payment_replace",
        "payment",
        "INSERT",
        "EXISTS (SELECT 1 FROM payment WHERE id = NEW.id)",
        "R011: a ledger row is never replaced",
    ),
    Guard(
        "payment_frozen",
        "payment",
        "UPDATE",
        """
        NEW.id <> OLD.id OR NEW.firm_id <> OLD.firm_id OR NEW.client_id <> OLD.client_id
        OR NEW.invoice_id <> OLD.invoice_id OR NEW.kind <> OLD.kind OR NEW.source <> OLD.source
        OR NEW.method <> OLD.method OR NEW.amount_cents <> OLD.amount_cents
        OR COALESCE(NEW.reverses_id, -1) <> COALESCE(OLD.reverses_id, -1)
        OR NEW.reason <> OLD.reason OR NEW.reference <> OLD.reference OR NEW.notes <> OLD.notes
        OR NEW.paid_by <> OLD.paid_by OR COALESCE(NEW.user_id, -1) <> COALESCE(OLD.user_id, -1)
        OR NEW.created_at <> OLD.created_at OR NEW.form_hash <> OLD.form_hash
        OR COALESCE(NEW.form_token, '') <> COALESCE(OLD.form_token, '')
        """,
        "R010: only status, completed_at, fee_cents and failure_reason of a ledger row may change",
    ),
    Guard(
        "payment_transition",
        "payment",
        "UPDATE",
        """
        NEW.status <> OLD.status
        AND OLD.kind || ' ' || OLD.status || ' ' || NEW.status NOT IN (
            'payment Pending Completed', 'payment Pending Failed',
            'payment Completed Refunded', 'payment Refunded Completed',
            'refund Pending Completed', 'refund Pending Failed', 'refund Completed Failed',
            'return Pending Completed', 'return Pending Failed'
        )
        """,
        "R012: a ledger row of this kind cannot go from its status to that one",
    ),
    Guard(
        "payment_refunded",
        "payment",
        "UPDATE",
        """
        NEW.status = 'Refunded' AND OLD.status <> 'Refunded' AND NEW.amount_cents > (
            SELECT COALESCE(-SUM(amount_cents), 0) FROM payment
            WHERE reverses_id = NEW.id AND kind = 'refund' AND status = 'Completed'
        )
        """,
        "R090: a payment is Refunded only once its completed refunds reach its amount",
    ),
    Guard(
        "payment_start",
        "payment",
        "INSERT",
        "NEW.status NOT IN ('Pending', 'Completed', 'Failed')",
        "R012: a ledger row begins as Pending, Completed or Failed",
    ),
    Guard(
        "payment_invoice",
        "payment",
        "INSERT",
        """
        NOT EXISTS (
            SELECT 1 FROM invoice WHERE id = NEW.invoice_id
            AND firm_id = NEW.firm_id AND client_id = NEW.client_id
        )
        """,
        "R139: a ledger row and its invoice belong to one firm and one client",
    ),
    Guard(
        "payment_reversed",
        "payment",
        "INSERT",
        """
        NEW.kind <> 'payment' AND NOT EXISTS (
            SELECT 1 FROM payment AS reversed WHERE reversed.id = NEW.reverses_id
            AND reversed.kind = 'payment' AND reversed.firm_id = NEW.firm_id
            AND reversed.client_id = NEW.client_id AND reversed.invoice_id = NEW.invoice_id
            AND (reversed.status = 'Completed'
                 OR (NEW.kind = 'return' AND reversed.status = 'Refunded'))
        )
        """,
        "R092: only a completed payment of the same firm, client and invoice can be reversed",
    ),
    # A bank may take back money that was refunded before, so a return has no such limit.
    Guard(
        "payment_reversed_sum",
        "payment",
        "INSERT",
        """
        NEW.kind = 'refund' AND NEW.status <> 'Failed' AND (
            SELECT COALESCE(-SUM(amount_cents), 0) - NEW.amount_cents FROM payment
            WHERE reverses_id = NEW.reverses_id AND status <> 'Failed'
        ) > (SELECT amount_cents FROM payment WHERE id = NEW.reverses_id)
        """,
        "R080: refunds cannot exceed the payment they reverse",
    ),
)

HISTORY = (
    Guard("activity_update", "activity", "UPDATE", "1 = 1", "R111: the activity is append-only"),
    Guard("activity_delete", "activity", "DELETE", "1 = 1", "R111: the activity is append-only"),
    Guard(
        "activity_replace",
        "activity",
        "INSERT",
        "EXISTS (SELECT 1 FROM activity WHERE id = NEW.id)",
        "R111: the activity is append-only",
    ),
    Guard(
        "activity_position",
        "activity",
        "INSERT",
        """
        NEW.position <> 1 + COALESCE(
            (SELECT MAX(position) FROM activity WHERE invoice_id = NEW.invoice_id), 0
        )
        """,
        "R111: an activity entry takes the next position of its invoice",
    ),
    Guard(
        "activity_previous_hash",
        "activity",
        "INSERT",
        """
        NEW.previous_hash <> COALESCE(
            (SELECT hash FROM activity WHERE invoice_id = NEW.invoice_id
             ORDER BY position DESC LIMIT 1),
            '0000000000000000000000000000000000000000000000000000000000000000'
        )
        """,
        "R111: an activity entry carries the hash of the one before it",
    ),
    Guard("audit_update", "audit_entry", "UPDATE", "1 = 1", "R112: the audit log is append-only"),
    Guard("audit_delete", "audit_entry", "DELETE", "1 = 1", "R112: the audit log is append-only"),
    Guard(
        "audit_replace",
        "audit_entry",
        "INSERT",
        "EXISTS (SELECT 1 FROM audit_entry WHERE id = NEW.id)",
        "R112: the audit log is append-only",
    ),
)

INVOICE = (
    Guard(
        "invoice_delete",
        "invoice",
        "DELETE",
        "OLD.sent_at IS NOT NULL",
        "R011: an invoice that was sent is cancelled, never deleted",
    ),
    Guard(
        "invoice_replace",
        "invoice",
        "INSERT",
        "EXISTS (SELECT 1 FROM invoice WHERE id = NEW.id)",
        "R011: an invoice is never replaced",
    ),
    Guard(
        "invoice_firm",
        "invoice",
        "UPDATE",
        "NEW.id <> OLD.id OR NEW.firm_id <> OLD.firm_id",
        "R139: an invoice stays with its firm",
    ),
    Guard(
        "invoice_sent",
        "invoice",
        "UPDATE",
        """
        OLD.sent_at IS NOT NULL
        AND (NEW.sent_at IS NULL OR NEW.client_id <> OLD.client_id OR NEW.number <> OLD.number)
        """,
        "R010: an invoice that was sent keeps its client, its number and that it was sent",
    ),
    Guard(
        "invoice_total",
        "invoice",
        "UPDATE",
        """
        NEW.total_cents <> OLD.total_cents
        AND EXISTS (SELECT 1 FROM payment WHERE invoice_id = NEW.id)
        """,
        "R010: the total of an invoice with ledger rows cannot change",
    ),
)

POSTGRESQL_ONLY = (
    # Two refunds of one payment queue here, so the second sees what the first one took. Triggers
    # run in the order of their names: this one comes first.
    """
    CREATE FUNCTION payment_00_queue() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM 1 FROM payment WHERE id = NEW.reverses_id FOR NO KEY UPDATE;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER payment_00_queue BEFORE INSERT ON payment FOR EACH ROW
    WHEN (NEW.reverses_id IS NOT NULL) EXECUTE FUNCTION payment_00_queue()
    """,
    """
    CREATE FUNCTION refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'R011, R111: the ledger and its history are never emptied'
        USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    *(
        f"CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()"
        for table in ("payment", "activity", "audit_entry")
    ),
)


def upgrade() -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for guard in (*LEDGER, *HISTORY, *INVOICE):
        for statement in _postgresql(guard) if is_postgresql else _sqlite(guard):
            op.execute(statement)
    if is_postgresql:
        for statement in POSTGRESQL_ONLY:
            op.execute(statement)


def downgrade() -> None:
    raise RuntimeError("The guards of the ledger cannot be taken away.")


def _sqlite(guard: Guard) -> tuple[str, ...]:
    return (
        f"""
        CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table} WHEN {guard.condition}
        BEGIN SELECT RAISE(ABORT, '{guard.sentence}'); END
        """,
    )


def _postgresql(guard: Guard) -> tuple[str, ...]:
    row = "OLD" if guard.event == "DELETE" else "NEW"
    return (
        f"""
        CREATE FUNCTION {guard.name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF {guard.condition} THEN
                RAISE EXCEPTION '{guard.sentence}'
                USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN {row};
        END $$
        """,
        f"""
        CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table}
        FOR EACH ROW EXECUTE FUNCTION {guard.name}()
        """,
    )
