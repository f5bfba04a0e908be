"""What became of a payment page, for the client who returns from it (R041–R044)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from assure_app.billing import checkout_closing, checkouts, portal_links
from assure_app.billing.checkouts import Checkout
from assure_app.billing.stripe_silence import StripeSilent
from assure_app.db.unit_of_work import reading
from assure_app.domain.errors import NotFound
from assure_app.domain.money import full_text
from assure_app.domain.portal_access import PortalPrincipal
from assure_app.domain.transitions import RowStatus
from assure_app.models.tables import invoice as invoice_table
from assure_app.models.tables import payment


class PageOutcome(StrEnum):
    """What came of a payment page, for the page that the client returns to."""

    PAID = "paid"
    PENDING = "pending"
    FAILED = "failed"
    OPEN = "open"
    CLOSED = "closed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutResult:
    """What became of a payment, in words for the client."""

    outcome: PageOutcome
    amount: str
    method: str
    sentence: str
    firm_id: int


def return_from_checkout(
    payer: PortalPrincipal, pay_token: object, checkout_token: object, *, now: datetime
) -> CheckoutResult:
    """What came of the page that the client returns from, asked of Stripe itself.

    Raises NotFound for a page that is not of this client and this invoice. Never raises when Stripe
    is silent: then the outcome is unknown, and the callback or the sweep will tell.
    """
    page = _own_page(payer, portal_links.known_token(pay_token), checkout_token)
    try:
        page = checkout_closing.settle(page.id, now=now)
    except StripeSilent:
        return _result(page, PageOutcome.UNKNOWN, "")
    with reading() as connection:
        last = connection.execute(
            select(
                payment.c.status,
                payment.c.method,
                payment.c.method_detail,
                payment.c.failure_reason,
            )
            .where(payment.c.checkout_id == page.id)
            .order_by(payment.c.id.desc())
            .limit(1)
        ).first()
    if last is None:
        return _result(page, PageOutcome.OPEN if page.is_live else PageOutcome.CLOSED, "")
    method = last.method_detail or last.method
    outcome = _OUTCOMES[RowStatus(last.status)]
    if outcome is PageOutcome.FAILED:
        return _result(page, outcome, method, reason=last.failure_reason)
    return _result(page, outcome, method)


def _own_page(payer: PortalPrincipal, pay_token: str, checkout_token: object) -> Checkout:
    with reading() as connection:
        token = checkout_token if isinstance(checkout_token, str) else ""
        page = checkouts.by_token(connection, token)
        if page is None or (page.firm_id, page.client_id) != (payer.firm_id, payer.client_id):
            raise NotFound("payment")
        own = select(invoice_table.c.pay_token).where(invoice_table.c.id == page.invoice_id)
        if connection.scalar(own) != pay_token:
            raise NotFound("payment")
    return page


def _result(
    page: Checkout, outcome: PageOutcome, method: str, *, reason: str = ""
) -> CheckoutResult:
    amount = full_text(page.amount_cents)
    sentence = _SENTENCES[outcome].format(amount=amount)
    return CheckoutResult(
        outcome=outcome,
        amount=amount,
        method=method,
        sentence=f"{sentence} {reason}".strip(),
        firm_id=page.firm_id,
    )


_OUTCOMES = {
    RowStatus.COMPLETED: PageOutcome.PAID,
    RowStatus.REFUNDED: PageOutcome.PAID,
    RowStatus.PENDING: PageOutcome.PENDING,
    RowStatus.FAILED: PageOutcome.FAILED,
}
_SENTENCES = {
    PageOutcome.PAID: "Your payment of {amount} arrived. Thank you.",
    PageOutcome.PENDING: (
        "Your payment of {amount} is being processed. A bank payment takes 1–3 business days; we "
        "will write to you when it has arrived."
    ),
    PageOutcome.FAILED: "Your payment of {amount} failed, and nothing was charged.",
    PageOutcome.OPEN: "Your payment of {amount} is not finished.",
    PageOutcome.CLOSED: "Your payment of {amount} was not made: the page was closed.",
    PageOutcome.UNKNOWN: (
        "We are waiting for Stripe to tell us about your payment of {amount}. You need not pay "
        "again: this page will show it."
    ),
}
