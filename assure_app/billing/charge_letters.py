"""Who is told what about a payment, once each: the client by letter, and the firm's people as each
of them chose."""

from datetime import datetime

from sqlalchemy import Connection

from assure_app.billing import answer_address, notifications, papers, portal_links
from assure_app.billing.charge_story import Told
from assure_app.billing.charge_text import (
    failed_text,
    landed_text,
    method_of,
    method_text,
    reason_of,
    told_to_firm,
)
from assure_app.billing.checkouts import Checkout
from assure_app.documents.paper import to_text
from assure_app.domain.email_address import is_address
from assure_app.domain.ledger import Method
from assure_app.domain.money import full_text
from assure_app.domain.notifications import NotificationKind
from assure_app.domain.transitions import RowStatus
from assure_app.mail import outbox, payment_letters
from assure_app.mail.invoice_mail import Letter
from assure_app.mail.payment_letters import MailedPayment
from assure_app.models.payment import Source
from assure_app.stripe_gateway.records import Charge


def post(
    connection: Connection, charge: Charge, page: Checkout, told: Told, *, now: datetime
) -> None:
    """Tell of this move of the row, if there is anything to tell.

    A card that is declined says so on Stripe's page, where the client tries another one; news of
    each try would be noise. A bank payment fails days later, and nobody would know. What is pending
    may still fail: it is told of when it has landed.
    """
    payment = _payment(charge, page, told, now)
    match told.status:
        case RowStatus.COMPLETED:
            _write_to_client(connection, page, told, payment_letters.received(payment), now=now)
            _tell_landed(connection, charge, page, payment, told, now=now)
        case RowStatus.FAILED if page.source is Source.AUTOPAY:
            pass  # What follows from it is told with it: `autopay_letters`.
        case RowStatus.FAILED if not told.is_new or method_of(charge.method) is Method.ACH:
            _write_to_client(connection, page, told, payment_letters.failed(payment), now=now)
            _tell_failed(connection, charge, page, payment, told, now=now)


def _tell_landed(
    connection: Connection,
    charge: Charge,
    page: Checkout,
    payment: MailedPayment,
    told: Told,
    *,
    now: datetime,
) -> None:
    surplus = full_text(told.surplus_cents)
    too_much = f"{surplus} more than was owed" if told.surplus_cents else ""
    notifications.tell(
        connection,
        firm_id=told.after.firm_id,
        kind=NotificationKind.PAYMENT_LANDED,
        text=landed_text(
            payment.client,
            payment.amount_cents,
            number=payment.number,
            method=method_of(charge.method),
            source=page.source,
        ),
        detail=" · ".join(part for part in (payment.method, too_much) if part),
        about=f"payment {told.payment_id} landed",
        invoice_id=told.after.id,
        client_id=told.after.client_id,
        now=now,
    )


def _tell_failed(
    connection: Connection,
    charge: Charge,
    page: Checkout,
    payment: MailedPayment,
    told: Told,
    *,
    now: datetime,
) -> None:
    link = portal_links.desk_link(payment.number)
    notifications.tell(
        connection,
        firm_id=told.after.firm_id,
        kind=NotificationKind.PAYMENT_FAILED,
        text=failed_text(
            payment.client,
            payment.amount_cents,
            number=payment.number,
            method=method_of(charge.method),
        ),
        detail=told_to_firm(payment.reason),
        about=f"payment {told.payment_id} failed",
        invoice_id=told.after.id,
        client_id=told.after.client_id,
        not_by_mail=page.email,  # Somebody of the firm who pays as a client was told as one.
        letter=lambda: payment_letters.failed_for_staff(payment, desk_link=link),
        now=now,
    )


def _write_to_client(
    connection: Connection, page: Checkout, told: Told, letter: Letter, *, now: datetime
) -> None:
    if is_address(page.email):
        _enqueue(connection, page, told, letter, now=now)


def _enqueue(
    connection: Connection,
    page: Checkout,
    told: Told,
    letter: Letter,
    *,
    now: datetime,
) -> None:
    outbox.enqueue(
        connection,
        firm_id=page.firm_id,
        invoice_id=page.invoice_id,
        to_email=page.email,
        from_name=told.after.firm,
        # The client is told that an answer reaches the firm.
        reply_to=answer_address.of_firm(connection, page.firm_id, but_not=page.email),
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        paper=_receipt(connection, told),
        now=now,
        key=f"payment {told.payment_id} {told.status.value} to {page.email}",
    )


def _receipt(connection: Connection, told: Told) -> str:
    """What a letter about money that arrived bears."""
    if told.status is not RowStatus.COMPLETED:
        return ""
    return to_text(papers.receipt_paper(connection, told.after, told.payment_id))


def _payment(charge: Charge, page: Checkout, told: Told, now: datetime) -> MailedPayment:
    return MailedPayment(
        firm=told.after.firm,
        client=told.after.client,
        payer=page.payer,
        number=told.after.number,
        amount_cents=charge.amount_cents,
        method=method_text(charge),
        made_on=told.after.today(min(charge.created_at, now)),
        balance_cents=0 if told.after.cancelled_at else told.after.balance_cents,
        invoice_link=portal_links.link_of(told.after.pay_token),
        reason=reason_of(charge) if told.status is RowStatus.FAILED else "",
        is_autopay=page.source is Source.AUTOPAY,
    )
