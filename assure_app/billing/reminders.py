"""Reminding clients of what they owe: by the firm's plan, or because somebody presses a button.

What is owed is looked at under the invoice's lock, and each step of the plan is one row for ever:
however many workers run, and whenever one is killed, a client is reminded of it once (R071, R075).
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, insert, or_, select

from assure_app.billing import (
    activity,
    answer_address,
    audit,
    invoice_record,
    ledger_rows,
    reminder_letters,
    reminder_plans,
    reminder_readers,
)
from assure_app.billing.coming_charges import coming_charge
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.reading.reminder_rows import RemindStart
from assure_app.billing.reminder_plans import Run
from assure_app.billing.reminder_readers import Reader
from assure_app.billing.send_form import InvoiceChanged, MailNotSetUp
from assure_app.billing.sending import NOT_DELIVERED
from assure_app.billing.stripe_sweep import Swept
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.calendar import day_of, moment_text
from assure_app.domain.email_address import is_address
from assure_app.domain.errors import BillingError, InvalidInput
from assure_app.domain.invoice_acts import Act
from assure_app.domain.invoice_status import PAYABLE, stage
from assure_app.domain.permissions import Permission, Principal
from assure_app.domain.reminders import ComingCharge, due_step, tone
from assure_app.models.tables import reminder
from assure_app.settings import get_settings

SYSTEM = "System"

# Built once: building a statement takes longer than running it.
_SENT = (
    select(reminder.c.id)
    .where(
        reminder.c.invoice_id == bindparam("invoice_id"),
        or_(
            and_(
                reminder.c.due_on == bindparam("due_on"),
                reminder.c.step_days == bindparam("step_days"),
            ),
            reminder.c.day == bindparam("today"),
        ),
    )
    .limit(1)
)
_INSERT = insert(reminder)


class NothingToRemindOf(BillingError):
    """The invoice asks its client for nothing at this moment (R075, A28)."""


class NobodyToRemind(BillingError):
    """Nobody at the client who may pay takes reminders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminded:
    """What sending a reminder by hand came to."""

    sentence: str
    is_repeat: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sender:
    """Who reminds: the plan with one of its steps, or a person with a form."""

    actor: str
    reply_to: str
    step_days: int | None = None
    user_id: int | None = None
    form_token: str | None = None


def remind_next(*, now: datetime) -> Swept | None:
    """Look after the next invoice of the firm whose reminders are due the longest; None for none.

    Where no mail can leave nothing is written: the newest step that was missed goes out when one
    can.
    """
    if not get_settings().can_send_mail or not reminder_plans.is_due(now):
        return None
    with unit_of_work() as connection:
        run = reminder_plans.take(connection, now)
        if run is None:
            return None
        at = reminder_plans.next_invoice(connection, run)
        if at is None:
            reminder_plans.finish(connection, run)
            return Swept(what=f"reminders of firm {run.firm_id}", firm_id=None)
        reminder_plans.move_on(connection, run, at)
        _, invoice_id = at
        is_told = _remind(connection, run, invoice_id, now)
    return Swept(what=f"reminder of invoice {invoice_id}", firm_id=run.firm_id if is_told else None)


def start(principal: Principal, number: str, *, now: datetime) -> RemindStart:
    """What the dialog opens with: to whom a reminder would go, and what it would say.

    Raises NothingToRemindOf and NobodyToRemind with the reason why there is none to send.
    """
    _require(principal, now)
    with reading() as connection:
        found = invoice_record.find(connection, principal, number)
        charge = _charge(connection, found, now)
        readers = _readers(connection, found)
        last = connection.scalar(
            select(reminder.c.created_at)
            .where(reminder.c.invoice_id == found.id)
            .order_by(reminder.c.id.desc())
            .limit(1)
        )
    return RemindStart(
        invoice_id=found.id,
        number=found.number,
        client=found.client,
        addresses=", ".join(reader.email for reader in readers),
        standing=reminder_letters.standing(found, charge, now=now),
        last="" if last is None else moment_text(last, found.timezone, now=now),
        block="" if get_settings().can_send_mail else MailNotSetUp().sentence,
        caution="" if get_settings().mail_leaves else NOT_DELIVERED,
        form_token=secrets.token_urlsafe(24),
    )


def send_now(
    principal: Principal, number: str, *, form_token: str, invoice_id: int, now: datetime
) -> Reminded:
    """Remind the client at once; the same `form_token` again sends nothing more.

    Raises NothingToRemindOf, NobodyToRemind, and InvoiceChanged when another invoice bears the
    number by now.
    """
    _require(principal, now)
    if not get_settings().can_send_mail:
        raise MailNotSetUp
    if not ledger_rows.is_form_token(form_token):
        raise InvalidInput({"": "This form is not valid any more. Open a new one."})
    with unit_of_work() as connection:
        found = invoice_record.find_and_lock(connection, principal, number)
        if found.id != invoice_id:
            raise InvoiceChanged(found.number)
        if _is_sent(connection, principal, form_token):
            return Reminded(sentence="This reminder was sent already.", is_repeat=True)
        charge = _charge(connection, found, now)
        readers = _readers(connection, found)
        by_hand = _Sender(
            actor=principal.name,
            reply_to=principal.email if is_address(principal.email) else "",
            user_id=principal.user_id,
            form_token=form_token,
        )
        text = _send(connection, found, readers, charge=charge, sender=by_hand, now=now)
    return Reminded(sentence=f"{text}.")


def _remind(connection: Connection, run: Run, invoice_id: int, now: datetime) -> bool:
    """Remind of the invoice that the run has come to; False when there is nothing to say."""
    found = invoice_record.lock_of_firm(connection, firm_id=run.firm_id, invoice_id=invoice_id)
    if found.opened_at is None:
        return False
    opened_on = day_of(found.opened_at, found.timezone)
    step = due_step(run.plan, found.due_on, run.period, opened_on=opened_on)
    if step is None or _was_reminded(connection, found, step.days, now):
        return False
    charge = coming_charge(connection, found, now=now)
    readers = reminder_readers.of_client(connection, found.client_id)
    if _tone(found, charge, now) is None or not readers:
        return False
    answers_to = answer_address.of_firm(connection, found.firm_id)
    planned = _Sender(actor=SYSTEM, reply_to=answers_to, step_days=step.days)
    _send(connection, found, readers, charge=charge, sender=planned, now=now)
    return True


def _send(
    connection: Connection,
    found: InvoiceRecord,
    readers: tuple[Reader, ...],
    *,
    charge: ComingCharge | None,
    sender: _Sender,
    now: datetime,
) -> str:
    """Write the reminder, its letters and its entry in the timeline; gives the entry's text."""
    with_links = reminder_readers.with_links(connection, readers, now=now)
    reminder_id = _insert(connection, found, sender, now)
    reminder_letters.post(
        connection, reminder_id, found, with_links, charge, reply_to=sender.reply_to, now=now
    )
    text = reminder_letters.told_text(found, with_links, charge, now=now)
    activity.append(
        connection,
        firm_id=found.firm_id,
        invoice_id=found.id,
        at=now,
        text=text[:1000],
        actor=sender.actor,
        user_id=sender.user_id,
    )
    return text


def _insert(connection: Connection, found: InvoiceRecord, sender: _Sender, now: datetime) -> int:
    values = {
        "firm_id": found.firm_id,
        "invoice_id": found.id,
        "due_on": found.due_on,
        "step_days": sender.step_days,
        "day": found.today(now),
        "balance_cents": found.balance_cents,
        "created_at": now,
        "user_id": sender.user_id,
        "form_token": sender.form_token,
    }
    written = connection.execute(_INSERT, values)
    (reminder_id,) = written.inserted_primary_key or (0,)
    return int(reminder_id)


def _tone(found: InvoiceRecord, charge: ComingCharge | None, now: datetime) -> object:
    return tone(
        stage=stage(found.facts),
        balance_cents=found.balance_cents,
        today=found.today(now),
        charge=charge,
    )


def _was_reminded(
    connection: Connection, found: InvoiceRecord, step_days: int, now: datetime
) -> bool:
    """Whether this step was sent, or any reminder today: nobody gets two in one day."""
    known = {"invoice_id": found.id, "due_on": found.due_on, "step_days": step_days}
    return connection.execute(_SENT, known | {"today": found.today(now)}).first() is not None


def _charge(connection: Connection, found: InvoiceRecord, now: datetime) -> ComingCharge | None:
    """The charge to announce, if any. Raises NothingToRemindOf when nothing can be said."""
    status = found.status(now)
    if status not in PAYABLE:
        raise NothingToRemindOf(f"{found.number} is {status}. There is nothing to remind of.")
    if not found.balance_cents:
        raise NothingToRemindOf("The whole balance is already on its way.")
    charge = coming_charge(connection, found, now=now)
    if charge is not None and _tone(found, charge, now) is None:
        raise NothingToRemindOf(f"Auto-pay charges {charge.method} today: no reminder is needed.")
    return charge


def _readers(connection: Connection, found: InvoiceRecord) -> tuple[Reader, ...]:
    readers = reminder_readers.of_client(connection, found.client_id)
    if readers:
        return readers
    if reminder_readers.has_stopped(connection, found.client_id):
        raise NobodyToRemind(
            f"Whoever may pay at {found.client} stopped reminders. Send the invoice again instead."
        )
    raise NobodyToRemind(f"{found.client} has no contact who may pay. Add one in the settings.")


def _is_sent(connection: Connection, principal: Principal, form_token: str) -> bool:
    wanted = select(reminder.c.id).where(
        reminder.c.firm_id == principal.firm_id, reminder.c.form_token == form_token
    )
    return connection.execute(wanted).first() is not None


def _require(principal: Principal, now: datetime) -> None:
    audit.require(principal, Permission.EDIT_BILLING, act=Act.REMIND, now=now)
