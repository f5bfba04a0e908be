"""Making the invoices of schedules: each period once, whatever runs twice (R123, R124)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from assure_app.billing import invoice_letters, schedules_run, verification
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.models.tables import (
    engagement,
    firm,
    firm_user,
    invoice,
    mail_message,
    notification,
)
from assure_app.models.tables import schedule as schedule_table
from tests.support.desk import Desk
from tests.support.scheduling import entries, make_contact, periods, run, set_up, stored

MAY_31 = datetime(2026, 5, 31, 4, tzinfo=UTC)
"""Midnight in New York."""


def test_nothing_is_made_before_the_firms_day_begins(desk: Desk) -> None:
    made = set_up(desk)

    before = run(MAY_31 - timedelta(seconds=1))
    after = run(MAY_31)

    assert (before, after) == (0, 1)
    assert periods(made) == [date(2026, 5, 31)]


def test_the_invoice_is_dated_by_its_period_numbered_and_sent(desk: Desk) -> None:
    make_contact(desk.client_id)
    made = set_up(desk)

    run(MAY_31)

    kept = desk.stored("INV-1001")
    told = ("schedule_id", "period_on", "issued_on", "due_on", "total_cents", "stage", "title")
    assert {name: kept[name] for name in told} == {
        "schedule_id": made,
        "period_on": date(2026, 5, 31),
        "issued_on": date(2026, 5, 31),
        "due_on": date(2026, 6, 14),
        "total_cents": 10_000,
        "stage": "open",
        "title": "Monthly bookkeeping",
    }
    assert desk.timeline() == [
        ("Generated from the schedule “Monthly bookkeeping”", "System"),
        ("Invoice sent to client (email)", "System"),
    ]
    assert letters() == [("anita@patelfamily.example", desk.email_of_jane())]
    schedule = stored(made)
    told_of_it = ("next_on", "last_on", "generated_count", "status", "due_at")
    assert {name: schedule[name] for name in told_of_it} == {
        "next_on": date(2026, 6, 30),
        "last_on": date(2026, 5, 31),
        "generated_count": 1,
        "status": "Active",
        "due_at": datetime(2026, 6, 30, 4, tzinfo=UTC),
    }
    assert verification.verify() == []


def letters() -> list[tuple[str, str]]:
    with reading() as connection:
        wanted = select(mail_message.c.to_email, mail_message.c.reply_to)
        return [(row.to_email, row.reply_to) for row in connection.execute(wanted)]


def test_a_schedule_that_does_not_send_leaves_a_draft(desk: Desk) -> None:
    make_contact(desk.client_id)
    set_up(desk, sends="")

    run(MAY_31)

    assert desk.stored("INV-1001")["stage"] == "draft"
    assert desk.timeline() == [("Generated from the schedule “Monthly bookkeeping”", "System")]


def test_what_reaches_nobody_stays_a_draft_and_staff_is_told(desk: Desk) -> None:
    made = set_up(desk)

    run(MAY_31)

    assert desk.stored("INV-1001")["stage"] == "draft"
    assert desk.timeline()[-1] == ("Not sent: Patel Family has no email address", "System")
    assert entries(made)[-1][0] == "INV-1001 stays a draft: Patel Family has no email address"
    with reading() as connection:
        assert connection.scalars(select(notification.c.text)).all() == [
            (
                "INV-1001 stays a draft: Patel Family has no email address"
                " (schedule “Monthly bookkeeping”)"
            )
        ]


def test_after_standing_still_every_period_is_made_up_for_once(desk: Desk) -> None:
    made = set_up(desk)

    run(datetime(2026, 9, 30, 12, tzinfo=UTC))
    again = run(datetime(2026, 9, 30, 13, tzinfo=UTC))

    assert again == 0
    assert periods(made) == [
        date(2026, 5, 31),
        date(2026, 6, 30),
        date(2026, 7, 31),
        date(2026, 8, 31),
        date(2026, 9, 30),
    ]
    assert stored(made)["next_on"] == date(2026, 10, 31)


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ({"end": "count", "most": "2"}, [date(2026, 5, 31), date(2026, 6, 30)]),
        ({"end": "date", "ends_on": "2026-06-30"}, [date(2026, 5, 31), date(2026, 6, 30)]),
        ({"end": "date", "ends_on": "2026-06-29"}, [date(2026, 5, 31)]),
        ({"frequency": "One-time"}, [date(2026, 5, 31)]),
    ],
)
def test_it_is_completed_with_its_last_invoice(
    desk: Desk, typed: dict[str, Any], days: list[date]
) -> None:
    made = set_up(desk, **typed)

    run(datetime(2027, 5, 31, 12, tzinfo=UTC))

    assert periods(made) == days
    schedule = stored(made)
    assert (schedule["status"], schedule["next_on"], schedule["due_at"]) == (
        "Completed",
        None,
        None,
    )
    assert entries(made)[-1] == (
        f"Completed with INV-{1000 + len(days)}, its last invoice",
        "System",
    )


def test_days_follow_the_clock_of_the_firm_through_daylight_saving(desk: Desk) -> None:
    made = set_up(desk, date="2026-10-08")
    november = datetime(2026, 11, 8, 5, tzinfo=UTC)  # Midnight in New York is at 5 by then.

    run(datetime(2026, 10, 8, 4, tzinfo=UTC))
    early, due = run(november - timedelta(seconds=1)), run(november)

    assert (early, due) == (0, 1)
    assert periods(made) == [date(2026, 10, 8), date(2026, 11, 8)]


def test_a_firm_that_went_west_is_not_invoiced_early(desk: Desk) -> None:
    made = set_up(desk)
    with unit_of_work() as connection:
        connection.execute(firm.update().values(timezone="America/Los_Angeles"))

    run(MAY_31)
    too_early = periods(made)
    run(MAY_31 + timedelta(hours=3))

    assert too_early == []
    assert periods(made) == [date(2026, 5, 31)]


def test_trouble_with_one_holds_up_none_of_the_others(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_contact(desk.client_id)
    bad, good = set_up(desk, title="Bad"), set_up(desk, title="Good")
    post = invoice_letters.post

    def refuse(connection: Any, sender: Any, found: Any, wanted: Any, **given: Any) -> None:
        if found.title == "Bad":
            raise ValueError("this letter cannot be written")
        post(connection, sender, found, wanted, **given)

    monkeypatch.setattr(invoice_letters, "post", refuse)
    done = run(MAY_31)
    kept = stored(bad)
    run(MAY_31 + schedules_run.PUT_OFF)
    monkeypatch.undo()
    run(MAY_31 + 2 * schedules_run.PUT_OFF)

    assert done == 1
    assert (kept["problem"], kept["generated_count"]) == ("Something unexpected failed.", 0)
    assert kept["due_at"] == MAY_31 + schedules_run.PUT_OFF
    assert periods(good) == periods(bad) == [date(2026, 5, 31)]
    assert stored(bad)["problem"] == ""
    with reading() as connection:
        told = connection.scalars(select(notification.c.text)).all()
    assert told == ["The schedule “Bad” of Patel Family stands still"]
    assert [text for text, _actor in entries(bad) if "could not be made" in text] == [
        "The invoice of May 31, 2026 could not be made: Something unexpected failed."
    ]


def test_the_database_takes_no_second_invoice_of_a_period(desk: Desk) -> None:
    made = set_up(desk)
    run(MAY_31)
    with unit_of_work() as connection:
        connection.execute(schedule_table.update().values(next_on=date(2026, 6, 1), due_at=MAY_31))
    again = {"number": "INV-7", "schedule_id": made, "period_on": date(2026, 5, 31)}
    kept = desk.stored("INV-1001")
    for name in ("id", "pay_token", "number_length", "standing", "open_balance_cents"):
        del kept[name]

    with pytest.raises(Exception, match=r"(?i)unique"), unit_of_work() as connection:
        connection.execute(insert(invoice).values(kept | again))

    assert periods(made) == [date(2026, 5, 31)]


def test_the_engagement_goes_along(desk: Desk) -> None:
    with unit_of_work() as connection:
        agreed = {"firm_id": desk.jane.firm_id, "client_id": desk.client_id, "name": "Books"}
        key = connection.execute(insert(engagement).values(agreed | {"is_autopay_on": True}))
        (engagement_id,) = key.inserted_primary_key or (0,)
    set_up(desk, engagement=str(engagement_id))

    run(MAY_31)

    assert desk.stored("INV-1001")["engagement_id"] == engagement_id


def test_who_left_the_firm_sends_no_letters(desk: Desk) -> None:
    make_contact(desk.client_id)
    sarah = desk.someone(edit_billing=True, all_clients=True)
    set_up(desk, by=sarah)
    with unit_of_work() as connection:
        left = firm_user.update().where(firm_user.c.id == sarah.user_id)
        connection.execute(left.values(is_active=False))

    run(MAY_31)

    assert letters() == [("anita@patelfamily.example", desk.email_of_jane())]
