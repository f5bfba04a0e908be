"""Checking disputes against the ledger: each shows what its bank took, and nothing else (§5)."""

from collections.abc import Iterator

from sqlalchemy import Connection, select

from assure_app.billing import dispute_record, ledger_rows
from assure_app.billing.dispute_record import StoredDispute
from assure_app.billing.list_verification import stream
from assure_app.domain.disputes import Levelling, level
from assure_app.domain.money import full_text
from assure_app.domain.transitions import Kind
from assure_app.models.tables import dispute, dispute_row, payment


def differences(connection: Connection) -> Iterator[str]:
    """Every difference, each as one sentence."""
    payment_ids = [
        row.payment_id
        for row in stream(
            connection, select(dispute.c.payment_id).distinct().order_by("payment_id")
        )
    ]
    for payment_id in payment_ids:
        for each in dispute_record.of_payment(connection, payment_id):
            yield from _of(connection, each)
    yield from _strays(connection)


def _of(connection: Connection, known: StoredDispute) -> Iterator[str]:
    """An open dispute has no row, a lost one shows what was taken; its flag is what it says."""
    rows = ledger_rows.of_invoice(connection, known.invoice_id)
    disputed = next((row for row in rows if row.id == known.payment_id), None)
    name = f"The dispute {known.dispute_id}"
    if disputed is None:
        yield f"{name} is of a payment that is on another invoice."
        return
    lacks = level(disputed, rows, known.row_ids, known.facts.taken_cents)
    if lacks != Levelling(rest_cents=lacks.rest_cents):
        taken = full_text(known.facts.taken_cents)
        yield f"{name} took {taken}, which its ledger rows do not show."
    if known.facts.is_open != (known.closed_at is None):
        yield f"{name} is “{known.facts.state}”, but that it is over is told otherwise."
    if known.facts.blocks_refund and not disputed.is_disputed:
        yield f"{name} is open, but the payment {disputed.id} is not flagged."


def _strays(connection: Connection) -> Iterator[str]:
    """What a bank took of a charge without a dispute that says so."""
    charged = payment.alias("charged")
    is_told = select(dispute_row.c.payment_id).where(dispute_row.c.payment_id == payment.c.id)
    returns = (
        select(payment.c.id)
        .join(charged, charged.c.id == payment.c.reverses_id)
        .where(
            payment.c.kind == Kind.RETURN.value,
            charged.c.stripe_charge_id.is_not(None),
            ~is_told.exists(),
        )
    )
    for row in stream(connection, returns.order_by(payment.c.id)):
        yield f"The ledger row {row.id} was taken back by a bank, but no dispute tells of it."
