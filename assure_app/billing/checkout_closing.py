"""Bringing a payment page to where it is at Stripe, and closing it there; never in a transaction.

Our row is written before Stripe is asked, so a page may exist at Stripe of which we know only what
we asked: it is asked for again, under the same key, and Stripe gives the same page.
"""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import Connection

from assure_app.billing import checkouts, invoice_record, stripe_news
from assure_app.billing.checkouts import METADATA_KEY, Checkout
from assure_app.billing.stripe_silence import StripeSilent, answer
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.errors import BillingError, Busy
from assure_app.domain.money import full_text
from assure_app.domain.online import CheckoutState
from assure_app.stripe_gateway import checkouts as stripe_checkouts
from assure_app.stripe_gateway import events as stripe_events
from assure_app.stripe_gateway.outcomes import Reason, Refused
from assure_app.stripe_gateway.records import CheckoutSession

KEY_HOLDS = timedelta(hours=23)
"""Stripe may forget a key after 24 hours: past this, asking again could open a second page."""
PAGE_LIVES = timedelta(hours=25)
"""Longer than any page is open; one that nobody ever heard of is surely over then."""
MOST_TRIES = 4

Result = TypeVar("Result")


class CheckoutInTheWay(BillingError):
    """A client may still pay on an open page what this act would leave no room for (R050)."""

    retryable = True

    def __init__(self, page: Checkout) -> None:
        self.checkout_id = page.id
        super().__init__(
            f"{page.payer} is paying {full_text(page.amount_cents)} on Stripe’s page at this "
            "moment. Nothing was recorded: please try again in a minute."
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
    session_id = _session_id(page, now) if page.is_live else None
    if session_id is None:
        return _read(checkout_id)
    _book(stripe_news.of_checkout(page.account_id, session_id), now)
    return _read(checkout_id)


def close(checkout_id: int, *, now: datetime) -> Checkout:
    """Close a page at Stripe, so that nobody pays there any more; or book what was paid there.

    Raises PageNotClosed when Stripe does not say, CheckoutInTheWay while a payment is under way.
    """
    page = _read(checkout_id)
    if not page.is_live:
        return page
    try:
        session_id = _session_id(page, now)
        if session_id is not None:
            _close_session(page, session_id, now)
    except StripeSilent as silence:
        raise PageNotClosed(page) from silence
    closed = _read(checkout_id)
    if closed.is_live:
        raise CheckoutInTheWay(closed)
    return closed


def open_page(page: Checkout, *, now: datetime) -> Checkout:
    """Ask Stripe for the page of a row that was just committed. Raises StripeSilent."""
    _session_id(page, now)
    return _read(page.id)


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


def _session_id(page: Checkout, now: datetime) -> str | None:
    """Stripe's name for the page, asked for again if it is not known; None if there is none."""
    if page.session_id is not None:
        return page.session_id
    if now - page.created_at >= KEY_HOLDS:
        return _look_up(page, now)
    asked = answer(
        stripe_checkouts.create_checkout(
            page.account_id,
            amount_cents=page.amount_cents,
            currency=page.currency,
            description=page.description,
            client_reference=page.token,
            metadata={METADATA_KEY: page.token},
            email=page.email,
            success_url=page.success_url,
            cancel_url=page.cancel_url,
            idempotency_key=page.idempotency_key,
        )
    )
    if not isinstance(asked, Refused):
        _note_session(page, asked, now)
        return asked.id
    if asked.reason is Reason.KEY_REUSED:
        return _look_up(page, now)
    _move(page, CheckoutState.REFUSED, problem=asked.sentence[:500], closed_at=now, due_at=None)
    return None


def _note_session(page: Checkout, session: CheckoutSession, now: datetime) -> None:
    _move(
        page,
        CheckoutState.OPEN,
        session_id=session.id,
        url=session.url,
        expires_at=session.expires_at,
        due_at=now + stripe_news.LOOK_AGAIN,
    )


def _look_up(page: Checkout, now: datetime) -> str | None:
    """Find the page by what we wrote on it, among those that Stripe tells the end of."""
    ends = answer(
        stripe_events.list_events(
            page.account_id,
            since=page.created_at - timedelta(hours=1),
            types=("checkout.session.completed", "checkout.session.expired"),
        )
    )
    for event in () if isinstance(ends, Refused) else ends:
        found = answer(stripe_checkouts.retrieve_checkout(page.account_id, event.object_id))
        if not isinstance(found, Refused) and found.metadata.get(METADATA_KEY) == page.token:
            return found.id
    if now - page.created_at < PAGE_LIVES:
        raise StripeSilent("page_unknown")
    _move(page, CheckoutState.EXPIRED, closed_at=now, due_at=None)
    return None


def _move(page: Checkout, after: CheckoutState, **columns: object) -> None:
    """Move a page that is still as new as it was; whoever moved it meanwhile knows better."""
    with unit_of_work() as connection:
        invoice_record.lock_of_firm(connection, firm_id=page.firm_id, invoice_id=page.invoice_id)
        known = checkouts.by_id(connection, page.id)
        if known.state is CheckoutState.NEW and not checkouts.move(
            connection, known, after, **columns
        ):
            raise Busy


def _book(news: stripe_news.News, now: datetime) -> None:
    with unit_of_work() as connection:
        news(connection, now=now)


def _read(checkout_id: int) -> Checkout:
    with reading() as connection:
        return checkouts.by_id(connection, checkout_id)
