"""A firm lives through three years in seconds: every moment is given, nothing reads the clock.

Everything that goes on by itself is the worker's own table of periodic work, run at a few moments
of each day; in between people pay by hand, remove their card, and Stripe falls silent.
"""

import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta
from sqlalchemy import func, select

from assure_app.billing import manual_payments, saved_methods, stripe_events
from assure_app.billing.manual_payments import PaymentForm
from assure_app.billing.verification import verify
from assure_app.db import engine
from assure_app.db.unit_of_work import reading
from assure_app.models.tables import (
    activity,
    invoice,
    job,
    payment,
    reconciliation_difference,
    reconciliation_run,
    reminder,
)
from assure_app.stripe_gateway.records import ChargeStatus
from assure_app.worker import jobs, periodic
from tests.support import fake_stripe, reminding, saving, scheduling
from tests.support.desk import open_desk
from tests.support.fake_stripe import FakeStripe
from tests.support.online import PayDesk, open_pay_desk

NEW_YORK = ZoneInfo("America/New_York")
FIRST, LAST = date(2026, 5, 23), date(2029, 5, 22)
ORDINARY = (time(9, 10),)
BUSY = (time(0, 5), time(6, 10), time(9, 10), time(23, 55))
CLOCKS_CHANGE = (time(0, 59), time(1, 30), time(2, 30), time(3, 1), time(6, 10), time(9, 10))

EVERY_DAY = {"schedules", "auto-pay", "overdue", "reminders"}
EACH_MONTH = 29
"""On a day on which nothing is to happen only these are looked after, on every fifth all but the
comparison with Stripe, which has its day of the month: as good here, and many times as quick."""

MONTH_ENDS = "Monthly bookkeeping"
LEAP_DAYS = "Yearly review"
QUARTERS = "Quarterly advice"
BY_HAND = "Payroll, paid by check"
RHYTHMS = {
    MONTH_ENDS: (date(2026, 5, 31), relativedelta(months=1)),
    QUARTERS: (date(2026, 8, 31), relativedelta(months=3)),
    LEAP_DAYS: (date(2028, 2, 29), relativedelta(years=1)),
    BY_HAND: (date(2026, 6, 15), relativedelta(months=1)),
}
DOWN = {
    FIRST + timedelta(days=days)
    for start in (date(2027, 1, 28), date(2028, 2, 26))
    for days in range((start - FIRST).days, (start - FIRST).days + 7)
}
"""Two weeks in which nothing runs, over a month end and over 29 February."""


def expected(title: str) -> list[date]:
    """The days of the rhythm up to the last one, counted by dateutil from the first."""
    first, step = RHYTHMS[title]
    days = (first + step * count for count in range(40))
    return [day for day in days if day <= LAST]


PERIODS = {day for title in RHYTHMS for day in expected(title)}


@dataclass
class Life:
    """The firm, its client Anita, their Stripe, and the moment that it is."""

    pay_desk: PayDesk
    now: datetime
    schedules: dict[str, int] = field(default_factory=dict)

    @property
    def stripe(self) -> FakeStripe:
        return self.pay_desk.stripe

    def be(self, day: date, at: time) -> None:
        """It is this moment of the firm's day."""
        self.now = datetime.combine(day, at, tzinfo=NEW_YORK)
        self.stripe.now = self.now
        self.pay_desk = replace(self.pay_desk, now=self.now)

    def work(self) -> None:
        """The worker does all that is due: the table of works, its jobs, and Stripe's events."""
        is_plain = moments(self.now.date()) == ORDINARY and self.now.day % 5
        for work in periodic.WORKS:
            is_left = is_plain and work.name not in EVERY_DAY
            if work.name == "reconciliation":
                is_left = self.now.day != EACH_MONTH
            if not is_left:
                periodic.do_all_due(work, now=self._now)
        if is_plain:
            return
        while stripe_events.apply_next(now=self.now):
            pass
        with reading() as connection:
            due = connection.execute(select(job.c.id, job.c.turn).where(job.c.due_at.is_not(None)))
            left = due.all()
        for row in left:
            jobs.run(row.id, row.turn, now=self._now)

    def pay_by_check(self, number: str, cents: int) -> None:
        """Jane records a check."""
        form = PaymentForm(amount=f"{cents / 100:.2f}", method="Check", date=f"{self.now:%Y-%m-%d}")
        token = secrets.token_urlsafe(24)
        manual_payments.record_payment(
            self.pay_desk.desk.jane, number, form, form_token=token, now=self.now
        )

    def default_method(self) -> str:
        return str(next(m["method_id"] for m in self.pay_desk.methods() if m["is_default"]))

    def invoices(self, title: str) -> list[dict[str, Any]]:
        """Those of a schedule, oldest first."""
        with reading() as connection:
            rows = connection.execute(
                select(invoice).where(invoice.c.title == title).order_by(invoice.c.period_on)
            )
            return [dict(row) for row in rows.mappings()]

    def _now(self) -> datetime:
        return self.now


@pytest.fixture
def life(sqlite_database: str) -> Iterator[Life]:
    """The firm on its first day: four schedules, auto-pay for three, reminders on."""
    desk = open_desk()
    with FakeStripe().installed() as stripe:
        pay_desk = open_pay_desk(desk, stripe)
        engagement = str(saving.work(pay_desk))
        saving.save(pay_desk)
        lived = Life(pay_desk, desk.now)
        for title, (first, step) in RHYTHMS.items():
            is_by_hand = title == BY_HAND
            rhythm = {3: "Quarterly", 0: "Annual"}.get(step.months, "Monthly")
            lived.schedules[title] = scheduling.set_up(
                desk,
                title=title,
                frequency=rhythm,
                date=first.isoformat(),
                due_days="14" if is_by_hand else "0",
                engagement="" if is_by_hand else engagement,
            )
        reminding.ReminderDesk(desk, pay_desk.anita.contact_id).turn_on(at=desk.now)
        yield lived


def test_three_years(life: Life) -> None:
    happens = happenings(life)

    for day in days():
        if day in DOWN:
            continue
        for at in moments(day):
            life.be(day, at)
            with happens.get((day, at), nothing)():
                life.work()
        pay_late_checks(life, day)

    for title, schedule_id in life.schedules.items():
        assert scheduling.periods(schedule_id) == expected(title)
    assert all_is_paid_once(life) == []
    assert reminded_of_what_was_not_owed() == []
    assert set(said_overdue(life).values()) == {1}
    assert life.pay_desk.exceptions() == []
    assert reconciled() == (True, [])
    assert verify() == []


def days() -> Iterator[date]:
    day = FIRST
    while day <= LAST:
        yield day
        day += timedelta(days=1)


def moments(day: date) -> tuple[time, ...]:
    before, after = (
        datetime.combine(day + timedelta(days=days), time(0), tzinfo=NEW_YORK).utcoffset()
        for days in (0, 1)
    )
    if before != after:
        return CLOCKS_CHANGE
    return BUSY if day in PERIODS or day in SPECIAL_DAYS else ORDINARY


@contextmanager
def nothing() -> Iterator[None]:
    yield


Happening = Callable[[], Any]


def happenings(life: Life) -> dict[tuple[date, time], Happening]:
    """What happens around the work of a moment."""
    morning = time(6, 10)

    @contextmanager
    def short_of_money() -> Iterator[None]:
        life.stripe.declines[life.default_method()] = ["insufficient_funds"] * 2
        yield

    @contextmanager
    def silent_for_six_hours() -> Iterator[None]:
        life.stripe.be_silent("charge_off_session", after_acting=True)
        with silence(life):
            yield
            for hours in range(1, 6):
                life.be(date(2026, 10, 31), time(6 + hours, 10))
                life.work()
        life.be(date(2026, 10, 31), time(12, 20))
        life.work()

    @contextmanager
    def card_expired() -> Iterator[None]:
        life.stripe.declines[life.default_method()] = ["expired_card"]
        yield

    @contextmanager
    def paid_by_hand_at_that_second() -> Iterator[None]:
        (due,) = [each for each in life.invoices(MONTH_ENDS) if each["stage"] == "open"]
        life.pay_by_check(due["number"], due["balance_cents"])
        yield

    @contextmanager
    def removes_the_method() -> Iterator[None]:
        (method,) = [each for each in life.pay_desk.methods() if each["removed_at"] is None]
        told = saved_methods.find(life.pay_desk.anita, method["id"]).effect.warning
        saved_methods.remove(life.pay_desk.anita, method["id"], told=told, now=life.now)
        yield

    @contextmanager
    def saves_another() -> Iterator[None]:
        saving.save(life.pay_desk)
        yield

    @contextmanager
    def answer_is_lost() -> Iterator[None]:
        life.stripe.be_silent("charge_off_session", after_acting=True)
        yield

    return {
        (date(2026, 7, 31), morning): short_of_money,
        (date(2026, 10, 31), morning): silent_for_six_hours,
        (date(2027, 3, 31), morning): card_expired,
        (date(2027, 6, 30), morning): paid_by_hand_at_that_second,
        (date(2027, 9, 10), time(9, 10)): removes_the_method,
        (date(2027, 10, 5), time(9, 10)): saves_another,
        (date(2028, 5, 31), morning): answer_is_lost,
    }


SPECIAL_DAYS = {date(2027, 9, 10), date(2027, 10, 5)}


@contextmanager
def silence(life: Life) -> Iterator[None]:
    """Stripe answers nothing; the process is started anew when it comes back."""
    for names in fake_stripe.PATCHED.values():
        for name in names:
            life.stripe.be_silent(name, times=1000)
    yield
    life.stripe.faults.clear()
    engine.engine().dispose()


def pay_late_checks(life: Life, day: date) -> None:
    """Checks come in before the due day, three weeks after it, or only after two months; so does
    one for what auto-pay cannot charge any more."""
    for count, each in enumerate(life.invoices(BY_HAND) if day.day % 2 else ()):
        late = (-5, 21, 60)[count % 3]
        if each["stage"] == "open" and day >= each["due_on"] + timedelta(days=late):
            life.pay_by_check(each["number"], each["balance_cents"])
    if day in {date(2027, 4, 9), date(2027, 10, 20)}:
        for each in life.invoices(MONTH_ENDS):
            if each["stage"] == "open":
                life.pay_by_check(each["number"], each["balance_cents"])


def all_is_paid_once(life: Life) -> list[str]:
    """What is due and not paid exactly once, whether by Stripe or by check; [] is none."""
    wrong = []
    with reading() as connection:
        paid = Counter(
            connection.scalars(
                select(payment.c.invoice_id).where(payment.c.status == "Completed")
            ).all()
        )
    for title in RHYTHMS:
        for each in life.invoices(title):
            is_due = each["due_on"] < LAST - timedelta(days=61)
            if is_due and (each["stage"], paid[each["id"]]) != ("paid", 1):
                wrong.append(f"{title} of {each['period_on']}: {each['stage']}, {paid[each['id']]}")
    taken = [c for c in life.stripe.charges.values() if c.status is not ChargeStatus.FAILED]
    rows = [row["stripe_charge_id"] for row in life.pay_desk.desk.rows()]
    return wrong + [f"{c.id} is not in the books once" for c in taken if rows.count(c.id) != 1]


def reconciled() -> tuple[bool, list[str]]:
    """Whether the books were compared with Stripe lately, and what they ever differed in."""
    with reading() as connection:
        last = connection.scalar(select(func.max(reconciliation_run.c.finished_at)))
        found = list(connection.execute(select(reconciliation_difference.c.kind)).scalars())
    return last is not None and last.date() > LAST - timedelta(days=40), found


def reminded_of_what_was_not_owed() -> list[str]:
    wrong = []
    with reading() as connection:
        for sent in connection.execute(select(reminder)):
            rows = connection.execute(
                select(payment.c.amount_cents, payment.c.completed_at).where(
                    payment.c.invoice_id == sent.invoice_id, payment.c.status == "Completed"
                )
            )
            settled = sum(r.amount_cents for r in rows if r.completed_at <= sent.created_at)
            total = connection.scalar(
                select(invoice.c.total_cents).where(invoice.c.id == sent.invoice_id)
            )
            if sent.balance_cents != total - settled:
                wrong.append(f"invoice {sent.invoice_id} on {sent.day}")
    return wrong


def said_overdue(life: Life) -> Counter[int]:
    with reading() as connection:
        said = select(activity.c.invoice_id).where(activity.c.text.like("Invoice became overdue%"))
        return Counter(connection.scalars(said).all())
