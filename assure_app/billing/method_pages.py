"""A client adds a card or bank account without paying, on Stripe's page (R127).

As with a payment page, the row is committed before Stripe is asked, so that the same click gives
the same page. Nothing is charged there: what is saved is booked when the client comes back, or when
Stripe tells of it, whichever is first.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, insert, select, update

from assure_app.billing import (
    ledger_rows,
    method_books,
    method_news,
    payer_rights,
    portal_links,
    stripe_accounts,
    stripe_customers,
)
from assure_app.billing.stripe_customers import StripeCustomer
from assure_app.billing.stripe_silence import StripeSilent, answer
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.errors import BillingError, Busy, InvalidInput
from assure_app.domain.portal_access import PortalPrincipal
from assure_app.models.tables import method_page
from assure_app.stripe_gateway import checkouts
from assure_app.stripe_gateway.outcomes import Reason, Refused

METADATA_KEY = "assure_method_page"
ACT = "save a payment method"
_KEY_IS_GOOD = timedelta(hours=23)
_MOST_TRIES = 2
_AGAIN = "This page is over. Press “Add a payment method” again."


class NothingToAddTo(BillingError):
    """No page can be opened, or this one is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodPage:
    """A page as stored; `url` is "" until Stripe answered, `problem` why none came of it."""

    id: int
    account_id: str
    customer_id: str
    token: str
    idempotency_key: str
    success_url: str
    cancel_url: str
    created_at: datetime
    session_id: str | None
    url: str
    problem: str


_SELECT = select(*(method_page.c[name] for name in MethodPage.__dataclass_fields__))


def start(payer: PortalPrincipal, *, form_token: object, now: datetime) -> str:
    """The address of Stripe's page that saves a method; the same form again gives the same page.

    Raises PaymentNotAllowed, NotFound, InvalidInput, NotSaved, NothingToAddTo, and StripeSilent
    when Stripe cannot be asked: asking again with the same form is safe.
    """
    payer_rights.require(payer, act=ACT, now=now)
    if not ledger_rows.is_form_token(form_token):
        raise InvalidInput({"": "This page is out of date. Load it again."})
    for _ in range(_MOST_TRIES):
        with unit_of_work() as connection:
            page = _reserve(connection, payer, str(form_token), now)
        if isinstance(page, MethodPage):
            return _opened(page, now)
        stripe_customers.ask(page, now=now)
    raise Busy


def returned(payer: PortalPrincipal, token: object, *, now: datetime) -> str:
    """What came of the page that the client returns from, in a sentence; "" for no page of theirs.

    Never raises when Stripe is silent: then a callback, or the polling, tells.
    """
    page = _own(payer, token)
    if page is None or page.session_id is None:
        return ""
    try:
        session = answer(checkouts.retrieve_checkout(page.account_id, page.session_id))
        if isinstance(session, Refused) or session.setup_intent_id is None:
            return ""
        news = method_news.of_setup_intent(page.account_id, session.setup_intent_id)
    except StripeSilent:
        return "We are waiting for Stripe to tell us what you saved: it will appear below."
    with unit_of_work() as connection:
        booked = news(connection, now=now)
    return "Your payment method was saved." if booked.firm_id is not None else ""


def _reserve(
    connection: Connection, payer: PortalPrincipal, form_token: str, now: datetime
) -> MethodPage | StripeCustomer:
    """The page of this form, or the customer of whom Stripe has to be asked first."""
    payer_rights.require_still(connection, payer, what="client")
    is_form = (method_page.c.form_token == form_token) & (method_page.c.firm_id == payer.firm_id)
    is_own = method_page.c.contact_id == payer.contact_id
    known = _one(connection.execute(_SELECT.where(is_form, is_own)).mappings().first())
    if known is not None:
        return known
    account = stripe_accounts.of_firm(connection, payer.firm_id)
    if account is None or not account.charges_enabled:
        raise NothingToAddTo("The firm takes no online payments at the moment.")
    customer = stripe_customers.reserve(connection, payer, account.account_id, now=now)
    if customer.customer_id is None:
        return customer
    token = secrets.token_urlsafe(24)
    home = portal_links.home_link(payer.client_id)
    values = {
        "firm_id": payer.firm_id,
        "client_id": payer.client_id,
        "contact_id": payer.contact_id,
        "account_id": account.account_id,
        "customer_id": customer.customer_id,
        "token": token,
        "idempotency_key": secrets.token_urlsafe(24),
        "form_token": form_token,
        "success_url": f"{home}&saved={token}",
        "cancel_url": home,
        "created_at": now,
        "url": "",
        "problem": "",
    }
    connection.execute(insert(method_page).values(values))
    return MethodPage(
        **connection.execute(_SELECT.where(method_page.c.token == token)).mappings().one()
    )


def _opened(page: MethodPage, now: datetime) -> str:
    """Its address, after asking Stripe for it if that was not done or not answered."""
    if page.url:
        return page.url
    if page.problem or now - page.created_at >= _KEY_IS_GOOD:
        raise NothingToAddTo(page.problem or _AGAIN)
    try:
        asked = answer(
            checkouts.create_setup_page(
                page.account_id,
                customer_id=page.customer_id,
                metadata={METADATA_KEY: page.token},
                success_url=page.success_url,
                cancel_url=page.cancel_url,
                idempotency_key=page.idempotency_key,
            )
        )
    except StripeSilent as silence:
        if silence.cause.startswith("status_5"):  # Stripe keeps even its own errors under a key.
            _keep(page, problem=_AGAIN)
        raise
    if isinstance(asked, Refused):
        if asked.reason is Reason.MISSING:
            with unit_of_work() as connection:
                method_books.book_customer_gone(
                    connection, account_id=page.account_id, customer_id=page.customer_id, now=now
                )
        _keep(page, problem=_AGAIN)
        raise NothingToAddTo(_AGAIN if asked.reason is Reason.MISSING else asked.sentence)
    _keep(page, session_id=asked.id, url=asked.url)
    return asked.url


def _own(payer: PortalPrincipal, token: object) -> MethodPage | None:
    if not (isinstance(token, str) and 0 < len(token) <= 64 and token.isascii()):
        return None
    is_own = (method_page.c.client_id == payer.client_id) & (method_page.c.firm_id == payer.firm_id)
    if not payer.may_pay or not token.isprintable():
        return None
    with reading() as connection:
        found = connection.execute(_SELECT.where(method_page.c.token == token, is_own))
        return _one(found.mappings().first())


def _keep(page: MethodPage, **columns: object) -> None:
    """Write what came of asking, unless a rival with the same key was first."""
    is_new = (method_page.c.id == page.id) & method_page.c.session_id.is_(None)
    with unit_of_work() as connection:
        connection.execute(update(method_page).where(is_new).values(columns))


def _one(row: RowMapping | None) -> MethodPage | None:
    return None if row is None else MethodPage(**row)
