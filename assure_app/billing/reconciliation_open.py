"""What is still open, however old, looked at a few at a time after a run's window: pending
payments, refunds and disputes under way, payouts, and differences that nobody saw in the run."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from assure_app.billing import payout_news, reconciliation_differences
from assure_app.billing.reconciliation_differences import Difference
from assure_app.billing.reconciliation_runs import Run
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.reconciliation_facts import Subject, Thing
from assure_app.domain.stripe_refunds import RefundState
from assure_app.domain.transitions import RowStatus
from assure_app.models.reconciliation import PayoutState, Phase
from assure_app.models.tables import dispute, payment, stripe_payout, stripe_refund

AT_ONCE = 25
"""So many in one step: each is a question to Stripe."""
_RESTING = (PayoutState.PAID.value, PayoutState.FAILED.value, PayoutState.CANCELED.value)
_OPEN = {
    Phase.PENDING: (
        Subject.CHARGE,
        payment,
        "stripe_account_id",
        "stripe_charge_id",
        payment.c.status == RowStatus.PENDING.value,
    ),
    Phase.REFUNDS: (
        Subject.REFUND,
        stripe_refund,
        "account_id",
        "refund_id",
        stripe_refund.c.state == RefundState.ACCEPTED.value,
    ),
    Phase.DISPUTES: (
        Subject.DISPUTE,
        dispute,
        "account_id",
        "dispute_id",
        dispute.c.closed_at.is_(None),
    ),
    Phase.PAYOUTS: (
        Subject.PAYOUT,
        stripe_payout,
        "account_id",
        "payout_id",
        stripe_payout.c.state.not_in(_RESTING)
        | (stripe_payout.c.is_automatic & ~stripe_payout.c.is_itemized),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A few open things; `last_id` is where the next few begin, 0 when these are the last."""

    things: tuple[Thing, ...]
    last_id: int
    differences: tuple[Difference, ...] = ()


def batch_of(run: Run) -> Batch:
    """The next few of what is open in the run's phase."""
    if run.phase is Phase.DIFFERENCES:
        return _differences(run)
    subject, table, account, name, is_open = _OPEN[run.phase]
    with reading() as connection:
        rows = connection.execute(
            select(table.c.id, table.c[name].label("object_id"))
            .where(
                table.c[account] == run.account_id,
                table.c[name].is_not(None),
                table.c.id > run.cursor,
                is_open,
            )
            .order_by(table.c.id)
            .limit(AT_ONCE)
        ).all()
    things = tuple(Thing(subject=subject, object_id=row.object_id) for row in rows)
    return Batch(things=things, last_id=rows[-1].id if len(rows) == AT_ONCE else 0)


def ask_payouts(account_id: str, things: Sequence[Thing], *, now: datetime) -> None:
    """Keep what Stripe says of these payouts now. Raises StripeSilent."""
    for thing in things:
        book = payout_news.of_payout(account_id, thing.object_id)
        with unit_of_work() as connection:
            book(connection, now=now)


def _differences(run: Run) -> Batch:
    with reading() as connection:
        found = reconciliation_differences.open_after(
            connection,
            run.account_id,
            after_id=run.cursor,
            seen_before=run.started_at,
            most=AT_ONCE,
        )
    return Batch(
        things=tuple(each.thing for each in found),
        last_id=found[-1].id if len(found) == AT_ONCE else 0,
        differences=tuple(found),
    )
