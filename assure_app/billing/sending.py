"""Sending an invoice to the client by email: a draft, or an open one again (R141).

An invoice is opened and its letters are put into the outbox in one transaction; they leave later.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from assure_app.billing import activity, audit, invoice_letters, invoice_record, invoices
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.reading.send_rows import SendForm, Sending, SendStart
from assure_app.billing.send_form import (
    AlreadySent,
    InvoiceChanged,
    MailNotSetUp,
    NotSendable,
    Wanted,
    read_form,
)
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.calendar import long_day_text
from assure_app.domain.invoice_acts import Act
from assure_app.domain.invoice_status import PAYABLE, Status
from assure_app.domain.money import full_text
from assure_app.domain.permissions import Permission, Principal
from assure_app.mail import invoice_mail
from assure_app.settings import get_settings

SENT_BY_EMAIL = "Invoice sent to client (email)"
SENT_AGAIN = "Invoice sent again to client (email)"
MARKED_AS_SENT = "Invoice marked as sent"
NOT_DELIVERED = (
    "No mail server is set up (SMTP_URL): the letter stays in the sandbox’s mailbox on the server,"
    " and the client does not get it."
)


def start(principal: Principal, number: str, *, now: datetime) -> SendStart:
    """What the dialog opens with, for a draft or for an open invoice that goes out again.

    Raises NotSendable for any other.
    """
    require(principal, now)
    with reading() as connection:
        found = invoice_record.find(connection, principal, number)
        is_draft = found.status(now) is Status.DRAFT
        if not is_draft:
            _check_open(found, now)
        addresses = invoice_letters.addresses_of(connection, found.client_id)
        letter = invoice_letters.mailed(connection, principal, found, now=now)
    can_send = get_settings().can_send_mail
    return SendStart(
        number=found.number,
        client=found.client,
        addresses=", ".join(addresses),
        has_contact=bool(addresses),
        subject=invoice_mail.subject(letter),
        amount=full_text(found.balance_cents),
        total=full_text(found.total_cents),
        due=long_day_text(found.due_on),
        is_draft=is_draft,
        can_send_mail=can_send,
        block="" if can_send else MailNotSetUp().sentence,
        caution="" if get_settings().mail_leaves else NOT_DELIVERED,
        invoice_id=found.id,
        version=found.version,
    )


def send(
    principal: Principal,
    number: str,
    form: SendForm,
    *,
    version: int,
    invoice_id: int | None = None,
    now: datetime,
) -> Sending:
    """Open the draft and put its letters into the outbox; one over $0.00 is then Paid (A26).

    One that was sent already stays as it is, and no letter goes out. Raises InvalidInput with a
    sentence for each field, InvoiceChanged when it is not the `version` that was looked at, or
    another invoice bears the number by now.
    """
    require(principal, now)
    require_mail()
    wanted = read_form(form)
    with unit_of_work() as connection:
        found = _lock(connection, principal, number, invoice_id)
        if found.status(now) is not Status.DRAFT:
            return _sent_before(found, now)
        _check_version(found, version)
        after = open_and_post(connection, principal, found, wanted, now)
        if wanted.keeps_addresses:
            invoice_letters.keep_as_contacts(connection, found, wanted.addresses)
    return _sending(after, f"{found.number} sent to {_told(wanted.addresses)}.", now)


def resend(
    principal: Principal,
    number: str,
    form: SendForm,
    *,
    version: int,
    invoice_id: int | None = None,
    now: datetime,
) -> Sending:
    """Put an open invoice's letters into the outbox once more, with what is due now.

    The same form again sends nothing. Raises NotSendable for a draft, a paid or a cancelled one.
    """
    require(principal, now)
    require_mail()
    wanted = read_form(form)
    with unit_of_work() as connection:
        found = _lock(connection, principal, number, invoice_id)
        if invoice_letters.was_posted(connection, found, wanted.addresses[0], version=version):
            return _sent_before(found, now)
        _check_open(found, now)
        _check_version(found, version)
        # The new version is what tells this sending from a repeat of it.
        invoice_record.save(connection, found, found)
        invoice_letters.post(connection, principal, found, wanted, now=now)
        _log_again(connection, principal, found, now)
    return _sending(found, f"{found.number} sent again to {_told(wanted.addresses)}.", now)


def mark_as_sent(
    principal: Principal,
    number: str,
    *,
    version: int,
    invoice_id: int | None = None,
    now: datetime,
) -> Sending:
    """Open a draft that reached the client another way; no letter goes out."""
    require(principal, now)
    with unit_of_work() as connection:
        found = _lock(connection, principal, number, invoice_id)
        if found.status(now) is not Status.DRAFT:
            return _sent_before(found, now)
        _check_version(found, version)
        after = invoices.open_draft(connection, principal, found, text=MARKED_AS_SENT, now=now)
    return _sending(after, f"{found.number} marked as sent.", now)


def require(principal: Principal, now: datetime) -> None:
    """Raise PermissionDenied unless the person may send; the denial is logged (R112)."""
    audit.require(principal, Permission.EDIT_BILLING, act=Act.SEND, now=now)


def require_mail() -> None:
    """Raise MailNotSetUp when no letter can leave."""
    if not get_settings().can_send_mail:
        raise MailNotSetUp


def open_and_post(
    connection: Connection,
    principal: Principal,
    found: InvoiceRecord,
    letter: Wanted,
    now: datetime,
) -> InvoiceRecord:
    """Open the locked draft and put its letters into the outbox, in the caller's transaction."""
    after = invoices.open_draft(connection, principal, found, text=SENT_BY_EMAIL, now=now)
    invoice_letters.post(connection, principal, after, letter, now=now)
    return after


def _check_open(found: InvoiceRecord, now: datetime) -> None:
    status = found.status(now)
    if status not in PAYABLE:
        raise NotSendable(found.number, status)


def _lock(
    connection: Connection, principal: Principal, number: str, invoice_id: int | None
) -> InvoiceRecord:
    """The invoice that was looked at, and not another one that took its number meanwhile."""
    found = invoice_record.find_and_lock(connection, principal, number)
    if invoice_id not in {None, found.id}:
        raise InvoiceChanged(found.number)
    return found


def _check_version(found: InvoiceRecord, version: int) -> None:
    if found.version != version:
        raise InvoiceChanged(found.number)


def _log_again(
    connection: Connection, principal: Principal, found: InvoiceRecord, now: datetime
) -> None:
    activity.append(
        connection,
        firm_id=found.firm_id,
        invoice_id=found.id,
        at=now,
        text=SENT_AGAIN,
        actor=principal.name,
        user_id=principal.user_id,
    )


def _sent_before(found: InvoiceRecord, now: datetime) -> Sending:
    """What a second sending comes to; raises NotSendable for a draft that was cancelled."""
    if found.opened_at is None:
        raise NotSendable(found.number, found.status(now))
    return _sending(found, AlreadySent(found.number).sentence, now, is_repeat=True)


def _sending(
    found: InvoiceRecord, sentence: str, now: datetime, *, is_repeat: bool = False
) -> Sending:
    return Sending(
        number=found.number,
        status=found.status(now).value,
        sentence=sentence,
        is_repeat=is_repeat,
    )


def _told(addresses: Sequence[str]) -> str:
    return addresses[0] if len(addresses) == 1 else f"{len(addresses)} addresses"
