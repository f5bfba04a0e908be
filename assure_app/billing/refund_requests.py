"""Refunds that one person asks for and another decides on (R096): the asking.

Who lacks a right that a refund needs asks for it; so does everybody from the amount on for which
the firm wants two people. `refund_decisions` is what becomes of it.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from assure_app.billing import (
    activity,
    audit,
    ledger_rows,
    refund_case,
    refund_request_news,
    refund_request_record,
    refunds,
)
from assure_app.billing.refund_case import Refundable
from assure_app.billing.refund_request_record import RefundRequest
from assure_app.billing.refunds import RefundForm
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain import refund_approval
from assure_app.domain.errors import (
    BillingError,
    FormAlreadyUsed,
    InvalidInput,
)
from assure_app.domain.money import full_text, input_text, short_text
from assure_app.domain.permissions import Permission, Principal


class RequestPending(BillingError):
    """A refund of this payment was asked for already, and waits."""

    def __init__(self, request: RefundRequest) -> None:
        super().__init__(
            f"{request.asker} asked for a refund of {full_text(request.amount_cents)} already. "
            "It waits for a decision."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AskStart:
    """What the dialog opens with."""

    payment_id: int = 0
    title: str = ""
    number: str = ""
    amount: str = ""
    refundable: str = ""
    form_token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What an act came to, for the toast."""

    sentence: str


def start(principal: Principal, payment_id: object, *, now: datetime) -> AskStart:
    """What the dialog opens with: all that is left. Raises NotFound and NotRefundable."""
    audit.require(principal, Permission.VIEW_BILLING, act="ask for a refund", now=now)
    with reading() as connection:
        found = refund_case.find(connection, principal, payment_id)
        _check_free(connection, found)
    refund_case.check_allowed(found)
    return AskStart(
        payment_id=found.payment.id,
        title=found.title,
        number=found.invoice.number,
        amount=input_text(found.left_cents),
        refundable=full_text(found.left_cents),
        form_token=secrets.token_urlsafe(24),
    )


def ask(
    principal: Principal, payment_id: object, form: RefundForm, *, form_token: str, now: datetime
) -> Said:
    """Ask for a refund; the same form again asks once.

    Raises InvalidInput, NotRefundable or RefundExceedsRefundable as the refund itself would,
    AskingNotNeeded for who may refund alone, and RequestPending.
    """
    audit.require(principal, Permission.VIEW_BILLING, act="ask for a refund", now=now)
    if not ledger_rows.is_form_token(form_token):
        raise InvalidInput({"": "This form is not valid any more. Close it and open a new one."})
    form_hash = ledger_rows.hash_of("ask", principal.user_id, payment_id, form)
    with unit_of_work() as connection:
        found = refund_case.find(connection, principal, payment_id, is_locked=True)
        known = refund_request_record.by_form(
            connection, firm_id=principal.firm_id, form_token=form_token
        )
        if known is not None and known.form_hash != form_hash:
            raise FormAlreadyUsed
        if known is None:
            _write(
                *(connection, principal, found, form),
                form_token=form_token,
                form_hash=form_hash,
                now=now,
            )
    return Said(sentence="The refund was asked for. Who may make it was told.")


def _check_free(connection: Connection, found: Refundable) -> None:
    waiting = refund_request_record.pending_of(connection, found.invoice.id)
    if found.payment.id in waiting:
        raise RequestPending(waiting[found.payment.id])


def _write(
    connection: Connection,
    principal: Principal,
    found: Refundable,
    form: RefundForm,
    *,
    form_token: str,
    form_hash: str,
    now: datetime,
) -> None:
    wanted = refunds.read_form(form)
    refund_case.check(found, wanted.amount_cents)
    terms = found.terms(wanted.amount_cents)
    refund_approval.check_asker(principal, terms)
    _check_free(connection, found)
    request_id = refund_request_record.add(
        connection,
        asker=principal,
        invoice_id=found.invoice.id,
        payment_id=found.payment.id,
        amount_cents=wanted.amount_cents,
        reason=wanted.reason.value,
        notes=wanted.notes,
        form_token=form_token,
        form_hash=form_hash,
        now=now,
    )
    amount = short_text(wanted.amount_cents)
    text = f"Refund {amount} of {found.title} asked for — {wanted.reason}"
    note_in_activity(connection, found, principal, text, now)
    request = refund_request_record.find(connection, principal, request_id)
    refund_request_news.tell_deciders(connection, request, found, terms, now=now)


def note_in_activity(
    connection: Connection, found: Refundable, principal: Principal, text: str, now: datetime
) -> None:
    """Tell the invoice's timeline what somebody did about a request."""
    activity.append(
        connection,
        firm_id=found.invoice.firm_id,
        invoice_id=found.invoice.id,
        at=now,
        text=text,
        actor=principal.name,
        user_id=principal.user_id,
        payment_id=found.payment.id,
    )
