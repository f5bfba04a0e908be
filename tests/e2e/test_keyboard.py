"""Everything by keyboard alone (R145)."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.office import (
    Office,
    badge,
    dialog,
    drawer,
    field,
    list_row,
    open_record,
    record,
    section,
)

pytestmark = pytest.mark.browser


def row_link(page: Page, number: str) -> None:
    expect(list_row(page, number).get_by_role("link")).to_be_focused()


def test_a_payment_from_the_search_to_the_record_without_a_mouse(office: Office) -> None:
    client_id = office.client("Keystroke Partners")
    older = office.invoice(30_000, client_id=client_id, age=3)
    newer = office.invoice(20_000, client_id=client_id, age=2)
    page = office.open()
    keys = page.keyboard

    keys.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    keys.type("Keystroke")
    expect(page.locator(".list tbody tr[data-number]")).to_have_count(2)
    keys.press("Escape")
    expect(page.get_by_role("searchbox")).not_to_be_focused()
    keys.press("j")
    row_link(page, newer)
    keys.press("j")
    row_link(page, older)
    keys.press("j")
    row_link(page, older)
    keys.press("k")
    row_link(page, newer)
    keys.press("j")
    keys.press("Enter")
    expect(drawer(page).get_by_role("heading", name=older)).to_be_focused()

    keys.press("p")
    expect(field(page, "Amount")).to_be_focused()
    keys.type("120")
    for label in ("Date", "Check", "Reference", "Notes"):
        for _ in range(4):  # A date is three fields and a button in one.
            keys.press("Tab")
            if field(page, label).evaluate("field => field === document.activeElement"):
                break
        expect(field(page, label)).to_be_focused()
        if label == "Check":
            keys.press("ArrowRight")
            expect(field(page, "Wire")).to_be_checked()
        if label == "Reference":
            keys.type("FT-9")
    keys.press("Tab")
    expect(dialog(page).get_by_role("button", name="Cancel")).to_be_focused()
    keys.press("Tab")
    expect(dialog(page).get_by_role("button", name="Record", exact=True)).to_be_focused()
    keys.press("Enter")

    expect(dialog(page)).to_be_hidden()
    expect(badge(page)).to_have_text("Partially paid")
    expect(drawer(page).get_by_role("button", name="Record payment")).to_be_focused()
    (row,) = office.rows(older)
    assert (row["amount_cents"], row["method"], row["reference"]) == (12_000, "Wire", "FT-9")
    keys.press("Escape")
    expect(drawer(page)).to_have_count(0)
    row_link(page, older)


def test_escape_gives_the_focus_back_to_what_opened_the_dialog(office: Office) -> None:
    number = office.invoice()
    page = office.open_invoice(number)
    record(page, "10")
    expect(section(page, "Payments").get_by_role("listitem")).to_have_count(1)

    open_record(page)
    field(page, "Notes").focus()
    page.keyboard.press("Escape")
    expect(dialog(page)).to_be_hidden()
    expect(drawer(page)).to_be_visible()
    expect(drawer(page).get_by_role("button", name="Record payment")).to_be_focused()

    refund = section(page, "Payments").get_by_role("button", name="Refund")
    refund.focus()
    page.keyboard.press("Enter")
    expect(field(page, "Amount")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog(page, "Refund")).to_be_hidden()
    expect(refund).to_be_focused()


def test_the_focus_stays_inside_an_open_dialog(office: Office) -> None:
    page = office.open_invoice(office.invoice())
    open_record(page)
    # The body stands for the browser's own bar, which Tab passes through.
    inside = "document.activeElement.matches('body, dialog[open], dialog[open] *')"

    for _ in range(14):
        page.keyboard.press("Tab")
        assert page.evaluate(inside)
    for _ in range(14):
        page.keyboard.press("Shift+Tab")
        assert page.evaluate(inside)


def test_keys_do_nothing_while_a_person_types(office: Office) -> None:
    page = office.open_invoice(office.invoice())
    open_record(page)

    field(page, "Notes").press_sequentially("jp/k?")

    expect(field(page, "Notes")).to_have_value("jp/k?")
    expect(page.locator("dialog[open]")).to_have_count(1)


def test_the_keys_are_listed_on_a_question_mark(office: Office) -> None:
    page = office.open()

    page.keyboard.press("?")

    keys = dialog(page, "Keys")
    expect(keys).to_be_visible()
    for text in ("Search", "Record payment", "Open"):
        expect(keys).to_contain_text(text)
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()


def test_after_a_whole_refund_the_focus_is_not_lost(office: Office) -> None:
    page = office.open_invoice(office.invoice())
    record(page)
    expect(badge(page)).to_have_text("Paid")
    refund = section(page, "Payments").get_by_role("button", name="Refund")
    refund.focus()
    page.keyboard.press("Enter")
    expect(field(page, "Amount")).to_be_focused()
    field(page, "Reason").select_option("Duplicate")
    dialog(page, "Refund").get_by_role("button", name="Refund", exact=True).press("Enter")

    expect(badge(page)).to_have_text("Sent")
    expect(dialog(page, "Refund")).to_be_hidden()

    page.wait_for_function("document.querySelector('.drawer').contains(document.activeElement)")


def test_tiles_and_headers_are_buttons_that_enter_presses(office: Office) -> None:
    page = office.open()

    tile = page.get_by_role("group", name="Filter by state").get_by_role("button", name="Overdue")
    tile.focus()
    page.keyboard.press("Enter")
    expect(tile).to_have_attribute("aria-pressed", "true")
    expect(tile).to_be_focused()
    header = page.get_by_role("columnheader", name="Total").get_by_role("button")
    header.focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("columnheader", name="Total")).to_have_attribute(
        "aria-sort", "descending"
    )
    expect(header).to_be_focused()
