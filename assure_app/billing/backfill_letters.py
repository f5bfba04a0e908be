"""Who is told that a charge of a back-fill failed: whoever agreed to it, and the firm's people.

A declined card says so on the page, but whoever agreed may have left it: it goes on by itself.
"""

from datetime import datetime

from sqlalchemy import Connection, select

from assure_app.billing import answer_address, notifications, portal_links
from assure_app.billing.charge_text import failed_text, told_to_firm
from assure_app.billing.checkouts import Checkout
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.domain.email_address import is_address
from assure_app.domain.ledger import Method
from assure_app.domain.notifications import NotificationKind
from assure_app.domain.transitions import RowStatus
from assure_app.mail import outbox, payment_letters
from assure_app.mail.payment_letters import MailedPayment
from assure_app.models.tables import payment


def post_failed(
    connection: Connection,
    asking: Checkout,
    invoice: InvoiceRecord,
    *,
    payment_id: int,
    means: str,
    reason: str,
    now: datetime,
) -> None:
    """Tell of the Failed row, once for each."""
    told = MailedPayment(
        firm=invoice.firm,
        client=invoice.client,
        payer=asking.payer,
        number=invoice.number,
        amount_cents=asking.amount_cents,
        method=means,
        made_on=invoice.today(now),
        balance_cents=0 if invoice.cancelled_at else invoice.balance_cents,
        invoice_link=portal_links.link_of(invoice.pay_token),
        reason=reason,
    )
    _write_to_client(connection, asking, told, payment_id, now)
    method = connection.scalar(select(payment.c.method).where(payment.c.id == payment_id))
    link = portal_links.desk_link(invoice.number)
    notifications.tell(
        connection,
        firm_id=invoice.firm_id,
        kind=NotificationKind.PAYMENT_FAILED,
        text=failed_text(
            invoice.client, asking.amount_cents, number=invoice.number, method=Method(str(method))
        ),
        detail=told_to_firm(reason),
        about=f"payment {payment_id} failed",
        invoice_id=invoice.id,
        client_id=invoice.client_id,
        not_by_mail=asking.email,  # Somebody of the firm who pays as a client was told as one.
        letter=lambda: payment_letters.failed_for_staff(told, desk_link=link),
        now=now,
    )


def _write_to_client(
    connection: Connection, asking: Checkout, told: MailedPayment, payment_id: int, now: datetime
) -> None:
    key = f"payment {payment_id} {RowStatus.FAILED.value} to {asking.email}"
    if not is_address(asking.email) or outbox.is_known(connection, key):
        return
    letter = payment_letters.failed(told)
    outbox.enqueue(
        connection,
        firm_id=asking.firm_id,
        invoice_id=asking.invoice_id,
        to_email=asking.email,
        from_name=told.firm,
        reply_to=answer_address.of_firm(connection, asking.firm_id, but_not=asking.email),
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        now=now,
        key=key,
    )
