"""The bell: what happens at Stripe shows on an open page, leads on, and is mailed as one chose."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.office import JANE, LENA, MARCUS, SARAH, Office, badge, drawer, go
from tests.e2e.visits import SLOW_BANK, control, enter, link, make_contact, open_checkout, pay
from tests.support.axe import require_rules

pytestmark = pytest.mark.browser


def bell(page: Page) -> Locator:
    return page.get_by_role("button", name=re.compile("^Notifications"))


def expect_unread(page: Page, text: str) -> None:
    said = f"Notifications, {text} unread" if text else "Notifications"
    expect(bell(page)).to_have_accessible_name(said)


def panel(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Notifications", exact=True)


def open_with_all_read(office: Office, email: str, path: str) -> Page:
    """The page of somebody who has read everything so far."""
    page = office.sign_in(email)
    page.goto("/notifications")
    expect(page.locator(".news-list, .news-empty").first).to_be_visible()
    button = page.get_by_role("main").get_by_role("button", name="Mark all read")
    if button.is_enabled():
        button.click()
    expect_unread(page, "")
    page.goto(path)
    return page


def test_what_happens_at_stripe_rings_on_an_open_page_and_leads_to_it(office: Office) -> None:
    client_id = office.client("Bellweather LLP")
    email = make_contact(office, client_id)
    fails, lands = (office.invoice(cents, client_id=client_id) for cents in (150_000, 120_000))
    desk = open_with_all_read(office, MARCUS, "/settings/notifications")
    mailed = desk.get_by_role("checkbox", name="Payment failed by email")
    expect(mailed).to_be_checked()
    mailed.uncheck()
    desk.get_by_role("button", name="Save").click()
    expect(desk.get_by_text("Your notifications were saved.").first).to_be_visible()
    require_rules(desk, widths=(360, 1440))

    payer = enter(office, email)
    open_checkout(payer, link(office, fails), "$1,500.00")
    pay(payer, "$1,500.00", SLOW_BANK)
    expect(payer.get_by_text("is being processed")).to_be_visible()
    control(office, "fail", charge=office.rows(fails)[0]["stripe_charge_id"])

    expect_unread(desk, "1")
    expect(desk.get_by_role("status").filter(has_text="Unread notifications: 1")).to_be_attached()
    desk.keyboard.press("b")
    expect(panel(desk)).to_be_visible()
    row = panel(desk).get_by_role("link", name=fails)
    expect(row).to_contain_text(f"Bellweather LLP: bank payment of $1,500.00 on {fails} failed")
    expect(row).to_contain_text("Unread")
    require_rules(desk)
    desk.keyboard.press("Escape")
    expect(panel(desk)).to_be_hidden()
    expect(bell(desk)).to_be_focused()
    desk.keyboard.press("Enter")
    desk.keyboard.press("Tab")
    desk.keyboard.press("Tab")
    expect(row).to_be_focused()
    desk.keyboard.press("Enter")
    expect(drawer(desk).get_by_role("heading", name=fails)).to_be_visible()
    expect_unread(desk, "")
    letters = [to for to, _ in office.letters(fails)]
    assert (letters[0], JANE in letters, MARCUS in letters) == (email, True, False)

    open_checkout(payer, link(office, lands), "$1,200.00")
    pay(payer, "$1,200.00")
    expect(payer.get_by_text("This invoice is paid.")).to_be_visible()

    expect_unread(desk, "1")
    bell(desk).click()
    panel(desk).get_by_role("link", name=f"paid $1,200.00 on {lands} by card").click()
    expect(drawer(desk).get_by_role("heading", name=lands)).to_be_visible()
    expect(badge(desk)).to_have_text("Paid")
    expect(panel(desk)).to_be_hidden()
    expect_unread(desk, "")

    desk.goto("/settings/notifications")
    desk.get_by_role("checkbox", name="Payment failed by email").check()
    desk.get_by_role("button", name="Save").click()
    expect(desk.get_by_text("Your notifications were saved.").first).to_be_visible()


def test_the_page_lists_all_and_who_sees_no_billing_has_no_bell(office: Office) -> None:
    lena, sarah = office.sign_in(LENA), office.sign_in(SARAH)

    lena.goto("/notifications")
    go(sarah, "/invoices")

    listed = lena.get_by_role("main").get_by_role("listitem")
    expect(listed.filter(has_text="Tessellate Labs paid $3,000.00")).to_be_visible()
    require_rules(lena, widths=(360, 1440))
    expect(bell(sarah)).to_have_count(0)
    sarah.keyboard.press("b")
    expect(panel(sarah)).to_have_count(0)
    sarah.goto("/notifications")
    expect(sarah.get_by_text("Billing is not open to you")).to_be_visible()
    expect(sarah.locator(".news-row")).to_have_count(0)
