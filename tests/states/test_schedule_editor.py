"""The schedule editor of one tab (R123)."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from assure_app.db.unit_of_work import reading
from assure_app.models import tables
from assure_app.states.schedule_editor import ScheduleEditor
from tests.states.conftest import OpenTab
from tests.states.support import Heard, Tab
from tests.states.test_invoice_list import asked_of_browser
from tests.support.desk import Desk

WRONG_VALUES: tuple[Any, ...] = (12.7, -5000, 10**30, "abc", None, True, {}, [], "\0", [{}])
FORM = {
    "client": "Patel Family",
    "engagement": "",
    "title": "Bookkeeping",
    "frequency": "Monthly",
    "date": "2026-05-31",
    "end": "never",
    "due_days": "14",
    "sends": "on",
    "description-1": "Bookkeeping",
    "quantity-1": "1.5",
    "price-1": "200",
    "tax-1": "8.875",
}


@pytest.fixture
def new(desk: Desk, tab_of: OpenTab) -> Tab:
    """A tab of the firm's owner at the form of a new schedule, not opened yet."""
    return tab_of(desk.jane, "/recurring/new")


def stored() -> list[tuple[str, str, int]]:
    wanted = select(tables.client.c.name, tables.schedule.c.title, tables.schedule.c.total_cents)
    with reading() as connection:
        of_client = tables.schedule.c.client_id == tables.client.c.id
        return [tuple(row) for row in connection.execute(wanted.where(of_client))]


def clients() -> int:
    with reading() as connection:
        return int(connection.scalar(select(func.count()).select_from(tables.client)) or 0)


async def test_a_schedule_is_seen_to_come_to_something_and_saved(new: Tab) -> None:
    await new.open()

    typed = await new.fire(ScheduleEditor.typed, FORM)
    shown = typed.var("preview")
    before = stored()
    saved = await new.fire(ScheduleEditor.save, FORM)

    assert (shown.total, shown.days[:2]) == ("$326.63", ("May 31, 2026", "Jun 30, 2026"))
    assert (before, stored()) == ([], [("Patel Family", "Bookkeeping", 32_663)])
    assert saved.redirect == "/recurring?schedule=1"
    assert "its first invoice is made on May 31, 2026." in saved.text
    assert "saved" in asked_of_browser(saved)


async def test_lines_come_and_go_and_an_empty_field_is_wrong_once_refused(new: Tab) -> None:
    await new.open()

    added = await new.fire(ScheduleEditor.add_line, FORM)
    removed = await new.fire(ScheduleEditor.remove_line, "2", FORM)
    refused = await new.fire(ScheduleEditor.save, FORM | {"title": "", "price-1": ""})

    assert "schedule-editor-description-2" in asked_of_browser(added)
    assert [row.key for row in removed.var("lines")] == ["1"]
    assert removed.var("lines")[0].price_problem == ""
    (row,) = refused.var("lines")
    assert row.price_problem == "Enter a price, for example 150.00."
    assert refused.var("problems")["title"] == "Enter a title, for example Monthly bookkeeping."
    assert "refused" in asked_of_browser(refused)
    assert stored() == []


async def test_fields_that_are_not_on_the_page_keep_what_was_typed(new: Tab) -> None:
    await new.open()

    await new.fire(ScheduleEditor.typed, FORM | {"end": "count"})
    await new.fire(ScheduleEditor.typed, FORM | {"end": "count", "most": "12"})
    await new.fire(ScheduleEditor.typed, FORM | {"end": "count", "most": "12"} | ONCE)
    once = {name: text for name, text in FORM.items() if name != "end"} | ONCE
    await new.fire(ScheduleEditor.typed, once)
    heard = await new.fire(ScheduleEditor.typed, once | {"frequency": "Quarterly"})

    form = heard.var("start").form
    assert (form.end, form.most) == ("count", "12")
    assert heard.var("preview").ends == "Ends after 12 invoices"


ONCE = {"frequency": "One-time"}


async def test_a_new_client_takes_the_name_typed_along_and_is_saved_once(new: Tab) -> None:
    await new.open()
    begun = without_client() | {"client": "Quill & Co"}

    switched = await new.fire(ScheduleEditor.switch_client, begun)
    form = without_client() | {"client_name": "Quill & Co"} | PERSON
    saved = await new.fire(ScheduleEditor.save, form)
    await new.fire(ScheduleEditor.save, form)

    start = switched.var("start").form
    assert (start.is_new_client, start.client_name) == (True, "Quill & Co")
    assert "schedule-editor-client_name" in asked_of_browser(switched)
    assert saved.redirect == "/recurring?schedule=1"
    assert (stored(), clients()) == ([("Quill & Co", "Bookkeeping", 32_663)], 2)


async def test_going_back_to_a_client_that_is_there_adds_none(new: Tab) -> None:
    await new.open()
    await new.fire(ScheduleEditor.switch_client, FORM)

    back = await new.fire(ScheduleEditor.switch_client, without_client() | PERSON)
    await new.fire(ScheduleEditor.save, FORM)

    assert not back.var("start").form.is_new_client
    assert "schedule-editor-client" in asked_of_browser(back)
    assert (stored(), clients()) == ([("Patel Family", "Bookkeeping", 32_663)], 1)


async def test_a_schedule_that_is_there_cannot_go_to_a_new_client(new: Tab) -> None:
    await new.open()
    await new.fire(ScheduleEditor.save, FORM)
    new.address = "/recurring/edit?schedule=1"
    await new.open()

    heard = await new.fire(ScheduleEditor.switch_client, FORM)
    await new.fire(ScheduleEditor.save, FORM | {"title": "Other"} | PERSON)

    assert not heard.var("start").form.is_new_client
    assert (stored(), clients()) == ([("Patel Family", "Other", 32_663)], 1)


PERSON = {"contact_name": "Ana", "contact_email": "ana@quill.example"}


def without_client() -> dict[str, str]:
    """What is on the page beside the fields of a new client."""
    return {name: text for name, text in FORM.items() if name not in {"client", "engagement"}}


async def test_an_address_that_names_an_invoice_opens_filled_in_like_it(
    desk: Desk, new: Tab
) -> None:
    number = desk.invoice(title="Advice", issued_on=date(2026, 5, 22))
    new.address = f"/recurring/new?like={number}"

    opened = await new.open()
    start, (row,) = opened.var("start"), opened.var("lines")
    written = stored()
    saved = await new.fire(ScheduleEditor.save, FORM | {"date": start.form.date})

    assert (start.like, start.form.client, start.form.title) == (number, "Patel Family", "Advice")
    assert (start.form.date, row.description, row.amount) == (
        "2026-06-22",
        "Tax return",
        "$1,000.00",
    )
    assert written == []
    assert saved.redirect == "/recurring?schedule=1"


async def test_what_was_typed_for_one_invoice_is_not_kept_for_another(desk: Desk, new: Tab) -> None:
    first, second = desk.invoice(title="First"), desk.invoice(title="Second")
    titles = []
    for address in ("/recurring/new", *(f"/recurring/new?like={n}" for n in (first, second))):
        new.address = address
        opened = await new.open()
        titles.append(opened.var("start").form.title)
        await new.fire(ScheduleEditor.typed, FORM | {"title": "Typed"})
        await new.open()
        titles.append((await new.state(ScheduleEditor)).start.form.title)

    assert titles == ["", "Typed", "First", "Typed", "Second", "Typed"]


@pytest.mark.parametrize("number", ["INV-0", "%00", "9" * 400])
async def test_an_invoice_that_is_not_there_has_no_form(new: Tab, number: str) -> None:
    new.address = f"/recurring/new?like={number}"

    await new.open()

    state = await new.state(ScheduleEditor)
    assert (state.start.form_token, state.lines, state.is_loaded) == ("", (), True)
    assert state.closed_text == "This invoice does not exist, or you may not see it."


async def test_without_edit_billing_there_is_no_form_and_no_saving(
    desk: Desk, tab_of: OpenTab
) -> None:
    number = desk.invoice()
    tab = tab_of(desk.someone(view_billing=True), f"/recurring/new?like={number}")

    opened = await tab.open()
    heard = await fire_every_handler(tab, FORM)

    state = await tab.state(ScheduleEditor)
    assert (state.may_edit, state.start.form_token) == (False, "")
    assert "Patel" not in opened.text + heard.text
    assert "Edit billing" in heard.text
    assert stored() == []
    assert "Sarah Kim was denied: set up or edit a recurring schedule (needs Edit billing)" in (
        desk.audit()
    )


async def fire_every_handler(tab: Tab, form: Any) -> Heard:
    """Each handler that takes the form, by name, as a hostile client would."""
    name = ScheduleEditor.get_full_name()
    for handler in ("typed", "add_line", "switch_client"):
        await tab.fire_raw(f"{name}.{handler}", {"form": form})
    await tab.fire_raw(f"{name}.remove_line", {"key": form, "form": form})
    return await tab.fire_raw(f"{name}.save", {"form": form})


async def test_wrong_types_end_in_a_sentence_and_never_in_an_error(new: Tab) -> None:
    await new.open()

    for value in WRONG_VALUES:
        await fire_every_handler(new, value)
        await fire_every_handler(new, dict.fromkeys(FORM, value))

    assert (stored(), clients()) == ([], 1)
