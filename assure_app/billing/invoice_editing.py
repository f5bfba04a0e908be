"""Making an invoice and changing one, through one form (R141).

A new invoice is made once however often its form is sent. An edit holds only against the state of
the invoice that it was begun on: if it was sent, paid or edited since, nothing is written.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, select

from assure_app.billing import (
    activity,
    audit,
    client_form,
    clients,
    invoice_changes,
    invoice_form,
    invoice_lines,
    invoice_numbers,
    invoice_record,
    invoices,
    ledger_rows,
    search_keys,
)
from assure_app.billing.checkout_closing import require_room, with_room
from assure_app.billing.invoice_form import WantedInvoice
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.reading.invoice_form import InvoiceForm, Saved
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.entry import Entry
from assure_app.domain.errors import BillingError, InvalidInput
from assure_app.domain.invoice_acts import STATUSES, Act, why_not_now
from assure_app.domain.line_items import Line, totals
from assure_app.domain.money import full_text
from assure_app.domain.permissions import Permission, Principal
from assure_app.models.tables import invoice

CREATE = "create an invoice"
"""What the audit log says that a person was denied."""


class NotEditable(BillingError):
    """The invoice is past editing: money came or is on its way, or it was cancelled (R141)."""


class FormAlreadySaved(BillingError):
    """The same form was sent again with other figures (R035)."""

    def __init__(self, number: str) -> None:
        self.number = number
        super().__init__(
            f"This form was already saved as {number}, with other figures. Nothing was changed: "
            f"open {number} to edit it."
        )


def save_new(
    principal: Principal, form: InvoiceForm, *, suggestion: str, form_token: str, now: datetime
) -> Saved:
    """Save a draft made of this form.

    The same `form_token` again answers with the first outcome and writes nothing (R035). The
    number left as suggested, or empty, becomes the firm's next free one at this moment. Raises
    InvalidInput with a sentence for each field, FormAlreadySaved; then nothing was written.
    """
    audit.require(principal, Permission.EDIT_BILLING, act=CREATE, now=now)
    if not ledger_rows.is_form_token(form_token):
        raise InvalidInput({"": "This form is not valid any more. Open a new one."})
    form_hash = ledger_rows.hash_of("invoice", form)
    with unit_of_work() as connection:
        invoice_numbers.lock(connection, principal.firm_id)
        repeated = _saved_before(connection, principal, form_token, form_hash)
        if repeated:
            return Saved(number=repeated, sentence=f"{repeated} is saved.", is_repeat=True)
        entry = Entry()
        wanted = invoice_form.read(
            connection, principal, entry, form, edited=None, suggestion=suggestion
        )
        entry.check()
        new = invoices.NewInvoice(
            client_id=_client(connection, principal, wanted, now).id,
            engagement_id=wanted.engagement_id,
            number=wanted.number,
            title=wanted.title,
            issued_on=wanted.issued_on,
            due_on=wanted.due_on,
            lines=wanted.ordered_lines,
            form_token=form_token,
            form_hash=form_hash,
        )
        number = invoices.create_invoice(connection, principal, new, now=now)
    return Saved(number=number, sentence=f"{number} is saved as a draft.")


def save_edit(
    principal: Principal,
    number: str,
    form: InvoiceForm,
    *,
    version: int,
    entries: int,
    invoice_id: int | None = None,
    now: datetime,
) -> Saved:
    """Save the form onto the invoice that was opened at this version, with so many entries.

    With `invoice_id` it is found whatever number it bears by now, and no other one that took its
    number. Sent a second time it finds nothing to change. Raises ChangedMeanwhile when somebody
    changed the invoice since, NotEditable, NotFound, or InvalidInput; then nothing was written.
    A client's open payment page over more than the new total is closed at Stripe first, or
    PageNotClosed is raised.
    """
    audit.require(principal, Permission.EDIT_BILLING, act=Act.EDIT, now=now)
    opened = _Opened(version=version, entries=entries, invoice_id=invoice_id)
    return with_room(lambda: _save_edit(principal, number, form, opened, now=now), now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    """The invoice as the editor opened it."""

    version: int
    entries: int
    invoice_id: int | None


def _save_edit(
    principal: Principal, number: str, form: InvoiceForm, opened: _Opened, *, now: datetime
) -> Saved:
    with unit_of_work() as connection:
        invoice_numbers.lock(connection, principal.firm_id)
        before = (
            invoice_record.find_and_lock(connection, principal, number)
            if opened.invoice_id is None
            else invoice_record.lock_by_id(connection, principal, opened.invoice_id)
        )
        is_as_opened = invoice_changes.is_as_opened(
            connection, before, version=opened.version, known_entries=opened.entries
        )
        if not is_as_opened:
            if _is_saved(connection, principal, before, form):
                sentence = f"{before.number} is saved."
                return Saved(number=before.number, sentence=sentence, is_repeat=True)
            raise invoice_changes.changed_meanwhile(
                connection, principal, before, known_entries=opened.entries, now=now
            )
        check_editable(before, now)
        entry = Entry()
        wanted = invoice_form.read(connection, principal, entry, form, edited=before)
        entry.check()
        client = _client(connection, principal, wanted, now)
        after = _edited(connection, before, wanted, client, now)
        is_changed = _write(connection, principal, before, after, wanted.ordered_lines, now=now)
    sentence = f"{after.number} is saved." if is_changed else f"{number} was left as it is."
    return Saved(number=after.number, sentence=sentence)


def check_editable(found: InvoiceRecord, now: datetime) -> None:
    """Raise NotEditable with the reason when the invoice cannot be edited now."""
    status = found.status(now)
    if status not in STATUSES[Act.EDIT]:
        raise NotEditable(
            f"{found.number} is {status}. Only a draft, sent or viewed invoice can be edited."
        )
    block = why_not_now(
        Act.EDIT, balance_cents=found.balance_cents, pending_cents=found.pending_cents
    )
    if block:
        raise NotEditable(block)


def _saved_before(
    connection: Connection, principal: Principal, form_token: str, form_hash: str
) -> str:
    """The number of the invoice that this form already made, or "" (R035)."""
    row = connection.execute(
        select(invoice.c.number, invoice.c.form_hash).where(
            invoice.c.firm_id == principal.firm_id, invoice.c.form_token == form_token
        )
    ).first()
    if row is None:
        return ""
    if row.form_hash != form_hash:
        raise FormAlreadySaved(row.number)
    return str(row.number)


def _is_saved(
    connection: Connection,
    principal: Principal,
    stored: InvoiceRecord,
    form: InvoiceForm,
) -> bool:
    """Whether the invoice already is what the form says, as when the form comes a second time."""
    entry = Entry()
    wanted = invoice_form.read(connection, principal, entry, form, edited=stored)
    if entry.problems or wanted.client is None:
        return False
    lines = invoice_lines.of_invoice(connection, stored.id)
    after = _described(stored, wanted, wanted.client)
    return after == stored and lines == wanted.ordered_lines


def _client(
    connection: Connection, principal: Principal, wanted: WantedInvoice, now: datetime
) -> clients.KnownClient:
    """The client whom the form names, added if it is new."""
    return client_form.settle(connection, principal, wanted.client, wanted.new_client, now=now)


def _described(
    before: InvoiceRecord, wanted: WantedInvoice, client: clients.KnownClient
) -> InvoiceRecord:
    """The invoice with what the form says of it; its figures do not follow yet."""
    return replace(
        before,
        client_id=client.id,
        client=client.name,
        engagement_id=wanted.engagement_id,
        number=wanted.number,
        title=wanted.title,
        issued_on=wanted.issued_on,
        due_on=wanted.due_on,
        total_cents=totals(wanted.ordered_lines).total_cents,
    )


def _edited(
    connection: Connection,
    before: InvoiceRecord,
    wanted: WantedInvoice,
    client: clients.KnownClient,
    now: datetime,
) -> InvoiceRecord:
    after = _described(before, wanted, client)
    rows = ledger_rows.of_invoice(connection, before.id)
    if rows and after.total_cents != before.total_cents:
        raise InvalidInput(
            {
                "lines": f"{before.number} has payments in its ledger, so its total stays "
                f"{full_text(before.total_cents)}."
            }
        )
    return after.with_rows(rows, now=now)


def _write(
    connection: Connection,
    principal: Principal,
    before: InvoiceRecord,
    after: InvoiceRecord,
    lines: tuple[Line, ...],
    *,
    now: datetime,
) -> bool:
    """Write what changed and say so in the timeline; False when nothing did."""
    known = invoice_lines.of_invoice(connection, before.id)
    text = invoice_changes.edit_text(before, after, lines_before=known, lines=lines, now=now)
    if after == before and lines == known:
        return False
    require_room(connection, before.id, after.balance_cents)
    invoice_record.save(connection, before, after)
    if lines != known:
        invoice_lines.replace(connection, before.id, lines)
    if after.number != before.number:
        firm_id, invoice_id = before.firm_id, before.id
        search_keys.forget(connection, firm_id=firm_id, invoice_id=invoice_id, text=before.number)
        search_keys.add(connection, firm_id=firm_id, invoice_id=invoice_id, text=after.number)
    activity.append(
        connection,
        firm_id=before.firm_id,
        invoice_id=before.id,
        at=now,
        text=text,
        actor=principal.name,
        user_id=principal.user_id,
    )
    return True
