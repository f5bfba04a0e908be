"""A client pays its recent unpaid invoices all at once, when it first saved something to pay with
(R114–R122).

What is agreed to is written in one transaction: the answer, and for each invoice an asking of its
own, reserved as auto-pay reserves one. From there on nothing depends on who confirmed: each asking
is asked of Stripe by a job, or by the sweep when no job ever ran, and each stands or fails alone.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, exists, select

from assure_app.billing import (
    audit,
    backfill_offers,
    checkout_closing,
    invoice_record,
    method_rows,
    off_session,
    payer_rights,
    portal_links,
)
from assure_app.billing.backfill_offers import StoredOffer
from assure_app.billing.checkout_closing import CheckoutInTheWay
from assure_app.billing.invoice_record import InvoiceRecord, facts_of
from assure_app.billing.off_session import Blocked
from assure_app.db import jobs
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.backfill import (
    Agreed,
    Answer,
    Candidate,
    ListChanged,
    check_agreed,
    first_day,
    is_eligible,
)
from assure_app.domain.calendar import day_of
from assure_app.domain.errors import BillingError, NotFound
from assure_app.domain.invoice_status import Stage, status
from assure_app.domain.money import full_text
from assure_app.domain.portal_access import PortalPrincipal
from assure_app.models.payment import Source
from assure_app.models.tables import checkout, engagement, firm, invoice

ACT = "pay past invoices all at once"
JOB = "ask-off-session"
"""What asks Stripe for one asking, once the answer is committed."""
MOST_INVOICES = 200
"""As many are offered at once; those that fall due first."""
# As the index says it, or SQLite would not see that the index serves.
_IS_LIVE = (checkout.c.state == "new") | (checkout.c.state == "open")
_IS_PAGE = checkout.c.method_id.is_(None)
# A page that is open asks for nothing yet: it is closed before the invoice is charged.
_IS_ASKED_FOR = exists().where(checkout.c.invoice_id == invoice.c.id, _IS_LIVE, ~_IS_PAGE)


class AlreadyDeclined(BillingError):
    """Somebody of the client said “Not now” (R119)."""

    def __init__(self) -> None:
        super().__init__("Somebody of your company chose “Not now”, so nothing was charged.")


@dataclass(frozen=True, slots=True, kw_only=True)
class OnFile:
    """A past invoice that may be paid now, for its whole balance in cents."""

    id: int
    number: str
    title: str
    due_on: date
    balance_cents: int
    pay_token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A back-fill that was agreed to; `is_repeat` when it was before, by whomever."""

    firm_id: int
    is_repeat: bool


def on_file(connection: Connection, offer: StoredOffer, *, today: date) -> list[OnFile]:
    """The invoices that the client may pay all at once on the firm's day `today`, by due date.

    Outside a transaction that holds them it is what is shown; what is charged is decided anew.
    """
    rows = connection.execute(
        select(invoice, engagement.c.is_autopay_on, _IS_ASKED_FOR.label("is_asked_for"))
        .join(engagement, engagement.c.id == invoice.c.engagement_id)
        .where(
            invoice.c.client_id == offer.client_id,
            invoice.c.firm_id == offer.firm_id,
            invoice.c.stage == Stage.OPEN.value,
            invoice.c.issued_on.between(first_day(today), offer.offered_on),
            engagement.c.is_autopay_on,
        )
        .order_by(invoice.c.due_on, invoice.c.id)
        .limit(MOST_INVOICES)
    ).all()
    return [
        OnFile(
            id=row.id,
            number=row.number,
            title=row.title,
            due_on=row.due_on,
            balance_cents=row.balance_cents,
            pay_token=row.pay_token,
        )
        for row in rows
        if is_eligible(_candidate(row, today), today=today, offered_on=offer.offered_on)
    ]


def confirm(payer: PortalPrincipal, agreed: Agreed, *, now: datetime) -> Begun:
    """Charge what was agreed to, each invoice by itself, for what it still asks for (R118–R121).

    Confirmed again, by whomever, it charges nothing more. Raises PaymentNotAllowed, NotFound,
    AlreadyDeclined, ListChanged when more would be charged now than was shown, or nothing, and
    PageNotClosed when Stripe cannot say whether somebody pays one of them at this moment.
    """
    payer_rights.require(payer, act=ACT, now=now)
    _close_pages(payer, agreed, now)
    with unit_of_work() as connection:
        offer = _held(connection, payer)
        match offer.answer:
            case Answer.ACCEPTED:
                return Begun(firm_id=offer.firm_id, is_repeat=True)
            case Answer.DECLINED:
                raise AlreadyDeclined
            case Answer.WAITING:
                _begin(connection, payer, offer, agreed, now)
    return Begun(firm_id=payer.firm_id, is_repeat=False)


def decline(payer: PortalPrincipal, *, now: datetime) -> None:
    """Charge nothing, and ask no more (R119). Raises PaymentNotAllowed and NotFound.

    Too late once somebody agreed: what is charged then is seen on the page.
    """
    payer_rights.require(payer, act=ACT, now=now)
    with unit_of_work() as connection:
        offer = _held(connection, payer)
        given = Answer.DECLINED
        if backfill_offers.answer(connection, offer, given, contact_id=payer.contact_id, now=now):
            _note(connection, payer, "chose “Not now” for paying past invoices", now)


def close(payer: PortalPrincipal, *, now: datetime) -> None:
    """Show no more what came of it. Raises PaymentNotAllowed and NotFound."""
    payer.require_payer()
    with unit_of_work() as connection:
        backfill_offers.close(connection, _held(connection, payer), now=now)


def _close_pages(payer: PortalPrincipal, agreed: Agreed, now: datetime) -> None:
    """Close the client's own payment pages of what was agreed to, outside any transaction, as a
    newer page would (R050). What was paid on one is booked; one that is being paid on stays."""
    with reading() as connection:
        offer = backfill_offers.of_client(
            connection, firm_id=payer.firm_id, client_id=payer.client_id
        )
        if offer is None or offer.answer is not Answer.WAITING:
            return
        wanted = select(checkout.c.id).where(
            _IS_LIVE,
            _IS_PAGE,
            checkout.c.client_id == payer.client_id,
            checkout.c.invoice_id.in_(list(agreed.cents)),
        )
        page_ids = connection.scalars(wanted.order_by(checkout.c.id)).all()
    for page_id in page_ids:
        with suppress(CheckoutInTheWay):  # It is left out of what is charged.
            checkout_closing.close(page_id, now=now)


def _held(connection: Connection, payer: PortalPrincipal) -> StoredOffer:
    """The client's offer, with the client held: its people answer one after the other."""
    method_rows.hold_client(connection, payer.client_id)
    payer_rights.require_still(connection, payer, what="client")
    offer = backfill_offers.of_client(connection, firm_id=payer.firm_id, client_id=payer.client_id)
    if offer is None:
        raise NotFound("offer")
    return offer


def _begin(
    connection: Connection,
    payer: PortalPrincipal,
    offer: StoredOffer,
    agreed: Agreed,
    now: datetime,
) -> None:
    invoices = _locked(connection, offer, now)
    method = method_rows.autopay_default(
        connection, firm_id=offer.firm_id, client_id=offer.client_id
    )
    takes_payments = portal_links.takes_payments(connection, offer.firm_id)
    if method is None or not invoices or not takes_payments:
        raise ListChanged
    check_agreed(
        agreed, method_id=method.id, cents={each.id: each.balance_cents for each in invoices}
    )
    backfill_offers.answer(
        connection,
        offer,
        Answer.ACCEPTED,
        contact_id=payer.contact_id,
        charged_id=method.id,
        now=now,
    )
    asked = []
    for each in invoices:
        reserved = off_session.reserve(
            connection,
            invoice=each,
            method=method,
            source=Source.BACKFILL,
            payer=payer.name,
            contact_id=payer.contact_id,
            now=now,
        )
        if not isinstance(reserved, Blocked):  # What a rival took meanwhile is left out.
            asking_id = reserved.asking.id
            backfill_offers.add_item(connection, offer, invoice_id=each.id, checkout_id=asking_id)
            jobs.enqueue(
                connection,
                JOB,
                f"asking {asking_id}",
                firm_id=offer.firm_id,
                now=now,
                asking_id=asking_id,
                what=f"Charge of {each.number}",
                invoice_id=each.id,
            )
            asked.append(each)
    if not asked:
        raise ListChanged
    total = full_text(sum(each.balance_cents for each in asked))
    said = f"agreed to pay {len(asked):,} past invoices, {total}, with {method.name}"
    _note(connection, payer, said, now)


def _locked(connection: Connection, offer: StoredOffer, now: datetime) -> list[InvoiceRecord]:
    """What is eligible now that each invoice is held; they are held in the order of their ids."""
    today = day_of(now, _zone(connection, offer))
    held = {
        each: invoice_record.lock_of_firm(connection, firm_id=offer.firm_id, invoice_id=each)
        for each in sorted(each.id for each in on_file(connection, offer, today=today))
    }
    # Read again: a rival may have written what was waited for.
    return [held[each.id] for each in on_file(connection, offer, today=today) if each.id in held]


def _zone(connection: Connection, offer: StoredOffer) -> str:
    return str(connection.scalar(select(firm.c.timezone).where(firm.c.id == offer.firm_id)))


def _candidate(row: Row[Any], today: date) -> Candidate:
    return Candidate(
        issued_on=row.issued_on,
        status=status(facts_of(row), today),
        is_on_autopay=row.is_autopay_on,
        balance_cents=row.balance_cents,
        pending_cents=row.pending_cents,
        is_asked_for=row.is_asked_for,
    )


def _note(connection: Connection, payer: PortalPrincipal, what: str, now: datetime) -> None:
    audit.note(
        connection,
        firm_id=payer.firm_id,
        user_id=None,
        text=f"{payer.name} of a client {what}",
        at=now,
    )
