"""A payout as Stripe tells of it now: asked for outside any transaction, kept within one."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from assure_app.billing import payout_books
from assure_app.billing.charges import Booked
from assure_app.billing.stripe_silence import answer
from assure_app.db.unit_of_work import reading
from assure_app.stripe_gateway import balance_transactions, payouts
from assure_app.stripe_gateway.balance_records import BalanceTransaction, Payout
from assure_app.stripe_gateway.outcomes import Refused

MOST_PAGES = 200
"""A payout carries up to 20,000 movements here; Stripe's daily ones carry fewer."""


def of_payout(account_id: str, payout_id: str) -> Callable[..., Booked]:
    """Ask for a payout and what it carried. Raises StripeSilent."""
    told = answer(payouts.retrieve_payout(account_id, payout_id))
    if isinstance(told, Refused):
        return lambda _connection, **_known: Booked()
    return of_told(told)


def of_told(told: Payout) -> Callable[..., Booked]:
    """What a payout carried, if it is not kept yet, ready to be kept. Raises StripeSilent."""
    carried = carried_by(told)

    def book(connection: Connection, *, now: datetime, event_id: str | None = None) -> Booked:  # noqa: ARG001  as for every other object
        return payout_books.book(connection, told, carried, now=now)

    return book


def carried_by(told: Payout) -> tuple[BalanceTransaction, ...] | None:
    """What a payout carried; None when Stripe does not say, or it is kept already.

    Raises StripeSilent.
    """
    with reading() as connection:
        known = payout_books.find(connection, told.account_id, told.id)
    if not (told.is_automatic and told.is_itemized) or (known is not None and known.is_itemized):
        return None
    found: list[BalanceTransaction] = []
    after = ""
    for _ in range(MOST_PAGES):
        page = answer(balance_transactions.list_of_payout(told.account_id, told.id, after=after))
        if isinstance(page, Refused):
            return None
        found.extend(page.items)
        after = page.after
        if not after:
            return tuple(found) or None
    return None
