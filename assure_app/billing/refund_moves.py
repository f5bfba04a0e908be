"""A refund at Stripe moves on, and with it its ledger row, its payment, the invoice's figures, the
timeline and the letters: all in the caller's transaction, which holds the invoice."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from assure_app.billing import (
    autopay_stops,
    checkouts,
    disputes,
    invoice_record,
    ledger_rows,
    refund_letters,
    refund_record,
    refund_story,
)
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.payment_text import payment_title
from assure_app.billing.refund_record import StripeRefund
from assure_app.billing.refund_story import Moved
from assure_app.domain import ledger
from assure_app.domain.errors import Busy
from assure_app.domain.ledger import LedgerRow, Method
from assure_app.domain.stripe_refunds import MOVING, ROW_STATUS, RefundState
from assure_app.domain.transitions import RowStatus, check_transition
from assure_app.models.tables import payment

LOOK_AGAIN = {Method.CARD: timedelta(hours=1), Method.ACH: timedelta(days=1)}
"""How long a refund may be pending at Stripe before Stripe is asked how it stands (R064)."""


def move_on(
    connection: Connection,
    invoice: InvoiceRecord,
    known: StripeRefund,
    after: RefundState,
    *,
    refund_id: str | None,
    failure: str,
    is_unseen: bool = True,
    now: datetime,
) -> None:
    """Bring a stored refund to this state. A pending row completes or fails, and one that was
    completed can still fail: then the money counts as received again (R093). Raises Busy."""
    is_moved = refund_record.move(
        connection, known, after, refund_id=refund_id, due_at=due_at(after, known.method, now)
    )
    if not is_moved:
        raise Busy
    rows = ledger_rows.of_invoice(connection, invoice.id)
    row = next(each for each in rows if each.id == known.payment_id)
    if ROW_STATUS[after] is not row.status:
        _change_row(connection, row, ROW_STATUS[after], failure, now)
        moved = replace(row, status=ROW_STATUS[after])
        rows = [moved if each.id == row.id else each for each in rows]
    follow(connection, invoice, rows, known.id, is_unseen=is_unseen, now=now)
    if ROW_STATUS[after] is RowStatus.FAILED:
        # What a bank took meanwhile has room in the ledger only now.
        disputes.catch_up(connection, known.reverses_id, now=now)


def follow(
    connection: Connection,
    invoice: InvoiceRecord,
    rows: Sequence[LedgerRow],
    record_id: int,
    *,
    is_foreign: bool = False,
    is_unseen: bool = True,
    now: datetime,
) -> None:
    """What follows from a refund's new state, once its row and its record say so."""
    refund = refund_record.by_id(connection, record_id)
    taken_from = next(each for each in rows if each.id == refund.reverses_id)
    mark_refunded(connection, taken_from, rows)
    after = invoice.with_rows(rows, now=now)
    if after != invoice:
        invoice_record.save(connection, invoice, after)
    _look_after_page(connection, after, now)
    moved = Moved(
        before=invoice,
        after=after,
        refund=refund,
        title=_title(connection, taken_from.id),
        is_foreign=is_foreign,
        is_unseen=is_unseen,
    )
    refund_story.tell(connection, moved, now=now)
    refund_letters.post(connection, moved, now=now)
    if ROW_STATUS[refund.state] is RowStatus.FAILED:
        autopay_stops.follow_failed_refund(connection, after, now=now)


def mark_refunded(connection: Connection, taken_from: LedgerRow, rows: Sequence[LedgerRow]) -> None:
    """The payment is Refunded once its completed refunds reach it, and not any more when one of
    them fails (R090, R093)."""
    status = ledger.status_by_refunds(taken_from, rows)
    if status is not taken_from.status:
        ledger_rows.change_status(connection, taken_from, status)


def due_at(state: RefundState, method: Method, now: datetime) -> datetime | None:
    """When to ask how a refund in this state stands; never again once it is over."""
    return now + LOOK_AGAIN[method] if state in MOVING else None


def _change_row(
    connection: Connection, row: LedgerRow, status: RowStatus, failure: str, now: datetime
) -> None:
    check_transition(row.kind, before=row.status, after=status)
    moved = connection.execute(
        update(payment)
        .where(payment.c.id == row.id, payment.c.status == row.status.value)
        .values(
            status=status.value,
            completed_at=now if status is RowStatus.COMPLETED else None,
            failure_reason=failure,
        )
    )
    if moved.rowcount != 1:
        raise Busy


def _look_after_page(connection: Connection, after: InvoiceRecord, now: datetime) -> None:
    """A refund that failed leaves less to pay: an open page that asks for more is closed at once by
    the sweep, since Stripe cannot be asked within a transaction."""
    page = checkouts.live_of(connection, after.id)
    if page is not None and page.amount_cents > after.balance_cents:
        checkouts.look_again(connection, page.id, now)


def _title(connection: Connection, payment_id: int) -> str:
    row = connection.execute(
        select(payment.c.method, payment.c.reference, payment.c.method_detail).where(
            payment.c.id == payment_id
        )
    ).one()
    return payment_title(Method(row.method), row.reference, row.method_detail)
