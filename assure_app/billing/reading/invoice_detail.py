"""Everything the drawer shows of one invoice (R013, R029, R106, R141)."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Row, bindparam, select

from assure_app.billing import invoice_record, ledger_rows, refund_case, stripe_accounts
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.payment_text import row_titles
from assure_app.billing.reading import bank_acts, paper_links, refund_asks, refund_progress
from assure_app.billing.reading.invoice_query import Query
from assure_app.billing.reading.invoice_rows import neighbours
from assure_app.billing.reading.refund_asks import Asks
from assure_app.billing.reading.rows import ActivityRow, InvoiceDetail, LineRow, PaymentRow
from assure_app.db.unit_of_work import reading
from assure_app.domain import ledger
from assure_app.domain.calendar import day_of, day_text, long_day_text, moment_text
from assure_app.domain.certainty import Sureness
from assure_app.domain.fees import net_cents
from assure_app.domain.invoice_acts import Act, offer
from assure_app.domain.invoice_status import PAYABLE, Status
from assure_app.domain.ledger import LedgerRow, Method
from assure_app.domain.line_items import thousandths_text
from assure_app.domain.money import full_text, short_text
from assure_app.domain.permissions import Permission, Principal
from assure_app.domain.transitions import Kind, RowStatus
from assure_app.models.tables import activity, invoice_line, payment
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
_PAYMENTS = (
    select(payment, ledger_rows.IS_DISPUTED)
    .where(payment.c.invoice_id == bindparam("invoice_id"))
    .order_by(payment.c.id)
)
_ACTIVITY = (
    select(activity)
    .where(activity.c.invoice_id == bindparam("invoice_id"))
    .order_by(activity.c.position.desc())
    .limit(ACTIVITY_LIMIT)
)


@dataclass(frozen=True, slots=True)
class _Ledger:
    """An invoice's ledger on its way to the screen: as the rules see it, and as stored by id."""

    stored: dict[int, Row[Any]]
    titles: dict[int, str]
    rows: list[LedgerRow]
    timezone: str
    today: date
    flags: dict[int, str]
    sure: dict[int, Sureness]
    progress: dict[int, str]
    asks: Asks
    connected: frozenset[str]

    def day(self, moment: datetime | None) -> str:
        return day_text(day_of(moment, self.timezone), today=self.today) if moment else ""


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
            **_payments(connection, invoice, principal, today, now),
            activity=_activity(connection, invoice, now),
            cancel_reason=_cancel_reason(connection, invoice),
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
        "can_cancel": offers[Act.CANCEL].is_open,
        "cancel_block": offers[Act.CANCEL].block,
    }


def _cancel_reason(connection: Connection, invoice: InvoiceRecord) -> str:
    if invoice.cancelled_at is None:
        return ""
    return str(connection.execute(_CANCEL_REASON, {"invoice_id": invoice.id}).scalar_one())


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


def _payments(
    connection: Connection,
    invoice: InvoiceRecord,
    principal: Principal,
    today: date,
    now: datetime,
) -> dict[str, Any]:
    """The ledger's rows, newest first, and what banks did or may still do to them."""
    stored = connection.execute(_PAYMENTS, {"invoice_id": invoice.id}).all()
    rows = [ledger_rows.as_rule_row(row) for row in stored]
    by_id = {row.id: row for row in stored}
    disputes = bank_acts.of_invoice(connection, invoice.id) if rows else []
    ledger_view = _Ledger(
        by_id,
        row_titles(stored),
        rows,
        invoice.timezone,
        today,
        bank_acts.flags(disputes),
        bank_acts.surenesses(stored, rows, invoice.timezone, today),
        _progress(connection, invoice, rows, today),
        refund_asks.of_invoice(connection, principal, invoice.id),
        stripe_accounts.connected_of(connection, principal.firm_id),
    )
    payments = tuple(_payment_row(ledger_view, row, principal) for row in reversed(rows))
    return {
        "payments": payments,
        "at_risk": bank_acts.at_risk_text(ledger_view.sure, rows, today),
        "notices": bank_acts.notices(invoice, disputes, stored, now),
    }


def _payment_row(view: "_Ledger", row: LedgerRow, principal: Principal) -> PaymentRow:
    stored = view.stored[row.id]
    method = Method(stored.method)
    is_charge = stored.stripe_charge_id is not None
    block = refund_case.block(row, view.rows, method, is_charge=is_charge)
    if not block and is_charge and stored.stripe_account_id not in view.connected:
        block = refund_case.NOT_CONNECTED
    is_open = row.kind is Kind.PAYMENT and not block
    block = block or refund_case.missing_right(principal, method)
    pair = _pair(row, view.rows)
    return PaymentRow(
        id=row.id,
        kind=row.kind.value,
        method=method.value,
        title=view.titles[row.id],
        amount=full_text(row.amount_cents),
        status=row.status.value,
        paid_by=stored.paid_by,
        created=view.day(stored.created_at),
        completed=view.day(stored.completed_at),
        is_refundable=not block,
        shows_refund=row.kind is Kind.PAYMENT and row.status is not RowStatus.REFUNDED,
        refund_block=block if row.kind is Kind.PAYMENT else "",
        refunded=_refunded_text(row, view.rows),
        links_to=view.titles[pair.id] if pair else "",
        links_to_id=pair.id if pair else 0,
        notes=stored.notes,
        fee=_unless_zero(stored.fee_cents),
        net=_net_text(row, view.rows, stored.fee_cents),
        failure=stored.failure_reason,
        flag=view.flags.get(row.id, ""),
        certainty=bank_acts.sure_text(view.sure.get(row.id), view.today),
        taken_back=_returned_text(row, view.rows),
        progress=view.progress.get(row.id, ""),
        receipt_href=paper_links.receipt_href(stored),
        stripe_receipt_href=paper_links.stripe_receipt_href(stored),
        **refund_asks.of_row(view.asks, row, view.rows, method, is_open=is_open),
    )


def _progress(
    connection: Connection, invoice: InvoiceRecord, rows: list[LedgerRow], today: date
) -> dict[int, str]:
    if all(row.kind is not Kind.REFUND for row in rows):
        return {}
    return refund_progress.of_invoice(
        connection, invoice.id, timezone=invoice.timezone, today=today
    )


def _pair(row: LedgerRow, rows: list[LedgerRow]) -> LedgerRow | None:
    """The payment that a reversal names, or the latest reversal of a payment (R007)."""
    if row.reverses_id is not None:
        return next(each for each in rows if each.id == row.reverses_id)
    reversals = [each for each in rows if each.reverses_id == row.id and each.counts]
    return reversals[-1] if reversals else None


def _net_text(row: LedgerRow, rows: list[LedgerRow], fee_cents: int) -> str:
    """What the firm keeps of a charge: a refund does not bring the fee back (R100, R103)."""
    if not fee_cents:
        return ""
    given_back_cents = ledger.reversed_cents(row, rows)
    return full_text(
        net_cents(row.amount_cents, fee_cents=fee_cents, given_back_cents=given_back_cents)
    )


def _refunded_text(row: LedgerRow, rows: list[LedgerRow]) -> str:
    cents = _reversed_by(Kind.REFUND, row, rows)
    return f"Refunded {short_text(cents)} of {short_text(row.amount_cents)}" if cents else ""


def _returned_text(row: LedgerRow, rows: list[LedgerRow]) -> str:
    cents = _reversed_by(Kind.RETURN, row, rows)
    return f"Taken back {short_text(cents)} of {short_text(row.amount_cents)}" if cents else ""


def _reversed_by(kind: Kind, row: LedgerRow, rows: list[LedgerRow]) -> int:
    return ledger.reversed_cents(row, [each for each in rows if each.kind is kind])


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
