"""What a charge of auto-pay's means for its invoice: the next try, the client, or nothing more.

Called by whatever books the charge, in its transaction, so that a bank payment that fails days
later counts as its try's failure however it was heard of (R126).
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, select

from assure_app.billing import (
    autopay_letters,
    autopay_rows,
    autopay_story,
    backfill_letters,
    method_rows,
)
from assure_app.billing.autopay_rows import StoredAutopay
from assure_app.billing.checkouts import Checkout
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.domain import autopay as rules
from assure_app.domain.autopay import AfterFailure, AutopayState, Decline
from assure_app.domain.transitions import RowStatus
from assure_app.models.payment import Source
from assure_app.models.tables import firm

_GOES_ON = {AutopayState.WAITING, AutopayState.CHARGING}


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A try that failed: `codes` are Stripe's, the bank's own first; `means` is what was charged,
    such as "Visa •••• 4242"."""

    payment_id: int
    codes: tuple[str, ...]
    reason: str
    means: str
    made_at: datetime


def marked(invoice: InvoiceRecord, asking: Checkout, status: RowStatus) -> InvoiceRecord:
    """The invoice with its mark for the Failed tile: set by a failed try, gone with the next."""
    if asking.source is not Source.AUTOPAY:
        return invoice
    is_failed = status is RowStatus.FAILED and invoice.balance_cents > 0
    return replace(invoice, is_autopay_failed=is_failed)


def follow_success(connection: Connection, asking: Checkout, status: RowStatus) -> None:
    """Money came, or a bank payment is under way; the invoice was saved already."""
    if asking.source is Source.AUTOPAY:
        autopay_rows.follow_success(
            connection,
            asking.invoice_id,
            asking.id,
            is_under_way=status is RowStatus.PENDING,
        )


def follow_failure(
    connection: Connection,
    asking: Checkout,
    invoice: InvoiceRecord,
    failure: Failure,
    *,
    now: datetime,
) -> None:
    """A try failed; the invoice was saved already."""
    if asking.source is Source.BACKFILL:
        backfill_letters.post_failed(
            connection,
            asking,
            invoice,
            payment_id=failure.payment_id,
            means=failure.means,
            reason=failure.reason,
            now=now,
        )
    known = _known(connection, asking)
    if known is None:
        return
    decline = rules.decline_of(*failure.codes)
    result = _result(connection, known, (asking, invoice), decline, now=now)
    autopay_rows.change(
        connection,
        known.invoice_id,
        state=result.state.value,
        failures=result.failures,
        next_try_at=result.next_try_at,
        due_at=_due_at(result, now),
        failure=failure.reason,
        failed_at=now,
        exhausted_at=now if result.state is AutopayState.EXHAUSTED else known.exhausted_at,
    )
    told = autopay_story.Told(
        payment_id=failure.payment_id,
        amount_cents=asking.amount_cents,
        reason=failure.reason,
        means=failure.means,
        made_at=failure.made_at,
        decline=decline,
        result=result,
    )
    autopay_story.tell(connection, invoice, told, now=now)
    autopay_letters.post(connection, asking, invoice, told, now=now)


def _known(connection: Connection, asking: Checkout) -> StoredAutopay | None:
    """Where auto-pay is with the invoice, if this is its latest asking."""
    if asking.source is not Source.AUTOPAY:
        return None
    known = autopay_rows.of_invoice(connection, asking.invoice_id)
    return known if known is not None and known.checkout_id == asking.id else None


def _result(
    connection: Connection,
    known: StoredAutopay,
    tried: tuple[Checkout, InvoiceRecord],
    decline: Decline,
    *,
    now: datetime,
) -> AfterFailure:
    asking, invoice = tried
    if known.state not in _GOES_ON:  # Stopped, or paid by another way meanwhile.
        return AfterFailure(state=known.state, failures=known.failures + 1)
    if decline is Decline.HARD and _has_another(connection, asking):
        return AfterFailure(state=AutopayState.WAITING, failures=known.failures)
    days = connection.scalar(select(firm.c.autopay_retry_days).where(firm.c.id == known.firm_id))
    result = rules.after_failure(
        decline,
        failures=known.failures,
        retry_days=rules.read_retry_days(str(days)),
        failed_at=now,
        timezone=invoice.timezone,
    )
    if result.next_try_at is not None and not known.is_on:
        return replace(result, next_try_at=None)
    return result


def _has_another(connection: Connection, asking: Checkout) -> bool:
    """Whether what was charged is gone, and another method took its place as the default."""
    kept = method_rows.of_client(connection, firm_id=asking.firm_id, client_id=asking.client_id)
    default = next((each for each in kept if each.is_default), None)
    is_gone = not any(each.id == asking.method_id and each.is_usable for each in kept)
    return is_gone and default is not None


def _due_at(result: AfterFailure, now: datetime) -> datetime | None:
    if result.state is not AutopayState.WAITING:
        return None
    return result.next_try_at or now
