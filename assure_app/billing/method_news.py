"""News of saved methods: asked of Stripe outside any transaction, then booked within one."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from assure_app.billing import method_books, method_page_record, method_rows
from assure_app.billing.charges import Booked
from assure_app.billing.checkouts import METADATA_KEY
from assure_app.billing.method_rows import AddedBy
from assure_app.billing.stripe_silence import StripeSilent, answer
from assure_app.db.unit_of_work import reading
from assure_app.models.tables import checkout
from assure_app.stripe_gateway import mandates, payment_methods, setup_intents
from assure_app.stripe_gateway.outcomes import Reason, Refused
from assure_app.stripe_gateway.records import Charge, ChargeStatus, PaymentMethod

_NOBODY = AddedBy()
VOID = "The bank does not let this account be charged any more."


@dataclass(frozen=True, slots=True)
class MethodNews:
    """What Stripe said of a method, ready to be booked in the caller's transaction."""

    write: Callable[[Connection, datetime], Booked]

    def __call__(
        self,
        connection: Connection,
        *,
        now: datetime,
        event_id: str | None = None,  # noqa: ARG002  as for every other object
    ) -> Booked:
        """Book it, any number of times."""
        return self.write(connection, now)


def of_method(account_id: str, method_id: str, *, added_by: AddedBy = _NOBODY) -> MethodNews:
    """Ask for a method; one that Stripe does not know is nobody's. Raises StripeSilent."""
    told = answer(payment_methods.retrieve_payment_method(account_id, method_id))
    if isinstance(told, Refused):
        return _gone(account_id, method_id)
    return _told(told, added_by=added_by)


def of_setup_intent(account_id: str, intent_id: str) -> MethodNews:
    """Ask for the method that was saved with nothing charged. Raises StripeSilent."""
    told = answer(setup_intents.retrieve_setup_intent(account_id, intent_id))
    if isinstance(told, Refused) or told.payment_method_id is None:
        return MethodNews(lambda _connection, _now: Booked())
    by = method_page_record.asked_by(account_id, told.metadata)
    return of_method(account_id, told.payment_method_id, added_by=by)


def of_mandate(account_id: str, mandate_id: str) -> MethodNews:
    """Ask whether a bank account may still be debited; if not, it is disabled (R066).

    The leave for one debit alone says nothing of later ones. Raises StripeSilent.
    """
    told = answer(mandates.retrieve_mandate(account_id, mandate_id))
    if isinstance(told, Refused) or not (told.is_lasting and told.is_void):
        return MethodNews(lambda _connection, _now: Booked())
    method_id = told.payment_method_id
    return MethodNews(
        lambda connection, now: method_books.disable(
            connection, account_id=account_id, method_id=method_id, reason=VOID, now=now
        )
    )


def used_by(tries: Iterable[Charge]) -> list[MethodNews]:
    """Ask for what payments saved, so that it is known though no callback comes.

    A Stripe that is silent about it holds up no payment: the callback, or the polling, tells.
    """
    asked = [_saved_by(charge) for charge in tries if _may_have_saved(charge)]
    return [each for each in asked if each is not None]


def detach(account_id: str, method_id: str) -> MethodNews:
    """Have Stripe keep the method for nobody; one it does not know, or detached before, is gone.

    Raises StripeSilent; asked again, it does no more than it did.
    """
    # A key of its own each time: Stripe would repeat yesterday's error under yesterday's key.
    key = secrets.token_hex(16)
    told = answer(payment_methods.detach_payment_method(account_id, method_id, idempotency_key=key))
    if isinstance(told, Refused) and told.reason is not Reason.MISSING:
        return of_method(account_id, method_id)
    return _gone(account_id, method_id)


def _told(method: PaymentMethod, *, added_by: AddedBy) -> MethodNews:
    return MethodNews(
        lambda connection, now: method_books.book(connection, method, now=now, added_by=added_by)
    )


def _gone(account_id: str, method_id: str) -> MethodNews:
    return MethodNews(
        lambda connection, now: method_books.book_gone(
            connection, account_id=account_id, method_id=method_id, now=now
        )
    )


def _may_have_saved(charge: Charge) -> bool:
    if charge.status is ChargeStatus.FAILED or not charge.customer_id:
        return False
    method_id = charge.payment_method_id or ""
    with reading() as connection:
        known = method_rows.with_id(connection, account_id=charge.account_id, method_id=method_id)
    is_heard = known is not None and (known.added_by_id or known.added_by_user_id)
    return bool(method_id) and not is_heard


def _saved_by(charge: Charge) -> MethodNews | None:
    """The method, if Stripe keeps it for a customer: most are used this once and then spent."""
    method_id = charge.payment_method_id or ""
    try:
        told = answer(payment_methods.retrieve_payment_method(charge.account_id, method_id))
    except StripeSilent:
        return None
    if isinstance(told, Refused) or told.customer_id is None:
        return None
    with reading() as connection:
        contact_id = connection.scalar(
            select(checkout.c.contact_id).where(
                checkout.c.token == charge.metadata.get(METADATA_KEY, "")[:64],
                checkout.c.account_id == charge.account_id,
                checkout.c.saves_method,
            )
        )
    return _told(told, added_by=AddedBy(contact_id=contact_id))
