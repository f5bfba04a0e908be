"""Who is told what about a refund, once each: the client by letter that it is on its way (R098),
the firm's owners and whoever issued it that it failed (R093)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, or_, select

from assure_app.billing import invoice_letters, notifications, portal_links
from assure_app.billing.refund_story import Moved
from assure_app.domain.email_address import is_address
from assure_app.domain.notifications import NotificationKind
from assure_app.domain.stripe_refunds import RefundState, arrival
from assure_app.mail import outbox, refund_letters
from assure_app.mail.invoice_mail import Letter
from assure_app.mail.refund_letters import MailedRefund
from assure_app.models.tables import checkout, contact, firm_user, payment


def post(connection: Connection, moved: Moved, *, now: datetime) -> None:
    """Put the letters about this move into the outbox, if there are any to write.

    A refusal stands in the dialog of whoever asked; only one that nobody saw is written of.
    """
    is_over = moved.state in {RefundState.FAILED, RefundState.REFUSED}
    if is_over and moved.is_unseen:
        _tell_failed(connection, moved, now)
    elif moved.is_on_its_way:
        letter = refund_letters.on_its_way(_mailed(connection, moved, now))
        _enqueue(connection, moved, letter, to=_client(connection, moved), now=now)


def _tell_failed(connection: Connection, moved: Moved, now: datetime) -> None:
    refund = moved.refund
    letter = refund_letters.failed_for_staff(_mailed(connection, moved, now))
    notifications.tell(
        connection,
        firm_id=refund.firm_id,
        kind=NotificationKind.REFUND,
        text=letter.subject,
        detail=refund.failure_reason,
        about=f"refund {refund.payment_id} failed",
        invoice_id=refund.invoice_id,
        client_id=moved.after.client_id,
        among=_is_owner_or_issuer(moved),
        letter=lambda: letter,
        now=now,
    )


def _enqueue(
    connection: Connection,
    moved: Moved,
    letter: Letter,
    *,
    to: Sequence[str],
    now: datetime,
) -> None:
    # The client is told that an answer reaches the firm.
    answers_to = _issuer(connection, moved)
    for email in to:
        key = f"refund {moved.refund.payment_id} on its way to {email}"
        if outbox.is_known(connection, key):
            continue
        outbox.enqueue(
            connection,
            firm_id=moved.refund.firm_id,
            invoice_id=moved.refund.invoice_id,
            to_email=email,
            from_name=moved.after.firm,
            reply_to=answers_to if answers_to != email else "",
            subject=letter.subject,
            text=letter.text,
            html=letter.html,
            now=now,
            key=key,
        )


def _client(connection: Connection, moved: Moved) -> Sequence[str]:
    """The address of whoever paid; of the client's contacts when that is not known any more."""
    row = connection.execute(
        select(contact.c.email, checkout.c.email.label("page_email"))
        .select_from(
            payment.outerjoin(
                contact, (contact.c.id == payment.c.contact_id) & contact.c.is_active
            ).outerjoin(checkout, checkout.c.id == payment.c.checkout_id)
        )
        .where(payment.c.id == moved.refund.reverses_id)
    ).one()
    of_payer = [email for email in (row.email, row.page_email) if email and is_address(email)]
    return of_payer[:1] or invoice_letters.addresses_of(connection, moved.after.client_id)


def _is_owner_or_issuer(moved: Moved) -> ColumnElement[bool]:
    issuer = select(payment.c.user_id).where(payment.c.id == moved.refund.payment_id)
    return or_(firm_user.c.is_owner, firm_user.c.id == issuer.scalar_subquery())


def _issuer(connection: Connection, moved: Moved) -> str:
    """The address of whoever issued the refund, else of an owner; "" for none."""
    wanted = (
        select(firm_user.c.email)
        .where(
            firm_user.c.firm_id == moved.refund.firm_id,
            firm_user.c.is_active,
            _is_owner_or_issuer(moved),
        )
        .order_by(firm_user.c.is_owner, firm_user.c.id)
    )
    return next((each for each in connection.scalars(wanted) if is_address(each)), "")


def _mailed(connection: Connection, moved: Moved, now: datetime) -> MailedRefund:
    refund, invoice = moved.refund, moved.after
    today = invoice.today(now)
    return MailedRefund(
        firm=invoice.firm,
        client=invoice.client,
        number=invoice.number,
        amount_cents=refund.amount_cents,
        method=_method(connection, moved),
        arrives=arrival(refund.method, invoice.today(refund.asked_at)).text(today),
        invoice_link=portal_links.link_of(invoice.pay_token),
        desk_link=portal_links.desk_link(invoice.number),
        reason=refund.failure_reason,
    )


def _method(connection: Connection, moved: Moved) -> str:
    detail = select(payment.c.method_detail).where(payment.c.id == moved.refund.reverses_id)
    return str(connection.scalar(detail) or "") or f"your {_NAMES[moved.refund.method]}"


_NAMES = {"Card": "card", "ACH": "bank account"}
