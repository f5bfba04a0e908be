"""What becomes of a refund that somebody asked for: approved, declined or taken back (R096).

An approval is the very refund that the other person would make alone: the request and the ledger
row are settled in one transaction, so that two approvals are one refund.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from assure_app.billing import (
    audit,
    refund_case,
    refund_request_news,
    refund_request_record,
    refunds,
)
from assure_app.billing.receipts import Receipt
from assure_app.billing.refund_case import Refundable
from assure_app.billing.refund_request_record import RefundRequest
from assure_app.billing.refund_requests import Said, note_in_activity
from assure_app.billing.refunds import RefundForm
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain import refund_approval
from assure_app.domain.entry import Entry
from assure_app.domain.errors import BillingError, NotRefundable, RefundExceedsRefundable
from assure_app.domain.money import decimal_text, full_text, short_text
from assure_app.domain.permissions import Permission, Principal
from assure_app.domain.refund_approval import OwnRequest, RequestState

ANSWER_LIMIT = 250


class DecidedAlready(BillingError):
    """Somebody decided on it, or it was withdrawn."""

    def __init__(self) -> None:
        super().__init__(
            "This request is not open any more: somebody decided on it, or took it back."
        )


class NotAsker(BillingError):
    """Only who asked takes it back; others decline."""

    def __init__(self) -> None:
        super().__init__("Only who asked for a refund takes the request back.")


class RequestVoid(BillingError):
    """What was asked for cannot be done any more; the request is closed with the reason."""

    def __init__(self, why: str) -> None:
        super().__init__(f"This refund cannot be made any more. {why}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionStart:
    """What the dialog of a decision shows; `request_id` 0 is none."""

    request_id: int = 0
    title: str = ""
    number: str = ""
    client: str = ""
    amount: str = ""
    asker: str = ""
    reason: str = ""
    notes: str = ""


def decision_start(principal: Principal, request_id: object, *, now: datetime) -> DecisionStart:
    """What is to be decided. Raises NotFound, PermissionDenied, OwnRequest and DecidedAlready."""
    request, found = _to_decide(principal, request_id, act="decide on a refund", now=now)
    if request.state is not RequestState.PENDING:
        raise DecidedAlready
    return DecisionStart(
        request_id=request.id,
        title=found.title,
        number=found.invoice.number,
        client=found.invoice.client,
        amount=full_text(request.amount_cents),
        asker=request.asker,
        reason=request.reason,
        notes=request.notes,
    )


def approve(principal: Principal, request_id: object, *, now: datetime) -> Receipt:
    """Make the refund that another person asked for; approved twice, it is made once.

    Raises PermissionDenied, OwnRequest and DecidedAlready; RequestVoid when the payment has no
    longer so much left, which closes the request; and what Stripe's refusal raises.
    """
    request, found = _to_decide(principal, request_id, act="approve a refund", now=now)
    if request.state not in {RequestState.PENDING, RequestState.APPROVED}:
        raise DecidedAlready

    def settle(connection: Connection, refund_id: int) -> None:
        approved = RequestState.APPROVED
        if not refund_request_record.decide(
            connection, request.id, approved, by=principal, now=now, refund_id=refund_id
        ):
            raise DecidedAlready
        note_in_activity(connection, found, principal, f"{_asked_text(request)} was approved", now)
        refund_request_news.tell_asker(
            connection, request, found, approved, by=principal.name, now=now
        )

    try:
        return refunds.refund_payment(
            principal,
            request.payment_id,
            _form_of(request),
            form_token=request.refund_token,
            approve=settle,
            now=now,
        )
    except (NotRefundable, RefundExceedsRefundable) as refusal:
        _make_void(principal, request, refusal.sentence, now)
        raise RequestVoid(refusal.sentence) from refusal


def decline(principal: Principal, request_id: object, answer: object, *, now: datetime) -> Said:
    """Say no, and why. Raises InvalidInput, PermissionDenied, OwnRequest and DecidedAlready."""
    request, _ = _to_decide(principal, request_id, act="decline a refund", now=now)
    entry = Entry()
    why = entry.line("answer", answer, limit=ANSWER_LIMIT, name="The reason")
    if not why:
        entry.refuse("answer", "Say why, so that who asked can tell the client.")
    entry.check()
    text = f"{_asked_text(request)} was declined — {why}"
    _end(principal, request, RequestState.DECLINED, text, answer=why, now=now)
    return Said(sentence="The request was declined.")


def withdraw(principal: Principal, request_id: object, *, now: datetime) -> Said:
    """Take back what one asked for oneself. Raises NotFound, NotAsker and DecidedAlready."""
    audit.require(principal, Permission.VIEW_BILLING, act="take a refund request back", now=now)
    with reading() as connection:
        request = refund_request_record.find(connection, principal, request_id)
    if request.asker_id != principal.user_id:
        raise NotAsker
    text = f"{_asked_text(request)} was taken back"
    _end(principal, request, RequestState.WITHDRAWN, text, now=now)
    return Said(sentence="The request was taken back.")


def _to_decide(
    principal: Principal, request_id: object, *, act: str, now: datetime
) -> tuple[RefundRequest, Refundable]:
    """The request and its payment, for who may decide on it."""
    audit.require(principal, Permission.EDIT_BILLING, act=act, now=now)
    with reading() as connection:
        request = refund_request_record.find(connection, principal, request_id)
        found = refund_case.find(connection, principal, request.payment_id)
    terms = found.terms(request.amount_cents)
    if terms.is_through_stripe:
        audit.require(principal, Permission.STRIPE_ADMIN, act=act, now=now)
    if request.asker_id == principal.user_id:
        _note_own(principal, act, now)
    refund_approval.check_decider(principal, terms, asked_by=request.asker_id)
    return request, found


def _note_own(principal: Principal, act: str, now: datetime) -> None:
    text = f"{principal.name} was denied: {act} (asked for it themself)"
    with unit_of_work() as connection:
        audit.note(
            connection, firm_id=principal.firm_id, user_id=principal.user_id, text=text, at=now
        )
    raise OwnRequest


def _make_void(principal: Principal, request: RefundRequest, why: str, now: datetime) -> None:
    text = f"{_asked_text(request)} cannot be made any more — {why}"
    _end(principal, request, RequestState.VOID, text, answer=why, now=now)


def _end(
    principal: Principal,
    request: RefundRequest,
    after: RequestState,
    text: str,
    *,
    answer: str = "",
    now: datetime,
) -> None:
    with unit_of_work() as connection:
        found = refund_case.find(connection, principal, request.payment_id, is_locked=True)
        if not refund_request_record.decide(
            connection, request.id, after, by=principal, now=now, answer=answer
        ):
            raise DecidedAlready
        note_in_activity(connection, found, principal, text, now)
        refund_request_news.tell_asker(
            connection, request, found, after, by=principal.name, answer=answer, now=now
        )


def _form_of(request: RefundRequest) -> RefundForm:
    return RefundForm(
        amount=decimal_text(request.amount_cents), reason=request.reason, notes=request.notes
    )


def _asked_text(request: RefundRequest) -> str:
    return f"Refund {short_text(request.amount_cents)} asked for by {request.asker}"
