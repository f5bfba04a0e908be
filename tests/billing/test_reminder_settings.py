"""The reminders page: what it offers, what it tries out, and what it saves."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from assure_app.billing import firm_settings, reminder_settings
from assure_app.billing.reading.reminder_rows import PlanForm
from assure_app.billing.reminder_settings import PlanChanged
from assure_app.domain.errors import InvalidInput, PermissionDenied
from tests.support.desk import Desk, open_desk
from tests.support.reminding import open_reminder_desk

USUAL = PlanForm(is_on=True, days=("-3", "0", "7", "14", "30"), hour="9")


@pytest.fixture
def desk(sqlite_database: str) -> Desk:
    assert sqlite_database
    return open_desk()


def save(desk: Desk, form: PlanForm, version: int = 0) -> str:
    return reminder_settings.save(desk.jane, form, version=version, now=desk.now)


def test_a_firm_that_never_looked_reminds_nobody_and_is_offered_the_usual(desk: Desk) -> None:
    start, version = reminder_settings.start(desk.jane)

    assert (start.is_on, start.hour, start.may_change, version) == (False, "9", True, 0)
    chosen = [chip.text for chip in start.chips if chip.is_chosen]
    assert chosen == [
        *("3 days before", "On the due date", "7 days after", "14 days after", "30 days after")
    ]
    assert ("13", "1:00 PM") in start.hours


def test_it_is_saved_once_told_and_found_again(desk: Desk) -> None:
    assert save(desk, USUAL) == "Reminders are on."
    assert save(desk, USUAL) == "Nothing was changed."
    assert save(desk, PlanForm(is_on=True, days=("0", "21"), hour="15"), 1) == "Reminders are on."
    assert save(desk, PlanForm(is_on=False, days=("0", "21"), hour="15"), 2) == "Reminders are off."

    start, version = reminder_settings.start(desk.jane)
    assert [chip.days for chip in start.chips if chip.is_chosen] == [0, 21]
    assert (start.is_on, start.hour, version) == (False, "15", 3)
    later = "on the due date, 21 days after at 3:00 PM"
    days = "3 days before, on the due date, 7 days after, 14 days after, 30 days after"
    assert desk.audit() == [
        f"Jane Chen turned reminders on: {days} at 9:00 AM",
        f"Jane Chen changed reminders: {days} at 9:00 AM → {later}",
        "Jane Chen turned reminders off",
    ]


def test_whoever_looked_at_another_plan_saves_nothing(desk: Desk) -> None:
    save(desk, USUAL)

    with pytest.raises(PlanChanged):
        save(desk, PlanForm(is_on=True, days=("0",), hour="9"), version=0)


@pytest.mark.parametrize(
    ("form", "field", "sentence"),
    [
        ({"days": ()}, "days", "Choose at least one day, or turn reminders off."),
        ({"days": tuple(map(str, range(9)))}, "days", "Choose at most 8 days."),
        ({"days": ("181",)}, "days", "A reminder goes out at most 180 days after the due date."),
        ({"days": ("x", "", "-", "²", "1e9", "99999")}, "days", "Choose at least one day"),
        ({"hour": "24"}, "hour", "Choose an hour."),
        ({"hour": ""}, "hour", "Choose an hour."),
        ({"hour": "09"}, "hour", "Choose an hour."),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(
    desk: Desk, form: dict[str, Any], field: str, sentence: str
) -> None:
    typed = replace(PlanForm(is_on=True, days=("0",), hour="9"), **form)

    with pytest.raises(InvalidInput) as refusal:
        save(desk, typed)

    assert refusal.value.problems[field].startswith(sentence)
    _, problems = reminder_settings.preview(desk.jane, typed, now=desk.now)
    assert problems == refusal.value.problems
    assert desk.audit() == []


def test_the_preview_shows_each_day_and_its_letter(desk: Desk) -> None:
    form = PlanForm(is_on=False, days=("-40", "-3", "0", "7"), hour="15")

    shown, problems = reminder_settings.preview(desk.jane, form, now=desk.now)

    assert problems == {}
    assert "sent today and due Jun 21, 2026" in shown.sentence
    assert "at 3:00 PM (America/New_York)" in shown.sentence
    assert [(each.day, each.text) for each in shown.days] == [
        *(("Jun 18", "3 days before"), ("Jun 21", "on the due date"), ("Jun 28", "7 days after"))
    ]
    letter = shown.days[-1].letter
    assert letter.subject == "Reminder: $1,000.00 for invoice INV-1001 was due 7 days ago"
    assert ("Paid so far", "\N{MINUS SIGN}$500.00") in letter.facts


@pytest.mark.parametrize(
    ("number", "side", "days"), [("21", "after", 21), (" 5 ", "before", -5), ("180", "after", 180)]
)
def test_another_day_can_be_offered(number: str, side: str, days: int) -> None:
    assert reminder_settings.another_day(number, side).days == days


@pytest.mark.parametrize(
    ("number", "side", "most"),
    [("61", "before", 60), ("0", "after", 180), ("", "after", 180), ("²", "x", 180), (7, "", 180)],
)
def test_a_day_that_cannot_be_is_refused(number: object, side: str, most: int) -> None:
    with pytest.raises(InvalidInput) as refusal:
        reminder_settings.another_day(number, side)

    assert refusal.value.problems == {"other": f"Enter a number of days from 1 to {most}."}


def test_seeing_and_changing_are_two_rights(desk: Desk) -> None:
    viewer = desk.someone(view_billing=True)
    nobody = desk.someone()

    assert not reminder_settings.start(viewer)[0].may_change
    with pytest.raises(PermissionDenied):
        reminder_settings.save(viewer, USUAL, version=0, now=desk.now)
    with pytest.raises(PermissionDenied):
        reminder_settings.start(nobody)
    with pytest.raises(PermissionDenied):
        reminder_settings.preview(nobody, USUAL, now=desk.now)
    assert desk.audit() == [
        "Sarah Kim was denied: change when clients are reminded (needs Edit billing)"
    ]


def test_with_another_time_zone_the_hour_is_that_of_the_new_one(desk: Desk) -> None:
    reminding = open_reminder_desk(desk)
    number = desk.invoice()
    reminding.run(datetime(2026, 5, 30, 18, 0, tzinfo=UTC))
    before = firm_settings.start(desk.jane)
    after = replace(before, timezone="Asia/Tokyo")

    firm_settings.save(
        desk.jane, before=before, after=after, now=datetime(2026, 5, 30, 18, 1, tzinfo=UTC)
    )
    reminding.run(datetime(2026, 5, 30, 23, 59, tzinfo=UTC))
    assert reminding.sent() == [(number, -3)]
    reminding.run(datetime(2026, 5, 31, 0, 0, tzinfo=UTC))

    assert reminding.sent() == [(number, -3), (number, 0)]
    assert reminding.stored()["done_through"] == date(2026, 5, 31)


def test_a_time_zone_further_west_makes_no_day_come_again(desk: Desk) -> None:
    reminding = open_reminder_desk(desk)
    reminding.run(datetime(2026, 5, 28, 18, 0, tzinfo=UTC))
    before = firm_settings.start(desk.jane)
    after = replace(before, timezone="Pacific/Pago_Pago")
    moved_at = datetime(2026, 5, 28, 18, 1, tzinfo=UTC)

    firm_settings.save(desk.jane, before=before, after=after, now=moved_at)
    reminding.run(moved_at)

    assert reminding.stored()["done_through"] == date(2026, 5, 28)
    assert reminding.stored()["due_at"] == datetime(2026, 5, 29, 20, 0, tzinfo=UTC)
