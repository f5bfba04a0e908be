"""Stripe's callbacks: taken into the inbox, answered, then applied from there (R057–R061).

Nothing that a callback says is believed but that something happened to an object. What is then
asked of Stripe and the mark that it was done are written in one transaction: killed before it, the
event is due again a little later; killed after it, it is done.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from assure_app.billing import stripe_accounts, stripe_exceptions, stripe_news
from assure_app.billing.charges import Booked
from assure_app.billing.stripe_exceptions import Problem
from assure_app.billing.stripe_silence import StripeSilent
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.errors import BillingError
from assure_app.models.online import EventState, ExceptionKind
from assure_app.models.tables import stripe_event
from assure_app.stripe_gateway.records import Event

TYPES = (
    "account.application.deauthorized",
    "account.updated",
    "charge.dispute.closed",
    "charge.dispute.created",
    "charge.dispute.funds_reinstated",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.updated",
    "charge.failed",
    "charge.pending",
    "charge.refund.updated",
    "charge.refunded",
    "charge.succeeded",
    "charge.updated",
    "checkout.session.async_payment_failed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.completed",
    "checkout.session.expired",
    "mandate.updated",
    "payment_intent.canceled",
    "payment_intent.payment_failed",
    "payment_intent.processing",
    "payment_intent.succeeded",
    "payment_method.attached",
    "payment_method.automatically_updated",
    "payment_method.detached",
    "payment_method.updated",
    "payout.canceled",
    "payout.created",
    "payout.failed",
    "payout.paid",
    "payout.reconciliation_completed",
    "payout.updated",
    "refund.created",
    "refund.failed",
    "refund.updated",
    "setup_intent.succeeded",
)
"""What is applied; events of any other type are taken in, marked as ignored, and change nothing."""

LEASE = timedelta(minutes=2)
"""Longer than applying takes: whoever took an event and fell silent for so long has died."""
WAITS = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 30, 120, 600, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400)
)
"""How long after each failed attempt; after the last one a person is asked."""

_log = logging.getLogger(__name__)


class ForeignAccount(BillingError):
    """An event of an account that no firm here has: nothing of it is kept."""

    def __init__(self, account_id: str) -> None:
        self.account_id = account_id
        super().__init__("No firm here has this Stripe account.")


class Receipt(StrEnum):
    """What became of an event at the door."""

    NEW = "new"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """An event that was taken out of the inbox; `firm_id` is whose tabs should look again."""

    event_id: str
    state: EventState
    firm_id: int | None
    is_changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taken:
    id: int
    event_id: str
    account_id: str
    type: str
    object_id: str
    object_kind: str
    attempts: int


def receive(event: Event, *, now: datetime) -> Receipt:
    """Take a verified event into the inbox, once however often it comes (R058).

    Once this returns, it is there for good. Raises ForeignAccount for the account of no firm here,
    and then writes nothing; Busy, Unavailable or OutcomeUnknown for the database's silence.
    """
    account_id = event.account_id or ""
    values = {
        "event_id": event.id[:255],
        "account_id": account_id,
        "type": event.type[:100],
        "object_id": event.object_id[:255],
        "object_kind": event.object_kind[:100],
        "created_at": event.created_at,
        "received_at": now,
        "state": EventState.WAITING.value,
        "attempts": 0,
        "due_at": now,
        "error": "",
    }
    with unit_of_work() as connection:
        if stripe_accounts.firm_of(connection, account_id) is None:
            raise ForeignAccount(account_id)
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        insert = dialect.insert(stripe_event).values(values).on_conflict_do_nothing()
        # PostgreSQL's driver counts no rows here, but tells which were written.
        written = connection.execute(insert.returning(stripe_event.c.id)).first()
    return Receipt.REPEATED if written is None else Receipt.NEW


def apply_next(*, now: datetime) -> Applied | None:
    """Apply the event that has been due the longest; None when none is due.

    Several may do this at once, in several processes: each event is taken by one. Never raises for
    what Stripe or an event does; what cannot be applied now is due again later.
    """
    taken = _take(now)
    if taken is None:
        return None
    try:
        news = _news(taken)
        with unit_of_work() as connection:
            if news is None:
                return _mark(connection, taken, EventState.IGNORED, Booked(), now)
            booked = news(connection, now=now, event_id=taken.event_id)
            return _mark(connection, taken, EventState.DONE, booked, now)
    except StripeSilent as silence:
        return _put_back(taken, f"Stripe is silent: {silence.cause}", now)
    except Exception as error:  # noqa: BLE001  one event must not hold up those behind it
        _log.exception("Stripe's event %s could not be applied", taken.event_id)
        return _put_back(taken, f"{type(error).__name__}: {error}", now)


def waiting(*, now: datetime) -> int:
    """How many events are due: what the health page may show."""
    with reading() as connection:
        due = select(stripe_event.c.id).where(stripe_event.c.due_at <= now)
        return len(connection.execute(due.limit(1_000)).all())


def _news(taken: _Taken) -> stripe_news.News | None:
    """What Stripe says now of what the event is about; None when it is of no concern (R061)."""
    if taken.type not in TYPES or not taken.object_id:
        _log.info("Stripe's event %s, %s, is of no concern", taken.event_id, taken.type)
        return None
    return stripe_news.of_object(taken.account_id, taken.object_kind, taken.object_id)


def _take(now: datetime) -> _Taken | None:
    """Take the next due event by moving its due moment on: of several takers one succeeds."""
    columns = [stripe_event.c[name] for name in _Taken.__dataclass_fields__]
    for _ in range(len(WAITS)):
        with unit_of_work() as connection:
            row = connection.execute(
                select(*columns, stripe_event.c.due_at)
                .where(stripe_event.c.due_at <= now)
                .order_by(stripe_event.c.due_at, stripe_event.c.id)
                .limit(1)
            ).first()
            if row is None:
                return None
            moved = connection.execute(
                update(stripe_event)
                .where(stripe_event.c.id == row.id, stripe_event.c.due_at == row.due_at)
                .values(due_at=now + LEASE, attempts=row.attempts + 1)
            )
            if moved.rowcount == 1:
                known = {name: getattr(row, name) for name in _Taken.__dataclass_fields__}
                return _Taken(**known | {"attempts": row.attempts + 1})
    return None


def _mark(
    connection: Connection, taken: _Taken, state: EventState, booked: Booked, now: datetime
) -> Applied:
    """Say that it is dealt with, in the transaction of what it did (R060)."""
    connection.execute(
        update(stripe_event)
        .where(stripe_event.c.id == taken.id, stripe_event.c.state == EventState.WAITING.value)
        .values(state=state.value, due_at=None, applied_at=now, error=booked.problem[:500])
    )
    return Applied(
        event_id=taken.event_id,
        state=state,
        firm_id=booked.firm_id,
        is_changed=booked.is_changed,
    )


def _put_back(taken: _Taken, error: str, now: datetime) -> Applied:
    """Have it tried again later; after the last attempt a person is asked."""
    if taken.attempts <= len(WAITS):
        with unit_of_work() as connection:
            connection.execute(
                update(stripe_event)
                .where(
                    stripe_event.c.id == taken.id,
                    stripe_event.c.state == EventState.WAITING.value,
                    stripe_event.c.attempts == taken.attempts,
                )
                .values(due_at=now + WAITS[taken.attempts - 1], error=error[:500])
            )
        return Applied(
            event_id=taken.event_id, state=EventState.WAITING, firm_id=None, is_changed=False
        )
    with unit_of_work() as connection:
        firm_id = stripe_accounts.firm_of(connection, taken.account_id)
        problem = Problem(
            kind=ExceptionKind.NOT_APPLIED,
            account_id=taken.account_id,
            object_id=taken.object_id,
            object_kind=taken.object_kind,
            sentence=(
                f"Stripe told of {taken.type}, which could not be applied in "
                f"{taken.attempts} attempts. Replay it once Stripe answers again."
            ),
            firm_id=firm_id,
        )
        stripe_exceptions.open_one(connection, problem, now=now, event_id=taken.event_id)
        booked = Booked(firm_id=firm_id, is_changed=True, problem=error)
        return _mark(connection, taken, EventState.FAILED, booked, now)
