"""The letter of an invoice: to whom it goes, what stands in it, and its place in the outbox."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, Row, bindparam, select

from assure_app.billing import clients, papers, portal_links
from assure_app.billing.coming_charges import coming_charge
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.send_form import MOST_ADDRESSES, Wanted
from assure_app.documents.paper import to_text
from assure_app.domain.email_address import is_address
from assure_app.domain.line_items import Line
from assure_app.domain.reminders import ComingCharge
from assure_app.mail import invoice_mail, outbox
from assure_app.mail.invoice_mail import MailedInvoice, MailedLine
from assure_app.models.tables import client, contact

# Built once: building a statement takes longer than running it.
_ADDRESSES = (
    select(contact.c.email)
    .where(contact.c.client_id == bindparam("client_id"), contact.c.is_active)
    .order_by(contact.c.id)
    .limit(MOST_ADDRESSES)
)


class Sender(Protocol):
    """The person of the firm in whose name a letter goes out, and whom a reply reaches."""

    @property
    def name(self) -> str:
        """As the client reads it."""

    @property
    def email(self) -> str:
        """Where a reply goes."""


def addresses_of(connection: Connection, client_id: int) -> tuple[str, ...]:
    """Where the client's invoices go: its contacts' addresses, the oldest first, at most ten.

    Whom the firm switched off gets none.
    """
    emails = connection.scalars(_ADDRESSES, {"client_id": client_id})
    return tuple(each for each in emails if is_address(each))


def mailed(
    connection: Connection,
    sender: Sender,
    invoice: InvoiceRecord,
    *,
    message: str = "",
    now: datetime,
) -> MailedInvoice:
    """The invoice as its letter tells it, with what is due at this moment."""
    lines = papers.lines_of(connection, invoice.id)
    takes_payments = portal_links.takes_payments(connection, invoice.firm_id)
    charge = _charge(connection, invoice, now)
    return _mailed(sender, invoice, lines, charge, message, takes_payments=takes_payments)


def _charge(connection: Connection, invoice: InvoiceRecord, now: datetime) -> ComingCharge | None:
    return coming_charge(connection, invoice, now=now) if invoice.balance_cents else None


def _mailed(
    sender: Sender,
    invoice: InvoiceRecord,
    lines: Sequence[Row[Any] | Line],
    charge: ComingCharge | None,
    message: str,
    *,
    takes_payments: bool,
) -> MailedInvoice:
    return MailedInvoice(
        firm=invoice.firm,
        sender=sender.name,
        client=invoice.client,
        number=invoice.number,
        title=invoice.title,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        total_cents=invoice.total_cents,
        settled_cents=invoice.settled_cents,
        pending_cents=invoice.pending_cents,
        balance_cents=invoice.balance_cents,
        lines=tuple(_line(each) for each in lines),
        link=portal_links.link_of(invoice.pay_token),
        is_payable=invoice.balance_cents > 0 and takes_payments,
        message=message,
        # Whoever may not pay gets it, too, and hears of no method: of the day they all do.
        charged_on=charge.on if charge else None,
    )


def post(
    connection: Connection,
    sender: Sender,
    invoice: InvoiceRecord,
    wanted: Wanted,
    *,
    lines: Sequence[Line] = (),
    now: datetime,
) -> None:
    """Put one letter for each address into the outbox, with the invoice as it stands in the books.

    A reply goes to the person who sent it. `lines` are the invoice's, if the caller wrote them.
    """
    shown = lines or papers.lines_of(connection, invoice.id)
    pays = portal_links.takes_payments(connection, invoice.firm_id)
    charge = _charge(connection, invoice, now)
    told = _mailed(sender, invoice, shown, charge, wanted.message, takes_payments=pays)
    letter = invoice_mail.compose(told)
    paper = to_text(papers.paper_of(connection, invoice, shown, takes_payments=pays))
    for address in wanted.addresses:
        outbox.enqueue(
            connection,
            firm_id=invoice.firm_id,
            invoice_id=invoice.id,
            to_email=address,
            from_name=invoice.firm,
            reply_to=sender.email if is_address(sender.email) else "",
            subject=letter.subject,
            text=letter.text,
            html=letter.html,
            paper=paper,
            now=now,
            key=_key(invoice, version=invoice.version, address=address),
        )


def was_posted(
    connection: Connection, invoice: InvoiceRecord, address: str, *, version: int
) -> bool:
    """Whether the invoice was already sent to this address as it stood at that version."""
    return outbox.is_known(connection, _key(invoice, version=version, address=address))


def keep_as_contacts(
    connection: Connection, invoice: InvoiceRecord, addresses: Sequence[str]
) -> None:
    """Remember where the client's invoices go, if nothing is known of that yet."""
    # Two invoices of one client sent at once must not both find that nothing is known.
    held = select(client.c.id).where(client.c.id == invoice.client_id)
    connection.execute(held.with_for_update(key_share=True))
    known = connection.execute(
        select(contact.c.email, contact.c.is_active).where(contact.c.client_id == invoice.client_id)
    ).all()
    if any(each.is_active for each in known):
        return
    values = [
        {"client_id": invoice.client_id, "name": invoice.client, "email": address}
        for address in addresses
        if address not in {each.email for each in known}
    ]
    if values:
        clients.write_contacts(connection, values)


def _line(row: Row[Any] | Line) -> MailedLine:
    return MailedLine(
        description=row.description,
        quantity_thousandths=row.quantity_thousandths,
        unit_price_cents=row.unit_price_cents,
        amount_cents=row.amount_cents,
        tax_rate_thousandths=row.tax_rate_thousandths,
        tax_cents=row.tax_cents,
    )


def _key(invoice: InvoiceRecord, *, version: int, address: str) -> str:
    """One sending of one invoice to one address: every sending makes another version."""
    return f"invoice {invoice.id} version {version} to {address}"
