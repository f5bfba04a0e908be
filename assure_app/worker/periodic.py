"""What is done again and again, by itself: one table, a line for each work.

Each function does one thing that is due at `now`, and None says that nothing is. It takes the thing
by moving its due moment on, or by a unique key, so that any number of workers may call it at once,
and a worker that was killed leaves nothing behind but a thing that is due again. None of them reads
the clock: `now` is given, in a test for three years on end.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from assure_app.billing import (
    autopay,
    dispute_deadlines,
    expiring_methods,
    inbox_bell,
    job_runs,
    notification_pruning,
    overdue,
    reconciliation_run,
    reminders,
    schedules_run,
    stripe_sweep,
)
from assure_app.billing.stripe_sweep import Swept

SOON = timedelta(seconds=30)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A periodic work: how often somebody looks whether anything is due, and what does one thing.

    `title` is what people read on the page of background work.
    """

    name: str
    title: str
    every: timedelta
    do_next: Callable[..., Swept | None]
    at_the_end: Callable[[], None] = lambda: None


WORKS: tuple[Work, ...] = (
    Work(
        name="jobs",
        title="Interrupted jobs begun again",
        every=SOON,
        do_next=lambda now: job_runs.hand_over_next(now=now),
    ),
    Work(
        name="payment-pages",
        title="Payments Stripe has not confirmed yet",
        every=SOON,
        do_next=lambda now: stripe_sweep.sweep_next(now=now),
    ),
    Work(
        name="refunds",
        title="Refunds Stripe has not confirmed yet",
        every=SOON,
        do_next=lambda now: stripe_sweep.refund_next(now=now),
    ),
    Work(
        name="stripe-events",
        title="Stripe events we may have missed",
        every=SOON,
        do_next=lambda now: stripe_sweep.poll_next(now=now),
        at_the_end=inbox_bell.ring,
    ),
    Work(
        name="schedules",
        title="Recurring invoices",
        every=SOON,
        do_next=lambda now: schedules_run.generate_next(now=now),
    ),
    Work(
        name="auto-pay",
        title="Auto-pay charges",
        every=MINUTE,
        do_next=lambda now: autopay.charge_next(now=now),
    ),
    Work(
        name="overdue",
        title="Invoices that fall due",
        every=MINUTE,
        do_next=lambda now: overdue.note_next(now=now),
    ),
    Work(
        name="reminders",
        title="Reminders to clients",
        every=MINUTE,
        do_next=lambda now: reminders.remind_next(now=now),
    ),
    Work(
        name="expiring-cards",
        title="Cards about to expire",
        every=HOUR,
        do_next=lambda now: expiring_methods.announce_next(now=now),
    ),
    Work(
        name="dispute-deadlines",
        title="Disputes about to be lost unanswered",
        every=HOUR,
        do_next=lambda now: dispute_deadlines.warn_next(now=now),
    ),
    Work(
        name="reconciliation",
        title="Books compared with Stripe",
        every=MINUTE,
        do_next=lambda now: reconciliation_run.reconcile_next(now=now),
    ),
    Work(
        name="old-notifications",
        title="Old notifications cleared",
        every=HOUR,
        do_next=lambda now: notification_pruning.prune_next(now=now),
    ),
    Work(
        name="tidying",
        title="Finished jobs cleared",
        every=HOUR,
        do_next=lambda now: job_runs.forget_next(now=now),
    ),
)
"""A line for each. Said as `lambda now: …`, so that a test that stands in for one is heard."""

BY_NAME = {work.name: work for work in WORKS}


def do_all_due(
    work: Work,
    *,
    now: Callable[[], datetime],
    tell: Callable[[int], None] = lambda _firm_id: None,
    is_ending: Callable[[], bool] = lambda: False,
) -> None:
    """Do one thing after another until none is due; `tell` hears whose tabs should look again."""
    while not is_ending() and (swept := work.do_next(now=now())):
        if swept.firm_id is not None:
            tell(swept.firm_id)
    work.at_the_end()
