"""A dispute at Stripe moves the books once, whoever tells of it and how often (R066, R070).

`book` is what every way leads to. It keeps what Stripe says of the dispute now, tells the timeline
and the firm's people, and brings the ledger level with what the bank took: nothing while it is
undecided, one row when it is lost, and a row back should the money return after that.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from assure_app.billing import (
    autopay_stops,
    checkouts,
    dispute_record,
    dispute_story,
    invoice_record,
    ledger_rows,
    stripe_accounts,
    stripe_exceptions,
)
from assure_app.billing.charges import Booked
from assure_app.billing.dispute_record import DisputedPayment, StoredDispute
from assure_app.billing.dispute_text import GIVEN_BACK, LABELS, rest_text, to_do
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.stripe_exceptions import Problem
from assure_app.domain.disputes import OPEN, DisputeState, is_news, level, reason_text
from assure_app.domain.money import full_text
from assure_app.domain.online import CURRENCY
from assure_app.domain.transitions import Kind, RowStatus
from assure_app.models.online import ExceptionKind
from assure_app.models.payment import Source
from assure_app.stripe_gateway.records import Dispute

STRIPE = "Stripe"
_OBJECT = "dispute"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """What levelling wrote: the cents taken, or given back, and what could not be."""

    taken_cents: int = 0
    rest_cents: int = 0
    is_changed: bool = False


def book(
    connection: Connection, told: Dispute, *, now: datetime, event_id: str | None = None
) -> Booked:
    """Bring the books to what Stripe says of this dispute, in the caller's transaction.

    Idempotent, and the same whatever was booked before. Its charge is booked before it. One of a
    payment that is not in the ledger, or in another currency, is kept for a person.
    """
    disputed = dispute_record.payment_of_charge(
        connection, account_id=told.account_id, charge_id=told.charge_id
    )
    if disputed is None or told.currency != CURRENCY:
        return _set_aside(connection, told, now=now, event_id=event_id)
    invoice = _lock(connection, disputed)
    known = dispute_record.find(connection, told)
    before = known.facts if known else None
    is_new = is_news(before, dispute_record.facts_of(told))
    if is_new and known is not None:
        known = dispute_record.move(connection, known, told, now=now)
    elif known is None:
        known = dispute_record.add(connection, disputed, told, now=now)
    written = _level(connection, disputed, known, now=now)
    if is_new:
        after = _lock(connection, disputed)
        moved = dispute_story.Moved(
            invoice=after,
            known=known,
            before=before.state if before else None,
            method=disputed.method,
            payment=dispute_story.title(disputed),
            taken_cents=written.taken_cents,
        )
        dispute_story.tell(connection, moved, now=now)
    problem, is_told = _keep_problems(
        connection, disputed, known, invoice, written.rest_cents, now=now, event_id=event_id
    )
    return Booked(
        firm_id=invoice.firm_id,
        invoice_id=invoice.id,
        is_changed=is_new or written.is_changed or is_told,
        problem=problem,
    )


def catch_up(connection: Connection, payment_id: int, *, now: datetime) -> None:
    """Show of a payment's disputes what there was no room for: a refund of it has failed, and the
    bank had taken the money all the same."""
    for known in dispute_record.of_payment(connection, payment_id):
        disputed = dispute_record.payment_by_id(connection, payment_id)
        written = _level(connection, disputed, known, now=now)
        if written.is_changed:
            invoice = _lock(connection, disputed)
            _keep_problems(connection, disputed, known, invoice, written.rest_cents, now=now)


def _lock(connection: Connection, disputed: DisputedPayment) -> InvoiceRecord:
    return invoice_record.lock_of_firm(
        connection, firm_id=disputed.firm_id, invoice_id=disputed.invoice_id
    )


def _level(
    connection: Connection, disputed: DisputedPayment, known: StoredDispute, *, now: datetime
) -> _Written:
    """Write the row that the ledger lacks to show what this dispute took, if it lacks one."""
    before = _lock(connection, disputed)
    rows = ledger_rows.of_invoice(connection, before.id)
    payment = next(row for row in rows if row.id == disputed.id)
    wanted = level(payment, rows, known.row_ids, known.facts.taken_cents)
    if wanted.take_cents:
        new = _taken(disputed, known, wanted.take_cents, now)
    elif wanted.give_back_cents:
        new = _given_back(disputed, wanted.give_back_cents, now)
    else:
        return _Written(rest_cents=wanted.rest_cents)
    row = ledger_rows.append(connection, before, new)
    dispute_record.add_row(connection, known, row.id)
    after = before.with_rows([*rows, row], now=now)
    invoice_record.save(connection, before, after)
    dispute_story.tell_row(
        connection,
        before,
        after,
        known,
        row,
        payment=dispute_story.title(disputed),
        now=now,
    )
    _look_after_page(connection, after, now)
    if wanted.take_cents:
        autopay_stops.follow_money_back(connection, after, autopay_stops.A_BANK, now=now)
    return _Written(taken_cents=wanted.take_cents, rest_cents=wanted.rest_cents, is_changed=True)


def _taken(
    disputed: DisputedPayment, known: StoredDispute, cents: int, now: datetime
) -> ledger_rows.NewRow:
    return ledger_rows.NewRow(
        kind=Kind.RETURN,
        source=Source.ONLINE,
        method=disputed.method,
        amount_cents=-cents,
        status=RowStatus.COMPLETED,
        paid_by=STRIPE,
        user_id=None,
        created_at=now,
        completed_at=now,
        reverses_id=disputed.id,
        reference=LABELS[known.kind],
        failure_reason=reason_text(known.reason),
        stripe=ledger_rows.StripeRow(method_detail=disputed.method_detail),
    )


def _given_back(disputed: DisputedPayment, cents: int, now: datetime) -> ledger_rows.NewRow:
    """A row without a charge of its own: its charge has one, which was taken back."""
    return ledger_rows.NewRow(
        kind=Kind.PAYMENT,
        source=Source.ONLINE,
        method=disputed.method,
        amount_cents=cents,
        status=RowStatus.COMPLETED,
        paid_by=STRIPE,
        user_id=None,
        created_at=now,
        completed_at=now,
        reference=GIVEN_BACK,
        stripe=ledger_rows.StripeRow(method_detail=disputed.method_detail),
    )


def _look_after_page(connection: Connection, after: InvoiceRecord, now: datetime) -> None:
    """Money that came back leaves less to pay: an open page that asks for more is closed by the
    sweep, since Stripe cannot be asked within a transaction."""
    page = checkouts.live_of(connection, after.id)
    if page is not None and page.amount_cents > after.balance_cents:
        checkouts.look_again(connection, page.id, now)


def _keep_problems(
    connection: Connection,
    disputed: DisputedPayment,
    known: StoredDispute,
    invoice: InvoiceRecord,
    rest_cents: int,
    *,
    now: datetime,
    event_id: str | None = None,
) -> tuple[str, bool]:
    """What a person has to do about it, in the queue until it is over; whether that changed."""
    problems = {}
    if known.facts.is_open:
        problems[ExceptionKind.DISPUTED] = (
            to_do(known, number=invoice.number, method=disputed.method, timezone=invoice.timezone),
            known.amount_cents,
        )
    if rest_cents:
        problems[ExceptionKind.MISMATCH] = (
            rest_text(known, rest_cents, invoice.number),
            rest_cents,
        )
    is_changed = False
    for kind in (ExceptionKind.DISPUTED, ExceptionKind.MISMATCH):
        if kind not in problems:
            _settle(connection, known.account_id, known.dispute_id, kind, now=now)
            continue
        sentence, cents = problems[kind]
        problem = Problem(
            kind=kind,
            account_id=known.account_id,
            object_id=known.dispute_id,
            object_kind=_OBJECT,
            sentence=sentence,
            firm_id=invoice.firm_id,
            amount_cents=cents,
            invoice_id=invoice.id,
            payment_id=disputed.id,
        )
        is_changed |= stripe_exceptions.open_or_reword(
            connection, problem, now=now, event_id=event_id
        )
    return next((sentence for sentence, _ in problems.values()), ""), is_changed


def _set_aside(
    connection: Connection, told: Dispute, *, now: datetime, event_id: str | None
) -> Booked:
    """A dispute of a payment that is in no ledger here: kept for a person while it is open."""
    firm_id = stripe_accounts.firm_of(connection, told.account_id)
    if DisputeState(told.status.value) not in OPEN:
        _settle(connection, told.account_id, told.id, ExceptionKind.DISPUTED, now=now)
        return Booked(firm_id=firm_id)
    problem = Problem(
        kind=ExceptionKind.DISPUTED,
        account_id=told.account_id,
        object_id=told.id,
        object_kind=_OBJECT,
        sentence=(
            f"A payer’s bank contests {full_text(told.amount_cents)}, a payment that is on no "
            "invoice here. Answer it in Stripe."
        ),
        firm_id=firm_id,
        amount_cents=told.amount_cents,
    )
    is_new = stripe_exceptions.open_or_reword(connection, problem, now=now, event_id=event_id)
    return Booked(firm_id=firm_id, is_changed=is_new, problem=problem.sentence)


def _settle(
    connection: Connection, account_id: str, object_id: str, kind: ExceptionKind, *, now: datetime
) -> None:
    stripe_exceptions.settle(
        connection,
        account_id=account_id,
        object_id=object_id,
        kinds=(kind,),
        resolution="It is decided." if kind is ExceptionKind.DISPUTED else "It found its place.",
        now=now,
    )
