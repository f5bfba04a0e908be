"""What Stripe refused to charge before there was a charge: a Failed row all the same (R126)."""

from datetime import datetime

from sqlalchemy import Connection, select

from assure_app.billing import autopay_books, charge_story, checkouts, invoice_record, ledger_rows
from assure_app.billing.charge_text import CONFIRM, needs_confirmation
from assure_app.billing.checkouts import Checkout
from assure_app.billing.method_rows import name_of
from assure_app.domain.ledger import Method
from assure_app.domain.online import CheckoutState
from assure_app.domain.saved_methods import MethodKind
from assure_app.domain.transitions import Kind, RowStatus
from assure_app.models.tables import payment, payment_method

_LONGEST_REASON = 300


def book(
    connection: Connection,
    asking: Checkout,
    *,
    codes: tuple[str, ...],
    sentence: str,
    now: datetime,
) -> None:
    """Note that Stripe did not charge, in the caller's transaction; once for an asking.

    One whose failed charge was booked already is over by that.
    """
    invoice = invoice_record.lock_of_firm(
        connection, firm_id=asking.firm_id, invoice_id=asking.invoice_id
    )
    known = checkouts.by_id(connection, asking.id)
    if known.state is not CheckoutState.NEW:
        return
    kind, detail = _means(connection, asking)
    reason = CONFIRM if needs_confirmation(*codes) else sentence[:_LONGEST_REASON]
    written = connection.scalar(select(payment.c.id).where(payment.c.checkout_id == asking.id))
    if written is None:
        row = ledger_rows.append(connection, invoice, _row(asking, kind, detail, reason, now))
        written = row.id
    checkouts.refuse(connection, known, problem=reason, at=now)
    after = autopay_books.marked(invoice, asking, RowStatus.FAILED)
    invoice_record.save(connection, invoice, after)
    charge_story.tell_refusal(
        connection,
        after,
        asking,
        written,
        means=detail,
        reason=reason,
        now=now,
    )
    autopay_books.follow_failure(
        connection,
        asking,
        after,
        autopay_books.Failure(
            payment_id=written, codes=codes, reason=reason, means=detail, made_at=now
        ),
        now=now,
    )


def _row(
    asking: Checkout, kind: MethodKind, detail: str, reason: str, now: datetime
) -> ledger_rows.NewRow:
    return ledger_rows.NewRow(
        kind=Kind.PAYMENT,
        source=asking.source,
        method=Method.CARD if kind is MethodKind.CARD else Method.ACH,
        amount_cents=asking.amount_cents,
        status=RowStatus.FAILED,
        paid_by=asking.payer,
        user_id=None,
        created_at=now,
        completed_at=None,
        failure_reason=reason,
        stripe=ledger_rows.StripeRow(
            checkout_id=asking.id, contact_id=asking.contact_id, method_detail=detail
        ),
    )


def _means(connection: Connection, asking: Checkout) -> tuple[MethodKind, str]:
    columns = (payment_method.c.kind, payment_method.c.brand_or_bank, payment_method.c.last4)
    row = connection.execute(select(*columns).where(payment_method.c.id == asking.method_id)).one()
    kind = MethodKind(row.kind)
    return kind, name_of(row.brand_or_bank, row.last4, kind)
