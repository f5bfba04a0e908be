"""What the invoice editor opens with, and what it shows while one types (R141).

Nothing is written here: a number that is suggested is not yet taken.
"""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import quote

from sqlalchemy import Connection, select

from assure_app.billing import (
    audit,
    client_form,
    clients,
    invoice_changes,
    invoice_form,
    invoice_lines,
    invoice_numbers,
    invoice_record,
)
from assure_app.billing.invoice_editing import CREATE, check_editable
from assure_app.billing.invoice_form import WantedInvoice
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.reading.editor_form import Choice, LineForm
from assure_app.billing.reading.invoice_form import InvoiceForm, InvoicePreview, InvoiceStart
from assure_app.db.unit_of_work import reading
from assure_app.domain.calendar import day_of, long_day_text
from assure_app.domain.entry import Entry
from assure_app.domain.invoice_acts import Act
from assure_app.domain.line_items import Line, thousandths_text, totals
from assure_app.domain.money import full_text, input_text
from assure_app.domain.permissions import Permission, Principal
from assure_app.models.tables import firm


def start_new(principal: Principal, *, now: datetime) -> InvoiceStart:
    """A new invoice: dated today, due after the firm's days, its likely number not yet taken."""
    audit.require(principal, Permission.EDIT_BILLING, act=CREATE, now=now)
    with reading() as connection:
        own = connection.execute(
            select(firm.c.timezone, firm.c.due_days).where(firm.c.id == principal.firm_id)
        ).one()
        suggestion = invoice_numbers.suggest(connection, principal.firm_id)
    today = day_of(now, own.timezone)
    return InvoiceStart(
        suggestion=suggestion,
        form_token=secrets.token_urlsafe(24),
        form=InvoiceForm(
            number=suggestion,
            date=today.isoformat(),
            due=(today + timedelta(days=own.due_days)).isoformat(),
            lines=(LineForm(key="1"),),
        ),
    )


def start_edit(principal: Principal, number: str, *, now: datetime) -> InvoiceStart:
    """The invoice as it stands, in texts. Raises NotFound, or NotEditable with the reason."""
    audit.require(principal, Permission.EDIT_BILLING, act=Act.EDIT, now=now)
    with reading() as connection:
        found = invoice_record.find(connection, principal, number)
        check_editable(found, now)
        return InvoiceStart(
            number=found.number,
            href=f"/invoices?invoice={quote(found.number, safe='')}",
            invoice_id=found.id,
            version=found.version,
            entries=invoice_changes.entries(connection, found),
            keeps_client=found.sent_at is not None,
            is_sent=found.sent_at is not None,
            form_token=secrets.token_urlsafe(24),
            form=_as_form(found, invoice_lines.of_invoice(connection, found.id)),
            engagements=_choices(connection, found.client_id),
        )


def preview(
    principal: Principal, form: InvoiceForm, *, number: str = "", suggestion: str = ""
) -> InvoicePreview:
    """What saving this form would come to, by the very rule that saves it; nothing is written.

    `number` names the invoice being edited, "" for a new one. Never raises for what was typed.
    """
    principal.require(Permission.EDIT_BILLING)
    entry = Entry()
    with reading() as connection:
        edited = invoice_record.find(connection, principal, number) if number else None
        wanted = invoice_form.read(
            connection, principal, entry, form, edited=edited, suggestion=suggestion
        )
        engagements = _choices(connection, wanted.client.id) if wanted.client else ()
    return replace(
        _figures(wanted, is_whole=len(wanted.lines) == len(form.lines)),
        due_text="" if {"date", "due"} & set(entry.problems) else _due_text(wanted),
        client_note=client_form.known_note(
            wanted.client, wanted.new_client, becomes="the invoice goes to it"
        ),
        engagements=engagements,
        problems=entry.problems,
    )


def _as_form(found: InvoiceRecord, lines: tuple[Line, ...]) -> InvoiceForm:
    return InvoiceForm(
        client=found.client,
        engagement=str(found.engagement_id or ""),
        number=found.number,
        title=found.title,
        date=found.issued_on.isoformat(),
        due=found.due_on.isoformat(),
        lines=line_forms(lines),
    )


def line_forms(lines: Sequence[Line]) -> tuple[LineForm, ...]:
    """Stored lines as their fields begin with them."""
    return tuple(
        LineForm(
            key=str(key),
            description=line.description,
            quantity=thousandths_text(line.quantity_thousandths),
            price=input_text(line.unit_price_cents),
            tax=thousandths_text(line.tax_rate_thousandths) if line.tax_rate_thousandths else "",
        )
        for key, line in enumerate(lines, start=1)
    )


def _choices(connection: Connection, client_id: int) -> tuple[Choice, ...]:
    found = clients.engagements_of(connection, client_id)
    return tuple(Choice(id=str(each.id), name=each.name) for each in found)


def _figures(wanted: WantedInvoice, *, is_whole: bool) -> InvoicePreview:
    """The amounts of the lines that can stand, and the sums once all of them can."""
    amounts = {key: full_text(line.amount_cents) for key, line in wanted.lines.items()}
    if not is_whole:
        return InvoicePreview(amounts=amounts)
    sums = totals(wanted.ordered_lines)
    return InvoicePreview(
        amounts=amounts,
        subtotal=full_text(sums.subtotal_cents),
        tax=full_text(sums.tax_cents),
        total=full_text(sums.total_cents),
    )


def _due_text(wanted: WantedInvoice) -> str:
    days = (wanted.due_on - wanted.issued_on).days
    after = {0: "on its date", 1: "1 day after its date"}.get(days, f"{days:,} days after its date")
    return f"{long_day_text(wanted.due_on)}, {after}"
