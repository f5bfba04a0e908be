"""The invoice editor of one tab (R141)."""

from typing import Any

import pytest
from sqlalchemy import select

from assure_app.billing import invoices
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.models import tables
from assure_app.states.invoice_editor import InvoiceEditor
from tests.states.conftest import OpenTab, set_owner
from tests.states.support import Heard, Tab
from tests.states.test_invoice_list import asked_of_browser
from tests.support.desk import Desk

WRONG_VALUES: tuple[Any, ...] = (12.7, -5000, 10**30, "abc", None, True, {}, [], "\0", [{}])
FORM = {
    "client": "Patel Family",
    "engagement": "",
    "number": "INV-1001",
    "title": "Spring",
    "date": "2026-05-22",
    "due": "2026-06-21",
    "description-1": "Advice",
    "quantity-1": "1.5",
    "price-1": "200",
    "tax-1": "8.875",
    "then": "",
}


@pytest.fixture
def new(desk: Desk, tab_of: OpenTab) -> Tab:
    """A tab of the firm's owner at the form of a new invoice, not opened yet."""
    return tab_of(desk.jane, "/invoices/new")


def stored() -> list[tuple[str, int, str]]:
    columns = tables.invoice.c
    with reading() as connection:
        rows = connection.execute(select(columns.number, columns.total_cents, columns.title))
        return [tuple(row) for row in rows]


def row_texts(heard: Heard) -> list[tuple[str, str, str, str]]:
    return [(row.position, row.description, row.quantity, row.amount) for row in heard.var("lines")]


async def test_a_new_form_begins_with_number_dates_and_one_line(new: Tab) -> None:
    heard = await new.open()

    start = heard.var("start")
    assert (start.form.number, start.form.date, start.form.due) == (
        "INV-1001",
        "2026-05-22",
        "2026-06-21",
    )
    assert row_texts(heard) == [("1", "", "1", "")]
    assert [choice.name for choice in heard.var("matches")] == ["Patel Family"]
    assert set((await new.state(InvoiceEditor)).problems.values()) == {""}


async def test_typing_shows_amounts_and_sums_and_writes_nothing(new: Tab) -> None:
    await new.open()

    heard = await new.fire(InvoiceEditor.typed, FORM)

    preview = heard.var("preview")
    assert (preview.subtotal, preview.tax, preview.total) == ("$300.00", "$26.63", "$326.63")
    assert row_texts(heard) == [("1", "Advice", "1.5", "$300.00")]
    assert stored() == []


async def test_a_field_is_called_wrong_while_typed_into_and_an_empty_one_once_refused(
    new: Tab,
) -> None:
    await new.open()

    typed = await new.fire(InvoiceEditor.typed, FORM | {"price-1": "10^12", "description-1": ""})
    (row,) = typed.var("lines")
    refused = await new.fire(InvoiceEditor.save, FORM | {"price-1": "", "client": ""})
    (after,) = refused.var("lines")

    assert (row.price_problem, row.description_problem) == (
        "Enter the amount as a number, for example 1,500.00.",
        "",
    )
    assert after.price_problem == "Enter a price, for example 150.00."
    assert refused.var("problems")["client"] == "Choose a client, or add a new one."
    assert "refused" in asked_of_browser(refused)
    assert stored() == []


async def test_saving_goes_to_the_invoice_and_says_so(new: Tab) -> None:
    await new.open()

    heard = await new.fire(InvoiceEditor.save, FORM)

    assert stored() == [("INV-1001", 32_663, "Spring")]
    assert heard.redirect == "/invoices?invoice=INV-1001"
    assert "INV-1001 is saved as a draft." in heard.text
    assert "saved" in asked_of_browser(heard)


async def test_a_draft_saved_to_be_sent_opens_with_the_send_dialog(new: Tab) -> None:
    await new.open()

    heard = await new.fire(InvoiceEditor.save, FORM | {"then": "send"})

    assert heard.redirect == "/invoices?invoice=INV-1001&send=1"


async def test_a_form_sent_twice_is_one_invoice(new: Tab) -> None:
    await new.open()

    await new.fire(InvoiceEditor.save, FORM)
    await new.fire(InvoiceEditor.save, FORM)

    assert len(stored()) == 1


async def test_lines_come_and_go_and_the_others_keep_what_is_typed(new: Tab) -> None:
    await new.open()
    added = await new.fire(InvoiceEditor.add_line, FORM)
    two = FORM | {"description-2": "Fee", "quantity-2": "2", "price-2": "10", "tax-2": ""}

    third = await new.fire(InvoiceEditor.add_line, two)
    removed = await new.fire(InvoiceEditor.remove_line, "1", two | {"quantity-3": "1"})

    assert "invoice-editor-description-2" in asked_of_browser(added)
    assert [row.key for row in third.var("lines")] == ["1", "2", "3"]
    assert row_texts(removed) == [("1", "Fee", "2", "$20.00"), ("2", "", "1", "")]
    assert "invoice-editor-add-line" in asked_of_browser(removed)


async def test_a_hundred_lines_are_the_most(new: Tab) -> None:
    await new.open()

    for _ in range(101):
        await new.fire(InvoiceEditor.add_line, {})

    assert len((await new.state(InvoiceEditor)).lines) == 100


async def test_the_clients_that_match_follow_what_is_typed(new: Tab) -> None:
    await new.open()

    none = await new.fire(InvoiceEditor.typed, FORM | {"client": "Nobody"})
    some = await new.fire(InvoiceEditor.typed, FORM | {"client": "pat"})

    assert none.var("matches") == ()
    assert none.var("problems")["client"].startswith("No client is called “Nobody”.")
    assert [choice.name for choice in some.var("matches")] == ["Patel Family"]
    assert some.var("problems")["client"] == ""


async def test_a_new_client_takes_the_name_typed_along_and_is_saved(new: Tab) -> None:
    await new.open()

    switched = await new.fire(InvoiceEditor.switch_client, FORM | {"client": "Quill & Co"})
    form = {name: text for name, text in FORM.items() if name not in {"client", "engagement"}}
    person = {"contact_name": "Ana", "contact_email": "ana@quill.example"}
    await new.fire(InvoiceEditor.save, form | {"client_name": "Quill & Co"} | person)

    begun = switched.var("start").form
    assert (begun.is_new_client, begun.client_name) == (True, "Quill & Co")
    with reading() as connection:
        names = select(tables.invoice.c.client_name, tables.contact.c.email).join(
            tables.contact, tables.contact.c.client_id == tables.invoice.c.client_id
        )
        assert [tuple(row) for row in connection.execute(names)] == [
            ("Quill & Co", "ana@quill.example")
        ]


async def test_a_reload_keeps_what_was_typed_and_leaving_does_not(new: Tab) -> None:
    await new.open()
    await new.fire(InvoiceEditor.typed, FORM)

    await new.open()
    reloaded = await new.state(InvoiceEditor)
    kept = (reloaded.start.form.title, reloaded.lines[0].description, reloaded.lines[0].amount)
    await new.fire(InvoiceEditor.discard)
    await new.open()
    anew = await new.state(InvoiceEditor)

    assert kept == ("Spring", "Advice", "$300.00")
    assert (anew.start.form.title, [line.description for line in anew.lines]) == ("", [""])


async def test_what_was_typed_last_may_arrive_after_the_form_was_left(new: Tab) -> None:
    await new.open()
    await new.fire(InvoiceEditor.discard)
    await new.fire(InvoiceEditor.typed, FORM)

    await new.open()

    anew = await new.state(InvoiceEditor)
    assert anew.start.form_token
    assert [line.description for line in anew.lines] == [""]


async def test_an_edit_opens_with_the_invoice_and_saves_onto_it(
    desk: Desk, tab_of: OpenTab
) -> None:
    number = desk.invoice()
    tab = tab_of(desk.jane, f"/invoices/edit?invoice={number}")
    opened = await tab.open()

    heard = await tab.fire(InvoiceEditor.save, typed_of(opened) | {"price-1": "1200"})

    assert opened.var("start").is_sent
    assert stored() == [(number, 120_000, "")]
    assert heard.redirect == f"/invoices?invoice={number}"


async def test_an_edit_over_somebody_else_s_keeps_all_that_was_typed(
    desk: Desk, tab_of: OpenTab
) -> None:
    number = desk.invoice(draft=True)
    tab = tab_of(desk.jane, f"/invoices/edit?invoice={number}")
    typed = typed_of(await tab.open()) | {"title": "Corrected"}
    with unit_of_work() as connection:
        text = "Invoice sent to client (email)"
        invoices.mark_sent(connection, desk.jane, number, text=text, now=desk.now)

    refused = await tab.fire(InvoiceEditor.save, typed)
    anew = await tab.fire(InvoiceEditor.open_anew)

    assert refused.var("problems")["form"].startswith(
        f"{number} was sent by you at 11:00 AM while you were editing. Nothing was saved."
    )
    assert refused.var("is_stale")
    assert refused.redirect == ""
    assert stored() == [(number, 100_000, "")]
    assert anew.var("start").is_sent
    assert anew.var("is_stale") is False


@pytest.mark.parametrize("number", ["INV-0", "", "%00"])
async def test_an_invoice_that_is_not_there_has_no_form(
    desk: Desk, tab_of: OpenTab, number: str
) -> None:
    tab = tab_of(desk.jane, f"/invoices/edit?invoice={number}")

    await tab.open()

    state = await tab.state(InvoiceEditor)
    assert (state.start.form_token, state.is_loaded) == ("", True)
    assert state.closed_text == "This invoice does not exist, or you may not see it."


async def test_without_edit_billing_there_is_no_form_and_no_saving(
    desk: Desk, tab_of: OpenTab
) -> None:
    viewer = desk.someone()
    tab = tab_of(viewer, "/invoices/new")

    opened = await tab.open()
    heard = await tab.fire(InvoiceEditor.save, FORM)

    state = await tab.state(InvoiceEditor)
    assert (state.may_edit, state.start.form_token) == (False, "")
    assert "Patel" not in opened.text + heard.text
    assert "Edit billing" in heard.text
    assert stored() == []
    assert desk.audit() == ["Sarah Kim was denied: create or edit an invoice (needs Edit billing)"]


async def test_who_lost_the_right_meanwhile_keeps_nothing_of_the_form(desk: Desk, new: Tab) -> None:
    await new.open()
    await new.fire(InvoiceEditor.typed, FORM)
    set_owner(desk.jane, is_owner=False)

    await new.open()

    state = await new.state(InvoiceEditor)
    assert (state.start.form_token, state.lines, state.matches) == ("", (), ())


async def test_wrong_types_end_in_a_sentence_and_never_in_an_error(new: Tab) -> None:
    await new.open()
    name = InvoiceEditor.get_full_name()

    for value in WRONG_VALUES:
        for handler in ("typed", "add_line", "switch_client", "save"):
            await new.fire_raw(f"{name}.{handler}", {"form": value})
            await new.fire_raw(f"{name}.{handler}", {"form": dict.fromkeys(FORM, value)})
        await new.fire_raw(f"{name}.remove_line", {"key": value, "form": value})

    assert stored() == []


def typed_of(heard: Heard) -> dict[str, str]:
    """What stands in the form of an edit that was just opened."""
    form = heard.var("start").form
    (line,) = heard.var("lines")
    return {
        "client": form.client,
        "engagement": form.engagement,
        "number": form.number,
        "title": form.title,
        "date": form.date,
        "due": form.due,
        "description-1": line.description,
        "quantity-1": line.quantity,
        "price-1": line.price,
        "tax-1": line.tax,
    }
