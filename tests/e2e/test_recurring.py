"""Recurring schedules in a real browser: set up, seen to make an invoice, paused, and edited
(R123, R128)."""

import re
from datetime import timedelta

import pytest
from dateutil.relativedelta import relativedelta
from playwright.sync_api import Locator, Page, expect

from assure_app import clock
from assure_app.billing import schedules_run
from tests.e2e.office import (
    LENA,
    MARCUS,
    Office,
    badge,
    dialog,
    drawer,
    figure,
    go,
    press,
    section,
    tile,
)
from tests.support.axe import require_rules

pytestmark = pytest.mark.browser


def run(office: Office) -> None:
    """What the server's worker does within half a minute, at once."""
    with office._behind_the_engine():
        while schedules_run.generate_next(now=clock.now()):
            pass


def form_field(page: Page, label: str) -> Locator:
    return page.get_by_role("form", name="Schedule").get_by_label(label, exact=True)


def row(page: Page, client: str) -> Locator:
    return page.locator(".list tbody tr").filter(has_text=client)


def test_a_schedule_is_set_up_and_makes_its_invoice(office: Office) -> None:
    office.client("Tamarack Orchards")
    page = office.open("/recurring")
    page.get_by_role("link", name="New schedule").click()

    form_field(page, "Client").fill("Tamarack")
    page.get_by_role("option", name="Tamarack Orchards").click()
    form_field(page, "Title").fill("Monthly bookkeeping")
    form_field(page, "First date").fill("2020-01-31")
    form_field(page, "Description of line 1").fill("Bookkeeping")
    page.get_by_role("button", name="Set up schedule").click()
    expect(page.get_by_text("A day that has passed cannot be invoiced any more.")).to_be_visible()
    expect(page.get_by_text("Enter a price, for example 150.00.")).to_be_visible()

    today = office_day(page)
    form_field(page, "First date").fill(today)
    form_field(page, "Price of line 1").fill("250")
    page.get_by_text("After a number").click()
    form_field(page, "Number of invoices").fill("12")
    expect(page.get_by_role("list", name="Next dates").get_by_role("listitem")).to_have_count(3)
    expect(page.get_by_text("Ends after 12 invoices.")).to_be_visible()
    page.get_by_role("button", name="Set up schedule").click()

    expect(drawer(page).get_by_role("heading", name="Monthly bookkeeping")).to_be_visible()
    expect(badge(page).first).to_have_text("Active")
    run(office)
    page.reload()
    expect(figure(page, "So far")).to_have_text("1 generated")
    section(page, "Generated invoices").get_by_role("link").click()
    expect(drawer(page).get_by_text("Generated from the schedule").first).to_be_visible()
    expect(section(page, "Activity")).to_contain_text(
        "Generated from the schedule “Monthly bookkeeping” by System"
    )
    drawer(page).get_by_role("link", name="Monthly bookkeeping").click()
    expect(figure(page, "End")).to_have_text("Ends after 12 invoices")


def test_an_invoice_is_made_recurring_and_a_new_client_added_meanwhile(office: Office) -> None:
    number = office.invoice(20_000, age=10, term=21)
    first_on = office.today() - timedelta(days=10) + relativedelta(months=1)
    page = office.open_invoice(number)
    again = drawer(page).get_by_role("link", name="Make recurring")

    again.focus()
    page.keyboard.press("Enter")

    expect(page.get_by_text(f"Filled in like {number}. Nothing is set up")).to_be_visible()
    expect(form_field(page, "Client")).to_have_value(re.compile("."))
    expect(form_field(page, "Title")).to_have_value("Advice")
    expect(form_field(page, "First date")).to_have_value(first_on.isoformat())
    expect(form_field(page, "Due")).to_have_value("21")
    expect(form_field(page, "Price of line 1")).to_have_value("200.00")
    page.get_by_role("link", name="Cancel").click()
    expect(drawer(page).get_by_role("heading", name=number)).to_be_visible()
    again.click()
    expect(form_field(page, "Title")).to_have_value("Advice")

    page.get_by_role("button", name="New client").click()
    expect(form_field(page, "Client name")).to_be_focused()
    form_field(page, "Client name").fill("Mulberry & Daughters")
    form_field(page, "Contact name").fill("Ida Moss")
    page.get_by_role("button", name="Set up schedule").click()
    email = form_field(page, "Email")
    expect(email).to_be_focused()
    expect(page.get_by_text("Enter the contact's email, for example")).to_be_visible()
    require_rules(page)
    email.fill("ida@mulberry.example")
    page.keyboard.press("Enter")

    expect(drawer(page).get_by_role("heading", name="Advice")).to_be_visible()
    expect(drawer(page).locator("header")).to_contain_text("Mulberry & Daughters")
    expect(figure(page, "Amount")).to_have_text("$200.00")
    page.goto("/recurring/new?like=INV-0")
    expect(
        page.get_by_role("heading", name="This invoice cannot be made recurring")
    ).to_be_visible()
    expect(page.get_by_text("This invoice does not exist, or you may not see it.")).to_be_visible()


def office_day(page: Page) -> str:
    """The day that the form of a new schedule begins with: the firm's own today."""
    other = page.context.new_page()
    other.goto("/recurring/new")
    day = form_field(other, "First date").input_value()
    other.close()
    return day


def test_a_schedule_is_paused_resumed_and_its_auto_pay_switched(office: Office) -> None:
    page, marcus = office.open("/recurring"), office.open("/recurring", email=MARCUS)
    row(page, "Brightwater Foods").get_by_role("link").click()
    drawer(page).get_by_role("button", name="Pause", exact=True).click()
    asked = dialog(page, "Pause schedule")
    expect(asked.get_by_text("Dates that pass in the meantime are skipped")).to_be_visible()
    page.keyboard.press("Escape")
    expect(badge(page).first).to_have_text("Active")
    expect(drawer(page).get_by_role("button", name="Pause", exact=True)).to_be_focused()

    drawer(page).get_by_role("button", name="Pause", exact=True).click()
    press(page, "Pause schedule")

    expect(badge(page).first).to_have_text("Paused")
    expect(page.get_by_text("Payroll is paused.")).to_be_visible()
    expect(row(marcus, "Brightwater Foods")).to_contain_text("Paused")
    expect(row(marcus, "Brightwater Foods").locator("td.next")).to_have_text("—")
    newest = section(page, "Activity").get_by_role("listitem").first
    expect(newest).to_contain_text("Paused by Jane Chen")
    expect(section(page, "Next dates")).to_contain_text("no invoice is made until it is resumed")

    drawer(page).get_by_role("button", name="Resume").click()
    expect(dialog(page, "Resume schedule")).to_contain_text("No date passed while it was paused.")
    press(page, "Resume schedule")
    expect(badge(page).first).to_have_text("Active")

    drawer(page).get_by_role("button", name="Turn off auto-pay").click()
    expect(dialog(page, "Turn auto-pay off")).to_contain_text("are not charged any more")
    press(page, "Turn off")
    expect(section(page, "Auto-pay")).to_contain_text("Off")
    expect(row(marcus, "Brightwater Foods").locator("td.autopay")).to_have_text("Off")

    marcus.get_by_role("navigation", name="Recurring").get_by_role("link", name="Auto-pay").click()
    expect(marcus.get_by_role("table", name="Engagements")).to_be_visible()
    marcus.get_by_role("searchbox").fill("brightwater")
    expect(marcus.get_by_role("status").filter(has_text="1 of")).to_be_visible()
    marcus.get_by_role("button", name="Turn on auto-pay for Payroll").click()
    press(marcus, "Turn on")
    expect(marcus.get_by_role("button", name="Turn off auto-pay for Payroll")).to_be_visible()


def test_an_edit_holds_for_invoices_to_come_and_filters_narrow(office: Office) -> None:
    page = office.open("/recurring")
    tile(page, "Paused").click()
    expect(page.get_by_role("status").filter(has_text="1 of")).to_be_visible()
    row(page, "Tessellate Labs").get_by_role("link").click()
    drawer(page).get_by_role("link", name="Edit").click()

    expect(page.get_by_text("Changes hold for future invoices only.")).to_be_visible()
    expect(form_field(page, "Client")).to_have_attribute("readonly", "")
    form_field(page, "Price of line 1").fill("1200")
    page.get_by_role("button", name="Save").click()

    expect(figure(page, "Amount")).to_have_text("$1,200.00")
    expect(section(page, "Activity")).to_contain_text(
        "Edited: amount $1,150.00 → $1,200.00 by Jane Chen"
    )
    expect(section(page, "Generated invoices").get_by_text("$1,150.00")).to_have_count(2)


def test_who_may_only_look_is_offered_nothing_to_change(office: Office) -> None:
    page = office.open("/recurring", email=LENA)
    expect(page.get_by_role("link", name="New schedule")).to_have_count(0)

    row(page, "Cedar Row HOA").get_by_role("link").click()

    expect(drawer(page).get_by_role("heading", name="Annual review")).to_be_visible()
    expect(drawer(page).get_by_role("button")).to_have_count(1)
    page.goto("/recurring/new")
    expect(
        page.get_by_text("You need “Edit billing” to set up or edit a schedule.")
    ).to_be_visible()


def test_no_page_of_them_breaks_a_rule(office: Office) -> None:
    page = office.sign_in()
    page.set_viewport_size({"width": 1280, "height": 900})
    go(page, "/recurring")
    require_rules(page)
    row(page, "Okafor Dental PLLC").get_by_role("link").click()
    expect(section(page, "Generated invoices").get_by_role("link").first).to_be_visible()
    require_rules(page)
    drawer(page).get_by_role("button", name="Cancel schedule").click()
    expect(dialog(page, "Cancel schedule")).to_be_visible()
    require_rules(page)
    page.goto("/recurring/new")
    page.get_by_role("button", name="Set up schedule").click()
    expect(page.get_by_text("Choose a client, or add a new one.")).to_be_visible()
    require_rules(page)
    page.set_viewport_size({"width": 360, "height": 780})
    require_rules(page)
    for path in ("/recurring", "/recurring/new", "/recurring/auto-pay"):
        page.goto(path)
        expect(page.locator("tbody tr, form[aria-label=Schedule]").first).to_be_visible()
        require_rules(page)
        assert page.evaluate("document.documentElement.scrollWidth") == 360
