"""A card or bank account is added without paying, on Stripe's page (R127).

As with a payment page, the row is committed before Stripe is asked, so that the same click gives
the same page. Nothing is charged there: what is saved is booked when whoever saved it comes back,
or when Stripe tells of it, whichever is first. A client's people ask for a page by `start`; the
firm's people, with the client's leave, through `client_methods`.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from assure_app.billing import (
    audit,
    ledger_rows,
    method_books,
    method_news,
    method_page_record,
    payer_rights,
    portal_links,
    stripe_accounts,
    stripe_customers,
)
from assure_app.billing.method_page_record import METADATA_KEY, MethodPage
from assure_app.billing.stripe_customers import StripeCustomer
from assure_app.billing.stripe_silence import StripeSilent, answer
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.errors import BillingError, Busy, FormAlreadyUsed, InvalidInput
from assure_app.domain.portal_access import PortalPrincipal
from assure_app.stripe_gateway import checkouts
from assure_app.stripe_gateway.outcomes import Reason, Refused

ACT = "save a payment method"
_KEY_IS_GOOD = timedelta(hours=23)
_MOST_TRIES = 2
_AGAIN = "This page is over. Press “Add a payment method” again."


class NothingToAddTo(BillingError):
    """No page can be opened, or this one is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks for a page, for which client: one of its contacts, or a user of its firm who says
    with `consent` that the client agreed.

    `email` is what a new customer at Stripe bears, `home` where the browser comes back to, `check`
    raises when the asker may not ask any more, and `note` goes into the audit log.
    """

    firm_id: int
    client_id: int
    contact_id: int | None
    user_id: int | None
    consent: str
    email: str
    home: str
    check: Callable[[Connection], None]
    note: str = ""


def start(payer: PortalPrincipal, *, form_token: object, now: datetime) -> str:
    """The address of Stripe's page that saves a method; the same form again gives the same page.

    Raises PaymentNotAllowed, NotFound, InvalidInput, NotSaved, NothingToAddTo, FormAlreadyUsed, and
    StripeSilent when Stripe cannot be asked: asking again with the same form is safe.
    """
    payer_rights.require(payer, act=ACT, now=now)
    asker = Asker(
        firm_id=payer.firm_id,
        client_id=payer.client_id,
        contact_id=payer.contact_id,
        user_id=None,
        consent="",
        email=payer.email,
        home=portal_links.home_link(payer.client_id),
        check=lambda connection: payer_rights.require_still(connection, payer, what="client"),
    )
    return open_for(asker, form_token=form_token, now=now)


def returned(payer: PortalPrincipal, token: object, *, now: datetime) -> str:
    """What came of the page that the client returns from, in a sentence; "" for no page of theirs.

    Never raises when Stripe is silent: then a callback, or the polling, tells.
    """
    with reading() as connection:
        page = method_page_record.by_token(connection, token)
    is_own = page is not None and (page.client_id, page.firm_id) == (payer.client_id, payer.firm_id)
    if page is None or not is_own or not payer.may_pay:
        return ""
    return what_came_of(page, now=now)


def open_for(asker: Asker, *, form_token: object, now: datetime) -> str:
    """The address of Stripe's page for this form, whoever asks; raises as `start` does."""
    if not ledger_rows.is_form_token(form_token):
        raise InvalidInput({"": "This page is out of date. Load it again."})
    for _ in range(_MOST_TRIES):
        with unit_of_work() as connection:
            page = _reserve(connection, asker, str(form_token), now)
        if isinstance(page, MethodPage):
            return _opened(page, now)
        stripe_customers.ask(page, now=now)
    raise Busy


def what_came_of(page: MethodPage, *, now: datetime) -> str:
    """What was saved on the page, booked by now, in a sentence; "" while nothing was."""
    if page.session_id is None:
        return ""
    try:
        session = answer(checkouts.retrieve_checkout(page.account_id, page.session_id))
        if isinstance(session, Refused) or session.setup_intent_id is None:
            return ""
        news = method_news.of_setup_intent(page.account_id, session.setup_intent_id)
    except StripeSilent:
        return "We are waiting for Stripe to tell us what was saved: it will appear below."
    with unit_of_work() as connection:
        booked = news(connection, now=now)
    if booked.firm_id is None:
        return ""
    return "Your payment method was saved." if page.user_id is None else "It was saved."


def _reserve(
    connection: Connection, asker: Asker, form_token: str, now: datetime
) -> MethodPage | StripeCustomer:
    """The page of this form, or the customer of whom Stripe has to be asked first."""
    asker.check(connection)
    known = method_page_record.by_form(connection, firm_id=asker.firm_id, form_token=form_token)
    if known is not None:
        whose = (known.client_id, known.contact_id, known.user_id)
        if whose != (asker.client_id, asker.contact_id, asker.user_id):
            raise FormAlreadyUsed
        return known
    account = stripe_accounts.of_firm(connection, asker.firm_id)
    if account is None or not account.charges_enabled:
        raise NothingToAddTo("The firm takes no online payments at the moment.")
    customer = stripe_customers.reserve(
        connection,
        account.account_id,
        firm_id=asker.firm_id,
        client_id=asker.client_id,
        email=asker.email,
        now=now,
    )
    if customer.customer_id is None:
        return customer
    token = secrets.token_urlsafe(24)
    method_page_record.add(
        connection,
        firm_id=asker.firm_id,
        client_id=asker.client_id,
        contact_id=asker.contact_id,
        user_id=asker.user_id,
        consent=asker.consent,
        account_id=account.account_id,
        customer_id=customer.customer_id,
        token=token,
        idempotency_key=secrets.token_urlsafe(24),
        form_token=form_token,
        success_url=f"{asker.home}&saved={token}",
        cancel_url=asker.home,
        created_at=now,
    )
    if asker.note:
        audit.note(
            connection, firm_id=asker.firm_id, user_id=asker.user_id, text=asker.note, at=now
        )
    written = method_page_record.by_token(connection, token)
    if written is None:
        raise Busy
    return written


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
            method_page_record.keep(page, problem=_AGAIN)
        raise
    if isinstance(asked, Refused):
        if asked.reason is Reason.MISSING:
            with unit_of_work() as connection:
                method_books.book_customer_gone(
                    connection, account_id=page.account_id, customer_id=page.customer_id, now=now
                )
        method_page_record.keep(page, problem=_AGAIN)
        raise NothingToAddTo(_AGAIN if asked.reason is Reason.MISSING else asked.sentence)
    method_page_record.keep(page, session_id=asked.id, url=asked.url)
    return asked.url
