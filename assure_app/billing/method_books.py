"""A saved method as Stripe says it is now becomes, or changes, one row; whoever tells of it."""

from datetime import datetime

from sqlalchemy import Connection

from assure_app.billing import backfill_offers, method_rows, stripe_customers
from assure_app.billing.charges import Booked
from assure_app.billing.method_rows import AddedBy, StoredMethod
from assure_app.billing.stripe_customers import StripeCustomer
from assure_app.domain.saved_methods import MethodKind, announced_on
from assure_app.stripe_gateway.records import PaymentMethod

_LONGEST_NAME = 60
_LONGEST_REASON = 200
_NOBODY = AddedBy()


def book(
    connection: Connection, method: PaymentMethod, *, now: datetime, added_by: AddedBy = _NOBODY
) -> Booked:
    """Bring what we keep of a method to what Stripe says of it, in the caller's transaction.

    Idempotent, and forward only: what was removed stays so. What a customer saved whom we do not
    know, or what is neither card nor bank account, is no concern of ours. A client's first method
    becomes the default, and is when past invoices are asked about (R114); in place of a default
    that is gone comes the newest that is left (R127).
    """
    if method.kind not in set(MethodKind):
        return Booked()
    known = _held(connection, method.account_id, method.id)
    if known is not None:
        if method.customer_id != known.customer_id:
            return _remove(connection, known, now)
        return _bring_on(connection, known, method, added_by=added_by)
    customer = _customer_of(connection, method)
    if customer is None:
        return Booked()
    method_rows.hold_client(connection, customer.client_id)
    if method_rows.with_id(connection, account_id=method.account_id, method_id=method.id):
        return book(connection, method, now=now, added_by=added_by)  # A rival was first.
    return _add(connection, customer, method, now=now, added_by=added_by)


def book_gone(connection: Connection, *, account_id: str, method_id: str, now: datetime) -> Booked:
    """Note that Stripe keeps the method for nobody any more."""
    known = _held(connection, account_id, method_id)
    return Booked() if known is None else _remove(connection, known, now)


def book_customer_gone(
    connection: Connection, *, account_id: str, customer_id: str, now: datetime
) -> None:
    """Note that Stripe does not know a customer any more, and so nothing that they saved."""
    customer = stripe_customers.with_id(connection, account_id=account_id, customer_id=customer_id)
    if customer is None:
        return
    method_rows.hold_client(connection, customer.client_id)
    stripe_customers.forget(connection, account_id=account_id, customer_id=customer_id, now=now)
    for known in method_rows.of_client(
        connection, firm_id=customer.firm_id, client_id=customer.client_id
    ):
        if known.customer_id == customer_id:
            _remove(connection, known, now)


def disable(
    connection: Connection, *, account_id: str, method_id: str, reason: str, now: datetime
) -> Booked:
    """Let a method take no payments any more, because of what its bank did (R066).

    `reason` is a sentence for the client, shown beside the method. What is not kept here is no
    concern of ours; what is disabled already keeps its first reason.
    """
    known = _held(connection, account_id, method_id)
    if known is None or not known.is_usable:
        return Booked()
    method_rows.change(
        connection,
        known,
        is_default=False,
        announce_on=None,
        disabled_at=now,
        disabled_reason=_line(reason, _LONGEST_REASON),
    )
    return _settled(connection, known)


def _held(connection: Connection, account_id: str, method_id: str) -> StoredMethod | None:
    """The method as it is now that its client is held."""
    known = method_rows.with_id(connection, account_id=account_id, method_id=method_id)
    if known is None:
        return None
    method_rows.hold_client(connection, known.client_id)
    return method_rows.with_id(connection, account_id=account_id, method_id=method_id)


def _customer_of(connection: Connection, method: PaymentMethod) -> StripeCustomer | None:
    if method.customer_id is None:
        return None
    return stripe_customers.with_id(
        connection, account_id=method.account_id, customer_id=method.customer_id
    )


def _add(
    connection: Connection,
    customer: StripeCustomer,
    method: PaymentMethod,
    *,
    now: datetime,
    added_by: AddedBy,
) -> Booked:
    is_first = not method_rows.has_any(connection, customer.client_id)
    row_id = method_rows.add(
        connection,
        firm_id=customer.firm_id,
        client_id=customer.client_id,
        account_id=method.account_id,
        customer_id=customer.customer_id,
        method_id=method.id,
        kind=method.kind,
        added_by_id=added_by.contact_id,
        added_by_user_id=added_by.user_id,
        added_at=now,
        announce_on=announced_on(method.expiry),
        **_shown(method),
    )
    method_rows.settle_default(connection, firm_id=customer.firm_id, client_id=customer.client_id)
    if is_first:
        backfill_offers.ask(
            connection,
            firm_id=customer.firm_id,
            client_id=customer.client_id,
            method_id=row_id,
            now=now,
        )
    return Booked(firm_id=customer.firm_id, is_changed=True)


def _bring_on(
    connection: Connection, known: StoredMethod, method: PaymentMethod, *, added_by: AddedBy
) -> Booked:
    """A card that was renewed has another expiry; and who added a method is often heard later."""
    columns = _shown(method)
    if columns["expiry"] != known.expiry:
        columns["announce_on"] = announced_on(method.expiry)
    if known.added_by_id is None and known.added_by_user_id is None and added_by != _NOBODY:
        columns |= {
            "added_by_id": added_by.contact_id,
            "added_by_user_id": added_by.user_id,
        }
    return Booked(
        firm_id=known.firm_id, is_changed=method_rows.change(connection, known, **columns)
    )


def _remove(connection: Connection, known: StoredMethod, now: datetime) -> Booked:
    if known.removed_at is not None:
        return Booked(firm_id=known.firm_id)
    method_rows.change(connection, known, is_default=False, removed_at=now, announce_on=None)
    return _settled(connection, known)


def _settled(connection: Connection, known: StoredMethod) -> Booked:
    method_rows.settle_default(connection, firm_id=known.firm_id, client_id=known.client_id)
    return Booked(firm_id=known.firm_id, is_changed=True)


def _shown(method: PaymentMethod) -> dict[str, object]:
    """What may be kept of it, and never more (R040): a bank's name comes from outside."""
    is_plain = method.last4.isascii() and method.last4.isalnum()
    return {
        "brand_or_bank": _line(method.brand_or_bank, _LONGEST_NAME),
        "last4": method.last4[-4:] if is_plain else "",
        "expiry": method.expiry[:5],
    }


def _line(text: str, limit: int) -> str:
    shown = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(shown.split())[:limit]
