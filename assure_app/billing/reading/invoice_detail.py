"""Everything the drawer shows of one invoice (R013, R029, R106, R141)."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Row, bindparam, select

from assure_app.billing import invoice_record
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.reading import autopay_words, next_reminder, paper_links, payment_rows
from assure_app.billing.reading.invoice_query import Query
from assure_app.billing.reading.invoice_rows import neighbours
from assure_app.billing.reading.rows import ActivityRow, InvoiceDetail, LineRow
from assure_app.db.unit_of_work import reading
from assure_app.domain.calendar import long_day_text, moment_text
from assure_app.domain.invoice_acts import Act, offer
from assure_app.domain.invoice_status import PAYABLE, Status
from assure_app.domain.line_items import thousandths_text
from assure_app.domain.money import full_text
from assure_app.domain.permissions import Permission, Principal
from assure_app.models.tables import activity, invoice_line, schedule
from assure_app.models.tables import invoice as invoice_table

ACTIVITY_LIMIT = 200
_CLOSED = (Status.PAID, Status.CANCELLED)

# Built once: building a statement takes longer than running it.
_LINES = (
    select(invoice_line)
    .where(invoice_line.c.invoice_id == bindparam("invoice_id"))
    .order_by(invoice_line.c.position)
)
_CANCEL_REASON = select(invoice_table.c.cancel_reason).where(
    invoice_table.c.id == bindparam("invoice_id")
)
_SCHEDULE = (
    select(schedule.c.id, schedule.c.title)
    .join(invoice_table, invoice_table.c.schedule_id == schedule.c.id)
    .where(
        invoice_table.c.id == bindparam("invoice_id"),
        invoice_table.c.client_id == schedule.c.client_id,
    )
)
_ACTIVITY = (
    select(activity)
    .where(activity.c.invoice_id == bindparam("invoice_id"))
    .order_by(activity.c.position.desc())
    .limit(ACTIVITY_LIMIT)
)


def detail(principal: Principal, number: str, query: Query, *, now: datetime) -> InvoiceDetail:
    """One invoice with its lines, ledger and timeline; `query` is the list it was opened from.

    Raises NotFound for an invoice this person may not see, PermissionDenied without View billing.
    """
    principal.require(Permission.VIEW_BILLING)
    with reading() as connection:
        invoice = invoice_record.find(connection, principal, number)
        today = invoice.today(now)
        previous_number, next_number = neighbours(
            connection, principal, query, invoice.number, today
        )
        return replace(
            _summary(invoice, principal, now),
            **_lines(connection, invoice),
            **payment_rows.of_invoice(connection, invoice, principal, now=now),
            **next_reminder.of_invoice(connection, invoice, principal, now=now),
            **autopay_words.of_invoice(connection, invoice, principal, now=now),
            activity=_activity(connection, invoice, now),
            cancel_reason=_cancel_reason(connection, invoice),
            **_schedule(connection, invoice),
            previous_number=previous_number,
            next_number=next_number,
        )


def _summary(invoice: InvoiceRecord, principal: Principal, now: datetime) -> InvoiceDetail:
    today = invoice.today(now)
    badge = invoice.status(now)
    late_days = max(0, (today - invoice.due_on).days) if badge in PAYABLE else 0
    return InvoiceDetail(
        id=invoice.id,
        number=invoice.number,
        client=invoice.client,
        client_id=invoice.client_id,
        title=invoice.title,
        status=badge.value,
        issued=long_day_text(invoice.issued_on),
        due=long_day_text(invoice.due_on),
        is_late=late_days > 0,
        late=_late_text(late_days),
        total=full_text(invoice.total_cents),
        paid=full_text(invoice.settled_cents),
        balance=""
        if badge in {Status.PAID, Status.CANCELLED}
        else full_text(invoice.balance_cents),
        pending=_unless_zero(invoice.pending_cents),
        overpaid=_unless_zero(invoice.overpaid_cents),
        written_off=_unless_zero(invoice.written_off_cents),
        pdf_href=paper_links.invoice_href(invoice.number),
        **_acts(invoice, principal, badge),
    )


def _acts(invoice: InvoiceRecord, principal: Principal, badge: Status) -> dict[str, Any]:
    money = {"balance_cents": invoice.balance_cents, "pending_cents": invoice.pending_cents}
    offers = {act: offer(act, principal, badge, **money) for act in Act}
    return {
        "can_record": offers[Act.RECORD].is_open,
        "record_block": offers[Act.RECORD].block,
        "can_mark_paid": offers[Act.MARK_PAID].is_open,
        "can_send": offers[Act.SEND].is_open,
        "send_block": offers[Act.SEND].block,
        "can_send_again": offers[Act.SEND_AGAIN].is_open,
        "can_edit": offers[Act.EDIT].is_open,
        "edit_block": offers[Act.EDIT].block,
        "edit_href": f"/invoices/edit?invoice={quote(invoice.number, safe='')}",
        "can_repeat": offers[Act.REPEAT].is_open,
        "repeat_block": offers[Act.REPEAT].block,
        "repeat_href": f"/recurring/new?like={quote(invoice.number, safe='')}",
        "can_cancel": offers[Act.CANCEL].is_open,
        "cancel_block": offers[Act.CANCEL].block,
    }


def _cancel_reason(connection: Connection, invoice: InvoiceRecord) -> str:
    if invoice.cancelled_at is None:
        return ""
    return str(connection.execute(_CANCEL_REASON, {"invoice_id": invoice.id}).scalar_one())


def _schedule(connection: Connection, invoice: InvoiceRecord) -> dict[str, Any]:
    """The schedule that it was generated from, unless it went to another client since."""
    row = connection.execute(_SCHEDULE, {"invoice_id": invoice.id}).first()
    if row is None:
        return {}
    return {"schedule": row.title, "schedule_href": f"/recurring?schedule={row.id}"}


def _late_text(days: int) -> str:
    """ "12 days overdue": a partially paid one says it too, though its badge does not (R069)."""
    if not days:
        return ""
    return f"{days:,} day overdue" if days == 1 else f"{days:,} days overdue"


def _lines(connection: Connection, invoice: InvoiceRecord) -> dict[str, Any]:
    """The lines, and what they come to before and by the tax when there is any."""
    rows = connection.execute(_LINES, {"invoice_id": invoice.id}).all()
    tax_cents = sum(row.tax_cents for row in rows)
    subtotal_cents = sum(row.amount_cents for row in rows)
    return {
        "lines": tuple(_line(row) for row in rows),
        "subtotal": full_text(subtotal_cents) if tax_cents else "",
        "tax": _unless_zero(tax_cents),
    }


def _line(row: Row[Any]) -> LineRow:
    rate = thousandths_text(row.tax_rate_thousandths)
    return LineRow(
        description=row.description,
        quantity=thousandths_text(row.quantity_thousandths),
        unit_price=full_text(row.unit_price_cents),
        tax=f"{rate}%" if row.tax_rate_thousandths else "",
        amount=full_text(row.amount_cents),
    )


def _activity(
    connection: Connection, invoice: InvoiceRecord, now: datetime
) -> tuple[ActivityRow, ...]:
    rows = connection.execute(_ACTIVITY, {"invoice_id": invoice.id})
    return tuple(
        ActivityRow(
            id=row.id,
            at=moment_text(row.at, invoice.timezone, now=now),
            iso=row.at.isoformat(),
            text=row.text,
            actor=row.actor,
        )
        for row in rows
    )


def _unless_zero(cents: int) -> str:
    return full_text(cents) if cents else ""
