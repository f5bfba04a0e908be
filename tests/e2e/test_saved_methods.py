"""A client saves what they pay with, pays with it again, and takes it away (R040, R127, R142)."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.office import Office
from tests.e2e.visits import (
    CARD,
    SAVE,
    SLOW_BANK,
    WIDTHS,
    enter,
    fill_in,
    link,
    make_contact,
    pay,
    pay_button,
    saved_rows,
    states,
)
from tests.support.axe import require_rules

pytestmark = pytest.mark.browser
VISA, BANK = "Visa •••• 4242", "STRIPE TEST BANK •••• 0009"


def open_saving(page: Page, path: str, amount: str) -> None:
    """Open the invoice's page, tick that it shall be saved, and go to Stripe's page."""
    page.goto(path)
    tick = page.get_by_label(SAVE)
    expect(tick).not_to_be_checked()
    tick.check()
    pay_button(page, amount).click()
    expect(page.get_by_role("radio", name="US bank account")).to_be_visible()


def test_saved_paid_with_again_made_default_and_removed(office: Office) -> None:
    client_id = office.client()
    page = enter(office, make_contact(office, client_id))
    first, second, third = (office.invoice(100_000, client_id=client_id) for _ in range(3))
    page.goto("/portal")
    expect(page.get_by_text("No saved payment methods")).to_be_visible()
    require_rules(page)

    open_saving(page, link(office, first), "$1,000.00")
    pay(page, "$1,000.00")
    expect(page.get_by_role("status").filter(has_text="$1,000.00 arrived")).to_be_visible()
    expect(page.get_by_text("Thank you.")).to_have_count(1)
    open_saving(page, link(office, second), "$1,000.00")
    expect(page.get_by_role("radio", name=f"{VISA} (saved)")).to_be_checked()
    fill_in(page, SLOW_BANK)
    pay_button(page, "$1,000.00").click()
    expect(page.get_by_role("status").filter(has_text="being processed")).to_be_visible()
    page.goto("/portal")
    expect(saved_rows(page)).to_contain_text([f"{VISA}Default", BANK])
    watching = page.context.new_page()
    watching.goto("/portal")
    expect(saved_rows(watching)).to_have_count(2)

    page.get_by_role("button", name=f"Make default {BANK}").click()
    for each in (page, watching):
        expect(saved_rows(each)).to_contain_text([f"{BANK}Default", VISA])
    require_rules(page, widths=WIDTHS)

    page.goto(link(office, third))
    expect(page.get_by_text(f"There you can choose {BANK} and {VISA}.")).to_be_visible()
    pay_button(page, "$1,000.00").click()
    page.get_by_role("radio", name=f"{VISA} (saved)").check()
    pay_button(page, "$1,000.00").click()
    expect(page.get_by_role("status").filter(has_text="$1,000.00 arrived")).to_be_visible()

    page.goto("/portal")
    remove = page.get_by_role("button", name=f"Remove {BANK}")
    remove.click()
    question = page.get_by_role("dialog", name="Remove payment method")
    expect(question).to_contain_text(BANK)
    require_rules(page)
    page.keyboard.press("Escape")
    expect(remove).to_be_focused()
    page.keyboard.press("Enter")
    question.get_by_role("button", name="Remove").click()
    for each in (page, watching):
        expect(saved_rows(each)).to_contain_text([f"{VISA}Default"])
    expect(page.get_by_role("heading", name="Payment methods")).to_be_focused()

    page.get_by_role("button", name="Add a payment method").click()
    expect(page.get_by_role("heading", name="Save a payment method with Chen")).to_be_visible()
    fill_in(page, CARD)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="was saved.")).to_be_visible()
    for each in (page, watching):
        expect(saved_rows(each)).to_contain_text([f"{VISA}Default", VISA])
    require_rules(page)
    assert states(office, third) == [(100_000, "Card", "Completed")]
    assert "4000" not in page.content()
