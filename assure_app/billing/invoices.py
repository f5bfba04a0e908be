"""An invoice from its making on: created, sent, viewed by the client."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection, insert, select, update

from assure_app.billing import activity, invoice_record, search_keys
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.domain.errors import InvalidInput, NotFound
from assure_app.domain.invoice_status import Status
from assure_app.domain.line_items import Line, LineProblem, check_lines, totals
from assure_app.domain.permissions import Permission, Principal
from assure_app.models.tables import client, firm, invoice, invoice_line

__all__ = [
    "Line",
    "NewInvoice",
    "create_invoice",
    "mark_sent",
    "open_draft",
    "view_by_client",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInvoice:
    """What an invoice is made of; `number` "" takes the firm's next one."""

    client_id: int
    issued_on: date
    due_on: date
    lines: Sequence[Line]
    title: str = ""
    number: str = ""
    engagement_id: int | None = None


def create_invoice(
    connection: Connection, principal: Principal, new: NewInvoice, *, now: datetime
) -> str:
    """Create a draft in the caller's transaction and return its number.

    Raises NotFound for a client of another firm, InvalidInput for lines that cannot stand.
    """
    principal.require(Permission.EDIT_BILLING)
    _check_lines(new.lines)
    known = connection.execute(
        select(client.c.name).where(
            client.c.id == new.client_id, client.c.firm_id == principal.firm_id
        )
    ).first()
    if known is None:
        raise NotFound("client")
    number = new.number or _take_number(connection, principal.firm_id)
    invoice_id = _insert(connection, principal, new, number=number, client_name=known.name, now=now)
    search_keys.add(connection, firm_id=principal.firm_id, invoice_id=invoice_id, text=number)
    _log(connection, principal, invoice_id, "Invoice created", now)
    return number


def mark_sent(
    connection: Connection, principal: Principal, number: str, *, text: str, now: datetime
) -> None:
    """Open a draft that reached the client elsewhere, in the caller's transaction; others stay."""
    found = invoice_record.find_and_lock(connection, principal, number)
    if found.status(now) is Status.DRAFT:
        open_draft(connection, principal, found, text=text, now=now)


def open_draft(
    connection: Connection, principal: Principal, found: InvoiceRecord, *, text: str, now: datetime
) -> InvoiceRecord:
    """From now on the locked draft asks for its money; the timeline says how it was sent."""
    after = replace(found, sent_at=now, opened_at=now)
    invoice_record.save(connection, found, after)
    _log(connection, principal, found.id, text, now)
    return after


def view_by_client(
    connection: Connection, principal: Principal, number: str, *, now: datetime
) -> None:
    """The client opened the invoice: a sent one becomes Viewed; each is logged once (R056)."""
    found = invoice_record.find_and_lock(connection, principal, number)
    if found.facts.is_viewed or found.sent_at is None:
        return
    invoice_record.save(connection, found, replace(found, viewed_at=now))
    activity.append(
        connection,
        firm_id=found.firm_id,
        invoice_id=found.id,
        at=now,
        text="Invoice viewed by client",
        actor=found.client,
    )


def _check_lines(lines: Sequence[Line]) -> None:
    try:
        check_lines(lines)
    except LineProblem as problem:
        raise InvalidInput({"lines": str(problem)}) from problem


def _take_number(connection: Connection, firm_id: int) -> str:
    taken = connection.execute(
        update(firm)
        .where(firm.c.id == firm_id)
        .values(next_invoice_number=firm.c.next_invoice_number + 1)
        .returning(firm.c.invoice_prefix, firm.c.next_invoice_number)
    ).one()
    return f"{taken.invoice_prefix}{taken.next_invoice_number - 1}"


def _insert(
    connection: Connection,
    principal: Principal,
    new: NewInvoice,
    *,
    number: str,
    client_name: str,
    now: datetime,
) -> int:
    total_cents = totals(new.lines).total_cents
    result = connection.execute(
        insert(invoice).values(
            firm_id=principal.firm_id,
            client_id=new.client_id,
            client_name=client_name,
            engagement_id=new.engagement_id,
            number=number,
            title=new.title,
            issued_on=new.issued_on,
            due_on=new.due_on,
            total_cents=total_cents,
            balance_cents=total_cents,
            created_at=now,
        )
    )
    (invoice_id,) = result.inserted_primary_key or (0,)
    _insert_lines(connection, invoice_id, new.lines)
    return int(invoice_id)


def _insert_lines(connection: Connection, invoice_id: int, lines: Sequence[Line]) -> None:
    connection.execute(
        insert(invoice_line),
        [
            {
                "invoice_id": invoice_id,
                "position": position,
                "description": line.description,
                "quantity_thousandths": line.quantity_thousandths,
                "unit_price_cents": line.unit_price_cents,
                "amount_cents": line.amount_cents,
                "tax_rate_thousandths": line.tax_rate_thousandths,
                "tax_cents": line.tax_cents,
            }
            for position, line in enumerate(lines, start=1)
        ],
    )


def _log(
    connection: Connection, principal: Principal, invoice_id: int, text: str, now: datetime
) -> None:
    activity.append(
        connection,
        firm_id=principal.firm_id,
        invoice_id=invoice_id,
        at=now,
        text=text[:1000],
        actor=principal.name,
        user_id=principal.user_id,
    )
