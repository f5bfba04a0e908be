"""Who has not answered a dispute hears of it once more before it is too late (R066).

Unanswered, the money is lost. An answer given in Stripe meanwhile, or a bank that hears nobody,
needs no warning.
"""

from datetime import datetime

from sqlalchemy import Connection

from assure_app.billing import dispute_record, dispute_story, invoice_record
from assure_app.billing.dispute_record import StoredDispute
from assure_app.billing.stripe_sweep import Swept
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.disputes import DisputeKind, is_late
from assure_app.domain.ledger import Method


def warn_next(*, now: datetime) -> Swept | None:
    """Warn of the dispute whose warning has been due the longest; None when none is due.

    Any number of workers may call it: the warning is taken and told in one transaction, in which
    the invoice is held, as it is by whoever hears of the dispute from Stripe.
    """
    with reading() as connection:
        due = dispute_record.next_to_warn(connection, now)
    if due is None:
        return None
    with unit_of_work() as connection:
        invoice = invoice_record.lock_of_firm(
            connection, firm_id=due.firm_id, invoice_id=due.invoice_id
        )
        known = dispute_record.by_id(connection, due.id)
        if dispute_record.take_warning(connection, known, now=now):
            _warn(connection, known, invoice, now)
    return Swept(what=f"deadline of dispute {due.id}", firm_id=due.firm_id)


def _warn(
    connection: Connection,
    known: StoredDispute,
    invoice: invoice_record.InvoiceRecord,
    now: datetime,
) -> None:
    disputed = dispute_record.payment_by_id(connection, known.payment_id)
    is_final = known.kind is not DisputeKind.INQUIRY and disputed.method is Method.ACH
    if is_final or not is_late(known.facts.state, known.evidence_due_at, now):
        return
    moved = dispute_story.Moved(
        invoice=invoice,
        known=known,
        before=known.facts.state,
        method=disputed.method,
        payment=dispute_story.title(disputed),
        taken_cents=0,
    )
    dispute_story.warn(connection, moved, now=now)
