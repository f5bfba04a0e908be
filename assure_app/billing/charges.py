"""One charge at Stripe becomes one row of the ledger, whoever tells of it and how often.

`book` is what every way leads to: the page a client returns to, callbacks, polling and sweeps. It
takes the charge as Stripe says it is now, and moves the books forward to that, or not at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from assure_app.billing import (
    charge_letters,
    charge_problems,
    charge_story,
    checkouts,
    invoice_record,
    ledger_rows,
    stripe_accounts,
    stripe_exceptions,
)
from assure_app.billing.charge_text import method_detail, method_of, reason_of
from assure_app.billing.checkouts import METADATA_KEY, Checkout
from assure_app.billing.invoice_record import InvoiceRecord
from assure_app.billing.stripe_exceptions import Problem
from assure_app.domain.errors import Busy
from assure_app.domain.fees import FeeSchedule, estimate_fee_cents
from assure_app.domain.ledger import LedgerRow, Method
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
from assure_app.models.payment import Source
from assure_app.models.tables import firm, payment
from assure_app.stripe_gateway.records import Charge

# Built once: building a statement takes longer than running it.
_OF_CHARGE = (
    select(payment.c.id, payment.c.status, payment.c.fee_cents)
    .where(
        payment.c.stripe_account_id == bindparam("account_id"),
        payment.c.stripe_charge_id == bindparam("charge_id"),
    )
    .order_by(payment.c.id)
)
_FEES = select(
    firm.c.card_fee_basis_points.label("card_basis_points"),
    firm.c.card_fee_fixed_cents.label("card_fixed_cents"),
    firm.c.ach_fee_basis_points.label("ach_basis_points"),
    firm.c.ach_fee_fixed_cents.label("ach_fixed_cents"),
).where(firm.c.id == bindparam("firm_id"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """What came of a telling: whose books it concerns, and whether anything changed there.

    `firm_id` is None when no firm here is concerned; `problem` says why a person has to look.
    """

    firm_id: int | None = None
    invoice_id: int | None = None
    is_changed: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """A charge, the page it was made on, and the invoice it pays, which is locked."""

    charge: Charge
    checkout: Checkout
    invoice: InvoiceRecord
    rows: Sequence[LedgerRow]
    stored: Sequence[Row[*tuple[Any, ...]]]
    method: Method
    now: datetime

    @property
    def says(self) -> ChargeState:
        return ChargeState(self.charge.status.value)


def book(
    connection: Connection, charge: Charge, *, now: datetime, event_id: str | None = None
) -> Booked:
    """Bring the ledger to what Stripe says of this charge, in the caller's transaction (R059).

    Idempotent, and the same whatever was booked before. A charge that nobody here asked for, or
    one that differs from what was asked, writes no row but is kept for a person (R061, R062).
    """
    found = checkouts.by_token(connection, charge.metadata.get(METADATA_KEY, ""))
    if found is None or _terms(charge) != found.terms:
        return _set_aside(connection, charge, found, now=now, event_id=event_id)
    case = _case(connection, charge, found, now)
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
    problems += _later_problems(connection, case)
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


def _case(connection: Connection, charge: Charge, found: Checkout, now: datetime) -> _Case:
    invoice = invoice_record.lock_of_firm(
        connection, firm_id=found.firm_id, invoice_id=found.invoice_id
    )
    key = {"account_id": charge.account_id, "charge_id": charge.id}
    return _Case(
        charge=charge,
        checkout=checkouts.by_id(connection, found.id),  # As it is now that the invoice is held.
        invoice=invoice,
        rows=ledger_rows.of_invoice(connection, invoice.id),
        stored=connection.execute(_OF_CHARGE, key).all(),
        method=method_of(charge.method),
        now=now,
    )


def _append(connection: Connection, case: _Case) -> list[Problem]:
    status = FIRST_STATUS[case.says]
    fee_cents = _fee_cents(connection, case) if status is RowStatus.COMPLETED else 0
    row = ledger_rows.append(connection, case.invoice, _new_row(case, status, fee_cents))
    # What was set aside for a person has found its place.
    stripe_exceptions.settle(
        connection,
        account_id=case.charge.account_id,
        object_id=case.charge.id,
        kinds=(ExceptionKind.UNKNOWN_CHARGE, ExceptionKind.MISMATCH),
        now=case.now,
    )
    return _follow(connection, case, row, others=case.rows, fee_cents=fee_cents, is_new=True)


def _move_on(connection: Connection, case: _Case) -> list[Problem]:
    """Confirm or fail the row that is Pending: there is one, or `step` would not say so."""
    row_id = next(row.id for row in case.stored if row.status == RowStatus.PENDING)
    before = next(row for row in case.rows if row.id == row_id)
    after = replace(before, status=FIRST_STATUS[case.says])
    fee_cents = _fee_cents(connection, case) if after.status is RowStatus.COMPLETED else 0
    check_transition(Kind.PAYMENT, before=before.status, after=after.status)
    moved = connection.execute(
        update(payment)
        .where(payment.c.id == row_id, payment.c.status == RowStatus.PENDING.value)
        .values(
            status=after.status.value,
            completed_at=case.now if after.status is RowStatus.COMPLETED else None,
            fee_cents=fee_cents,
            failure_reason=_failure(case),
        )
    )
    if moved.rowcount != 1:
        raise Busy
    others = [row for row in case.rows if row.id != row_id]
    return _follow(connection, case, after, others=others, fee_cents=fee_cents, is_new=False)


def _follow(
    connection: Connection,
    case: _Case,
    row: LedgerRow,
    *,
    others: Sequence[LedgerRow],
    fee_cents: int,
    is_new: bool,
) -> list[Problem]:
    """What follows from a row's new status: figures, page, timeline, letter, and what is over."""
    after = case.invoice.with_rows([*others, row], now=case.now)
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
    charge_story.tell(connection, case.charge, told, now=case.now)
    charge_letters.post(connection, case.charge, case.checkout, told, now=case.now)
    if not too_much_cents:
        return []
    return [charge_problems.is_surplus(case.charge, after, row.id, too_much_cents)]


def _close_page(connection: Connection, case: _Case, status: RowStatus) -> None:
    """A page on which money came in takes no more; after a declined try it stays as it is."""
    if status is RowStatus.FAILED and case.checkout.state is not CheckoutState.COMPLETED:
        return
    due_at = None
    if status is RowStatus.PENDING:
        due_at = overdue_at(case.method, case.now)
    if case.checkout.state is CheckoutState.COMPLETED:
        checkouts.look_again(connection, case.checkout.id, due_at)
    elif not checkouts.move(
        connection, case.checkout, CheckoutState.COMPLETED, closed_at=case.now, due_at=due_at
    ):
        raise Busy


def _learn_fee(connection: Connection, case: _Case) -> bool:
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
        now=case.now,
    )
    return True


def _later_problems(connection: Connection, case: _Case) -> list[Problem]:
    """What Stripe did to a payment since, if it says that it did something."""
    if not case.charge.is_disputed and not case.charge.amount_refunded_cents:
        return []
    key = {"account_id": case.charge.account_id, "charge_id": case.charge.id}
    for row in connection.execute(_OF_CHARGE, key).all():
        problem = charge_problems.of_standing_row(
            connection, case.charge, case.invoice, payment_id=row.id, status=RowStatus(row.status)
        )
        if problem is not None:
            return [problem]
    return []


def _new_row(case: _Case, status: RowStatus, fee_cents: int) -> ledger_rows.NewRow:
    charge, began_at = case.charge, min(case.charge.created_at, case.now)
    # A card is confirmed in the moment it is charged, however late we hear of it (R016).
    settled_at = began_at if case.method is Method.CARD else case.now
    return ledger_rows.NewRow(
        kind=Kind.PAYMENT,
        source=Source.ONLINE,
        method=case.method,
        amount_cents=charge.amount_cents,
        status=status,
        paid_by=case.checkout.payer,
        user_id=None,
        created_at=began_at,
        completed_at=settled_at if status is RowStatus.COMPLETED else None,
        fee_cents=fee_cents,
        failure_reason=_failure(case),
        stripe=ledger_rows.StripeRow(
            account_id=charge.account_id,
            charge_id=charge.id,
            payment_intent_id=charge.payment_intent_id,
            checkout_id=case.checkout.id,
            contact_id=case.checkout.contact_id,
            method_detail=method_detail(charge),
        ),
    )


def _failure(case: _Case) -> str:
    return reason_of(case.charge) if case.says is ChargeState.FAILED else ""


def _fee_cents(connection: Connection, case: _Case) -> int:
    """Stripe's own figure, or the estimate by the firm's schedule until it is known (R099)."""
    if case.charge.fee_cents is not None:
        return case.charge.fee_cents
    fees = connection.execute(_FEES, {"firm_id": case.invoice.firm_id}).mappings().one()
    return estimate_fee_cents(case.method, case.charge.amount_cents, FeeSchedule(**fees))
