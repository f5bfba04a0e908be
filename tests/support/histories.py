"""Invoices with a past, made up at random and written in one go, for rules that hold for all."""

import secrets
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Connection, insert, update

from assure_app.domain import ledger
from assure_app.domain.calendar import day_of
from assure_app.domain.invoice_status import InvoiceFacts, Stage, stage
from assure_app.domain.ledger import LedgerRow
from assure_app.domain.line_items import Line, totals
from assure_app.domain.search_terms import search_terms
from assure_app.domain.transitions import Kind, RowStatus
from assure_app.models import tables
from tests.factories import MOMENT
from tests.support.desk import Desk

ZONE = "America/New_York"
METHODS = ("Cash", "Check", "Wire", "Other")
ONLINE = ("Card", "ACH")
_FIRST = {RowStatus.REFUNDED: RowStatus.COMPLETED}
"""No row begins as refunded: its refunds make it so."""
_START = MOMENT - timedelta(days=40)


@dataclass(kw_only=True)
class Past:
    """One invoice and what happened to it, as rows of the tables."""

    number: str
    lines: list[Line]
    due_on: date
    rows: list[LedgerRow] = field(default_factory=list)
    written: list[dict[str, Any]] = field(default_factory=list)
    sent_at: datetime | None = None
    opened_at: datetime | None = None
    viewed_at: datetime | None = None
    cancelled_at: datetime | None = None
    written_off_cents: int = 0
    now: datetime = _START

    @property
    def total_cents(self) -> int:
        return totals(self.lines).total_cents

    @property
    def figures(self) -> ledger.Figures:
        return ledger.figures(self.total_cents, self.rows)

    @property
    def facts(self) -> InvoiceFacts:
        return InvoiceFacts(
            total_cents=self.total_cents,
            settled_cents=self.figures.settled_cents,
            balance_cents=self.figures.balance_cents,
            due_date=self.due_on,
            opened_at=self.opened_at,
            viewed_at=self.viewed_at,
            cancelled_at=self.cancelled_at,
        )


def make_past(random: Random, number: str, *, most_steps: int) -> Past:
    """An invoice after up to so many steps of the ways that an invoice can go."""
    lines = [
        Line(
            description=f"Work {place}",
            unit_price_cents=random.randint(0, 400) * random.choice((1, 100)),
            quantity_thousandths=random.choice((1000, 1500, 333)),
            tax_rate_thousandths=random.choice((0, 0, 8875, 20_000)),
        )
        for place in range(random.randint(1, 3))
    ]
    due_on = day_of(MOMENT, ZONE) + timedelta(days=random.choice((-9, -1, 0, 1, 30)))
    past = Past(number=number, lines=lines, due_on=due_on)
    if random.random() < 0.9:
        past.sent_at = past.opened_at = past.now
    for _ in range(random.randint(0, most_steps)):
        past.now += timedelta(hours=7)
        _step(random, past)
    return past


def _step(random: Random, past: Past) -> None:
    ways = [_pay, _pay, _settle, _fail, _give_back, _give_back, _take_back, _view, _cancel]
    random.choice(ways)(random, past)


def _pay(random: Random, past: Past) -> None:
    balance_cents = past.figures.balance_cents
    if stage(past.facts) is not Stage.OPEN or balance_cents == 0:
        return
    cents = random.choice((balance_cents, random.randint(1, balance_cents)))
    if random.random() < 0.1:  # Two online payments at once may come to more than the total.
        cents += random.randint(1, 5_000)
    statuses = (RowStatus.COMPLETED, RowStatus.COMPLETED, RowStatus.PENDING, RowStatus.FAILED)
    _append(random, past, Kind.PAYMENT, cents, random.choice(statuses))


def _settle(random: Random, past: Past) -> None:
    for row in past.rows:
        if row.status is RowStatus.PENDING:
            return _change(past, row, RowStatus.COMPLETED)
    return None


def _fail(random: Random, past: Past) -> None:
    for row in past.rows:
        if row.status is RowStatus.PENDING:
            return _change(past, row, RowStatus.FAILED)
    return None


def _give_back(random: Random, past: Past) -> None:
    for row in past.rows:
        left_cents = ledger.refundable_cents(row, past.rows)
        if left_cents:
            cents = random.choice((left_cents, random.randint(1, left_cents)))
            status = random.choice((RowStatus.COMPLETED, RowStatus.PENDING))
            return _append(random, past, Kind.REFUND, -cents, status, reverses=row)
    return None


def _take_back(random: Random, past: Past) -> None:
    for row in past.rows:
        left_cents = ledger.refundable_cents(row, past.rows)
        if left_cents and random.random() < 0.5:
            return _append(
                random, past, Kind.RETURN, -left_cents, RowStatus.COMPLETED, reverses=row
            )
    return None


def _view(random: Random, past: Past) -> None:
    if past.sent_at:
        past.viewed_at = past.now


def _cancel(random: Random, past: Past) -> None:
    is_open = stage(past.facts) in {Stage.DRAFT, Stage.OPEN}
    if is_open and past.figures.pending_cents == 0 and random.random() < 0.4:
        past.written_off_cents = past.figures.balance_cents if past.opened_at else 0
        past.cancelled_at = past.now


def _append(
    random: Random,
    past: Past,
    kind: Kind,
    cents: int,
    status: RowStatus,
    *,
    reverses: LedgerRow | None = None,
) -> None:
    row = LedgerRow(
        id=len(past.rows),
        kind=kind,
        amount_cents=cents,
        status=status,
        reverses_id=None if reverses is None else reverses.id,
    )
    past.rows.append(row)
    # Only what Stripe took waits or fails.
    methods = METHODS if status is RowStatus.COMPLETED else ONLINE
    past.written.append({"method": random.choice(methods), "created_at": past.now})
    _align(past)


def _change(past: Past, row: LedgerRow, status: RowStatus) -> None:
    past.rows[row.id] = replace(row, status=status)
    _align(past)


def _align(past: Past) -> None:
    for row in past.rows:
        past.rows[row.id] = replace(row, status=ledger.status_by_refunds(row, past.rows))
    is_opened = past.opened_at and past.opened_at < past.now
    if is_opened and past.rows and past.figures.settled_cents <= 0:
        past.opened_at = past.now if past.rows[-1].amount_cents < 0 else past.opened_at


def write(connection: Connection, desk: Desk, pasts: list[Past]) -> None:
    """Put all of them into the database behind the engine, in a handful of statements."""
    firm_id, client_id = desk.jane.firm_id, desk.client_id
    made = connection.execute(
        insert(tables.invoice).returning(tables.invoice.c.id, sort_by_parameter_order=True),
        [_invoice(past, firm_id=firm_id, client_id=client_id) for past in pasts],
    )
    ids = [int(row.id) for row in made]
    connection.execute(
        insert(tables.invoice_line),
        [
            {
                "invoice_id": invoice_id,
                "position": place,
                "description": line.description,
                "quantity_thousandths": line.quantity_thousandths,
                "unit_price_cents": line.unit_price_cents,
                "amount_cents": line.amount_cents,
                "tax_rate_thousandths": line.tax_rate_thousandths,
                "tax_cents": line.tax_cents,
            }
            for invoice_id, past in zip(ids, pasts, strict=True)
            for place, line in enumerate(past.lines, start=1)
        ],
    )
    connection.execute(
        insert(tables.search_key),
        [
            {"firm_id": firm_id, "invoice_id": invoice_id, "key": key}
            for invoice_id, past in zip(ids, pasts, strict=True)
            for key in search_terms(past.number)
        ],
    )
    places = _write_rows(connection, desk, pasts, ids)
    for past in pasts:
        past.rows = [
            replace(
                row,
                id=places[past.number, row.id],
                reverses_id=None
                if row.reverses_id is None
                else places[past.number, row.reverses_id],
            )
            for row in past.rows
        ]
    connection.execute(
        update(tables.payment)
        .where(tables.payment.c.id.in_(_refunded(pasts)))
        .values(status=RowStatus.REFUNDED.value)
    )


def _refunded(pasts: list[Past]) -> list[int]:
    return [row.id for past in pasts for row in past.rows if row.status is RowStatus.REFUNDED]


def _write_rows(
    connection: Connection, desk: Desk, pasts: list[Past], ids: list[int]
) -> dict[tuple[str, int], int]:
    """Each row's id by its invoice's number and its place; a reversal follows what it reverses."""
    places: dict[tuple[str, int], int] = {}
    for place in range(max(len(past.rows) for past in pasts)):
        reached = [
            (invoice_id, past)
            for invoice_id, past in zip(ids, pasts, strict=True)
            if len(past.rows) > place
        ]
        made = connection.execute(
            insert(tables.payment).returning(tables.payment.c.id, sort_by_parameter_order=True),
            [_payment(desk, past, place, invoice_id, places) for invoice_id, past in reached],
        )
        for (_, past), row in zip(reached, made, strict=True):
            places[past.number, place] = int(row.id)
    return places


def _invoice(past: Past, *, firm_id: int, client_id: int) -> dict[str, Any]:
    now = past.figures
    return {
        "firm_id": firm_id,
        "client_id": client_id,
        "client_name": "Patel Family",
        "number": past.number,
        "issued_on": _START.date(),
        "due_on": past.due_on,
        "total_cents": past.total_cents,
        "settled_cents": now.settled_cents,
        "pending_cents": now.pending_cents,
        "balance_cents": now.balance_cents,
        "overpaid_cents": now.overpaid_cents,
        "stage": stage(past.facts).value,
        "created_at": _START,
        "sent_at": past.sent_at,
        "opened_at": past.opened_at,
        "viewed_at": past.viewed_at,
        "cancelled_at": past.cancelled_at,
        "cancel_reason": "Agreed" if past.cancelled_at else "",
        "written_off_cents": past.written_off_cents,
    }


def _payment(
    desk: Desk, past: Past, place: int, invoice_id: int, places: dict[tuple[str, int], int]
) -> dict[str, Any]:
    row, written = past.rows[place], past.written[place]
    is_settled = row.status in {RowStatus.COMPLETED, RowStatus.REFUNDED}
    return {
        "firm_id": desk.jane.firm_id,
        "client_id": desk.client_id,
        "invoice_id": invoice_id,
        "kind": row.kind.value,
        "source": "online" if written["method"] in ONLINE else "manual",
        "method": written["method"],
        "amount_cents": row.amount_cents,
        "status": _FIRST.get(row.status, row.status).value,
        "reverses_id": None if row.reverses_id is None else places[past.number, row.reverses_id],
        "reason": "Other" if row.kind is Kind.REFUND else "",
        "reference": "",
        "paid_by": "Jane Chen",
        "created_at": written["created_at"],
        "completed_at": written["created_at"] if is_settled else None,
    }


def new_token() -> str:
    """A form token like those that dialogs open with."""
    return secrets.token_urlsafe(24)
