"""News of an object at Stripe: asked for outside any transaction, then booked within one.

Whatever told of it, an address in a callback or a button, the object is asked for anew: only what
Stripe says itself, now, is booked.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection

from assure_app.billing import (
    charges,
    checkouts,
    dispute_news,
    invoice_record,
    method_news,
    payout_news,
    refund_news,
    stripe_accounts,
    stripe_exceptions,
)
from assure_app.billing.charges import Booked
from assure_app.billing.checkouts import METADATA_KEY, Checkout
from assure_app.billing.stripe_exceptions import Problem
from assure_app.billing.stripe_silence import StripeSilent, answer
from assure_app.domain.errors import Busy
from assure_app.domain.online import CheckoutState
from assure_app.models.online import ExceptionKind
from assure_app.stripe_gateway import accounts as stripe_accounts_gateway
from assure_app.stripe_gateway import charges as stripe_charges
from assure_app.stripe_gateway import checkouts as stripe_checkouts
from assure_app.stripe_gateway import disputes as stripe_disputes
from assure_app.stripe_gateway import payment_intents as stripe_payment_intents
from assure_app.stripe_gateway import refunds as stripe_refunds
from assure_app.stripe_gateway.outcomes import Reason, Refused
from assure_app.stripe_gateway.records import (
    Account,
    Charge,
    CheckoutSession,
    Dispute,
    IntentStatus,
    PaymentIntent,
    SessionStatus,
)

LOOK_AGAIN = timedelta(minutes=15)
_NO_MONEY = {IntentStatus.CANCELED, IntentStatus.NEEDS_METHOD}


class News(Protocol):
    """What Stripe said, ready to be booked in the caller's transaction, any number of times."""

    def __call__(
        self, connection: Connection, *, now: datetime, event_id: str | None = None
    ) -> Booked: ...


def of_object(account_id: str, kind: str, object_id: str) -> News | None:
    """Ask for whatever an event is about; None for what we keep no books of.

    Raises StripeSilent when Stripe cannot be asked.
    """
    ask = _ASK.get(kind)
    return None if ask is None else ask(account_id, object_id)


def of_charge(account_id: str, charge_id: str) -> News:
    """Ask for a charge. Raises StripeSilent."""
    found = answer(stripe_charges.retrieve_charge(account_id, charge_id))
    if isinstance(found, Refused):
        return _missing(account_id, "charge", charge_id, found)
    return _of_charges((found,))


def of_refund(account_id: str, refund_id: str) -> News:
    """Ask for a refund, and for its charge if that is not booked yet. Raises StripeSilent."""
    found = answer(stripe_refunds.retrieve_refund(account_id, refund_id))
    if isinstance(found, Refused):
        return _missing(account_id, "refund", refund_id, found)
    charge = refund_news.charge_to_book_first(found)
    book_charge = None if charge is None else _of_charges((charge,))

    def book(connection: Connection, *, now: datetime, event_id: str | None = None) -> Booked:
        booked = Booked()
        if book_charge is not None:
            booked = book_charge(connection, now=now, event_id=event_id)
        return refund_news.book_all(connection, (found,), booked, now=now, event_id=event_id)

    return book


def of_payment_intent(account_id: str, payment_intent_id: str) -> News:
    """Ask for every try of a PaymentIntent. Raises StripeSilent."""
    found = answer(stripe_charges.list_charges(account_id, payment_intent_id))
    if isinstance(found, Refused):
        return _missing(account_id, "payment_intent", payment_intent_id, found)
    return _of_charges(found)


def of_checkout(account_id: str, session_id: str) -> News:
    """Ask for a payment page and every charge made on it. Raises StripeSilent."""
    found = answer(stripe_checkouts.retrieve_checkout(account_id, session_id))
    if isinstance(found, Refused):
        return _missing(account_id, "checkout.session", session_id, found)
    return of_session(found)


def of_session(session: CheckoutSession) -> News:
    """Ask for every charge made on a page that Stripe has just described. Raises StripeSilent."""
    tries: Sequence[Charge] = ()
    intent: PaymentIntent | None = None
    if session.payment_intent_id:
        intent_id = session.payment_intent_id
        listed = answer(stripe_charges.list_charges(session.account_id, intent_id))
        if isinstance(listed, Refused):
            return _missing(session.account_id, "payment_intent", intent_id, listed)
        tries = listed
        if not tries and session.status is SessionStatus.COMPLETE:
            told = answer(
                stripe_payment_intents.retrieve_payment_intent(session.account_id, intent_id)
            )
            intent = None if isinstance(told, Refused) else told
    book_charges = _of_charges(tries)

    def book(connection: Connection, *, now: datetime, event_id: str | None = None) -> Booked:
        booked = book_charges(connection, now=now, event_id=event_id)
        page = checkouts.by_token(connection, session.metadata.get(METADATA_KEY, ""))
        if page is None or page.account_id != session.account_id:
            return booked  # A page of the firm's own making: its charges say all there is to say.
        is_moved = _book_page(connection, page, session, intent, now)
        return Booked(
            firm_id=page.firm_id,
            invoice_id=page.invoice_id,
            is_changed=booked.is_changed or is_moved,
            problem=booked.problem,
        )

    return book


def of_account(account_id: str) -> News:
    """Ask what an account may do; one that let us go takes no payments. Raises StripeSilent."""
    outcome = stripe_accounts_gateway.retrieve_account(account_id)
    is_gone = isinstance(outcome, Refused) and outcome.reason in {Reason.NO_ACCESS, Reason.MISSING}
    told: Account | None = None
    if not is_gone:
        found = answer(outcome)
        if isinstance(found, Refused):
            raise StripeSilent(found.code)
        told = found

    def book(
        connection: Connection,
        *,
        now: datetime,
        event_id: str | None = None,  # noqa: ARG001  as for every other object
    ) -> Booked:
        if told is not None:
            is_changed = stripe_accounts.describe(connection, told, now=now)
        else:
            is_changed = stripe_accounts.disconnect(connection, account_id, now=now)
        firm_id = stripe_accounts.firm_of(connection, account_id)
        return Booked(firm_id=firm_id, is_changed=is_changed)

    return book


def of_dispute(account_id: str, dispute_id: str) -> News:
    """Ask for a dispute, and for its charge, which is booked first. Raises StripeSilent."""
    found = answer(stripe_disputes.retrieve_dispute(account_id, dispute_id))
    if isinstance(found, Refused):
        return _missing(account_id, "dispute", dispute_id, found)
    charge = answer(stripe_charges.retrieve_charge(account_id, found.charge_id))
    return _of_charges(() if isinstance(charge, Refused) else (charge,), disputed=(found,))


def _missing(account_id: str, kind: str, object_id: str, refusal: Refused) -> News:
    sentence = (
        f"Stripe told of the {kind.replace('.', ' ').replace('_', ' ')} {object_id[:80]}, but does "
        f"not show it to us: {refusal.sentence}"
    )
    return _kept(account_id, kind, object_id, ExceptionKind.UNKNOWN_OBJECT, sentence)


def _kept(
    account_id: str, object_kind: str, object_id: str, kind: ExceptionKind, sentence: str
) -> News:
    """News that only a person can do something about."""

    def book(connection: Connection, *, now: datetime, event_id: str | None = None) -> Booked:
        firm_id = stripe_accounts.firm_of(connection, account_id)
        problem = Problem(
            kind=kind,
            account_id=account_id,
            object_id=object_id,
            object_kind=object_kind,
            sentence=sentence,
            firm_id=firm_id,
        )
        is_new = stripe_exceptions.open_one(connection, problem, now=now, event_id=event_id)
        return Booked(firm_id=firm_id, is_changed=is_new, problem=sentence)

    return book


def _of_charges(tries: Sequence[Charge], *, disputed: Sequence[Dispute] = ()) -> News:
    """All tries of one payment, the oldest first, so that the timeline tells them in order; before
    them what was saved, because a client is held before any invoice; after them what went back, and
    what a bank did. Raises StripeSilent."""
    refunds = refund_news.of_charges(tries)
    disputes = dispute_news.of_charges(tries, known=disputed)
    saved = [*method_news.used_by(tries), *dispute_news.of_methods(tries, disputes)]

    def book(connection: Connection, *, now: datetime, event_id: str | None = None) -> Booked:
        booked = book_tries(connection, now=now, event_id=event_id)
        booked = refund_news.book_all(connection, refunds, booked, now=now, event_id=event_id)
        return dispute_news.book_all(connection, disputes, booked, now=now, event_id=event_id)

    def book_tries(connection: Connection, *, now: datetime, event_id: str | None) -> Booked:
        kept = [method(connection, now=now) for method in saved]
        told = [
            charges.book(connection, each, now=now, event_id=event_id) for each in reversed(tries)
        ]
        known = [each for each in (*kept, *told) if each.firm_id is not None]
        if not known:
            return Booked()
        return Booked(
            firm_id=known[-1].firm_id,
            invoice_id=known[-1].invoice_id,
            is_changed=any(each.is_changed for each in known),
            problem=next((each.problem for each in known if each.problem), ""),
        )

    return book


def _book_page(
    connection: Connection,
    page: Checkout,
    session: CheckoutSession,
    intent: PaymentIntent | None,
    now: datetime,
) -> bool:
    """Bring a page that is still live here to where it is at Stripe; False when it is there."""
    invoice_record.lock_of_firm(connection, firm_id=page.firm_id, invoice_id=page.invoice_id)
    known = checkouts.by_id(connection, page.id)
    if not known.is_live:
        return False
    after = _state(session, intent)
    if after is known.state:
        checkouts.look_again(connection, known.id, min(now + LOOK_AGAIN, _over_at(session, now)))
        return False
    columns = {"session_id": session.id, "expires_at": session.expires_at}
    if after is CheckoutState.OPEN:
        columns |= {"url": session.url or known.url, "due_at": now + LOOK_AGAIN}
    else:
        columns |= {"closed_at": now, "due_at": None}
    if not checkouts.move(connection, known, after, **columns):
        raise Busy
    return True


def _state(session: CheckoutSession, intent: PaymentIntent | None) -> CheckoutState:
    """Where the page is for us. Complete without any charge, its bank account is being verified:
    money may still come, so it stays live; unless the payment was given up."""
    if session.status is SessionStatus.EXPIRED:
        return CheckoutState.EXPIRED
    if session.status is SessionStatus.OPEN:
        return CheckoutState.OPEN
    if intent is None:
        return CheckoutState.COMPLETED
    return CheckoutState.EXPIRED if intent.status in _NO_MONEY else CheckoutState.OPEN


def _over_at(session: CheckoutSession, now: datetime) -> datetime:
    """A minute after Stripe closes it, if that is still to come."""
    over_at = session.expires_at + timedelta(minutes=1)
    return over_at if over_at > now else now + LOOK_AGAIN


_ASK: dict[str, Callable[[str, str], News]] = {
    "charge": of_charge,
    "payment_intent": of_payment_intent,
    "refund": of_refund,
    "checkout.session": of_checkout,
    "account": lambda account_id, _object_id: of_account(account_id),
    # What lets an account go tells of our application there, not of the account.
    "application": lambda account_id, _object_id: of_account(account_id),
    "dispute": of_dispute,
    "payout": payout_news.of_payout,
    "payment_method": method_news.of_method,
    "setup_intent": method_news.of_setup_intent,
    "mandate": method_news.of_mandate,
}
