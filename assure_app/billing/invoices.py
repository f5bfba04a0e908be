"""An invoice from its making on: created, sent, viewed by the client."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection, insert, select

from assure_app.billing import (
    activity,
    invoice_lines,
    invoice_numbers,
    invoice_record,
    search_keys,
)
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.domain.errors import InvalidInput, NotFound
from assure_app.domain.invoice_status import InvoiceFacts, Status, stage
from assure_app.domain.line_items import Line, LineProblem, check_lines, totals
from assure_app.domain.permissions import Permission, Principal
from assure_app.models.tables import client, invoice

__all__ = [
    "VIEWED",
    "Line",
    "NewInvoice",
    "create_invoice",
    "mark_sent",
    "open_draft",
    "view_by_client",
    "write",
]


VIEWED = "Invoice viewed by client"
"""How the timeline tells it."""


# Built once: building a statement takes longer than running it.
_INSERT = insert(invoice)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInvoice:
    """What an invoice is made of; `number` "" takes the firm's next one.

    `form_token` and `form_hash` are those of the form it was typed into, if any; `schedule_id` and
    `period_on` say for which day of which schedule it is generated.
    """

    client_id: int
    issued_on: date
    due_on: date
    lines: Sequence[Line]
    title: str = ""
    number: str = ""
    engagement_id: int | None = None
    form_token: str | None = None
    form_hash: str = ""
    schedule_id: int | None = None
    period_on: date | None = None


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
    invoice_id, number = write(
        connection, new, firm_id=principal.firm_id, client_name=known.name, now=now
    )
    _log(connection, principal, invoice_id, "Invoice created", now)
    return number


def write(
    connection: Connection,
    new: NewInvoice,
    *,
    firm_id: int,
    client_name: str,
    opened_at: datetime | None = None,
    now: datetime,
) -> tuple[int, str]:
    """Write an invoice of a known client with lines that can stand; gives its id and its number.

    A draft, unless it is `opened_at` once. The caller says in its timeline who made it.
    """
    number = new.number or invoice_numbers.take(connection, firm_id)
    invoice_id = _insert(
        connection,
        new,
        firm_id=firm_id,
        number=number,
        client_name=client_name,
        opened_at=opened_at,
        now=now,
    )
    search_keys.add(connection, firm_id=firm_id, invoice_id=invoice_id, text=number, is_new=True)
    return invoice_id, number


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
        text=VIEWED,
        actor=found.client,
    )


def _check_lines(lines: Sequence[Line]) -> None:
    try:
        check_lines(lines)
    except LineProblem as problem:
        raise InvalidInput({"lines": str(problem)}) from problem


def _insert(
    connection: Connection,
    new: NewInvoice,
    *,
    firm_id: int,
    number: str,
    client_name: str,
    opened_at: datetime | None,
    now: datetime,
) -> int:
    total_cents = totals(new.lines).total_cents
    facts = InvoiceFacts(
        total_cents=total_cents,
        settled_cents=0,
        balance_cents=total_cents,
        due_date=new.due_on,
        opened_at=opened_at,
    )
    result = connection.execute(
        _INSERT,
        {
            "firm_id": firm_id,
            "client_id": new.client_id,
            "client_name": client_name,
            "engagement_id": new.engagement_id,
            "number": number,
            "title": new.title,
            "issued_on": new.issued_on,
            "due_on": new.due_on,
            "total_cents": total_cents,
            "balance_cents": total_cents,
            "stage": stage(facts).value,
            "created_at": now,
            "sent_at": opened_at,
            "opened_at": opened_at,
            "form_token": new.form_token,
            "form_hash": new.form_hash,
            "schedule_id": new.schedule_id,
            "period_on": new.period_on,
        },
    )
    (invoice_id,) = result.inserted_primary_key or (0,)
    invoice_lines.add(connection, invoice_id, new.lines)
    return int(invoice_id)


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
