"""The net below the callbacks: what nobody told us of is asked for (R052, R064).

A page that is still open, or a page or refund whose asking was cut off by a crash; a row that is
Pending for too long; and the list of events of each account. Each is taken by moving its due moment
on, so that several processes may sweep at once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from assure_app.billing import (
    checkout_closing,
    checkouts,
    off_session,
    off_session_news,
    payer_pages,
    refund_record,
    stripe_accounts,
    stripe_events,
    stripe_news,
    stripe_refunds,
)
from assure_app.billing.checkouts import Checkout
from assure_app.billing.stripe_silence import StripeSilent, answer
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.errors import BillingError
from assure_app.domain.ledger import Method
from assure_app.domain.stripe_refunds import RefundState
from assure_app.domain.transitions import RowStatus
from assure_app.models.tables import checkout, payment, stripe_account
from assure_app.stripe_gateway import events
from assure_app.stripe_gateway.outcomes import Refused

SILENCE = timedelta(minutes=5)
"""How long after Stripe was silent, or whoever took it died, it is taken up again."""
_AGAIN = {Method.CARD: timedelta(hours=1), Method.ACH: timedelta(days=1)}
POLL_EVERY = timedelta(minutes=5)
OVERLAP = timedelta(hours=1)
"""Events are listed by their own moment and may show up a little late."""
_MOST_BACK = timedelta(days=29)


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """One thing looked after; `firm_id` is whose tabs should look again, None for nobody's."""

    what: str
    firm_id: int | None


def sweep_next(*, now: datetime) -> Swept | None:
    """Look after the page that has been due the longest; None when none is due."""
    page = _take_page(now)
    if page is None:
        return None
    try:
        if page.is_live and not page.is_page:
            is_changed = _ask_again(page, now)
        elif page.is_live:
            look_after = checkout_closing.settle if _is_wanted(page) else checkout_closing.close
            is_changed = look_after(page.id, now=now).state is not page.state
        else:
            is_changed = _read_again(page, now)
    except BillingError:  # Stripe or the database is silent.
        is_changed = False  # It is due again soon: taking it moved its due moment on.
    return Swept(what=f"checkout {page.id}", firm_id=page.firm_id if is_changed else None)


def refund_next(*, now: datetime) -> Swept | None:
    """Look after the refund that has been due the longest; None when none is due (R064, R094).

    One whose asking was cut off is asked for again, one that is pending for long is asked after.
    """
    with unit_of_work() as connection:
        refund = refund_record.due(connection, now)
        if refund is None:
            return None
        refund_record.take(connection, refund, due_at=now + SILENCE)
    try:
        if refund.state is RefundState.NEW:
            after = stripe_refunds.ask(refund.id, now=now)
        else:
            after = stripe_refunds.look(refund, now=now)
        is_changed = after.state is not refund.state
    except BillingError:  # Stripe or the database is silent.
        is_changed = False  # It is due again soon: taking it moved its due moment on.
    return Swept(what=f"refund {refund.id}", firm_id=refund.firm_id if is_changed else None)


def poll_next(*, now: datetime) -> Swept | None:
    """Ask for the events of the account that was asked longest ago; None when none is due.

    Takes them into the inbox, where those that came as callbacks are already.
    """
    taken = _take_account(now)
    if taken is None:
        return None
    account_id, since = taken
    try:
        found = answer(events.list_events(account_id, since=since, types=stripe_events.TYPES))
    except StripeSilent:
        return Swept(what=f"events of {account_id}", firm_id=None)
    for event in () if isinstance(found, Refused) else found:
        stripe_events.receive(event, now=now)
    if not isinstance(found, Refused) and found:
        _note_polled(account_id, until=max(event.created_at for event in found))
    return Swept(what=f"events of {account_id}", firm_id=None)


def _take_page(now: datetime) -> Checkout | None:
    with unit_of_work() as connection:
        row = connection.execute(
            select(checkout.c.id, checkout.c.due_at)
            .where(checkout.c.due_at <= now)
            .order_by(checkout.c.due_at, checkout.c.id)
            .limit(1)
        ).first()
        if row is None:
            return None
        taken = connection.execute(
            update(checkout)
            .where(checkout.c.id == row.id, checkout.c.due_at == row.due_at)
            .values(due_at=now + SILENCE)
        )
        return checkouts.by_id(connection, row.id) if taken.rowcount == 1 else None


def _ask_again(asking: Checkout, now: datetime) -> bool:
    """Ask anew for the charge of a saved method of which nobody knows what came (R064).

    One that Stripe was never asked for is given up where it may not be asked for any more. What an
    account that let us go may have charged long ago is not to be learned, and blocks no invoice.
    """
    if _is_connected(asking) and not _is_barred(asking):
        return _is_answered(asking, now)
    if off_session.abandon(asking, now=now):
        return True
    return _is_answered(asking, now) or off_session.outlive(asking, now=now)


def _is_answered(asking: Checkout, now: datetime) -> bool:
    if off_session.ask(asking.id, now=now).is_settled:
        return True
    with unit_of_work() as connection:
        off_session_news.tell_of_silence(connection, asking, now=now)
    return False


def _is_barred(page: Checkout) -> bool:
    return page.contact_id is not None and payer_pages.is_barred(page.contact_id)


def _is_wanted(page: Checkout) -> bool:
    """Whether the page may stay open: not for who may not pay any more, nor for more than is owed,
    as after a refund that failed later."""
    return _is_connected(page) and not _is_barred(page) and not checkout_closing.asks_too_much(page)


def _is_connected(page: Checkout) -> bool:
    """Whether the page may stay open: once its account is disconnected, it is closed (R067)."""
    with reading() as connection:
        account = stripe_accounts.find(connection, page.account_id)
    return account is not None and account.is_connected


def _read_again(page: Checkout, now: datetime) -> bool:
    """Ask for what is Pending on a page that was paid on; nothing stays so for ever (R064)."""
    pending = select(
        payment.c.stripe_account_id, payment.c.stripe_charge_id, payment.c.method
    ).where(payment.c.checkout_id == page.id, payment.c.status == RowStatus.PENDING.value)
    with reading() as connection:
        rows = connection.execute(pending).all()
    is_changed = False
    for row in rows:
        news = stripe_news.of_charge(row.stripe_account_id, row.stripe_charge_id)
        with unit_of_work() as connection:
            is_changed |= news(connection, now=now).is_changed
    with unit_of_work() as connection:
        left = connection.execute(pending).first()
        again = None if left is None else now + _AGAIN[Method(left.method)]
        checkouts.look_again(connection, page.id, again)
    return is_changed


def _take_account(now: datetime) -> tuple[str, datetime] | None:
    with unit_of_work() as connection:
        row = connection.execute(
            select(
                stripe_account.c.account_id,
                stripe_account.c.polled_until,
                stripe_account.c.poll_at,
            )
            .where(stripe_account.c.poll_at <= now)
            .order_by(stripe_account.c.poll_at, stripe_account.c.account_id)
            .limit(1)
        ).first()
        if row is None:
            return None
        connection.execute(
            update(stripe_account)
            .where(
                stripe_account.c.account_id == row.account_id,
                stripe_account.c.poll_at == row.poll_at,
            )
            .values(poll_at=now + POLL_EVERY)
        )
    since = max(row.polled_until or now - timedelta(days=1), now - _MOST_BACK)
    return row.account_id, since - OVERLAP


def _note_polled(account_id: str, *, until: datetime) -> None:
    with unit_of_work() as connection:
        connection.execute(
            update(stripe_account)
            .where(stripe_account.c.account_id == account_id, stripe_account.c.polled_until < until)
            .values(polled_until=until)
        )
