"""The papers that a person may have: a firm's user by number and row, a client by the link."""

from collections.abc import Callable

from sqlalchemy import Connection, select

from assure_app.billing import client_invoices, invoice_record, papers
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.db.unit_of_work import reading
from assure_app.documents.paper import InvoicePaper, Paper
from assure_app.domain.errors import NotFound
from assure_app.domain.permissions import Permission, Principal
from assure_app.domain.portal_access import PortalPerson
from assure_app.models.tables import invoice, payment

_Maker = Callable[[Connection, InvoiceRecord, int], Paper]


def invoice_for_firm(principal: Principal, number: object) -> InvoicePaper:
    """The invoice with this number, drafts too; NotFound unless the person may see it."""
    principal.require(Permission.VIEW_BILLING)
    with reading() as connection:
        found = invoice_record.find(connection, principal, number)
        return papers.invoice_paper(connection, found)


def receipt_for_firm(principal: Principal, payment_id: int) -> Paper:
    """The receipt of a payment that arrived, on an invoice that the person may see."""
    return _for_firm(principal, payment_id, papers.receipt_paper)


def refund_receipt_for_firm(principal: Principal, refund_id: int) -> Paper:
    """The receipt of a refund that was made, on an invoice that the person may see."""
    return _for_firm(principal, refund_id, papers.refund_receipt_paper)


def invoice_for_client(person: PortalPerson, pay_token: object) -> InvoicePaper:
    """The invoice behind the link; NotFound for a draft and whatever is not theirs (R054)."""
    with reading() as connection:
        return papers.invoice_paper(connection, _of_client(connection, person, pay_token))


def receipt_for_client(person: PortalPerson, pay_token: object, payment_id: int) -> Paper:
    """The receipt of a payment that arrived on the invoice behind the link."""
    with reading() as connection:
        found = _of_client(connection, person, pay_token)
        return papers.receipt_paper(connection, found, payment_id)


def refund_receipt_for_client(person: PortalPerson, pay_token: object, refund_id: int) -> Paper:
    """The receipt of a refund that was made on the invoice behind the link."""
    with reading() as connection:
        found = _of_client(connection, person, pay_token)
        return papers.refund_receipt_paper(connection, found, refund_id)


def _for_firm(principal: Principal, row_id: int, make: _Maker) -> Paper:
    principal.require(Permission.VIEW_BILLING)
    wanted = (
        select(payment.c.invoice_id)
        .join(invoice, invoice.c.id == payment.c.invoice_id)
        .where(payment.c.id == row_id, invoice_record.visible_to(principal))
    )
    with reading() as connection:
        invoice_id = connection.scalar(wanted)
        if invoice_id is None:
            raise NotFound("receipt")
        return make(connection, invoice_record.by_id(connection, invoice_id), row_id)


def _of_client(connection: Connection, person: PortalPerson, pay_token: object) -> InvoiceRecord:
    client_invoices.contact_for(connection, person, pay_token)
    wanted = select(invoice.c.id).where(invoice.c.pay_token == pay_token)
    return invoice_record.by_id(connection, connection.execute(wanted).scalar_one())
