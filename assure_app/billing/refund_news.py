"""Refunds as Stripe tells of them now: asked for outside any transaction, booked within one."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from assure_app.billing import refund_books
from assure_app.billing.charges import Booked
from assure_app.billing.stripe_silence import answer
from assure_app.db.unit_of_work import reading
from assure_app.stripe_gateway import charges as stripe_charges
from assure_app.stripe_gateway import refunds as stripe_refunds
from assure_app.stripe_gateway.outcomes import Refused
from assure_app.stripe_gateway.records import Charge, ChargeStatus, Refund


def charge_to_book_first(refund: Refund) -> Charge | None:
    """The charge of a refund, if its success is not in the books yet: Stripe promises no order
    (R059). Raises StripeSilent."""
    with reading() as connection:
        if refund_books.find(connection, refund) is not None or refund_books.charge_row(
            connection, refund.account_id, refund.charge_id
        ):
            return None
    if not refund.charge_id:
        return None
    found = answer(stripe_charges.retrieve_charge(refund.account_id, refund.charge_id))
    return None if isinstance(found, Refused) else found


def of_charges(tries: Sequence[Charge]) -> Sequence[Refund]:
    """The refunds of these charges, the oldest first. Raises StripeSilent."""
    found: list[Refund] = []
    for charge in tries:
        if charge.status is ChargeStatus.SUCCEEDED and charge.amount_refunded_cents:
            listed = answer(stripe_refunds.list_refunds(charge.account_id, charge.id))
            if not isinstance(listed, Refused):
                found.extend(reversed(listed))
    return found


def book_all(
    connection: Connection,
    refunds: Sequence[Refund],
    booked: Booked,
    *,
    now: datetime,
    event_id: str | None = None,
) -> Booked:
    """Book these refunds after what was `booked`, and say what came of all together."""
    for refund in refunds:
        told = refund_books.book(connection, refund, now=now, event_id=event_id)
        booked = Booked(
            firm_id=told.firm_id if booked.firm_id is None else booked.firm_id,
            invoice_id=told.invoice_id if booked.invoice_id is None else booked.invoice_id,
            is_changed=booked.is_changed or told.is_changed,
            problem=booked.problem or told.problem,
        )
    return booked
