"""Auto-pay: due invoices of engagements that have it on are charged to the client's default method,
each once for an invoice and try (R123–R126).

An invoice is looked at when it is due to be: triggers make it due when anything about it changes,
and looking writes down when to look next. So what is due is found by an index, whoever works and
however long nobody did. The charge itself is an asking like every other (`off_session`).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from assure_app.billing import (
    autopay_letters,
    autopay_rows,
    autopay_story,
    backfill_offers,
    checkout_closing,
    checkouts,
    invoice_record,
    method_rows,
    off_session,
)
from assure_app.billing.autopay_rows import StoredAutopay, Taken
from assure_app.billing.checkouts import Checkout
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.method_rows import StoredMethod
from assure_app.billing.off_session import Blocked, Reserved, Why
from assure_app.billing.stripe_sweep import Swept
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain import autopay as rules
from assure_app.domain.autopay import AutopayState
from assure_app.domain.errors import BillingError
from assure_app.domain.online import CheckoutState
from assure_app.models.payment import Source

SILENCE = timedelta(minutes=5)
"""How long after something befell it an invoice is looked at again: meanwhile others come first."""
IN_THE_WAY = timedelta(minutes=15)
"""How long after the client had a payment page open it is looked at again."""
LEFT_ALONE = timedelta(hours=1)
"""How old a payment page is that nobody types a card number on any more."""
NO_METHOD = "No payment method is saved that can be charged."
LEFT = "It was past due before a payment method was saved, so it is never charged by itself."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked:
    """What a look came to: `reserved` is to be asked of Stripe, `left_alone` is a page that stands
    in the way and may be closed. `is_told` says that there is something new to see."""

    reserved: Reserved | None = None
    left_alone: Checkout | None = None
    is_told: bool = False


def charge_next(*, now: datetime) -> Swept | None:
    """Look at the invoice that has been due the longest, and charge it if that is to be done; None
    when none is due.

    Safe with any number of workers. A worker that dies leaves an invoice that is due, or an asking
    that the sweep takes up. A payment page that was left alone is closed at Stripe first, outside
    any transaction: what was paid there meanwhile is booked, and the invoice is looked at anew.
    """
    taken = None
    try:
        with unit_of_work() as connection:
            taken = autopay_rows.take_due(connection, now)
            if taken is None:
                return None
            looked = _look_at(connection, taken, now)
        if looked.left_alone is not None:
            checkout_closing.close(looked.left_alone.id, now=now)
            looked = _look_once_more(taken, now)
        if looked.reserved is not None:
            off_session.charge(looked.reserved, now=now)
    except Exception as error:
        if taken is None:
            raise
        _put_off_whatever(taken, now)
        if not isinstance(error, BillingError):
            raise
        looked = _Looked()  # Stripe or the database is silent, or somebody pays at this moment.
    what = f"auto-pay of invoice {taken.invoice_id}"
    return Swept(what=what, firm_id=taken.firm_id if looked.is_told else None)


def reserve(
    connection: Connection, known: StoredAutopay, held: InvoiceRecord, *, now: datetime
) -> Reserved | Blocked:
    """Ask for the next try of an invoice that is held, as its client is; the caller commits, and
    then has Stripe charge it at once."""
    method = default_method(connection, held)
    if method is None:
        return Blocked(why=Why.METHOD, sentence=NO_METHOD)
    tries = known.tries + 1
    reserved = off_session.reserve(
        connection,
        invoice=held,
        method=method,
        source=Source.AUTOPAY,
        payer=autopay_story.PAID_BY,
        key=f"autopay · {held.id} · {tries}",  # No form of a browser's: theirs are ASCII.
        now=now,
    )
    if not isinstance(reserved, Blocked):
        autopay_rows.change(
            connection,
            held.id,
            state=AutopayState.CHARGING.value,
            checkout_id=reserved.asking.id,
            tries=tries,
            next_try_at=None,
            due_at=now + IN_THE_WAY,
            stopped_by="",
        )
    return reserved


def left_alone(connection: Connection, held: InvoiceRecord, *, now: datetime) -> Checkout | None:
    """The client's open page, once it is so old that nobody is paying on it any more."""
    page = checkouts.live_of(connection, held.id)
    if page is None or not page.is_page or now - page.created_at < LEFT_ALONE:
        return None
    return page


def default_method(connection: Connection, held: InvoiceRecord) -> StoredMethod | None:
    """What the client has charged by default, at this moment (R127)."""
    kept = method_rows.of_client(connection, firm_id=held.firm_id, client_id=held.client_id)
    return next((each for each in kept if each.is_default), None)


def _look_at(connection: Connection, taken: Taken, now: datetime) -> _Looked:
    """Look at an invoice whose client is held, unless another worker did so a moment ago."""
    held = invoice_record.lock_of_firm(
        connection, firm_id=taken.firm_id, invoice_id=taken.invoice_id
    )
    known = autopay_rows.of_invoice(connection, held.id)
    if known is None or known.due_at is None or known.due_at > now:
        return _Looked()
    return _look(connection, known, held, taken.was_woken, now)


def _look_once_more(taken: Taken, now: datetime) -> _Looked:
    """Look anew once what stood in the way is closed."""
    with unit_of_work() as connection:
        method_rows.hold_client(connection, taken.client_id)
        held = invoice_record.lock_of_firm(
            connection, firm_id=taken.firm_id, invoice_id=taken.invoice_id
        )
        known = autopay_rows.of_invoice(connection, held.id)
        looked = (
            _Looked() if known is None else _look(connection, known, held, taken.was_woken, now)
        )
    return replace(looked, is_told=True)


def _put_off_whatever(taken: Taken, now: datetime) -> None:
    """Let the other invoices come first, whatever befell this one."""
    with unit_of_work() as connection:
        autopay_rows.put_off(connection, taken.invoice_id, now=now, until=now + SILENCE)


def _look(
    connection: Connection,
    known: StoredAutopay,
    held: InvoiceRecord,
    was_woken: bool,
    now: datetime,
) -> _Looked:
    """What is to be asked of Stripe, if anything; writes down when to look at the invoice next."""
    if known.state is AutopayState.CHARGING:
        if not _is_over(connection, known, now):
            return _Looked()
        known = replace(known, state=AutopayState.WAITING)
        autopay_rows.change(connection, held.id, state=known.state.value)
    at = rules.charges_at(
        held.due_on,
        next_try_at=known.next_try_at,
        timezone=held.timezone,
        was_woken=was_woken,
        now=now,
    )
    if known.state is not AutopayState.WAITING or not known.is_on:
        _sleep(connection, held)
    elif at > now:
        is_put_off = at > rules.starts_at(held.due_on, held.timezone)
        autopay_rows.change(connection, held.id, due_at=at, next_try_at=at if is_put_off else None)
    elif backfill_offers.is_left_to_client(connection, held):
        left = Blocked(why=Why.METHOD, sentence=LEFT)
        _wait_for_client(connection, known, held, left, now)
        return _Looked(is_told=True)
    else:
        reserved = reserve(connection, known, held, now=now)
        if not isinstance(reserved, Blocked):
            return _Looked(reserved=reserved, is_told=True)
        return _put_off(connection, known, held, reserved, now)
    return _Looked()


def _is_over(connection: Connection, known: StoredAutopay, now: datetime) -> bool:
    """Whether the latest asking came to nothing, unheard: it was given up, and a new one may be
    made. While Stripe has not answered, or a bank payment is under way, it is not."""
    asking = checkouts.by_id(connection, known.checkout_id or 0)
    if asking.state in {CheckoutState.EXPIRED, CheckoutState.REFUSED}:
        return True
    due_at = now + IN_THE_WAY if asking.is_live else None
    autopay_rows.change(connection, known.invoice_id, due_at=due_at)
    return False


def _put_off(
    connection: Connection,
    known: StoredAutopay,
    held: InvoiceRecord,
    blocked: Blocked,
    now: datetime,
) -> _Looked:
    """Nothing could be charged: look again when that may have changed."""
    match blocked.why:
        case Why.OVER | Why.PENDING:
            _sleep(connection, held)  # A change of its figures wakes it.
        case Why.LIVE:
            autopay_rows.change(connection, held.id, due_at=now + IN_THE_WAY)
            return _Looked(left_alone=left_alone(connection, held, now=now))
        case Why.ACCOUNT:
            morning = rules.next_morning(now, held.timezone)
            autopay_rows.change(connection, held.id, due_at=morning)
        case Why.METHOD | Why.AMOUNT:
            _wait_for_client(connection, known, held, blocked, now)
            return _Looked(is_told=True)
    return _Looked()


def _wait_for_client(
    connection: Connection,
    known: StoredAutopay,
    held: InvoiceRecord,
    blocked: Blocked,
    now: datetime,
) -> None:
    """Say once that there is nothing to charge. What the client saves later is charged for this
    invoice only when they say so: that is what the question about past invoices is for (R118)."""
    autopay_rows.change(
        connection,
        held.id,
        state=AutopayState.CLIENT.value,
        due_at=None,
        next_try_at=None,
        failure=blocked.sentence,
        failed_at=now,
    )
    autopay_story.tell_not_charged(connection, held, blocked.sentence, now=now)
    autopay_letters.post_not_charged(connection, held, blocked.sentence, tries=known.tries, now=now)


def _sleep(connection: Connection, held: InvoiceRecord) -> None:
    autopay_rows.change(connection, held.id, due_at=None)
