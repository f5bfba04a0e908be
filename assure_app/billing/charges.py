"""One charge at Stripe becomes one row of the ledger, whoever tells of it and how often.

`book` is what every way leads to: the page a client returns to, callbacks, polling and sweeps. It
takes the charge as Stripe says it is now, and moves the books forward to that, or not at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, update

from assure_app.billing import (
    autopay_books,
    charge_case,
    charge_letters,
    charge_problems,
    charge_story,
    checkouts,
    invoice_record,
    ledger_rows,
    stripe_accounts,
    stripe_exceptions,
)
from assure_app.billing.autopay_books import Failure
from assure_app.billing.charge_case import ChargeCase
from assure_app.billing.charge_text import method_text
from assure_app.billing.checkouts import METADATA_KEY, Checkout
from assure_app.billing.stripe_exceptions import Problem
from assure_app.domain.errors import Busy
from assure_app.domain.ledger import LedgerRow
from assure_app.domain.online import (
    FIRST_STATUS,
    ChargeState,
    CheckoutState,
    Step,
    Terms,
    mismatch,
    overdue_at,
    step,
    surplus_cents,
)
from assure_app.domain.transitions import Kind, RowStatus, check_transition
from assure_app.models.online import ExceptionKind
from assure_app.models.tables import payment
from assure_app.stripe_gateway.records import Charge


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """What came of a telling: whose books it concerns, and whether anything changed there.

    `firm_id` is None when no firm here is concerned; `problem` says why a person has to look.
    """

    firm_id: int | None = None
    invoice_id: int | None = None
    is_changed: bool = False
    problem: str = ""


def book(
    connection: Connection,
    charge: Charge,
    *,
    now: datetime,
    event_id: str | None = None,
    asking: Checkout | None = None,
) -> Booked:
    """Bring the ledger to what Stripe says of this charge, in the caller's transaction (R059).

    Idempotent, and the same whatever was booked before. A charge that nobody here asked for, or
    one that differs from what was asked, writes no row but is kept for a person (R061, R062).
    `asking` is what it answers, if the caller has read that.
    """
    token = charge.metadata.get(METADATA_KEY, "")
    is_answer = asking is not None and asking.token == token
    found = asking if is_answer else checkouts.by_token(connection, token)
    if found is None or _terms(charge) != found.terms:
        return _set_aside(connection, charge, found, now=now, event_id=event_id)
    case = charge_case.find(connection, charge, found, now=now)
    match step([RowStatus(row.status) for row in case.stored], case.says):
        case Step.APPEND:
            problems, is_changed = _append(connection, case), True
        case Step.COMPLETE | Step.FAIL:
            problems, is_changed = _move_on(connection, case), True
        case Step.CONTRADICTION:
            row_id = case.stored[-1].id
            problems = [charge_problems.contradicts(charge, case.invoice, row_id)]
            is_changed = False
        case Step.NOTHING:
            problems, is_changed = [], _learn_fee(connection, case)
    opened = [
        stripe_exceptions.open_one(connection, each, now=now, event_id=event_id)
        for each in problems
    ]
    return Booked(
        firm_id=case.invoice.firm_id,
        invoice_id=case.invoice.id,
        is_changed=is_changed or any(opened),
        problem=problems[0].sentence if problems else "",
    )


def _set_aside(
    connection: Connection,
    charge: Charge,
    found: Checkout | None,
    *,
    now: datetime,
    event_id: str | None,
) -> Booked:
    """Keep for a person what is no payment of ours; a try that failed took no money."""
    if charge.status.value == ChargeState.FAILED:
        return Booked()
    owner = stripe_accounts.firm_of(connection, charge.account_id)
    if found is None:
        problem = charge_problems.unknown(charge, firm_id=owner)
    else:
        difference = mismatch(asked=found.terms, charged=_terms(charge))
        # What another firm's page was about is not told to the firm whose account was charged.
        invoice_id = found.invoice_id if found.firm_id == owner else None
        problem = charge_problems.differs(charge, difference, firm_id=owner, invoice_id=invoice_id)
    is_new = stripe_exceptions.open_one(connection, problem, now=now, event_id=event_id)
    return Booked(firm_id=owner, is_changed=is_new, problem=problem.sentence)


def _terms(charge: Charge) -> Terms:
    return Terms(
        account_id=charge.account_id, amount_cents=charge.amount_cents, currency=charge.currency
    )


def _append(connection: Connection, case: ChargeCase) -> list[Problem]:
    status = FIRST_STATUS[case.says]
    fee_cents = charge_case.fee_cents(connection, case, status)
    row = ledger_rows.append(connection, case.invoice, charge_case.new_row(case, status, fee_cents))
    # What was set aside for a person has found its place.
    stripe_exceptions.settle(
        connection,
        account_id=case.charge.account_id,
        object_id=case.charge.id,
        kinds=(ExceptionKind.UNKNOWN_CHARGE, ExceptionKind.MISMATCH),
        now=case.now,
    )
    return _follow(connection, case, row, others=case.rows, fee_cents=fee_cents, is_new=True)


def _move_on(connection: Connection, case: ChargeCase) -> list[Problem]:
    """Confirm or fail the row that is Pending: there is one, or `step` would not say so."""
    row_id = next(row.id for row in case.stored if row.status == RowStatus.PENDING)
    before = next(row for row in case.rows if row.id == row_id)
    after = replace(before, status=FIRST_STATUS[case.says])
    fee_cents = charge_case.fee_cents(connection, case, after.status)
    check_transition(Kind.PAYMENT, before=before.status, after=after.status)
    moved = connection.execute(
        update(payment)
        .where(payment.c.id == row_id, payment.c.status == RowStatus.PENDING.value)
        .values(
            status=after.status.value,
            completed_at=case.now if after.status is RowStatus.COMPLETED else None,
            fee_cents=fee_cents,
            failure_reason=case.failure,
        )
    )
    if moved.rowcount != 1:
        raise Busy
    others = [row for row in case.rows if row.id != row_id]
    return _follow(connection, case, after, others=others, fee_cents=fee_cents, is_new=False)


def _follow(
    connection: Connection,
    case: ChargeCase,
    row: LedgerRow,
    *,
    others: Sequence[LedgerRow],
    fee_cents: int,
    is_new: bool,
) -> list[Problem]:
    """What follows from a row's new status: figures, page, timeline, letter, and what is over."""
    after = case.invoice.with_rows([*others, row], now=case.now)
    after = autopay_books.marked(after, case.checkout, row.status)
    invoice_record.save(connection, case.invoice, after)
    _close_page(connection, case, row.status)
    too_much_cents = 0
    if row.status is RowStatus.COMPLETED:
        too_much_cents = surplus_cents(
            after.total_cents,
            others,
            row.amount_cents,
            is_cancelled=after.cancelled_at is not None,
        )
    told = charge_story.Told(
        before=case.invoice,
        after=after,
        payment_id=row.id,
        status=row.status,
        is_new=is_new,
        fee_cents=fee_cents,
        surplus_cents=too_much_cents,
    )
    charge_story.tell(connection, case.charge, case.checkout, told, now=case.now)
    charge_letters.post(connection, case.charge, case.checkout, told, now=case.now)
    _follow_asking(connection, case, told)
    if not too_much_cents:
        return []
    return [charge_problems.is_surplus(case.charge, after, row.id, too_much_cents)]


def _follow_asking(connection: Connection, case: ChargeCase, told: charge_story.Told) -> None:
    """What a charge that nobody was present for means for the next one (R126)."""
    if told.status is not RowStatus.FAILED:
        autopay_books.follow_success(connection, case.checkout, told.status)
        return
    failure = Failure(
        payment_id=told.payment_id,
        codes=(case.charge.decline_code, case.charge.failure_code),
        reason=case.failure,
        means=method_text(case.charge),
        made_at=min(case.charge.created_at, case.now),
    )
    autopay_books.follow_failure(connection, case.checkout, told.after, failure, now=case.now)


def _close_page(connection: Connection, case: ChargeCase, status: RowStatus) -> None:
    """A page on which money came in takes no more; after a declined try it stays as it is.

    Without a page there is one try, and it is over when that failed.
    """
    if status is RowStatus.FAILED and case.checkout.state is not CheckoutState.COMPLETED:
        if not case.checkout.is_page and case.checkout.is_live:
            checkouts.refuse(connection, case.checkout, problem=case.failure, at=case.now)
        return
    due_at = None
    if status is RowStatus.PENDING:
        due_at = overdue_at(case.method, case.now)
    if case.checkout.state is CheckoutState.COMPLETED:
        checkouts.look_again(connection, case.checkout.id, due_at)
        return
    columns: dict[str, object] = {"closed_at": case.now, "due_at": due_at}
    if not case.checkout.is_page and case.checkout.payment_intent_id is None:
        columns |= {"payment_intent_id": case.charge.payment_intent_id}
    if not checkouts.move(connection, case.checkout, CheckoutState.COMPLETED, **columns):
        raise Busy


def _learn_fee(connection: Connection, case: ChargeCase) -> bool:
    """Put Stripe's own figure in the place of the estimate, once it is known (R100)."""
    standing = [row for row in case.stored if row.status in {"Completed", "Refunded"}]
    fee_cents = case.charge.fee_cents
    if not standing or fee_cents is None or standing[-1].fee_cents == fee_cents:
        return False
    known = standing[-1]
    connection.execute(update(payment).where(payment.c.id == known.id).values(fee_cents=fee_cents))
    charge_story.tell_fee(
        connection,
        case.invoice,
        known.id,
        known_cents=known.fee_cents,
        fee_cents=fee_cents,
        source=case.checkout.source,
        now=case.now,
    )
    return True
