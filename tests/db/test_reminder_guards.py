"""What the database itself refuses of reminders, on both kinds of it."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from assure_app.db.unit_of_work import unit_of_work
from assure_app.models import Contact
from assure_app.models.tables import reminder, reminder_plan, reminder_reader
from tests.factories import MOMENT, make_client, make_firm, make_invoice, make_user
from tests.factories import insert as add

PLAN = {
    "firm_id": 1,
    "is_on": True,
    "steps": "0,7",
    "hour": 9,
    "done_through": date(2026, 5, 22),
    "due_at": MOMENT,
    "version": 1,
}


@pytest.fixture
def sent(database: str) -> dict[str, Any]:
    """A reminder of an invoice of the first firm, to a contact; another firm has an invoice too."""
    assert database
    with unit_of_work() as connection:
        client_id = make_client(connection, make_firm(connection))
        make_user(connection, 1)
        values = {
            "firm_id": 1,
            "invoice_id": make_invoice(connection, client_id),
            "due_on": date(2026, 5, 31),
            "step_days": 7,
            "day": date(2026, 6, 7),
            "balance_cents": 100_000,
            "created_at": MOMENT,
        }
        connection.execute(insert(reminder).values(values))
        make_invoice(connection, make_client(connection, make_firm(connection, name="Other")))
        add(connection, Contact, client_id=client_id, name="Anita", email="a@b.example")
        reader = {"contact_id": 1, "email": "a@b.example", "token": "t1", "created_at": MOMENT}
        connection.execute(insert(reminder_reader).values(reader))
    return values


def refuse(statement: Any) -> None:
    with pytest.raises(IntegrityError), unit_of_work() as connection:
        connection.execute(statement)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"step_days": 3, "firm_id": 2},
        {"step_days": 3, "invoice_id": 2},
        {"step_days": 3, "balance_cents": 99_999},
        {"step_days": 3, "balance_cents": 0},
        {"step_days": None},
        {"step_days": None, "form_token": "t"},
        {"step_days": 3, "form_token": "t", "user_id": 1},
        {"step_days": 3, "id": 1},
    ],
    ids=[
        *("the same step", "another firm's", "another firm's invoice", "another balance"),
        *("nothing owed", "of no step and nobody", "by nobody", "of both", "in its place"),
    ],
)
def test_a_reminder_is_of_its_invoice_and_once(
    sent: dict[str, Any], changes: dict[str, Any]
) -> None:
    refuse(insert(reminder).values(sent | changes))


def test_what_was_sent_stays(sent: dict[str, Any]) -> None:
    refuse(delete(reminder))
    refuse(update(reminder).values(day=date(2026, 6, 8)))
    refuse(delete(reminder_reader))
    for column, value in (("email", "c@d.example"), ("token", "t2"), ("contact_id", 2)):
        refuse(update(reminder_reader).values({column: value}))
    with unit_of_work() as connection:
        connection.execute(update(reminder_reader).values(stopped_at=MOMENT))
        by_hand = sent | {"step_days": None, "form_token": "t", "user_id": 1}
        connection.execute(insert(reminder).values(by_hand))
    refuse(insert(reminder).values(by_hand))


@pytest.mark.parametrize(
    "changes",
    [
        {"hour": 24},
        {"is_on": False},
        {"due_at": None},
        {"running_through": date(2026, 5, 22)},
        {"at_id": 1},
    ],
)
def test_a_plan_is_whole(database: str, changes: dict[str, Any]) -> None:
    assert database
    with unit_of_work() as connection:
        make_firm(connection)
        connection.execute(insert(reminder_plan).values(PLAN))
        connection.execute(delete(reminder_plan))

    refuse(insert(reminder_plan).values(PLAN | changes))

    with unit_of_work() as connection:
        assert connection.execute(select(reminder_plan)).first() is None
