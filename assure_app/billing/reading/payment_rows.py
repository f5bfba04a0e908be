"""The rows of the drawer's Payments section, and what goes with them (R013, R029)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from assure_app.billing import ledger_rows, refund_case, stripe_accounts
from assure_app.billing.charge_text import told_to_firm
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.payment_text import row_titles
from assure_app.billing.reading import bank_acts, paper_links, refund_asks, refund_progress
from assure_app.billing.reading.refund_asks import Asks
from assure_app.billing.reading.rows import PaymentRow
from assure_app.domain import ledger
from assure_app.domain.calendar import day_of, day_text
from assure_app.domain.certainty import Sureness
from assure_app.domain.fees import net_cents
from assure_app.domain.ledger import LedgerRow, Method
from assure_app.domain.money import full_text, short_text
from assure_app.domain.permissions import Principal
from assure_app.domain.transitions import Kind, RowStatus
from assure_app.models.tables import payment

# Built once: building a statement takes longer than running it.
_PAYMENTS = (
    select(payment, ledger_rows.IS_DISPUTED)
    .where(payment.c.invoice_id == bindparam("invoice_id"))
    .order_by(payment.c.id)
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


def of_invoice(
    connection: Connection, invoice: InvoiceRecord, principal: Principal, *, now: datetime
) -> dict[str, Any]:
    """The ledger's rows, newest first, and what banks did or may still do to them: as fields of
    the invoice's detail."""
    today = invoice.today(now)
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


def _payment_row(view: _Ledger, row: LedgerRow, principal: Principal) -> PaymentRow:
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
        fee=full_text(stored.fee_cents) if stored.fee_cents else "",
        net=_net_text(row, view.rows, stored.fee_cents),
        failure=told_to_firm(stored.failure_reason),
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
