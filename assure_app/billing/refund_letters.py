"""Who is told by mail what about a refund: the client that it is on its way (R098), and the firm's
owners and whoever issued it that it failed (R093); once each."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, or_, select

from assure_app.billing import invoice_letters, portal_links
from assure_app.billing.refund_story import Moved
from assure_app.domain.email_address import is_address
from assure_app.domain.stripe_refunds import RefundState, arrival
from assure_app.mail import outbox, refund_letters
from assure_app.mail.invoice_mail import Letter
from assure_app.mail.refund_letters import MailedRefund
from assure_app.models.tables import checkout, contact, firm, firm_user, payment

MOST_STAFF = 10
"""As many of the firm's people hear of one failure."""


def post(connection: Connection, moved: Moved, *, now: datetime) -> None:
    """Put the letters about this move into the outbox, if there are any to write.

    A refusal stands in the dialog of whoever asked; only one that nobody saw is written of.
    """
    is_over = moved.state in {RefundState.FAILED, RefundState.REFUSED}
    if is_over and moved.is_unseen:
        letter = refund_letters.failed_for_staff(_mailed(connection, moved, now))
        _enqueue(connection, moved, letter, what="failed", to=_staff(connection, moved), now=now)
    elif moved.is_on_its_way:
        letter = refund_letters.on_its_way(_mailed(connection, moved, now))
        to = _client(connection, moved)
        _enqueue(connection, moved, letter, what="on its way", to=to, now=now)


def _enqueue(
    connection: Connection,
    moved: Moved,
    letter: Letter,
    *,
    what: str,
    to: Sequence[str],
    now: datetime,
) -> None:
    # The client is told that an answer reaches the firm.
    answers_to = next(iter(_staff(connection, moved)), "") if moved.is_on_its_way else ""
    for email in to:
        key = f"refund {moved.refund.payment_id} {what} to {email}"
        if outbox.is_known(connection, key):
            continue
        outbox.enqueue(
            connection,
            firm_id=moved.refund.firm_id,
            invoice_id=moved.refund.invoice_id,
            to_email=email,
            from_name=_firm_name(connection, moved),
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


def _staff(connection: Connection, moved: Moved) -> Sequence[str]:
    """The addresses of whoever issued the refund, then of the firm's owners."""
    issuer = select(payment.c.user_id).where(payment.c.id == moved.refund.payment_id)
    is_issuer = firm_user.c.id == issuer.scalar_subquery()
    wanted = (
        select(firm_user.c.email)
        .where(
            firm_user.c.firm_id == moved.refund.firm_id,
            firm_user.c.is_active,
            or_(firm_user.c.is_owner, is_issuer),
        )
        .order_by(firm_user.c.is_owner, firm_user.c.id)
        .limit(MOST_STAFF)
    )
    return [email for email in connection.scalars(wanted) if is_address(email)]


def _mailed(connection: Connection, moved: Moved, now: datetime) -> MailedRefund:
    refund, invoice = moved.refund, moved.after
    today = invoice.today(now)
    return MailedRefund(
        firm=_firm_name(connection, moved),
        client=invoice.client,
        number=invoice.number,
        amount_cents=refund.amount_cents,
        method=_method(connection, moved),
        arrives=arrival(refund.method, invoice.today(refund.asked_at)).text(today),
        invoice_link=portal_links.invoice_link(connection, invoice.id),
        desk_link=portal_links.desk_link(invoice.number),
        reason=refund.failure_reason,
    )


def _method(connection: Connection, moved: Moved) -> str:
    detail = select(payment.c.method_detail).where(payment.c.id == moved.refund.reverses_id)
    return str(connection.scalar(detail) or "") or f"your {_NAMES[moved.refund.method]}"


def _firm_name(connection: Connection, moved: Moved) -> str:
    return str(connection.scalar(select(firm.c.name).where(firm.c.id == moved.refund.firm_id)))


_NAMES = {"Card": "card", "ACH": "bank account"}
