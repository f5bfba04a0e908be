"""Whether auto-pay will take what an invoice asks for, when, and by which method (R116, R123)."""

from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, select

from assure_app.billing import backfill_offers, portal_links
from assure_app.billing.autopay_rows import WOKEN
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.method_rows import name_of
from assure_app.domain.autopay import AutopayState, next_morning
from assure_app.domain.calendar import day_of
from assure_app.domain.reminders import ComingCharge
from assure_app.domain.saved_methods import MethodKind
from assure_app.models.tables import autopay, engagement, payment_method

# Built once: building a statement takes longer than running it.
_METHOD = (
    select(
        *(payment_method.c[name] for name in ("brand_or_bank", "last4", "kind")),
        autopay.c.state,
        *(autopay.c.next_try_at, autopay.c.due_at),
    )
    .join(engagement, engagement.c.client_id == payment_method.c.client_id)
    .outerjoin(autopay, autopay.c.invoice_id == bindparam("invoice_id"))
    .where(
        engagement.c.id == bindparam("engagement_id"),
        engagement.c.is_autopay_on,
        and_(payment_method.c.client_id == bindparam("client_id"), payment_method.c.is_default),
    )
)
_TRYING = {AutopayState.WAITING.value, AutopayState.CHARGING.value}


def coming_charge(
    connection: Connection, invoice: InvoiceRecord, *, now: datetime
) -> ComingCharge | None:
    """The charge that auto-pay will make next; None when it will make none.

    It makes none where nothing is saved to charge, and of what it gave up or leaves to the client:
    that is theirs to pay, and they are reminded of it like everybody else.
    """
    if invoice.engagement_id is None:
        return None
    known = {"engagement_id": invoice.engagement_id, "client_id": invoice.client_id}
    row = connection.execute(_METHOD, known | {"invoice_id": invoice.id}).first()
    if row is None or (row.state is not None and row.state not in _TRYING):
        return None
    if row.state is None and invoice.is_autopay_failed:
        return None
    if not portal_links.takes_payments(connection, invoice.firm_id):
        return None
    if backfill_offers.is_left_to_client(connection, invoice):
        return None
    today = invoice.today(now)
    retry_at = row.next_try_at
    if retry_at is None and invoice.due_on < today and _is_news(row.state, row.due_at):
        retry_at = next_morning(now, invoice.timezone)
    retry_on = day_of(retry_at, invoice.timezone) if retry_at else today
    charged_on = today if row.state == AutopayState.CHARGING else max(invoice.due_on, retry_on)
    name = name_of(row.brand_or_bank, row.last4, MethodKind(row.kind))
    return ComingCharge(on=max(charged_on, today), method=name)


def _is_news(state: str | None, due_at: datetime | None) -> bool:
    """Whether auto-pay has yet to look at the invoice: what it then finds past due, it leaves for
    the next morning."""
    return state is None or (due_at is not None and due_at <= WOKEN)
