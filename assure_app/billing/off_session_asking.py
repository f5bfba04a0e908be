"""Asks Stripe for the charge of a saved method, and books what came of it.

The same key asks for one charge however often it is used, for as long as Stripe keeps what came of
it. After that, and after an error of Stripe's own, the charge is looked for before it is asked for.
"""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection

from assure_app.billing import (
    charges,
    checkouts,
    method_news,
    off_session_refusals,
    stripe_news,
)
from assure_app.billing.checkouts import METADATA_KEY, Checkout
from assure_app.billing.method_rows import StoredMethod
from assure_app.billing.stripe_silence import StripeSilent, answer
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.online import CheckoutState
from assure_app.stripe_gateway import payment_intents
from assure_app.stripe_gateway.outcomes import Reason, Refused
from assure_app.stripe_gateway.records import IntentStatus, PaymentIntent

KEY_IS_GOOD = timedelta(hours=23)
"""Stripe keeps what came of a key for a day; later the same key would charge a second time."""
_ERROR_LASTS = timedelta(hours=1)
_CLOCKS_DIFFER = timedelta(hours=1)
_STOPPED = {IntentStatus.NEEDS_ACTION, IntentStatus.NEEDS_CONFIRMATION, IntentStatus.NEEDS_CAPTURE}


def settle(asking: Checkout, method: StoredMethod, *, now: datetime) -> None:
    """Have Stripe charge it, and book what it says; what was asked long ago is looked for first.

    Its `asked_at` is when it was asked for before, None for never. Raises StripeSilent when nobody
    knows what Stripe did.
    """
    if _must_be_looked_for(asking, now) and _is_found(asking, now):
        return
    told = answer(
        payment_intents.charge_off_session(
            asking.account_id,
            amount_cents=asking.amount_cents,
            currency=asking.currency,
            customer_id=method.customer_id,
            method_id=method.method_id,
            method_kind=method.kind.value,
            description=asking.description,
            metadata={METADATA_KEY: asking.token},
            idempotency_key=asking.idempotency_key,
        )
    )
    if isinstance(told, Refused):
        _book_refusal(asking, method, told, now)
    elif asking.asked_at is None and told.latest_charge is not None:
        with unit_of_work() as connection:
            booked = charges.book(connection, told.latest_charge, asking=asking, now=now)
            if booked.problem:
                _note_intent(connection, asking, told.id)
    else:  # Under a key that was used before, Stripe repeats what was true then.
        _book_intent(asking, told, now)


def _book_refusal(asking: Checkout, method: StoredMethod, refusal: Refused, now: datetime) -> None:
    """Book a decline by its failed charge; where Stripe made none, the refusal itself."""
    if refusal.reason is Reason.KEY_REUSED:
        raise StripeSilent(refusal.code)
    news = None
    if refusal.payment_intent_id:
        news = stripe_news.of_payment_intent(asking.account_id, refusal.payment_intent_id)
    elif refusal.reason is not Reason.DECLINED:
        _ask_for_method(method, now)
    with unit_of_work() as connection:
        if refusal.payment_intent_id:
            _note_intent(connection, asking, refusal.payment_intent_id)
        if news is not None:
            news(connection, now=now)
        off_session_refusals.book(
            connection,
            asking,
            codes=(refusal.decline_code, refusal.code),
            sentence=refusal.sentence,
            now=now,
        )


def _book_intent(asking: Checkout, intent: PaymentIntent, now: datetime) -> None:
    """Book every charge of an intent; one that waits for something nobody will do is canceled."""
    if intent.status in _STOPPED:
        key = secrets.token_hex(16)  # Stripe would repeat an error under an old one.
        answer(
            payment_intents.cancel_payment_intent(asking.account_id, intent.id, idempotency_key=key)
        )
    news = stripe_news.of_payment_intent(asking.account_id, intent.id)
    with unit_of_work() as connection:
        _note_intent(connection, asking, intent.id)
        news(connection, now=now)
        if intent.status in {*_STOPPED, IntentStatus.NEEDS_METHOD, IntentStatus.CANCELED}:
            needs = "authentication_required" if intent.status in _STOPPED else ""
            off_session_refusals.book(
                connection,
                asking,
                codes=(intent.error_decline_code, intent.error_code, needs),
                sentence=intent.error_sentence or "Stripe did not charge it.",
                now=now,
            )


def _must_be_looked_for(asking: Checkout, now: datetime) -> bool:
    """Whether the key says nothing any more: by its age, or for an error that Stripe keeps."""
    if asking.asked_at is None:
        return False
    return now - asking.asked_at >= KEY_IS_GOOD or asking.problem.startswith("status_5")


def _is_found(asking: Checkout, now: datetime) -> bool:
    """Look the asking up by its metadata, and book what is found; False when it is to be asked for
    anew, which it is not once somebody else has heard what came of it. Raises StripeSilent."""
    asked_at = asking.asked_at or now
    found = answer(
        payment_intents.find_payment_intent(
            asking.account_id,
            customer_id=asking.customer_id or "",
            since=asking.created_at - _CLOCKS_DIFFER,
            key=METADATA_KEY,
            value=asking.token,
        )
    )
    if isinstance(found, PaymentIntent):
        _book_intent(asking, found, now)
        return True
    if now - asked_at < KEY_IS_GOOD:
        return _is_given_up(asking, asked_at, now)
    with unit_of_work() as connection:  # The key is forgotten at Stripe, and good anew.
        return not checkouts.note_asked(connection, asking.id, at=now)


def _is_given_up(asking: Checkout, asked_at: datetime, now: datetime) -> bool:
    """Give up an asking under whose key Stripe keeps an error of its own, once that had time to
    show: another asking takes its place."""
    if now - asked_at < _ERROR_LASTS:
        return False
    with unit_of_work() as connection:
        known = checkouts.by_id(connection, asking.id)
        if known.state is CheckoutState.NEW:
            checkouts.move(connection, known, CheckoutState.EXPIRED, closed_at=now, due_at=None)
    return True


def _note_intent(connection: Connection, asking: Checkout, intent_id: str) -> None:
    checkouts.note_intent(connection, asking.id, intent_id)


def _ask_for_method(method: StoredMethod, now: datetime) -> None:
    """Learn whether the method is still there: it may be gone at Stripe without our hearing."""
    news = method_news.of_method(method.account_id, method.method_id)
    with unit_of_work() as connection:
        news(connection, now=now)
