"""Setting up a schedule and editing one: who may, what is refused, what a repeat does (R123)."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Table, func, insert, select

from assure_app.billing import schedules
from assure_app.billing.reading import schedule_editor
from assure_app.billing.reading.editor_form import LineForm
from assure_app.billing.reading.schedule_rows import ScheduleForm
from assure_app.billing.schedules import ScheduleChanged
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.errors import FormAlreadyUsed, InvalidInput, NotFound, PermissionDenied
from assure_app.domain.schedules import ScheduleNotChangeable
from assure_app.models.tables import client, contact, engagement, schedule, schedule_line
from tests.factories import make_client
from tests.support.desk import Desk, open_desk
from tests.support.scheduling import (
    FORM,
    entries,
    letters_of,
    make_contact,
    periods,
    run,
    set_up,
    stored,
)

TOKEN = "a form token of one's own"
NEW_CLIENT: dict[str, Any] = {
    "client": "",
    "is_new_client": True,
    "client_name": " Quill  & Co ",
    "contact_name": "Ana Quill",
    "contact_email": "Ana@Quill.example",
}


def save(desk: Desk, form: ScheduleForm, *, token: str = TOKEN) -> int:
    return schedules.create(desk.jane, form, form_token=token, now=desk.now).id


def count(table: Table = schedule) -> int:
    with reading() as connection:
        return int(connection.scalar(select(func.count()).select_from(table)) or 0)


def edit(desk: Desk, made: int, *, version: int = 0, **typed: Any) -> str:
    form = replace(schedule_editor.start_edit(desk.jane, str(made), now=desk.now).form, **typed)
    saved = schedules.edit(desk.jane, made, form, version=version, now=desk.now)
    return saved.sentence


def test_a_schedule_is_set_up_as_typed(desk: Desk) -> None:
    saved = schedules.create(desk.jane, FORM, form_token=TOKEN, now=desk.now)

    kept = stored(saved.id)
    names = ("title", "frequency", "first_on", "anchor_day", "next_on", "due_days", "total_cents")
    assert {name: kept[name] for name in names} == {
        "title": "Monthly bookkeeping",
        "frequency": "Monthly",
        "first_on": date(2026, 5, 31),
        "anchor_day": 31,
        "next_on": date(2026, 5, 31),
        "due_days": 14,
        "total_cents": 10_000,
    }
    assert kept["due_at"] == datetime(2026, 5, 31, 4, tzinfo=UTC)
    assert saved.sentence == "The schedule is set up: its first invoice is made on May 31, 2026."
    assert entries(saved.id) == [
        ("Set up: $100.00, Monthly on the 31st, first on May 31, 2026", "Jane Chen")
    ]


def test_the_same_form_again_sets_up_one(desk: Desk) -> None:
    first = save(desk, FORM)

    again = schedules.create(desk.jane, FORM, form_token=TOKEN, now=desk.now)
    with pytest.raises(FormAlreadyUsed):
        save(desk, replace(FORM, title="Another"))

    assert (again.id, again.is_repeat, count()) == (first, True, 1)


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"client": ""}, "client", "Choose a client, or add a new one."),
        (
            {"client": "Nobody"},
            "client",
            "No client is called “Nobody”. Choose one from the list, or add a new one.",
        ),
        (
            {"is_new_client": True, "client_name": " "},
            "client_name",
            "Enter the client's name.",
        ),
        (
            {"is_new_client": True, "client_name": "Quill", "contact_name": "Ana"},
            "contact_email",
            "Enter the contact's email, for example ana@firm.com.",
        ),
        ({"title": " "}, "title", "Enter a title, for example Monthly bookkeeping."),
        ({"frequency": "Weekly"}, "frequency", "Choose how often."),
        (
            {"date": "2026-05-21"},
            "date",
            "A day that has passed cannot be invoiced any more. Choose a later one.",
        ),
        (
            {"date": "2026-06-15", "month_end": "on"},
            "month_end",
            "Jun 15, 2026 is not the last day of its month.",
        ),
        ({"end": "some day"}, "end", "Choose when it ends."),
        (
            {"end": "date", "ends_on": "2026-05-30"},
            "ends_on",
            "It cannot end before May 31, 2026.",
        ),
        ({"end": "count", "most": "0"}, "most", "Enter a whole number from 1 to 1,000."),
        ({"end": "count", "most": "1e3"}, "most", "Enter a whole number from 1 to 1,000."),
        ({"due_days": "-1"}, "due_days", "Enter a whole number from 0 to 365."),
        ({"engagement": "7"}, "engagement", "Choose an engagement of this client, or none."),
        ({"lines": ()}, "lines", "An invoice needs at least one line."),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    sqlite_database: str, typed: dict[str, Any], field: str, sentence: str
) -> None:
    assert sqlite_database
    desk = open_desk()

    with pytest.raises(InvalidInput) as refused:
        save(desk, replace(FORM, **typed))

    assert refused.value.problems == {field: sentence}
    assert (count(), count(client), count(contact)) == (0, 1, 0)


def test_a_new_client_is_added_with_its_contact_and_the_schedule(desk: Desk) -> None:
    saved = save(desk, replace(FORM, **NEW_CLIENT))
    again = save(desk, replace(FORM, **NEW_CLIENT))

    run(datetime(2026, 5, 31, 12, tzinfo=UTC))

    assert again == saved
    assert (count(), count(client), count(contact)) == (1, 2, 1)
    assert desk.stored("INV-1001")["client_name"] == "Quill & Co"
    assert letters_of(saved) == [("INV-1001", "ana@quill.example")]


def test_a_schedule_that_cannot_be_adds_no_client(desk: Desk) -> None:
    with pytest.raises(InvalidInput) as refused:
        save(desk, replace(FORM, **NEW_CLIENT, title=""))

    assert set(refused.value.problems) == {"title"}
    assert (count(), count(client), count(contact)) == (0, 1, 0)


def test_a_new_clients_name_that_is_known_is_found_and_not_doubled(desk: Desk) -> None:
    form = replace(FORM, **NEW_CLIENT | {"client_name": "patel family"})

    shown = schedule_editor.preview(desk.jane, form, now=desk.now)
    made = save(desk, form)

    assert shown.client_note == "Patel Family is a client already: the invoices go to it."
    assert shown.problems == {}
    assert stored(made)["client_id"] == desk.client_id
    assert (count(client), count(contact)) == (1, 1)


def test_who_does_not_see_all_clients_sees_the_one_they_added_and_takes_over_none(
    desk: Desk,
) -> None:
    sarah = desk.someone(edit_billing=True)
    form = replace(FORM, **NEW_CLIENT)

    made = schedules.create(sarah, form, form_token=TOKEN, now=desk.now).id
    with pytest.raises(InvalidInput) as taken:
        schedules.create(
            *(sarah, replace(form, client_name="Patel Family")),
            form_token="another form token",
            now=desk.now,
        )

    opened = schedule_editor.start_edit(sarah, str(made), now=desk.now)
    assert opened.form.client == "Quill & Co"
    assert taken.value.problems == {
        "client_name": "There is a client called “Patel Family” whom you may not see. "
        "Ask an owner or admin of your firm."
    }
    assert (count(), count(client)) == (1, 2)


def test_a_schedule_keeps_its_client(desk: Desk) -> None:
    made = set_up(desk)

    for typed in (NEW_CLIENT, {"client": "Quill & Co"}):
        with pytest.raises(InvalidInput) as refused:
            edit(desk, made, **typed)
        assert refused.value.problems == {
            "client": "A schedule keeps its client. Cancel it and make a new one."
        }

    assert (stored(made)["version"], count(client)) == (0, 1)


def test_it_ends_with_none_that_was_made_already(desk: Desk) -> None:
    made = set_up(desk)
    run(datetime(2026, 6, 30, 12, tzinfo=UTC))
    version = stored(made)["version"]

    with pytest.raises(InvalidInput) as refused:
        edit(desk, made, version=version, end="count", most="2")
    edit(desk, made, version=version, end="count", most="3")
    run(datetime(2026, 12, 31, 12, tzinfo=UTC))

    assert refused.value.problems == {"most": "Enter a whole number from 3 to 1,000."}
    assert periods(made) == [date(2026, 5, 31), date(2026, 6, 30), date(2026, 7, 31)]


def test_today_is_not_past(desk: Desk) -> None:
    made = set_up(desk, date="2026-05-22")

    run(desk.now)

    assert periods(made) == [date(2026, 5, 22)]


def test_who_may_not_edit_billing_sets_up_nothing(desk: Desk) -> None:
    lena = desk.someone(view_billing=True, all_clients=True)

    with pytest.raises(PermissionDenied):
        set_up(desk, by=lena)

    assert count() == 0
    assert desk.audit() == [
        "Sarah Kim was denied: set up a recurring schedule (needs Edit billing)"
    ]


def test_a_client_one_may_not_see_is_none(desk: Desk) -> None:
    with pytest.raises(InvalidInput, match="No client is called"):
        set_up(desk, by=desk.someone(edit_billing=True))


def test_an_engagement_of_another_client_is_none(desk: Desk) -> None:
    with unit_of_work() as connection:
        other = make_client(connection, desk.jane.firm_id)
        agreed = {"firm_id": desk.jane.firm_id, "client_id": other, "name": "Books"}
        key = connection.execute(insert(engagement).values(agreed | {"is_autopay_on": False}))

    with pytest.raises(InvalidInput, match="Choose an engagement of this client"):
        set_up(desk, engagement=str((key.inserted_primary_key or (0,))[0]))


def test_an_edit_changes_the_invoices_to_come_alone(desk: Desk) -> None:
    made = set_up(desk, date="2026-05-22")
    run(desk.now)

    sentence = edit(
        desk,
        made,
        version=1,
        due_days="30",
        lines=(LineForm(key="1", description="Bookkeeping", price="120"),),
    )
    run(datetime(2026, 6, 22, 12, tzinfo=UTC))

    assert sentence == "The schedule is saved. Invoices already made stay as they are."
    assert [desk.stored(f"INV-{each}")["total_cents"] for each in (1001, 1002)] == [10_000, 12_000]
    text = "Edited: amount $100.00 → $120.00, due after 14 days → 30 days"
    assert (text, "Jane Chen") in entries(made)


def test_an_edit_that_changes_nothing_says_so(desk: Desk) -> None:
    made = set_up(desk)

    assert edit(desk, made) == "The schedule was left as it is."
    assert (stored(made)["version"], len(entries(made))) == (0, 1)


def test_an_edit_of_what_moved_on_is_refused_and_its_repeat_is_not(desk: Desk) -> None:
    made = set_up(desk)
    edit(desk, made, title="New title")

    with pytest.raises(ScheduleChanged):
        edit(desk, made, title="Another title")
    form = schedule_editor.start_edit(desk.jane, str(made), now=desk.now).form
    repeated = schedules.edit(desk.jane, made, form, version=0, now=desk.now)

    assert repeated.is_repeat
    assert stored(made)["title"] == "New title"


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ({"title": "Other"}, [date(2026, 6, 30), date(2026, 7, 31)]),
        ({"month_end": ""}, [date(2026, 6, 30), date(2026, 7, 30)]),
        ({"date": "2026-07-15", "month_end": ""}, [date(2026, 7, 15), date(2026, 8, 15)]),
        ({"frequency": "Quarterly"}, [date(2026, 6, 30), date(2026, 9, 30)]),
    ],
)
def test_the_days_keep_their_anchor_unless_it_is_changed(
    sqlite_database: str, typed: dict[str, Any], days: list[date]
) -> None:
    assert sqlite_database
    desk = open_desk()
    made = set_up(desk)
    run(datetime(2026, 5, 31, 12, tzinfo=UTC))

    edit(desk, made, version=1, **typed)
    run(datetime(2026, 9, 30, 12, tzinfo=UTC))

    assert periods(made)[1:3] == days


def test_a_day_that_was_invoiced_is_not_the_next(desk: Desk) -> None:
    made = set_up(desk, date="2026-05-22")
    run(desk.now)

    with pytest.raises(InvalidInput) as refused:
        edit(desk, made, version=1, date="2026-05-22")

    assert refused.value.problems == {
        "date": "The invoice of May 22, 2026 was made already. Choose a later day."
    }


def test_what_ended_is_not_edited(desk: Desk) -> None:
    made = set_up(desk, date="2026-05-22", frequency="One-time")
    run(desk.now)

    with pytest.raises(ScheduleNotChangeable, match=r"is Completed\. You cannot edit it"):
        schedules.edit(desk.jane, made, FORM, version=1, now=desk.now)


@pytest.mark.parametrize("schedule_id", [0, -1, 10**30, "1", None, True, 1.5])
def test_ids_of_other_kinds_find_nothing(sqlite_database: str, schedule_id: object) -> None:
    assert sqlite_database
    desk = open_desk()
    set_up(desk)

    with pytest.raises(NotFound):
        schedules.edit(desk.jane, schedule_id, FORM, version=0, now=desk.now)


def test_another_firms_schedule_is_none(desk: Desk) -> None:
    made = set_up(desk)

    with pytest.raises(NotFound):
        schedules.edit(desk.stranger(), made, FORM, version=0, now=desk.now)


def test_the_preview_tells_the_days_in_words(desk: Desk) -> None:
    shown = schedule_editor.preview(desk.jane, replace(FORM, end="count", most="12"), now=desk.now)

    assert (shown.rhythm, shown.days, shown.ends, shown.total) == (
        (
            "Monthly on the 31st, due 14 days after its date. "
            "In months without a 31st, on their last day."
        ),
        ("May 31, 2026", "Jun 30, 2026", "Jul 31, 2026"),
        "Ends after 12 invoices",
        "$100.00",
    )


def test_the_preview_says_when_nobody_can_be_written_to(desk: Desk) -> None:
    def sends(**typed: Any) -> str:
        form = replace(FORM, **typed)
        return schedule_editor.preview(desk.jane, form, now=desk.now).sends

    new = NEW_CLIENT | {"contact_name": "", "contact_email": ""}
    draft = "Stays a draft: the client has no email address yet"
    sent = "Sent to the client by email as soon as it is made"
    before = sends()
    make_contact(desk.client_id)

    assert (before, sends()) == (draft, sent)
    assert (sends(**new), sends(**NEW_CLIENT), sends(client="")) == (draft, sent, sent)
    assert sends(sends="", **new) == "Stays a draft until somebody sends it"


def test_nothing_that_is_typed_breaks_the_preview(sqlite_database: str) -> None:
    assert sqlite_database
    desk = open_desk()

    names = {each.name for each in fields(ScheduleForm)} - {"lines", "is_new_client"}
    for wrong in ("", "abc", "\x00", "9" * 400, "0000-00-00"):
        for is_new in (False, True):
            typed: dict[str, Any] = dict.fromkeys(names, wrong)
            form = ScheduleForm(**typed, is_new_client=is_new)
            shown = schedule_editor.preview(desk.jane, form, now=desk.now)
            assert {"frequency", "date"} <= set(shown.problems)
            assert is_new or shown.problems["client"]


def test_lines_are_kept_once(desk: Desk) -> None:
    made = set_up(desk)
    edit(
        desk,
        made,
        lines=(
            LineForm(key="1", description="Bookkeeping", price="60"),
            LineForm(key="2", description="Payroll", price="40"),
        ),
    )

    with reading() as connection:
        rows = connection.execute(
            select(schedule_line.c.position, schedule_line.c.description)
            .where(schedule_line.c.schedule_id == made)
            .order_by(schedule_line.c.position)
        ).all()
    assert [tuple(row) for row in rows] == [(1, "Bookkeeping"), (2, "Payroll")]
    assert entries(made)[-1] == ("Edited: line items", "Jane Chen")
