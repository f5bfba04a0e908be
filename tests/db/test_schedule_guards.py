"""What the database itself refuses of schedules, on both kinds of it."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from assure_app.db.unit_of_work import unit_of_work
from assure_app.models import Engagement, Invoice, Schedule, ScheduleEntry
from assure_app.models.tables import invoice, schedule, schedule_entry
from tests.factories import MOMENT, insert, make_client, make_firm, make_user

DAY = date(2026, 5, 31)


def values(**changes: Any) -> dict[str, Any]:
    return {
        "firm_id": 1,
        "client_id": 1,
        "owner_id": 1,
        "title": "Books",
        "frequency": "Monthly",
        "first_on": DAY,
        "anchor_day": 31,
        "next_on": DAY,
        "due_at": MOMENT,
        "due_days": 14,
        "total_cents": 100,
        "form_token": "t",
        "form_hash": "",
        "created_at": MOMENT,
    } | changes


@pytest.fixture
def made(database: str) -> int:
    """A schedule with an entry, of the only client of the only firm; another firm beside it."""
    assert database
    with unit_of_work() as connection:
        firm_id = make_firm(connection)
        make_client(connection, firm_id)
        make_user(connection, firm_id)
        other = make_firm(connection, name="Northside")
        make_client(connection, other)
        make_user(connection, other)
        insert(connection, Engagement, firm_id=other, client_id=2, name="x", is_autopay_on=False)
        found = insert(connection, Schedule, **values())
        entry = {"firm_id": 1, "schedule_id": found, "at": MOMENT, "text": "x", "actor": "x"}
        insert(connection, ScheduleEntry, **entry)
        return found


WRONG: list[dict[str, Any]] = [
    {"frequency": "Weekly"},
    {"status": "Stopped"},
    {"anchor_day": 0},
    {"anchor_day": 32},
    {"due_days": -1},
    {"total_cents": -1},
    {"generated_count": 1},
    {"last_on": DAY - timedelta(days=1)},
    {"last_on": DAY, "generated_count": 1},
    {"ends_on": DAY - timedelta(days=1)},
    {"ends_on": DAY, "most_invoices": 3},
    {"most_invoices": 0},
    {"next_on": None},
    {"due_at": None},
    {"status": "Paused"},
    {"status": "Completed"},
    {"client_id": 2},
    {"owner_id": 2},
    {"engagement_id": 1},
    {"form_token": "t"},
]


def test_a_schedule_that_cannot_be_is_refused(made: int) -> None:
    for changes in WRONG:
        wanted = values(form_token="other") | changes
        with pytest.raises(IntegrityError), unit_of_work() as connection:
            insert(connection, Schedule, **wanted)


def test_whose_it_is_and_what_it_made_cannot_change(made: int) -> None:
    with unit_of_work() as connection:
        moved = {"generated_count": 1, "last_on": DAY, "next_on": DAY + timedelta(days=30)}
        connection.execute(update(schedule).values(moved))

    for changes in (
        {"client_id": 2},
        {"form_token": "other"},
        {"form_hash": "x"},
        {"created_at": MOMENT + timedelta(days=1)},
        {"generated_count": 0, "last_on": None},
        {"last_on": DAY - timedelta(days=1)},
        {"version": -1},
    ):
        with pytest.raises(IntegrityError), unit_of_work() as connection:
            connection.execute(update(schedule).values(changes))


@pytest.mark.parametrize("final", ["Completed", "Cancelled"])
def test_the_end_is_for_ever(made: int, final: str) -> None:
    with unit_of_work() as connection:
        ended = {"status": final, "next_on": None, "due_at": None, "version": 1}
        connection.execute(update(schedule).values(ended))

    again = {"status": "Active", "next_on": DAY, "due_at": MOMENT, "version": 2}
    with pytest.raises(IntegrityError, match="R123"), unit_of_work() as connection:
        connection.execute(update(schedule).values(again))


def test_nothing_of_it_is_deleted(made: int) -> None:
    for table in (schedule_entry, schedule):
        with pytest.raises(IntegrityError), unit_of_work() as connection:
            connection.execute(delete(table))
    with pytest.raises(IntegrityError, match="R111"), unit_of_work() as connection:
        connection.execute(update(schedule_entry).values(text="y"))


def bill(made: int, **changes: Any) -> int:
    wanted = {
        "firm_id": 1,
        "client_id": 1,
        "number": f"INV-{len(changes)}",
        "issued_on": DAY,
        "due_on": DAY,
        "total_cents": 100,
        "balance_cents": 100,
        "created_at": MOMENT,
        "schedule_id": made,
        "period_on": DAY,
    } | changes
    with unit_of_work() as connection:
        return insert(connection, Invoice, **wanted)


def test_a_period_is_invoiced_once(made: int) -> None:
    bill(made)

    with pytest.raises(IntegrityError):
        bill(made, number="INV-2")
    bill(made, number="INV-3", period_on=DAY + timedelta(days=30))
    bill(made, number="INV-4", schedule_id=None, period_on=None)


@pytest.mark.parametrize(
    "changes", [{"period_on": None}, {"schedule_id": None}, {"client_id": 2, "firm_id": 2}]
)
def test_an_invoice_is_of_its_schedules_client(made: int, changes: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        bill(made, **changes)


def test_what_it_was_generated_from_cannot_change(made: int) -> None:
    bill(made)

    for changes in (
        {"period_on": DAY + timedelta(days=1)},
        {"schedule_id": None, "period_on": None},
    ):
        with pytest.raises(IntegrityError, match="R124"), unit_of_work() as connection:
            connection.execute(update(invoice).values(changes))
    with unit_of_work() as connection:
        assert connection.scalar(select(invoice.c.period_on)) == DAY
