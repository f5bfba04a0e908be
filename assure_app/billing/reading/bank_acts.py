"""What a payer's bank did to an invoice's payments, and what it may still do (R066).

Until when each payment may be taken back; what is contested now and has to be answered; and what to
do, step by step, about money that the bank took.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row

from assure_app.billing import dispute_record
from assure_app.billing.dispute_record import StoredDispute
from assure_app.billing.dispute_text import LABELS, to_do
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.reading.rows import BankNotice
from assure_app.domain.calendar import day_of, day_text
from assure_app.domain.certainty import Certainty, Sureness, sureness
from assure_app.domain.disputes import DisputeKind, ends_bank_account, reason_text
from assure_app.domain.ledger import LedgerRow, Method, reversed_cents
from assure_app.domain.money import full_text
from assure_app.domain.transitions import Kind

MOST_NOTICES = 5
_OVER = "Paid: the bank’s time to take it back is over"
_WAITS = "Pending: the bank has not confirmed it yet"


def flags(disputes: Iterable[StoredDispute]) -> dict[int, str]:
    """ "Disputed" or "Inquiry" for each payment, by its id, that a bank asks about at present."""
    found: dict[int, str] = {}
    for each in disputes:
        if each.facts.is_open and found.get(each.payment_id) != "Disputed":
            is_inquiry = each.kind is DisputeKind.INQUIRY
            found[each.payment_id] = "Inquiry" if is_inquiry else "Disputed"
    return found


def surenesses(
    stored: Sequence[Row[Any]], rows: Sequence[LedgerRow], timezone: str, today: date
) -> dict[int, Sureness]:
    """How sure each payment through Stripe is of which something is left, by its id; of one that is
    contested at present the bank decides, and nothing else is to be said."""
    by_id = {row.id: row for row in rows}
    found: dict[int, Sureness] = {}
    for each in stored:
        row = by_id[each.id]
        is_left = row.kind is Kind.PAYMENT and reversed_cents(row, rows) < row.amount_cents
        if each.stripe_charge_id is None or not is_left or row.is_disputed:
            continue
        settled = each.completed_at
        sure = sureness(
            Method(each.method),
            row.status,
            charged_on=day_of(each.created_at, timezone),
            settled_on=day_of(settled, timezone) if settled else None,
            today=today,
        )
        if sure is not None:
            found[each.id] = sure
    return found


def sure_text(sure: Sureness | None, today: date) -> str:
    """How sure a payment is, as one line under it; "" where nothing is known."""
    if sure is None:
        return ""
    if sure.until is None:
        return _WAITS if sure.certainty is Certainty.PENDING else _OVER
    return f"{sure.certainty} until {day_text(sure.until, today=today)}"


def at_risk_text(sure: Mapping[int, Sureness], rows: Sequence[LedgerRow], today: date) -> str:
    """How much of what is paid may still be taken back, and until when; "" for nothing."""
    revocable = {key: each.until for key, each in sure.items() if each.until is not None}
    cents = sum(row.amount_cents - reversed_cents(row, rows) for row in rows if row.id in revocable)
    if not cents:
        return ""
    last = day_text(max(revocable.values()), today=today)
    until = f" until {last}" if len(revocable) == 1 else f", the last of it until {last}"
    return (
        f"Of what is paid, {full_text(cents)} may still be taken back by the payer’s bank{until}."
    )


def notices(
    invoice: InvoiceRecord,
    disputes: Sequence[StoredDispute],
    stored: Sequence[Row[Any]],
    now: datetime,
) -> tuple[BankNotice, ...]:
    """What waits for an answer, and what was taken back and is asked for again, newest first."""
    rows = {row.id: row for row in stored}
    asked = [_open(each, invoice, rows) for each in disputes if each.facts.is_open]
    is_owed = invoice.balance_cents > 0 and invoice.cancelled_at is None
    taken = [
        _taken(each, invoice, rows, now)
        for each in disputes
        if is_owed and sum(rows[row_id].amount_cents for row_id in each.row_ids) < 0
    ]
    return tuple([*reversed(asked), *reversed(taken)][:MOST_NOTICES])


def of_invoice(connection: Connection, invoice_id: int) -> list[StoredDispute]:
    """Every dispute of the invoice's payments, oldest first."""
    return dispute_record.of_invoice(connection, invoice_id)


def _open(known: StoredDispute, invoice: InvoiceRecord, rows: Mapping[int, Row[Any]]) -> BankNotice:
    what = "Inquiry" if known.kind is DisputeKind.INQUIRY else "Disputed"
    method = Method(rows[known.payment_id].method)
    return BankNotice(
        id=known.id,
        kind="open",
        heading=f"{what}: {full_text(known.amount_cents)}",
        text=to_do(known, number=invoice.number, method=method, timezone=invoice.timezone),
    )


def _taken(
    known: StoredDispute, invoice: InvoiceRecord, rows: Mapping[int, Row[Any]], now: datetime
) -> BankNotice:
    own = [rows[row_id] for row_id in known.row_ids]
    cents = -sum(row.amount_cents for row in own)
    taken_at = max(row.created_at for row in own if row.amount_cents < 0)
    day = day_text(day_of(taken_at, invoice.timezone), today=invoice.today(now))
    why = reason_text(known.reason)
    is_ended = Method(own[0].method) is Method.ACH and ends_bank_account(known.kind, known.reason)
    tell = f"Tell {invoice.client} that the payment came back, and why"
    return BankNotice(
        id=known.id,
        kind="taken",
        heading=f"The bank took back {full_text(cents)} on {day}",
        text=f"{LABELS[known.kind]}: {why}. The invoice asks for it again.",
        tell=f"{tell}; ask for another bank account." if is_ended else f"{tell}.",
        send="Send the invoice again: its link leads to Pay now.",
        record="If it is paid in another way, record that payment.",
    )
