"""What the client is told by mail about a payment: it arrived, or it failed; once each."""

from datetime import datetime

from sqlalchemy import Connection, select

from assure_app.billing import portal_links
from assure_app.billing.charge_story import Told
from assure_app.billing.charge_text import method_of, method_text, reason_of
from assure_app.billing.checkouts import Checkout
from assure_app.domain.email_address import is_address
from assure_app.domain.ledger import Method
from assure_app.domain.transitions import RowStatus
from assure_app.mail import outbox, payment_letters
from assure_app.mail.invoice_mail import Letter
from assure_app.mail.payment_letters import MailedPayment
from assure_app.models.tables import firm
from assure_app.stripe_gateway.records import Charge


def post(
    connection: Connection, charge: Charge, page: Checkout, told: Told, *, now: datetime
) -> None:
    """Put the letter about this move of the row into the outbox, if there is one to write.

    A card that is declined says so on Stripe's page, where the client tries another one; a letter
    for each try would be noise. A bank payment fails days later, and nobody would know.
    """
    if not is_address(page.email):
        return
    payment = _payment(connection, charge, page, told, now)
    letter: Letter | None = None
    match told.status:
        case RowStatus.COMPLETED:
            letter = payment_letters.received(payment)
        case RowStatus.FAILED if not told.is_new or method_of(charge.method) is Method.ACH:
            letter = payment_letters.failed(payment)
    if letter is None:
        return
    outbox.enqueue(
        connection,
        firm_id=page.firm_id,
        invoice_id=page.invoice_id,
        to_email=page.email,
        from_name=payment.firm,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        now=now,
        key=f"payment {told.payment_id} {told.status.value}",
    )


def _payment(
    connection: Connection, charge: Charge, page: Checkout, told: Told, now: datetime
) -> MailedPayment:
    return MailedPayment(
        firm=str(connection.scalar(select(firm.c.name).where(firm.c.id == page.firm_id))),
        client=told.after.client,
        payer=page.payer,
        number=told.after.number,
        amount_cents=charge.amount_cents,
        method=method_text(charge),
        made_on=told.after.today(min(charge.created_at, now)),
        balance_cents=0 if told.after.cancelled_at else told.after.balance_cents,
        invoice_link=portal_links.invoice_link(connection, page.invoice_id),
        reason=reason_of(charge) if told.status is RowStatus.FAILED else "",
    )
