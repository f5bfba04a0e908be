"""Who is told by mail what about a payment: the client that it arrived or failed, and the firm's
owners and admins that it failed; once each."""

from datetime import datetime

from sqlalchemy import Connection, select

from assure_app.billing import papers, portal_links, staff_letters
from assure_app.billing.charge_story import Told
from assure_app.billing.charge_text import method_of, method_text, reason_of
from assure_app.billing.checkouts import Checkout
from assure_app.documents.paper import to_text
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
    payment = _payment(connection, charge, page, told, now)
    letters: list[tuple[str, Letter]] = []
    match told.status:
        case RowStatus.COMPLETED:
            letters = [(page.email, payment_letters.received(payment))]
        case RowStatus.FAILED if not told.is_new or method_of(charge.method) is Method.ACH:
            link = portal_links.desk_link(payment.number)
            for_staff = payment_letters.failed_for_staff(payment, desk_link=link)
            letters = [(page.email, payment_letters.failed(payment))]
            letters += [(email, for_staff) for email in _staff(connection, page)]
    for to_email, letter in letters:
        if is_address(to_email):
            _enqueue(connection, page, told, letter, to_email=to_email, now=now)


def _enqueue(
    connection: Connection,
    page: Checkout,
    told: Told,
    letter: Letter,
    *,
    to_email: str,
    now: datetime,
) -> None:
    name = connection.scalar(select(firm.c.name).where(firm.c.id == page.firm_id))
    # The client is told that an answer reaches the firm.
    answers_to = _staff(connection, page) if to_email == page.email else []
    outbox.enqueue(
        connection,
        firm_id=page.firm_id,
        invoice_id=page.invoice_id,
        to_email=to_email,
        from_name=str(name),
        reply_to=next(iter(answers_to), ""),
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        paper=_receipt(connection, told),
        now=now,
        key=f"payment {told.payment_id} {told.status.value} to {to_email}",
    )


def _receipt(connection: Connection, told: Told) -> str:
    """What a letter about money that arrived bears."""
    if told.status is not RowStatus.COMPLETED:
        return ""
    return to_text(papers.receipt_paper(connection, told.after.id, told.payment_id))


def _staff(connection: Connection, page: Checkout) -> list[str]:
    """The firm's owners and admins, but for one who pays as a client."""
    return staff_letters.addresses(connection, page.firm_id, but_not=page.email)


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
