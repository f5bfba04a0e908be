"""What a person of the firm does about auto-pay of one invoice: try now, stop, go on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from assure_app.billing import (
    audit,
    autopay,
    autopay_rows,
    autopay_stops,
    autopay_story,
    checkout_closing,
    invoice_record,
    method_rows,
    off_session,
)
from assure_app.billing.autopay_rows import StoredAutopay
from assure_app.billing.charge_text import told_to_firm
from assure_app.billing.checkout_closing import CheckoutInTheWay
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.off_session import Asked, Blocked, Reserved, Why
from assure_app.billing.reading.rows import AutopayStart
from assure_app.db.unit_of_work import unit_of_work
from assure_app.domain.autopay import AutopayState
from assure_app.domain.errors import BillingError
from assure_app.domain.invoice_status import PAYABLE
from assure_app.domain.money import full_text
from assure_app.domain.permissions import Permission, Principal
from assure_app.domain.saved_methods import MethodKind

ACT = "change auto-pay of an invoice"
TRY, STOP, GO_ON = "try", "stop", "go on"


class AutopayRefused(BillingError):
    """Auto-pay cannot do that for this invoice now; the sentence says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What an act came to; `is_unanswered` while nobody knows."""

    sentence: str
    is_unanswered: bool = False


def start(principal: Principal, number: object, act: object, *, now: datetime) -> AutopayStart:
    """The question before one of the acts is done. Raises NotFound, PermissionDenied, and
    AutopayRefused where there is nothing of the kind to do."""
    audit.require(principal, Permission.EDIT_BILLING, act=ACT, now=now)
    if act not in {TRY, STOP, GO_ON}:
        raise AutopayRefused("There is nothing like that to do.")
    with _held(principal, number) as (connection, held, known):
        title, sentence, button = _words(connection, held, known, str(act))
        return AutopayStart(
            act=str(act),
            number=held.number,
            client=held.client,
            tries=known.tries,
            title=title,
            sentence=sentence,
            button=button,
        )


def do(principal: Principal, asked: AutopayStart, *, now: datetime) -> Done:
    """Do what was asked; raises as the act does."""
    match asked.act:
        case "try":
            return try_now(principal, asked.number, tries=asked.tries, told=asked.sentence, now=now)
        case "stop":
            return stop(principal, asked.number, now=now)
        case "go on":
            return go_on(principal, asked.number, now=now)
        case _:
            raise AutopayRefused("There is nothing like that to do.")


def try_now(principal: Principal, number: object, *, tries: int, told: str, now: datetime) -> Done:
    """Charge the invoice's balance to the client's default method now.

    `tries` is how often it was tried when the person was asked: pressed twice, it tries once.
    `told` is the amount and method that they were told of: no other is charged. Raises NotFound,
    PermissionDenied, AutopayRefused when there is nothing to charge or nothing to charge it to, and
    PageNotClosed when the client left a page open that Stripe does not close.
    """
    audit.require(principal, Permission.EDIT_BILLING, act=ACT, now=now)
    reserve = partial(_reserve, principal, number, tries=tries, told=told, now=now)
    reserved, held = checkout_closing.with_room(reserve, now=now)
    off_session.charge(reserved, now=now)
    return _done(off_session.outcome(reserved.asking.id), held, reserved.method.kind)


def stop(principal: Principal, number: object, *, now: datetime) -> Done:
    """Have auto-pay try this invoice no more; a charge that is under way goes on.

    Raises NotFound, PermissionDenied.
    """
    audit.require(principal, Permission.EDIT_BILLING, act=ACT, now=now)
    with _held(principal, number) as (connection, held, known):
        is_over = known.state is AutopayState.DONE or autopay_stops.is_stopped_by_person(known)
        if not is_over:
            autopay_rows.change(
                connection,
                held.id,
                state=AutopayState.STOPPED.value,
                stopped_by=principal.name,
                due_at=None,
                next_try_at=None,
            )
            _note(connection, principal, held, "Auto-pay stopped for this invoice", now)
    return Done(sentence=f"Auto-pay is stopped for {held.number}.")


def go_on(principal: Principal, number: object, *, now: datetime) -> Done:
    """Have auto-pay look after an invoice again that was stopped.

    Raises NotFound, PermissionDenied, and AutopayRefused for one that asks for nothing any more: a
    refund that opens it again must not be charged the next morning.
    """
    audit.require(principal, Permission.EDIT_BILLING, act=ACT, now=now)
    with _held(principal, number) as (connection, held, known):
        status = held.status(now)
        if status not in PAYABLE:
            raise AutopayRefused(f"{held.number} is {status}: there is nothing to charge.")
        if known.state is AutopayState.STOPPED:
            autopay_rows.change(
                connection,
                held.id,
                state=AutopayState.WAITING.value,
                stopped_by="",
                failures=0,
                next_try_at=None,
                due_at=autopay_rows.WOKEN,
            )
            _note(connection, principal, held, "Auto-pay goes on for this invoice", now)
    return Done(sentence=f"Auto-pay is on again for {held.number}.")


def _reserve(
    principal: Principal, number: object, *, tries: int, told: str, now: datetime
) -> tuple[Reserved, InvoiceRecord]:
    """The asking of one more try. Raises CheckoutInTheWay for a page that is to be closed first."""
    with _held(principal, number) as (connection, held, known):
        if not known.is_on:
            raise AutopayRefused("Auto-pay is off for this invoice’s engagement.")
        if known.tries != tries:
            raise AutopayRefused(
                "It was tried in the meantime. Close this and see what came of it."
            )
        reserved = autopay.reserve(connection, known, held, now=now)
        if isinstance(reserved, Blocked):
            page = autopay.left_alone(connection, held, now=now)
            if reserved.why is Why.LIVE and page is not None:
                raise CheckoutInTheWay(page)
            raise AutopayRefused(reserved.sentence)
        if _words(connection, held, known, TRY)[1] != told:
            raise AutopayRefused(
                "What would be charged has changed. Close this, look again, then decide."
            )
        _note(connection, principal, held, "Auto-pay was asked to try now", now)
    return reserved, held


@contextmanager
def _held(
    principal: Principal, number: object
) -> Iterator[tuple[Connection, InvoiceRecord, StoredAutopay]]:
    """The invoice and where auto-pay is with it, in a transaction that holds client and invoice."""
    with unit_of_work() as connection:
        found = invoice_record.find(connection, principal, number)
        method_rows.hold_client(connection, found.client_id)
        held = invoice_record.find_and_lock(connection, principal, number)
        known = autopay_rows.of_invoice(connection, held.id)
        if known is None:
            raise AutopayRefused("Auto-pay is not on for this invoice.")
        yield connection, held, known


def _words(
    connection: Connection, held: InvoiceRecord, known: StoredAutopay, act: str
) -> tuple[str, str, str]:
    """Title, question and button."""
    if act == STOP:
        sentence = (
            "Auto-pay does not charge this invoice any more: the client pays it by hand. The other"
            " invoices of the engagement are charged as before."
        )
        return "Stop auto-pay", sentence, "Stop"
    if act == GO_ON:
        sentence = (
            "Auto-pay charges this invoice again on its due date; if that is past, the next"
            " morning at 6 AM."
        )
        return "Resume auto-pay", sentence, "Resume"
    method = autopay.default_method(connection, held)
    if method is None:
        raise AutopayRefused(autopay.NO_METHOD)
    sentence = f"{method.name} is charged {full_text(held.balance_cents)} now."
    if known.state is AutopayState.STOPPED:
        sentence += " If that fails, auto-pay goes on for this invoice."
    label = autopay_story.try_label(known.failures)
    return label, sentence, f"Charge {full_text(held.balance_cents)}"


def _note(
    connection: Connection, principal: Principal, held: InvoiceRecord, text: str, now: datetime
) -> None:
    autopay_story.add(connection, held, text, principal.name, now=now, user_id=principal.user_id)


def _done(asked: Asked, held: InvoiceRecord, kind: MethodKind) -> Done:
    amount = full_text(held.balance_cents)
    if asked.is_charged and kind is MethodKind.BANK:
        return Done(sentence=f"The bank payment of {amount} for {held.number} is under way.")
    if asked.is_charged:
        return Done(sentence=f"{amount} was charged for {held.number}.")
    if asked.is_settled:
        why = told_to_firm(asked.problem)
        text = f"{amount} could not be charged for {held.number}. {why}"
        return Done(sentence=text, is_unanswered=True)
    return Done(
        sentence=f"Stripe has not answered yet: {held.number} will show what came of it.",
        is_unanswered=True,
    )
