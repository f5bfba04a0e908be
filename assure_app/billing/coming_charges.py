"""Whether auto-pay will take what an invoice asks for, when, and by which method (R116, R123)."""

from datetime import datetime

from sqlalchemy import Connection, select

from assure_app.billing import portal_links
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.method_rows import name_of
from assure_app.domain.reminders import ComingCharge
from assure_app.domain.saved_methods import MethodKind
from assure_app.models.tables import engagement, payment_method


def coming_charge(
    connection: Connection, invoice: InvoiceRecord, *, now: datetime
) -> ComingCharge | None:
    """The charge that auto-pay will make; None when it will make none.

    What it tried and failed to charge is the client's to pay: they are reminded of that like
    everybody else.
    """
    if invoice.engagement_id is None or invoice.is_autopay_failed:
        return None
    method = connection.execute(
        select(payment_method.c.brand_or_bank, payment_method.c.last4, payment_method.c.kind)
        .join(engagement, engagement.c.client_id == payment_method.c.client_id)
        .where(
            engagement.c.id == invoice.engagement_id,
            engagement.c.is_autopay_on,
            payment_method.c.client_id == invoice.client_id,
            payment_method.c.is_default,
        )
    ).first()
    if method is None or not portal_links.takes_payments(connection, invoice.firm_id):
        return None
    name = name_of(method.brand_or_bank, method.last4, MethodKind(method.kind))
    return ComingCharge(on=max(invoice.due_on, invoice.today(now)), method=name)
