"""No page breaks a rule that a machine can check, in light and in dark (R145)."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.office import (
    SARAH,
    Office,
    dialog,
    drawer,
    field,
    go,
    open_record,
    press,
    record,
    section,
    tile,
)
from tests.support.axe import require_rules

pytestmark = pytest.mark.browser


def test_the_sign_in_page(office: Office) -> None:
    page = office.new_page(office.server.url)

    page.goto("/sign-in")
    expect(page.get_by_label("Demo sign-ins")).to_be_visible()
    require_rules(page)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="Enter the email")).to_be_visible()
    require_rules(page)


def test_the_list_the_drawer_and_every_dialog(office: Office) -> None:
    number = office.invoice(age=40)
    page = office.sign_in()

    go(page, "/invoices")
    require_rules(page)
    page.keyboard.press("?")
    expect(dialog(page, "Keys")).to_be_visible()
    require_rules(page)
    page.keyboard.press("Escape")

    tile(page, "Overdue").click()
    expect(tile(page, "Overdue")).to_have_attribute("aria-pressed", "true")
    page.locator(f'tr[data-number="{number}"] td.total').click()
    expect(drawer(page)).to_be_visible()
    require_rules(page)

    open_record(page)
    require_rules(page)
    field(page, "Amount").fill("abc")
    field(page, "Date").fill("")
    press(page, "Record")
    expect(field(page, "Amount")).to_have_attribute("aria-invalid", "true")
    require_rules(page)
    field(page, "Date").fill("2020-01-01")
    dialog(page).get_by_text("Other", exact=True).click()
    field(page, "Amount").fill("40")
    expect(dialog(page).get_by_text("before the invoice date")).to_be_visible()
    require_rules(page)
    press(page, "Record")
    expect(dialog(page)).to_be_hidden()

    section(page, "Payments").get_by_role("button", name="Refund").click()
    expect(dialog(page, "Refund")).to_be_visible()
    require_rules(page)
    press(page, "Refund")
    expect(field(page, "Reason")).to_have_attribute("aria-invalid", "true")
    require_rules(page)
    field(page, "Reason").select_option("Other")
    press(page, "Refund")
    expect(dialog(page, "Refund")).to_be_hidden()
    expect(section(page, "Payments").get_by_role("listitem")).to_have_count(2)
    require_rules(page)


def test_marking_paid_cancelling_and_asking_why(office: Office) -> None:
    client_id = office.client()
    page = office.open_invoice(office.invoice(client_id=client_id))
    record(page, reference="4521")
    go(page, f"/invoices?invoice={office.invoice(client_id=client_id, age=40)}")
    expect(drawer(page).get_by_text("days overdue")).to_be_visible()
    require_rules(page)

    drawer(page).get_by_role("button", name="Mark paid").click()
    expect(dialog(page, "Mark paid").get_by_text("The same amount came")).to_be_visible()
    field(page, "Date").fill("")
    press(page, "Mark paid")
    expect(field(page, "Date")).to_have_attribute("aria-invalid", "true")
    require_rules(page)
    press(page, "Cancel")

    drawer(page).get_by_role("button", name="Cancel invoice").click()
    press(page, "Cancel invoice")
    expect(field(page, "Reason")).to_have_attribute("aria-invalid", "true")
    require_rules(page)
    field(page, "Reason").fill("Agreed")
    press(page, "Cancel invoice")
    expect(section(page, "Summary").get_by_text("Written off")).to_be_visible()
    require_rules(page)

    for name in ("Why is there no balance?", "Why is it Cancelled?"):
        drawer(page).get_by_role("button", name=name).click()
        expect(page.locator("dialog#why[open]")).to_be_visible()
        require_rules(page)
        press(page, "Close")
    go(page, "/invoices")
    page.get_by_role("button", name="Why this count?").first.click()
    expect(page.locator("dialog#why[open]")).to_be_visible()
    require_rules(page)


def test_ticks_and_sending_what_is_ticked(office: Office) -> None:
    drafts = [office.invoice(is_sent=False), office.invoice()]
    page = office.sign_in()

    go(page, "/invoices?from=2026-02-30")
    for number in drafts:
        page.get_by_role("checkbox", name=f"Select {number}", exact=True).check()
    selection = page.get_by_role("region", name="Selection")
    expect(selection).to_contain_text("2 selected")
    require_rules(page)
    selection.get_by_role("button", name="Send", exact=True).click()
    expect(dialog(page, "Send invoices")).to_contain_text("Will not be sent · 2")
    require_rules(page)
    page.keyboard.press("Escape")

    page.set_viewport_size({"width": 360, "height": 740})
    require_rules(page)
    page.get_by_role("button", name=re.compile("^Filters")).click()
    expect(page.get_by_role("group", name="Filters")).to_be_visible()
    require_rules(page)


def test_what_stands_there_when_there_is_nothing(office: Office) -> None:
    page = office.sign_in()

    go(page, "/invoices?q=nothing+like+this")
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()
    require_rules(page)
    go(page, "/invoices?page=made-up")
    expect(page.get_by_role("alert").filter(has_text="no longer exists")).to_be_visible()
    require_rules(page)
    go(page, "/invoices?invoice=INV-0")
    expect(drawer(page)).to_contain_text("does not exist")
    require_rules(page)


def test_the_page_without_billing(office: Office) -> None:
    page = office.sign_in(SARAH)

    page.goto("/invoices")

    expect(page.get_by_text("You need “View billing” to see invoices.")).to_be_visible()
    require_rules(page)


def test_all_kinds_of_rows(office: Office) -> None:
    page = office.sign_in()
    page.set_viewport_size({"width": 360, "height": 740})

    # A failed auto-pay, a cancelled one, and a failed card.
    for total in ("7,195.00", "220.00", "490.00"):
        go(page, f"/invoices?q={total}")
        require_rules(page)
        page.locator(".list tbody tr[data-number] td.total").first.click()
        expect(drawer(page)).to_be_visible()
        require_rules(page)


def test_a_refused_record_is_read_aloud(office: Office) -> None:
    page = office.open_invoice(office.invoice())
    record(page, "1")
    expect(page.get_by_text("Payment recorded.").first).to_be_visible()

    spoken = page.locator("[aria-live=polite], [role=status]").filter(has_text="Payment recorded.")

    expect(spoken.first).to_be_attached()
