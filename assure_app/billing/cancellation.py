"""Cancelling an invoice: the claim on what is left ends, and what was paid stays (R129, R130)."""

import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection, select, update

from assure_app.billing import activity, audit, invoice_record, ledger_rows
from assure_app.billing.checkout_closing import require_room, with_room
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.receipts import Receipt
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.entry import NOTES_LIMIT, Entry
from assure_app.domain.errors import BillingError, FormAlreadyUsed, InvalidInput, NotFound
from assure_app.domain.invoice_acts import STATUSES, Act, why_not_now
from assure_app.domain.invoice_status import Stage, Status, stage
from assure_app.domain.money import full_text, short_text
from assure_app.domain.permissions import Permission, Principal
from assure_app.models.tables import invoice as invoice_table

_ACTIVITY_LIMIT = 1000


class InvoiceNotCancellable(BillingError):
    """A paid or already cancelled invoice, or one with money on its way (R130)."""


class WriteOffChanged(BillingError):
    """Another amount would be written off than the form showed."""

    def __init__(self, *, shown: str, written_off: str) -> None:
        self.shown = shown
        self.written_off = written_off
        super().__init__(
            f"{written_off} would be written off now, not {shown or 'nothing'}. "
            "Nothing was cancelled: look again, then decide."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelForm:
    """The Cancel invoice dialog as sent: nothing in it is trusted.

    `written_off` is the amount that the dialog showed as given up, as text; "" for none.
    """

    reason: str
    written_off: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelStart:
    """What the Cancel invoice dialog opens with.

    `invoice_id` tells the invoice looked at from another one that took its number meanwhile.
    """

    invoice_id: int = 0
    number: str = ""
    client: str = ""
    form_token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelPreview:
    """What cancelling would do, as money texts; `kept` and `written_off` are "" for nothing."""

    kept: str = ""
    written_off: str = ""
    status_before: str = ""
    status_after: str = ""
    problems: dict[str, str] = field(default_factory=dict)


def start(principal: Principal, number: str, *, now: datetime) -> CancelStart:
    """What the dialog opens with; raises InvoiceNotCancellable when there is nothing to cancel."""
    audit.require(principal, Permission.EDIT_BILLING, act=Act.CANCEL, now=now)
    with reading() as connection:
        found = invoice_record.find(connection, principal, number)
    _check_cancellable(found, now)
    return CancelStart(
        invoice_id=found.id,
        number=found.number,
        client=found.client,
        form_token=secrets.token_urlsafe(24),
    )


def preview(principal: Principal, number: str, *, now: datetime) -> CancelPreview:
    """What cancelling now would keep and write off, by the very rule that does it."""
    principal.require(Permission.EDIT_BILLING)
    with reading() as connection:
        found = invoice_record.find(connection, principal, number)
    before = found.status(now)
    try:
        _check_cancellable(found, now)
    except InvoiceNotCancellable as refusal:
        return CancelPreview(status_before=before, problems=refusal.problems)
    return CancelPreview(
        kept=_unless_zero(found.settled_cents),
        written_off=_unless_zero(_to_write_off_cents(found)),
        status_before=before.value,
        status_after=_cancelled(found, now).status(now).value,
    )


def cancel(
    principal: Principal,
    number: str,
    form: CancelForm,
    *,
    form_token: str,
    now: datetime,
    invoice_id: int | None = None,
) -> Receipt:
    """Cancel an invoice for a reason; the payments stay, and the rest is written off (R130).

    The same `form_token` again answers with the first outcome. Raises InvalidInput,
    InvoiceNotCancellable, or WriteOffChanged when the money moved since the form showed it, and
    NotFound when the number belongs to another invoice than `invoice_id` by now; then nothing was
    written. A client's open payment page is closed at Stripe first, or PageNotClosed is raised.
    """
    audit.require(principal, Permission.EDIT_BILLING, act=Act.CANCEL, now=now)
    if not ledger_rows.is_form_token(form_token):
        raise InvalidInput({"": "This form is not valid any more. Close it and open a new one."})
    reason = read_reason(form)
    return with_room(
        lambda: _cancel(
            principal, number, form, reason, form_token=form_token, now=now, invoice_id=invoice_id
        ),
        now=now,
    )


def _cancel(
    principal: Principal,
    number: str,
    form: CancelForm,
    reason: str,
    *,
    form_token: str,
    now: datetime,
    invoice_id: int | None,
) -> Receipt:
    with unit_of_work() as connection:
        found = invoice_record.find_and_lock(connection, principal, number)
        if invoice_id not in {None, found.id}:
            raise NotFound("invoice")
        if _is_repeat(connection, found, form_token=form_token, reason=reason):
            return _receipt(found, is_repeat=True)
        _check_cancellable(found, now)
        _check_shown(found, form.written_off)
        after = _write(connection, principal, found, reason=reason, form_token=form_token, now=now)
    return _receipt(after)


def cancel_invoice(
    connection: Connection, principal: Principal, number: str, reason: str, *, now: datetime
) -> None:
    """Cancel in the caller's transaction, without a form.

    Raises InvoiceNotCancellable when paid, cancelled, or with a payment on its way, and
    CheckoutInTheWay while a client has a payment page open.
    """
    principal.require(Permission.EDIT_BILLING)
    found = invoice_record.find_and_lock(connection, principal, number)
    _check_cancellable(found, now)
    _write(connection, principal, found, reason=reason, form_token=None, now=now)


def read_reason(form: CancelForm) -> str:
    """Read why it is cancelled, on one line, or raise InvalidInput with the field's sentence."""
    entry = Entry()
    reason = entry.line("reason", form.reason, limit=NOTES_LIMIT, name="Reason")
    if not reason:
        entry.refuse("reason", "Say why this invoice is cancelled.")
    entry.check()
    return reason


def _check_cancellable(found: InvoiceRecord, now: datetime) -> None:
    status = found.status(now)
    if status not in STATUSES[Act.CANCEL]:
        raise InvoiceNotCancellable(f"This invoice is {status}. It cannot be cancelled.")
    block = why_not_now(
        Act.CANCEL, balance_cents=found.balance_cents, pending_cents=found.pending_cents
    )
    if block:
        raise InvoiceNotCancellable(block)


def _check_shown(found: InvoiceRecord, shown: object) -> None:
    written_off_cents = _to_write_off_cents(found)
    if shown != _unless_zero(written_off_cents):
        text = shown if isinstance(shown, str) else ""
        raise WriteOffChanged(shown=text[:40], written_off=full_text(written_off_cents))


def _to_write_off_cents(found: InvoiceRecord) -> int:
    # A draft never asked for anything, so nothing is given up with it.
    return 0 if stage(found.facts) is Stage.DRAFT else found.balance_cents


def _cancelled(found: InvoiceRecord, now: datetime) -> InvoiceRecord:
    return replace(found, cancelled_at=now, written_off_cents=_to_write_off_cents(found))


def _write(
    connection: Connection,
    principal: Principal,
    found: InvoiceRecord,
    *,
    reason: str,
    form_token: str | None,
    now: datetime,
) -> InvoiceRecord:
    after = _cancelled(found, now)
    require_room(connection, found.id, 0)  # Who still pays on an open page pays for nothing.
    invoice_record.save(connection, found, after)
    connection.execute(
        update(invoice_table)
        .where(invoice_table.c.id == found.id)
        .values(cancel_reason=reason, cancel_form_token=form_token)
    )
    given_up = after.written_off_cents
    ending = f", {short_text(given_up)} written off" if given_up else ""
    activity.append(
        connection,
        firm_id=found.firm_id,
        invoice_id=found.id,
        at=now,
        text=_shortened(f"Invoice cancelled{ending} — {reason}"),
        actor=principal.name,
        user_id=principal.user_id,
    )
    return after


def _shortened(text: str) -> str:
    """The timeline holds less than a reason may; the invoice keeps it whole."""
    return text if len(text) <= _ACTIVITY_LIMIT else f"{text[: _ACTIVITY_LIMIT - 1]}…"


def _is_repeat(
    connection: Connection, found: InvoiceRecord, *, form_token: str, reason: str
) -> bool:
    known = connection.execute(
        select(invoice_table.c.cancel_form_token, invoice_table.c.cancel_reason).where(
            invoice_table.c.id == found.id
        )
    ).one()
    if known.cancel_form_token != form_token:
        return False
    if known.cancel_reason != reason:
        raise FormAlreadyUsed
    return True


def _receipt(invoice: InvoiceRecord, *, is_repeat: bool = False) -> Receipt:
    given_up = invoice.written_off_cents
    ending = f" {full_text(given_up)} is written off." if given_up else ""
    return Receipt(
        invoice_id=invoice.id,
        payment_id=0,
        balance="",
        status=Status.CANCELLED.value,
        sentence=f"{invoice.number} is cancelled.{ending}",
        is_repeat=is_repeat,
    )


def _unless_zero(cents: int) -> str:
    return full_text(cents) if cents else ""
