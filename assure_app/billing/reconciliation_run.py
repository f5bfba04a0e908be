"""The comparison itself: an account's books beside what Stripe lists, a few days at a time.

Whatever does not agree at once is looked at again alone, then kept as a difference, in the
transaction that moves the run on: a killed process repeats one step, and two workers never count
one stretch twice. After the window comes all that is still open, however old.
"""

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import Connection, select, update

from assure_app.billing import (
    reconciliation_differences,
    reconciliation_look,
    reconciliation_open,
    reconciliation_runs,
    reconciliation_sides,
    reconciliation_stretch,
    stripe_accounts,
)
from assure_app.billing.reconciliation_look import Looked
from assure_app.billing.reconciliation_open import Batch
from assure_app.billing.reconciliation_runs import Position, Run, Tally
from assure_app.billing.reconciliation_stretch import Stretch
from assure_app.billing.stripe_silence import StripeSilent, answer
from assure_app.billing.stripe_sweep import Swept
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.calendar import day_of, next_hour
from assure_app.domain.errors import Busy
from assure_app.domain.reconciliation_facts import Finding
from assure_app.models.reconciliation import Phase
from assure_app.models.tables import firm, payment, stripe_account
from assure_app.stripe_gateway import balance_transactions
from assure_app.stripe_gateway.outcomes import Refused
from assure_app.stripe_gateway.records import Window

NIGHT_HOUR = 3
_SHORTEST = timedelta(days=1)
_LENGTHS = (timedelta(days=64), timedelta(days=8), _SHORTEST)
_FEW = 100
_NEXT_PHASE = dict(pairwise(Phase))


def reconcile_next(*, now: datetime) -> Swept | None:
    """Go on with a run, or begin the one of an account whose night has come; None when nothing is
    due. Any number of workers may do this at once."""
    run = reconciliation_runs.take(now=now)
    if run is None:
        return _begin_next(now)
    what = f"reconciliation {run.id}"
    try:
        after = go_on(run, now=now)
    except (StripeSilent, Busy):  # Put back, or somebody else has it: it is due again later.
        return Swept(what=what, firm_id=None)
    is_followed = after.finished_at is not None or run.started_by != ""
    return Swept(what=what, firm_id=run.firm_id if is_followed else None)


def advance(run_id: int, *, now: datetime) -> Run:
    """Do the next step of this run unless somebody is at it, and say how it stands then.

    Raises StripeSilent when Stripe cannot be asked: then it goes on later.
    """
    taken = reconciliation_runs.take(now=now, run_id=run_id)
    if taken is not None:
        with suppress(Busy):
            return go_on(taken, now=now)
    with reading() as connection:
        return reconciliation_runs.by_id(connection, run_id)


def go_on(run: Run, *, now: datetime) -> Run:
    """Do the next step of a run that was taken, and say how it stands then.

    Raises StripeSilent when Stripe cannot be asked: then the run is put back. Raises Busy when
    somebody else has it.
    """
    try:
        if run.phase is Phase.WINDOW:
            _do_stretch(run, now)
        else:
            _do_open(run, now)
    except StripeSilent as silence:
        reconciliation_runs.put_back(run, silence.sentence, now=now)
        raise
    with reading() as connection:
        return reconciliation_runs.by_id(connection, run.id)


def _begin_next(now: datetime) -> Swept | None:
    """Begin the run of the account whose night came first: of several workers one does. An account
    that is new gets its first night."""
    account = stripe_account.c
    due = (
        select(account.account_id, account.firm_id, account.reconcile_at, firm.c.timezone)
        .join(firm, firm.c.id == account.firm_id)
        .order_by(account.reconcile_at, account.account_id)
        .limit(1)
    )
    with unit_of_work() as connection:
        row = (
            connection.execute(due.where(account.reconcile_at <= now)).first()
            or connection.execute(due.where(account.reconcile_at.is_(None))).first()
        )
        if row is None:
            return None
        taken = connection.execute(
            update(stripe_account)
            .where(
                account.account_id == row.account_id,
                account.reconcile_at.is_not_distinct_from(row.reconcile_at),
            )
            .values(reconcile_at=next_hour(NIGHT_HOUR, row.timezone, now=now))
        )
        known = stripe_accounts.find(connection, row.account_id)
        is_askable = known is not None and not known.is_deauthorized
        if taken.rowcount == 1 and row.reconcile_at is not None and is_askable:
            reconciliation_runs.begin(
                connection,
                firm_id=row.firm_id,
                account_id=row.account_id,
                night=day_of(now, row.timezone),
                now=now,
            )
    return Swept(what=f"reconciliation of {row.account_id}", firm_id=None)


def _do_stretch(run: Run, now: datetime) -> None:
    """The next days of the window."""
    until = min(run.reached + _length(run), run.until)
    stretch = reconciliation_stretch.compare(
        run.account_id, Window(since=run.reached, until=until), now=now
    )
    looked = reconciliation_look.look_at(
        run.account_id, stretch.doubtful | stretch.pointed_to, now=now
    )
    _count_late(run, stretch, looked)
    phase = Phase.WINDOW if until < run.until else _NEXT_PHASE[Phase.WINDOW]
    with unit_of_work() as connection:
        after = Position(phase=phase, reached=until)
        reconciliation_runs.save_step(connection, run, stretch.tally, after, now=now)
        _note(connection, run, looked.findings, now)


def _length(run: Run) -> timedelta:
    """Months where little happened, a day where much did: so memory stays flat."""
    with reading() as connection:
        for length in _LENGTHS:
            rows = connection.execute(
                select(payment.c.id)
                .where(
                    payment.c.stripe_account_id == run.account_id,
                    payment.c.stripe_charge_id.is_not(None),
                    payment.c.created_at >= run.reached,
                    payment.c.created_at < run.reached + length,
                )
                .limit(_FEW + 1)
            ).all()
            if len(rows) <= _FEW:
                return length
    return _SHORTEST


def _count_late(run: Run, stretch: Stretch, looked: Looked) -> None:
    """What was listed and agreed only when it was looked at alone counts too."""
    agreed = stretch.doubtful - looked.left - {each.thing for each in looked.findings}
    if agreed:
        with reading() as connection:
            kept = reconciliation_sides.kept(connection, run.account_id, agreed)
        for thing in agreed:
            reconciliation_stretch.count(stretch.tally, kept, thing)


def _do_open(run: Run, now: datetime) -> None:
    """A few of what is still open; after the last of them the run is finished."""
    batch = reconciliation_open.batch_of(run)
    if run.phase is Phase.PAYOUTS:
        reconciliation_open.ask_payouts(run.account_id, batch.things, now=now)
    looked = reconciliation_look.look_at(run.account_id, batch.things, now=now)
    is_last = batch.last_id == 0
    after = Position(
        phase=_NEXT_PHASE[run.phase] if is_last else run.phase,
        reached=run.reached,
        cursor=batch.last_id,
    )
    if after.phase is Phase.DONE:
        _finish(run, batch, looked, now)
        return
    with unit_of_work() as connection:
        reconciliation_runs.save_step(connection, run, Tally(), after, now=now)
        _settle(connection, run, batch, looked, now)


def _finish(run: Run, batch: Batch, looked: Looked, now: datetime) -> None:
    """End the run with what the account has at Stripe. Raises StripeSilent."""
    balance = answer(balance_transactions.retrieve_balance(run.account_id))
    if isinstance(balance, Refused):
        raise StripeSilent(balance.code)
    with unit_of_work() as connection:
        _settle(connection, run, batch, looked, now)
        reconciliation_runs.finish(
            connection,
            run,
            differences=reconciliation_differences.count_open(connection, run.account_id),
            available_cents=balance.available_cents,
            pending_cents=balance.pending_cents,
            now=now,
        )


def _settle(connection: Connection, run: Run, batch: Batch, looked: Looked, now: datetime) -> None:
    """Keep what was found, and close what was open and is not found any more."""
    _note(connection, run, looked.findings, now)
    still = {(each.thing, each.kind) for each in looked.findings}
    for known in batch.differences:
        if known.thing not in looked.left and (known.thing, known.kind) not in still:
            reconciliation_differences.close(
                connection,
                known.id,
                by=reconciliation_differences.SYSTEM,
                how=reconciliation_differences.AGREES,
                now=now,
            )


def _note(
    connection: Connection,
    run: Run,
    findings: Collection[Finding],
    now: datetime,
) -> None:
    for finding in findings:
        reconciliation_differences.note(
            connection, firm_id=run.firm_id, account_id=run.account_id, finding=finding, now=now
        )
