"""Disputes as Stripe tells of them now: asked for outside any transaction, booked within one."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from assure_app.billing import dispute_record, disputes, method_books
from assure_app.billing.charge_text import method_of
from assure_app.billing.charges import Booked
from assure_app.billing.method_news import MethodNews
from assure_app.billing.stripe_silence import answer
from assure_app.domain.disputes import ends_bank_account, kind_of
from assure_app.domain.ledger import Method
from assure_app.stripe_gateway import disputes as stripe_disputes
from assure_app.stripe_gateway.outcomes import Refused
from assure_app.stripe_gateway.records import Charge, Dispute

TAKEN_BACK = "The bank took back a payment from this account."
"""What the client reads beside a method that is of no use any more."""


def of_charges(tries: Sequence[Charge], *, known: Sequence[Dispute] = ()) -> Sequence[Dispute]:
    """The disputes of these charges and what is `known` already, oldest first.

    Raises StripeSilent. A charge says that it is disputed for ever after, so whoever tells of one
    brings its disputes along, even when no callback told of them.
    """
    found = {each.id: each for each in known}
    for charge in tries:
        if charge.is_disputed:
            listed = answer(stripe_disputes.list_disputes(charge.account_id, charge.id))
            if not isinstance(listed, Refused):
                found |= {each.id: each for each in listed}
    return sorted(found.values(), key=lambda each: (each.created_at, each.id))


def of_methods(tries: Sequence[Charge], told: Sequence[Dispute]) -> list[MethodNews]:
    """Disable the bank accounts that cannot be debited any more after these disputes (R066)."""
    ended = {
        each.charge_id
        for each in told
        if ends_bank_account(kind_of(dispute_record.facts_of(each).state, each.reason), each.reason)
    }
    return [
        _disabling(charge.account_id, charge.payment_method_id)
        for charge in tries
        if charge.id in ended
        and charge.payment_method_id
        and method_of(charge.method) is Method.ACH
    ]


def book_all(
    connection: Connection,
    told: Sequence[Dispute],
    booked: Booked,
    *,
    now: datetime,
    event_id: str | None = None,
) -> Booked:
    """Book these disputes after what was `booked`, and say what came of all together."""
    for each in told:
        also = disputes.book(connection, each, now=now, event_id=event_id)
        booked = Booked(
            firm_id=also.firm_id if booked.firm_id is None else booked.firm_id,
            invoice_id=also.invoice_id if booked.invoice_id is None else booked.invoice_id,
            is_changed=booked.is_changed or also.is_changed,
            problem=booked.problem or also.problem,
        )
    return booked


def _disabling(account_id: str, method_id: str) -> MethodNews:
    return MethodNews(
        lambda connection, now: method_books.disable(
            connection, account_id=account_id, method_id=method_id, reason=TAKEN_BACK, now=now
        )
    )
