"""What the form of a schedule that goes on like an invoice opens with (R123)."""

from datetime import date

import pytest
from sqlalchemy import func, select

from assure_app.billing import invoice_editing, schedule_changes, schedules
from assure_app.billing.reading import schedule_editor, schedule_like
from assure_app.billing.reading.editor_form import LineForm
from assure_app.billing.reading.invoice_form import InvoiceForm
from assure_app.billing.reading.schedule_like import NotRepeatable
from assure_app.billing.reading.schedule_rows import ScheduleForm, ScheduleStart
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.calendar import long_day_text
from assure_app.domain.errors import NotFound, PermissionDenied
from assure_app.models import Engagement
from assure_app.models.tables import schedule
from tests.factories import MOMENT, insert
from tests.support.desk import Desk, open_desk
from tests.support.scheduling import entries, run, set_up

LINES = (
    LineForm(key="1", description="Bookkeeping", quantity="1.5", price="200.00", tax="8.875"),
    LineForm(key="2", description="Filing fee", quantity="1", price="45.50"),
)


def like(desk: Desk, number: str) -> ScheduleStart:
    return schedule_like.start(desk.jane, number, now=desk.now)


def test_it_is_the_invoice_monthly_from_a_month_later(desk: Desk) -> None:
    with unit_of_work() as connection:
        of_client = {"firm_id": desk.jane.firm_id, "client_id": desk.client_id}
        books = insert(connection, Engagement, **of_client, name="Family office")
    invoiced = InvoiceForm(
        client="Patel Family",
        engagement=str(books),
        title="May bookkeeping",
        date="2026-05-15",
        due="2026-06-05",
        lines=LINES,
    )
    token = "the form token of the invoice"
    number = invoice_editing.save_new(
        desk.jane, invoiced, suggestion="", form_token=token, now=desk.now
    ).number

    start = like(desk, number)
    shown = schedule_editor.preview(desk.jane, start.form, now=desk.now)
    saved = schedules.create(desk.jane, start.form, form_token=start.form_token, now=desk.now)

    assert (start.like, start.href, start.schedule_id) == (number, f"/invoices?invoice={number}", 0)
    assert start.like_note == f"Filled in like {number}. Nothing is set up until you save it."
    assert start.form == ScheduleForm(
        client="Patel Family",
        engagement=str(books),
        title="May bookkeeping",
        frequency="Monthly",
        date="2026-06-15",
        due_days="21",
        sends="on",
        lines=LINES,
    )
    assert (shown.total, shown.problems) == ("$372.13", {})
    assert entries(saved.id)[0][0] == "Set up: $372.13, Monthly on the 15th, first on Jun 15, 2026"


def test_opening_it_sets_nothing_up(desk: Desk) -> None:
    number = desk.invoice()

    like(desk, number)

    with reading() as connection:
        assert connection.scalar(select(func.count()).select_from(schedule)) == 0


@pytest.mark.parametrize(
    ("issued_on", "first", "month_end", "then"),
    [
        (date(2026, 5, 22), "2026-06-22", "", "2026-07-22"),
        (date(2026, 4, 22), "2026-05-22", "", "2026-06-22"),
        (date(2025, 1, 10), "2026-06-10", "", "2026-07-10"),
        (date(2026, 5, 31), "2026-06-30", "on", "2026-07-31"),
        (date(2027, 1, 30), "2027-02-28", "on", "2027-03-31"),
        (date(2026, 4, 30), "2026-05-30", "", "2026-06-30"),
    ],
)
def test_the_first_date_is_a_month_later_or_the_next_that_has_not_passed(
    sqlite_database: str, issued_on: date, first: str, month_end: str, then: str
) -> None:
    assert sqlite_database
    desk = open_desk()
    number = desk.invoice(issued_on=issued_on, due_on=issued_on, title="Bookkeeping")

    form = like(desk, number).form
    shown = schedule_editor.preview(desk.jane, form, now=desk.now)

    assert (form.date, form.month_end, form.due_days) == (first, month_end, "0")
    assert shown.problems == {}
    wanted = tuple(long_day_text(date.fromisoformat(day)) for day in (first, then))
    assert shown.days[:2] == wanted


def test_after_the_last_month_there_is_a_date_to_type(sqlite_database: str) -> None:
    assert sqlite_database
    desk = open_desk()
    number = desk.invoice(issued_on=date(2099, 12, 5), due_on=date(2099, 12, 5))

    assert like(desk, number).form.date == ""


def test_what_a_standing_schedule_made_says_that_there_would_be_two(desk: Desk) -> None:
    made = set_up(desk, date="2026-05-22")
    run(desk.now)

    standing = like(desk, "INV-1001").like_note
    asked = schedule_changes.start(desk.jane, "cancel", made, now=desk.now)
    schedule_changes.change(
        *(desk.jane, "cancel", made), version=asked.version, expected=asked.expected, now=desk.now
    )
    cancelled = like(desk, "INV-1001").like_note

    assert standing == (
        "INV-1001 was made by the schedule “Monthly bookkeeping” already. "
        "Saved, this becomes another schedule beside it."
    )
    assert cancelled == "Filled in like INV-1001. Nothing is set up until you save it."


def test_a_cancelled_invoice_is_not_gone_on_with(desk: Desk) -> None:
    number = desk.invoice(cancelled_at=MOMENT)

    with pytest.raises(NotRepeatable) as refusal:
        like(desk, number)

    assert refusal.value.sentence == (
        f"{number} is cancelled. A cancelled invoice cannot be made recurring."
    )


def test_an_invoice_one_may_not_see_is_not_there(desk: Desk) -> None:
    number = desk.invoice()

    for somebody in (desk.stranger(), desk.someone(edit_billing=True)):
        with pytest.raises(NotFound, match="This invoice does not exist, or you may not see it"):
            schedule_like.start(somebody, number, now=desk.now)
    for hostile in ("", "INV-0", "\x00", "x" * 5_000, "' or 1=1 --"):
        with pytest.raises(NotFound):
            like(desk, hostile)


def test_who_may_not_edit_billing_gets_no_form(desk: Desk) -> None:
    number = desk.invoice()
    lena = desk.someone(view_billing=True, all_clients=True)

    with pytest.raises(PermissionDenied):
        schedule_like.start(lena, number, now=desk.now)

    assert desk.audit() == [
        "Sarah Kim was denied: set up a recurring schedule (needs Edit billing)"
    ]


def test_days_that_a_schedule_cannot_have_are_said_and_not_cut(sqlite_database: str) -> None:
    assert sqlite_database
    desk = open_desk()
    number = desk.invoice(due_on=date(2028, 5, 1), title="Bookkeeping")

    start = like(desk, number)
    shown = schedule_editor.preview(desk.jane, start.form, now=desk.now)

    assert start.form.due_days == "731"
    assert shown.problems == {"due_days": "Enter a whole number from 0 to 365."}
