"""A saved method is charged with nobody present: by auto-pay, or because a client confirmed it once
for several invoices (R116, R123).

What is asked is one row, committed before Stripe is asked, with the key that makes asking twice one
charge. It is the invoice's one live asking, as a payment page is, so that a page, auto-pay and
back-fill together never ask for more than the balance (R050). Stripe's answer is booked as every
other charge is. While nobody knows what Stripe did, the row stays and is asked for again.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection

from assure_app.billing import (
    autopay_rows,
    checkouts,
    client_payers,
    invoice_record,
    ledger_rows,
    method_rows,
    off_session_asking,
    stripe_accounts,
)
from assure_app.billing.checkouts import Checkout, NewCheckout
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.method_rows import StoredMethod
from assure_app.billing.stripe_silence import StripeSilent
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.autopay import AutopayState
from assure_app.domain.invoice_status import PAYABLE
from assure_app.domain.online import CURRENCY, CheckoutState, why_amount_refused
from assure_app.models.payment import Source

ASKING_TAKES = timedelta(minutes=1)
"""Longer than any asking: after it the sweep asks again."""


class Why(StrEnum):
    """Why nothing was reserved."""

    OVER = "over"  # The invoice asks for nothing: paid, cancelled, a draft.
    PENDING = "pending"  # Money for it is under way.
    LIVE = "live"  # The client has a page open, or another charge was asked for.
    ACCOUNT = "account"  # The firm takes no online payments at the moment.
    METHOD = "method"  # It was removed or disabled, or is of another account than today's.
    AMOUNT = "amount"  # The balance is below or above what Stripe takes.


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """Nothing was reserved, for this reason."""

    why: Why
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserved:
    """An asking that was written, and the method that it is to charge."""

    asking: Checkout
    method: StoredMethod


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What came of asking. `is_settled` is False while nobody knows, and it is asked for again.

    `problem` says why Stripe did not charge, "" when it did or is not known to have refused.
    """

    asking_id: int
    firm_id: int
    invoice_id: int
    is_settled: bool
    is_charged: bool
    problem: str


def reserve(
    connection: Connection,
    *,
    invoice: InvoiceRecord,
    method: StoredMethod | None,
    source: Source,
    payer: str,
    now: datetime,
    contact_id: int | None = None,
    key: str = "",
) -> Reserved | Blocked:
    """Write the asking for all that the invoice still asks for; the caller then commits, and asks.

    The caller holds the client, whose `method` it has read since, then the invoice. `payer` is what
    the ledger says it was paid by, `contact_id` who confirmed it. The same `key` again, of the same
    firm, is the same asking.
    """
    form_token = key or secrets.token_urlsafe(24)
    known, live = checkouts.by_form_or_live(
        connection, firm_id=invoice.firm_id, form_token=form_token, invoice_id=invoice.id
    )
    if known is not None and method is not None:
        return Reserved(asking=known, method=method)
    blocked = _why_not(connection, invoice, method, is_live=live is not None, now=now)
    if blocked is not None or method is None:
        return blocked or _blocked(Why.METHOD)
    new = NewCheckout(
        firm_id=invoice.firm_id,
        client_id=invoice.client_id,
        invoice_id=invoice.id,
        contact_id=contact_id,
        payer=payer,
        email=client_payers.address(
            connection, invoice.client_id, contact_id or method.added_by_id
        ),
        token=secrets.token_urlsafe(24),
        idempotency_key=secrets.token_urlsafe(24),
        form_token=form_token,
        form_hash=ledger_rows.hash_of(source.value, invoice.id, method.id),
        account_id=method.account_id,
        amount_cents=invoice.balance_cents,
        currency=CURRENCY,
        description=f"Invoice {invoice.number}",
        success_url="",
        cancel_url="",
        created_at=now,
        due_at=now + ASKING_TAKES,
        customer_id=method.customer_id,
        source=source.value,
        method_id=method.id,
    )
    return Reserved(asking=checkouts.add(connection, new), method=method)


def _why_not(
    connection: Connection,
    invoice: InvoiceRecord,
    method: StoredMethod | None,
    *,
    is_live: bool,
    now: datetime,
) -> Blocked | None:
    """Why this method cannot be charged for the invoice's balance now; None when it can (R117)."""
    if invoice.status(now) not in PAYABLE:
        return _blocked(Why.OVER)
    if invoice.pending_cents > 0 or invoice.balance_cents == 0:
        return _blocked(Why.PENDING)
    account = stripe_accounts.of_firm(connection, invoice.firm_id, is_held=True)
    if account is None or not account.takes_payments:
        return _blocked(Why.ACCOUNT)
    if method is None or not method.is_usable or method.account_id != account.account_id:
        return _blocked(Why.METHOD)
    if refused := why_amount_refused(invoice.balance_cents, invoice.balance_cents):
        return Blocked(why=Why.AMOUNT, sentence=refused)
    # Last: whoever has a page closed to make room knows that nothing else is in the way.
    return _blocked(Why.LIVE) if is_live else None


def ask(asking_id: int, *, now: datetime) -> Asked:
    """Have Stripe charge a committed asking, and book what it says; asked twice, it charges once.

    Never inside a transaction. Raises Busy or Unavailable when our own database cannot be written.
    """
    with unit_of_work() as connection:
        reserved = _with_method(connection, asking_id)
        asking = _begun(connection, reserved.asking, now)
    _settle(asking, reserved.method, now)
    return outcome(asking_id)


def charge(reserved: Reserved, *, now: datetime) -> None:
    """The same for what was just reserved, once that is committed."""
    with unit_of_work() as connection:
        asking = _begun(connection, reserved.asking, now)
    _settle(asking, reserved.method, now)


def _settle(asking: Checkout, method: StoredMethod, now: datetime) -> None:
    if asking.state is CheckoutState.NEW:
        try:
            off_session_asking.settle(asking, method, now=now)
        except StripeSilent as silence:
            _note_silence(asking, silence)


def outcome(asking_id: int) -> Asked:
    """What came of asking so far."""
    with reading() as connection:
        known = checkouts.by_id(connection, asking_id)
    is_refused = known.state is CheckoutState.REFUSED
    return Asked(
        asking_id=known.id,
        firm_id=known.firm_id,
        invoice_id=known.invoice_id,
        is_settled=known.state is not CheckoutState.NEW,
        is_charged=known.state is CheckoutState.COMPLETED,
        problem=known.problem if is_refused else "",
    )


def _with_method(connection: Connection, asking_id: int) -> Reserved:
    asking = checkouts.by_id(connection, asking_id)
    method = method_rows.of_row(
        connection, client_id=asking.client_id, row_id=asking.method_id or 0
    )
    if method is None:
        raise LookupError(f"payment method {asking.method_id}")
    return Reserved(asking=asking, method=method)


def _begun(connection: Connection, asking: Checkout, now: datetime) -> Checkout:
    """The asking as it was before; noted as asked, or given up where that is not wanted any more.

    Between reserving and asking lies as long as a killed worker stays away.
    """
    if asking.state is not CheckoutState.NEW or asking.asked_at is not None:
        return asking
    invoice = invoice_record.lock_of_firm(
        connection, firm_id=asking.firm_id, invoice_id=asking.invoice_id
    )
    asking = checkouts.by_id(connection, asking.id)  # As it is now that the invoice is held.
    if asking.state is CheckoutState.NEW and asking.asked_at is None:
        if not _is_wanted(connection, asking, invoice):
            checkouts.forget_unasked(connection, asking.id, at=now)
            return checkouts.by_id(connection, asking.id)
        # Whoever opens a page gives it up without holding the invoice: one of the two writes wins.
        if not checkouts.note_asked(connection, asking.id, at=now):
            return checkouts.by_id(connection, asking.id)
    return asking


def _is_wanted(connection: Connection, asking: Checkout, invoice: InvoiceRecord) -> bool:
    """Whether so much is still owed, and auto-pay was not stopped or switched off meanwhile."""
    if invoice.balance_cents < asking.amount_cents:
        return False
    if asking.source is not Source.AUTOPAY:
        return True
    known = autopay_rows.of_invoice(connection, invoice.id)
    return known is None or (known.state is AutopayState.CHARGING and known.is_on)


def abandon(asking: Checkout, *, now: datetime) -> bool:
    """Give up an asking that Stripe was never asked for; False when it may have charged."""
    with unit_of_work() as connection:
        return checkouts.forget_unasked(connection, asking.id, at=now)


def outlive(asking: Checkout, *, now: datetime) -> bool:
    """Give up an asking whose account let us go: what came of it is not to be learned any more."""
    with unit_of_work() as connection:
        account = stripe_accounts.find(connection, asking.account_id)
        known = checkouts.by_id(connection, asking.id)
        if (
            known.state is not CheckoutState.NEW
            or now - known.created_at < off_session_asking.KEY_IS_GOOD
        ):
            return False
        if account is not None and not account.is_deauthorized:
            return False
        return checkouts.move(connection, known, CheckoutState.EXPIRED, closed_at=now, due_at=None)


def _note_silence(asking: Checkout, silence: StripeSilent) -> None:
    with unit_of_work() as connection:
        checkouts.note_problem(connection, asking.id, silence.cause[:500])


def _blocked(why: Why) -> Blocked:
    return Blocked(why=why, sentence=_SENTENCES[why])


_SENTENCES = {
    Why.OVER: "This invoice asks for nothing any more.",
    Why.PENDING: "A payment for this invoice is being processed.",
    Why.LIVE: "This invoice is being paid at this moment.",
    Why.ACCOUNT: "The firm takes no online payments at the moment.",
    Why.METHOD: "This payment method cannot be charged any more.",
}
