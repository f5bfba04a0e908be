"""Invoices ticked in the list and sent at once (R140)."""

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import insert

from assure_app.models.tables import contact
from tests.e2e.office import (
    LENA,
    MARCUS,
    Office,
    dialog,
    drawer,
    list_row,
    press,
    tile,
)
from tests.e2e.test_list import rows
from tests.e2e.test_toasts import rename, rest_on, toast

pytestmark = pytest.mark.browser
BO = "bo@bulk.example"
IS_FOCUSED = "each => each === document.activeElement"


@pytest.fixture
def drafts(office: Office) -> list[str]:
    """Three drafts of one client, newest first, whose contact has an address."""
    client_id = office.client()
    office.write(insert(contact).values(client_id=client_id, name="Bo", email=BO))
    return [office.invoice(client_id=client_id, age=age, is_sent=False) for age in (1, 2, 3)]


def tick(page: Page, number: str) -> Locator:
    return page.get_by_role("checkbox", name=f"Select {number}", exact=True)


def bar(page: Page) -> Locator:
    return page.get_by_role("region", name="Selection")


def of_these(numbers: list[str]) -> str:
    """The address of a list that holds these invoices of the fixture's client."""
    return "/invoices?q=" + numbers[0]


def test_one_is_refused_because_another_person_sent_it_first(
    office: Office, drafts: list[str]
) -> None:
    first, taken, _ = drafts
    jane = office.open()
    for number in (first, taken):
        tick(jane, number).check()
    expect(bar(jane)).to_contain_text("2 selected · $2,000.00")
    bar(jane).get_by_role("button", name="Send", exact=True).click()
    expect(dialog(jane, "Send invoices")).to_contain_text("Will be sent · 2")
    expect(dialog(jane, "Send invoices")).to_contain_text(BO)

    marcus = office.open(email=MARCUS)
    tick(marcus, taken).check()
    bar(marcus).get_by_role("button", name="Send", exact=True).click()
    press(marcus, "Send 1 invoice")
    expect(marcus.get_by_text("Sent 1 invoice.")).to_be_visible()
    expect(dialog(marcus, "Send invoices")).to_be_hidden()
    expect(bar(marcus)).to_have_count(0)

    expect(dialog(jane, "Send invoices")).to_contain_text("Will not be sent · 1")
    press(jane, "Send 1 invoice")
    expect(jane.get_by_text("Sent 1 invoice.")).to_be_visible()
    for number in (first, taken):
        expect(list_row(jane, number).locator(".badge")).to_have_text("Sent")
    expect(tick(jane, taken)).to_be_checked()
    expect(tick(jane, first)).not_to_be_checked()


def test_what_was_not_sent_is_said_above_the_dialog_that_stays_open(
    office: Office, drafts: list[str]
) -> None:
    page = office.open()
    for number in drafts[:2]:
        tick(page, number).check()
    bar(page).get_by_role("button", name="Send", exact=True).click()
    expect(dialog(page, "Send invoices")).to_contain_text("Will be sent · 2")
    rename(office, drafts[1], f"{drafts[1]}-X")

    press(page, "Send 2 invoices")
    warning = toast(page, "Sent 1 invoice")

    expect(dialog(page, "Send invoices")).to_contain_text("This invoice does not exist")
    assert rest_on(page, warning)
    for _ in range(4):
        page.keyboard.press("Tab")
        if warning.get_by_role("button", name="Close").evaluate(IS_FOCUSED):
            break
    page.keyboard.press("Enter")
    expect(warning).to_have_count(0)
    page.keyboard.press("Escape")
    expect(dialog(page, "Send invoices")).to_be_hidden()
    expect(page.locator("body > section[aria-live]")).to_have_count(1)
    rename(office, f"{drafts[1]}-X", drafts[1])


def test_a_double_press_sends_each_once(office: Office, drafts: list[str]) -> None:
    page = office.open()
    for number in drafts:
        tick(page, number).check()
    bar(page).get_by_role("button", name="Send", exact=True).click()
    send = dialog(page, "Send invoices").get_by_role("button", name="Send 3 invoices")

    send.dblclick()

    expect(page.get_by_text("Sent 3 invoices.")).to_have_count(1)
    expect(dialog(page, "Send invoices")).to_be_hidden()
    for number in drafts:
        assert [address for address, _ in office.letters(number)] == [BO]


def test_ticks_last_over_a_sort_and_end_with_a_filter(office: Office, drafts: list[str]) -> None:
    page = office.open()
    list_row(page, drafts[0]).locator("td.client").get_by_role("button").click()
    expect(rows(page)).to_have_count(3)
    tick(page, drafts[0]).check()
    header = page.get_by_role("checkbox", name="Select all on this page")
    expect(header).to_be_checked(indeterminate=True)
    tick(page, drafts[2]).click(modifiers=["Shift"])
    expect(bar(page)).to_contain_text("3 selected")

    page.get_by_role("columnheader", name="Client").get_by_role("button").click()
    expect(page.get_by_role("columnheader", name="Client")).to_have_attribute(
        "aria-sort", "ascending"
    )
    expect(bar(page)).to_contain_text("3 selected")
    expect(header).to_be_checked()
    header.uncheck()
    expect(bar(page)).to_have_count(0)
    expect(page.locator(".tick :checked")).to_have_count(0)
    header.check()
    for number in drafts:
        expect(tick(page, number)).to_be_checked()
    expect(bar(page)).to_contain_text("3 selected")
    bar(page).get_by_role("button", name="Clear selection").click()
    expect(bar(page)).to_have_count(0)
    expect(page.locator(".tick :checked")).to_have_count(0)

    tick(page, drafts[1]).check()
    expect(bar(page)).to_contain_text("1 selected")
    tile(page, "Drafts").click()
    expect(bar(page)).to_have_count(0)
    expect(page.locator(".tick :checked")).to_have_count(0)


def test_by_the_keyboard_alone(office: Office, drafts: list[str]) -> None:
    page = office.open(of_these(drafts))
    expect(rows(page)).to_have_count(1)

    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(tick(page, drafts[0])).to_be_checked()
    expect(bar(page)).to_contain_text("1 selected")
    page.keyboard.press("x")
    expect(bar(page)).to_have_count(0)
    page.keyboard.press("x")
    expect(bar(page)).to_be_visible()
    page.keyboard.press("s")
    expect(dialog(page, "Send invoices")).to_be_visible()
    expect(page.get_by_role("button", name="Send 1 invoice")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog(page, "Send invoices")).to_be_hidden()
    expect(bar(page).get_by_role("button", name="Send", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Send 1 invoice")).to_be_focused()
    page.keyboard.press("Enter")

    expect(list_row(page, drafts[0]).locator(".badge")).to_have_text("Sent")
    expect(bar(page)).to_have_count(0)


def test_who_may_only_look_has_nothing_to_tick(office: Office) -> None:
    page = office.open(email=LENA)

    expect(rows(page).first).to_be_visible()
    expect(page.get_by_role("checkbox")).to_have_count(0)
    for name in ("New invoice", "Import"):
        expect(page.get_by_role("link", name=name)).to_have_count(0)
    expect(page.get_by_role("link", name="Export CSV")).to_be_visible()


def test_at_360_pixels(office: Office, drafts: list[str]) -> None:
    page = office.sign_in()
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(of_these(drafts))
    expect(rows(page)).to_have_count(1)

    page.get_by_role("button", name="Filters", exact=True).click()
    field_of = page.get_by_role("group", name="Filters")
    expect(field_of).to_be_visible()
    field_of.get_by_label("Status").select_option("Draft")
    expect(field_of.get_by_role("button", name="Done")).to_be_visible()
    _fits(page)
    field_of.get_by_role("button", name="Done").click()
    expect(field_of).to_be_hidden()
    expect(page.get_by_role("button", name="Filters 1")).to_be_visible()
    tick(page, drafts[0]).check()
    expect(drawer(page)).to_have_count(0)
    expect(bar(page)).to_be_visible()
    _fits(page)
    bar(page).get_by_role("button", name="Send", exact=True).click()
    expect(dialog(page, "Send invoices")).to_be_visible()
    _fits(page)


def _fits(page: Page) -> None:
    """Nothing that can be seen sticks out at the side."""
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert (
        page.evaluate(
            """() => [...document.querySelectorAll(
              '.toolbar *, .page-head *, .selection, .selection *, dialog[open] *')]
            .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
            .map((each) => each.outerHTML.slice(0, 80))"""
        )
        == []
    )
