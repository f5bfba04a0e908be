"""A client pays an invoice on Stripe's page (R039–R056).

The row of the page is committed before Stripe is asked for it, so whatever dies when, the same
click gives the same page and nothing is charged twice. An invoice has one live page at most; with
the ledger's rows, pending ones too, it bounds what can ever be charged by the balance (R050).
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from assure_app.billing import (
    checkout_closing,
    checkouts,
    invoice_record,
    ledger_rows,
    method_rows,
    payer_rights,
    portal_links,
    stripe_accounts,
    stripe_customers,
    stripe_news,
)
from assure_app.billing.charges import Booked
from assure_app.billing.checkouts import Checkout, NewCheckout
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.stripe_customers import StripeCustomer
from assure_app.billing.stripe_silence import StripeSilent
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.entry import Entry
from assure_app.domain.errors import BillingError, Busy, FormAlreadyUsed, InvalidInput
from assure_app.domain.invoice_status import PAYABLE
from assure_app.domain.online import CURRENCY, CheckoutState, check_amount
from assure_app.domain.portal_access import PortalPrincipal

MOST_TRIES = 4


class NotPayableOnline(BillingError):
    """The invoice takes no online payment now (R049, R067)."""


class PageOver(BillingError):
    """The page that this form opened is closed: by its age, or by a newer one."""

    def __init__(self, why: str = "") -> None:
        super().__init__(why or "This payment page was closed. Press Pay again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class StartedCheckout:
    """Where the client's browser goes now."""

    url: str
    firm_id: int
    is_repeat: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """A click on Pay now as read: valid in itself, not yet held against the invoice."""

    pay_token: str
    amount_cents: int
    form_token: str
    saves_method: bool


def start_checkout(
    payer: PortalPrincipal,
    pay_token: object,
    amount: object,
    *,
    form_token: object,
    saves_method: bool = False,
    now: datetime,
) -> StartedCheckout:
    """Open Stripe's page for this amount of the invoice, and say where it is (R047–R051).

    With `saves_method` Stripe keeps what is paid with for the client's next payments; without it
    nothing is saved. The same `form_token` again gives the same page. A page that was open for this
    invoice is closed at Stripe first; if it was paid on meanwhile, that is booked and the balance
    decides anew.

    Raises PaymentNotAllowed, NotFound, InvalidInput, OnlineAmountRefused, NotPayableOnline,
    PageOver, FormAlreadyUsed, NotSaved; StripeSilent and PageNotClosed when Stripe cannot be asked:
    asking again with the same form is safe.
    """
    payer_rights.require(payer, act="pay an invoice", now=now)
    if not ledger_rows.is_form_token(form_token):
        raise InvalidInput({"": "This page is out of date. Load it again."})
    wanted = _Wanted(
        pay_token=portal_links.known_token(pay_token),
        amount_cents=_read_amount(amount),
        form_token=str(form_token),
        saves_method=saves_method is True,
    )
    for tries_left in reversed(range(MOST_TRIES)):
        with unit_of_work() as connection:
            page = _reserve(connection, payer, wanted, now)
        if isinstance(page, StripeCustomer):
            stripe_customers.ask(page, now=now)
            continue
        if page.form_token == form_token:
            return _opened(page, now)
        if tries_left:  # Whoever gives up leaves the rival's page alone: one of them can be paid.
            checkout_closing.close(page.id, now=now)
    raise Busy


def apply_charge(account_id: str, charge_id: str, *, now: datetime) -> Booked:
    """Book a charge as Stripe says it is now; any number of times. Raises StripeSilent."""
    news = stripe_news.of_charge(account_id, charge_id)
    with unit_of_work() as connection:
        return news(connection, now=now)


def _read_amount(amount: object) -> int:
    entry = Entry()
    amount_cents = entry.amount_cents("amount", amount)
    entry.check()
    return amount_cents


def _reserve(
    connection: Connection, payer: PortalPrincipal, wanted: _Wanted, now: datetime
) -> Checkout | StripeCustomer:
    """The page of this form, new or known; or the page of another form that is in its way; or the
    customer for whom the method shall be saved, of whom Stripe has to be asked first."""
    invoice = invoice_record.lock_of_client(
        connection, firm_id=payer.firm_id, client_id=payer.client_id, pay_token=wanted.pay_token
    )
    payer_rights.require_still(connection, payer, what="invoice")
    form_hash = ledger_rows.hash_of(
        "checkout", invoice.id, payer.contact_id, wanted.amount_cents, wanted.saves_method
    )
    known = checkouts.by_form(connection, firm_id=payer.firm_id, form_token=wanted.form_token)
    if known is not None:
        if known.form_hash != form_hash:
            raise FormAlreadyUsed
        return known
    account_id = _check_payable(connection, invoice, now)
    check_amount(invoice.balance_cents, wanted.amount_cents)
    live = checkouts.live_of(connection, invoice.id)
    if live is not None:
        return live
    customer = _customer_for(connection, payer, account_id, wanted, now)
    if customer is not None and customer.customer_id is None:
        return customer
    token = secrets.token_urlsafe(24)
    address = portal_links.link_of(wanted.pay_token)
    new = NewCheckout(
        firm_id=invoice.firm_id,
        client_id=invoice.client_id,
        invoice_id=invoice.id,
        contact_id=payer.contact_id,
        payer=payer.name,
        email=payer.email,
        token=token,
        idempotency_key=secrets.token_urlsafe(24),
        form_token=wanted.form_token,
        form_hash=form_hash,
        account_id=account_id,
        amount_cents=wanted.amount_cents,
        currency=CURRENCY,
        description=f"Invoice {invoice.number}",
        success_url=f"{address}?checkout={token}",
        cancel_url=address,
        created_at=now,
        due_at=now + checkout_closing.ASKING_TAKES,
        customer_id=None if customer is None else customer.customer_id,
        saves_method=wanted.saves_method,
    )
    return checkouts.add(connection, new)


def _customer_for(
    connection: Connection,
    payer: PortalPrincipal,
    account_id: str,
    wanted: _Wanted,
    now: datetime,
) -> StripeCustomer | None:
    """Whose saved methods the page offers, and for whom it saves one; None when it does neither."""
    if wanted.saves_method:
        return stripe_customers.reserve(
            connection,
            account_id,
            firm_id=payer.firm_id,
            client_id=payer.client_id,
            email=payer.email,
            now=now,
        )
    if not method_rows.of_client(connection, firm_id=payer.firm_id, client_id=payer.client_id):
        return None
    known = stripe_customers.of_client(connection, account_id=account_id, client_id=payer.client_id)
    return None if known is None or known.customer_id is None else known


def _check_payable(connection: Connection, invoice: InvoiceRecord, now: datetime) -> str:
    """The account to charge on. Raises NotPayableOnline with the reason."""
    account = stripe_accounts.of_firm(connection, invoice.firm_id, is_held=True)
    if account is None or not account.takes_payments:
        raise NotPayableOnline("The firm takes no online payments at the moment.")
    status = invoice.status(now)
    if status not in PAYABLE:
        raise NotPayableOnline(f"This invoice is {status}. There is nothing to pay.")
    if invoice.balance_cents == 0:
        raise NotPayableOnline("The whole balance is being processed already.")
    return account.account_id


def _opened(page: Checkout, now: datetime) -> StartedCheckout:
    """Where a page is, after asking Stripe for it if that was not done or not answered."""
    is_repeat = page.state is not CheckoutState.NEW
    known = _as_at_stripe(page, now) if is_repeat else checkout_closing.open_page(page, now=now)
    match known.state:
        case CheckoutState.OPEN:
            url = known.url
        case CheckoutState.COMPLETED:
            url = known.success_url
        case CheckoutState.REFUSED:
            raise PageOver(f"Stripe did not open a payment page. {known.problem}")
        case CheckoutState.NEW | CheckoutState.EXPIRED:
            raise PageOver(known.problem)
    return StartedCheckout(url=url, firm_id=known.firm_id, is_repeat=is_repeat)


def _as_at_stripe(page: Checkout, now: datetime) -> Checkout:
    """The page as it is by now: it may have been paid on, or have come of age, unheard."""
    try:
        return checkout_closing.settle(page.id, now=now)
    except StripeSilent:
        return page  # Its address is good all the same, and Stripe itself says what it is worth.
