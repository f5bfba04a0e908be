"""Bringing a payment page to where it is at Stripe, and closing it there; never in a transaction.

Our row is written before Stripe is asked, and the page's address is told to a browser only after it
was kept. So a page that is still new here can have been paid by nobody, whatever Stripe made of the
asking: it is closed by forgetting it. One that was open once is closed at Stripe.
"""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import Connection, select

from assure_app.billing import (
    checkouts,
    invoice_record,
    method_books,
    off_session,
    stripe_accounts,
    stripe_news,
)
from assure_app.billing.checkouts import METADATA_KEY, Checkout
from assure_app.billing.stripe_silence import StripeSilent, answer
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.errors import BillingError, Busy
from assure_app.domain.money import full_text
from assure_app.domain.online import CheckoutState
from assure_app.models.payment import Source
from assure_app.models.tables import invoice
from assure_app.stripe_gateway import checkouts as stripe_checkouts
from assure_app.stripe_gateway.outcomes import Reason, Refused
from assure_app.stripe_gateway.records import CheckoutSession

ASKING_TAKES = timedelta(minutes=1)
"""Longer than any asking: what is still new after it was cut off, and is given up."""
MOST_TRIES = 4
_TO_BE_SURE = timedelta(hours=1)

Result = TypeVar("Result")


class CheckoutInTheWay(BillingError):
    """A client may still pay on an open page what this act would leave no room for (R050)."""

    retryable = True

    def __init__(self, page: Checkout) -> None:
        self.checkout_id = page.id
        super().__init__(
            f"{_what_is_under_way(page)} at this moment. Nothing was recorded: please try again "
            "in a minute."
        )


class PageNotClosed(BillingError):
    """The open page could not be closed at Stripe, so its money may still come (R050)."""

    retryable = True

    def __init__(self, page: Checkout) -> None:
        super().__init__(
            f"{page.payer} has Stripe’s payment page open over {full_text(page.amount_cents)}, and "
            "Stripe cannot be reached to close it. Nothing was recorded, so that the invoice is "
            "not paid twice: please try again in a minute."
        )


def require_room(connection: Connection, invoice_id: int, balance_cents: int) -> None:
    """Raise CheckoutInTheWay when an open page could take more than this balance.

    The caller holds the invoice, and `balance_cents` is what its act is about to leave.
    """
    page = checkouts.live_of(connection, invoice_id)
    if page is not None and page.amount_cents > balance_cents:
        raise CheckoutInTheWay(page)


def with_room(act: Callable[[], Result], *, now: datetime) -> Result:
    """Do the act; a page that stands in its way is first closed at Stripe, if it can be.

    When the client paid there meanwhile, that payment is booked, and the act decides anew. Raises
    what the act raises, and PageNotClosed when Stripe cannot say.
    """
    for _ in range(MOST_TRIES):
        try:
            return act()
        except CheckoutInTheWay as obstacle:
            close(obstacle.checkout_id, now=now)
    return act()


def settle(checkout_id: int, *, now: datetime) -> Checkout:
    """Bring a page to where it is at Stripe, with every charge made on it. Raises StripeSilent."""
    page = _read(checkout_id)
    if not page.is_page:
        off_session.ask(page.id, now=now)
    elif page.state is CheckoutState.NEW and now - page.created_at >= ASKING_TAKES:
        _forget(page, "", now)
    elif page.is_live and page.session_id is not None and not _outlived(page, now):
        _book(stripe_news.of_checkout(page.account_id, page.session_id), now)
    return _read(checkout_id)


def close(checkout_id: int, *, now: datetime) -> Checkout:
    """Close a page, so that nobody pays there any more; or book what was paid there.

    Raises PageNotClosed when Stripe does not say, CheckoutInTheWay while a payment is under way.
    """
    page = _read(checkout_id)
    if not page.is_page:
        return _close_asking(page, now)
    if page.state is CheckoutState.NEW:
        _forget(page, "", now)
        page = _read(checkout_id)
    if page.is_live and page.session_id is not None and not _outlived(page, now):
        try:
            _close_session(page, page.session_id, now)
        except StripeSilent as silence:
            raise PageNotClosed(page) from silence
    closed = _read(checkout_id)
    if closed.is_live:
        raise CheckoutInTheWay(closed)
    return closed


def _what_is_under_way(page: Checkout) -> str:
    amount = full_text(page.amount_cents)
    if page.source is Source.AUTOPAY:
        return f"Auto-pay is charging {amount}"
    return f"{page.payer} is paying {amount}{' on Stripe’s page' if page.is_page else ''}"


def _close_asking(asking: Checkout, now: datetime) -> Checkout:
    """Give up the charge of a saved method, or learn what came of it if Stripe was asked."""
    if not off_session.abandon(asking, now=now):
        off_session.ask(asking.id, now=now)
    known = _read(asking.id)
    if known.is_live:
        raise CheckoutInTheWay(known)
    return known


def asks_too_much(page: Checkout) -> bool:
    """Whether an open page would take more than its invoice asks for by now."""
    with reading() as connection:
        balance_cents = connection.scalar(
            select(invoice.c.balance_cents).where(invoice.c.id == page.invoice_id)
        )
    return page.session_id is not None and page.amount_cents > (balance_cents or 0)


def open_page(page: Checkout, *, now: datetime) -> Checkout:
    """Ask Stripe for the page of a committed row; asked twice, it gives one page (R051).

    The page comes back open, or refused or expired with the reason. Raises StripeSilent when it may
    be asked for again under its key. Stripe keeps even an error of its own under a key: after one,
    another page has to be asked for.
    """
    try:
        asked = answer(
            stripe_checkouts.create_checkout(
                page.account_id,
                amount_cents=page.amount_cents,
                currency=page.currency,
                description=page.description,
                client_reference=page.token,
                metadata={METADATA_KEY: page.token},
                email=page.email,
                customer_id=page.customer_id,
                saves_method=page.saves_method,
                success_url=page.success_url,
                cancel_url=page.cancel_url,
                idempotency_key=page.idempotency_key,
            )
        )
    except StripeSilent as silence:
        if not silence.cause.startswith("status_5"):
            raise
        _forget(page, "Stripe had a problem. Press Pay again.", now)
        return _read(page.id)
    if isinstance(asked, Refused):
        problem = _without_customer(page, now) if _is_forgotten(page, asked) else asked.sentence
        after = CheckoutState.REFUSED
        _move(page, after, problem=problem[:500], closed_at=now, due_at=None)
        return _read(page.id)
    known = _keep_address(page, asked, now)
    if known.session_id != asked.id:
        # Given up meanwhile. Nobody was told its address; at Stripe it need not stay open either.
        stripe_checkouts.expire_checkout(
            page.account_id, asked.id, idempotency_key=secrets.token_hex(16)
        )
    return known


def _close_session(page: Checkout, session_id: str, now: datetime) -> None:
    # A key of its own each time: Stripe would repeat yesterday's refusal under yesterday's key.
    closed = answer(
        stripe_checkouts.expire_checkout(
            page.account_id, session_id, idempotency_key=secrets.token_hex(16)
        )
    )
    if isinstance(closed, Refused):  # It is over already, or being paid on: Stripe says which.
        _book(stripe_news.of_checkout(page.account_id, session_id), now)
    else:
        _book(stripe_news.of_session(closed), now)


def _is_forgotten(page: Checkout, refusal: Refused) -> bool:
    """Whether Stripe does not know the customer any more: the firm may delete one there."""
    return page.customer_id is not None and refusal.reason is Reason.MISSING


def _without_customer(page: Checkout, now: datetime) -> str:
    with unit_of_work() as connection:
        method_books.book_customer_gone(
            connection, account_id=page.account_id, customer_id=page.customer_id or "", now=now
        )
    return "What was saved is not known there any more. Press Pay again."


def _outlived(page: Checkout, now: datetime) -> bool:
    """Whether the page is over because its account let us go and Stripe's time for it has passed.

    Such an account shows us nothing any more, and its pages must not block their invoices.
    """
    if page.expires_at is None or now < page.expires_at + _TO_BE_SURE:
        return False
    with reading() as connection:
        account = stripe_accounts.find(connection, page.account_id)
    if account is None or not account.is_deauthorized:
        return False
    _end(page, CheckoutState.OPEN, CheckoutState.EXPIRED, closed_at=now, due_at=None)
    return True


def _keep_address(page: Checkout, session: CheckoutSession, now: datetime) -> Checkout:
    _move(
        page,
        CheckoutState.OPEN,
        session_id=session.id,
        url=session.url,
        expires_at=session.expires_at,
        due_at=now + stripe_news.LOOK_AGAIN,
    )
    return _read(page.id)


def _forget(page: Checkout, why: str, now: datetime) -> None:
    """Give up a page whose address nobody was told."""
    _move(page, CheckoutState.EXPIRED, problem=why, closed_at=now, due_at=None)


def _move(page: Checkout, after: CheckoutState, **columns: object) -> None:
    """Move a page that is still as new as it was; whoever moved it meanwhile knows better."""
    _end(page, CheckoutState.NEW, after, **columns)


def _end(page: Checkout, before: CheckoutState, after: CheckoutState, **columns: object) -> None:
    with unit_of_work() as connection:
        invoice_record.lock_of_firm(connection, firm_id=page.firm_id, invoice_id=page.invoice_id)
        known = checkouts.by_id(connection, page.id)
        if known.state is before and not checkouts.move(connection, known, after, **columns):
            raise Busy


def _book(news: stripe_news.News, now: datetime) -> None:
    with unit_of_work() as connection:
        news(connection, now=now)


def _read(checkout_id: int) -> Checkout:
    with reading() as connection:
        return checkouts.by_id(connection, checkout_id)
