"""A bank payment moves the balance at once and the status days later, or not at all (R041–R049)."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.office import JANE, Office, badge, drawer, figure, section
from tests.e2e.visits import (
    SLOW_BANK,
    control,
    enter,
    letter,
    link,
    make_contact,
    open_checkout,
    pay,
    pay_button,
    states,
)
from tests.support.axe import require_rules

pytestmark = pytest.mark.browser


def expect_processing(page: Page) -> None:
    """The invoice's page offers nothing to pay while the bank is at it."""
    expect(page.get_by_role("status").filter(has_text="is being processed")).to_be_visible()
    expect(page.locator(".hero .badge")).to_have_text("Processing")
    expect(page.get_by_role("button", name="Pay")).to_have_count(0)


def test_the_bank_takes_days_and_pays(office: Office) -> None:
    client_id = office.client()
    email = make_contact(office, client_id)
    page = enter(office, email)
    page.set_viewport_size({"width": 360, "height": 740})
    number = office.invoice(150_000, client_id=client_id)
    desk = office.open_invoice(number)
    open_checkout(page, link(office, number), "$1,500.00")
    expect(badge(desk)).to_have_text("Viewed")

    pay(page, "$1,500.00", SLOW_BANK)

    expect_processing(page)
    require_rules(page)
    expect(drawer(desk).get_by_text("Payment pending")).to_contain_text("$1,500")
    expect(figure(desk, "Balance")).to_have_text("$0.00")
    expect(badge(desk)).to_have_text("Viewed")
    expect(drawer(desk).get_by_role("button", name="Record payment")).to_be_disabled()
    page.goto("/portal")
    expect(page.get_by_role("main")).to_contain_text("Processing")
    page.goto(link(office, number))
    expect(page.locator(".hero .badge")).to_have_text("Processing")

    control(office, "settle", charge=office.rows(number)[0]["stripe_charge_id"])

    expect(badge(desk)).to_have_text("Paid")
    expect(drawer(desk).get_by_text("Payment pending")).to_have_count(0)
    expect(page.get_by_text("This invoice is paid.")).to_be_visible()
    expect(section(desk, "Activity")).to_contain_text(
        "Status changed from Viewed to Paid by Stripe"
    )
    letter(office, email, f"Payment received: $1,500.00 for invoice {number}")
    assert states(office, number) == [(150_000, "ACH", "Completed")]


def test_the_bank_takes_days_and_refuses(office: Office) -> None:
    client_id = office.client()
    email = make_contact(office, client_id)
    page = enter(office, email)
    page.set_viewport_size({"width": 360, "height": 740})
    number = office.invoice(150_000, client_id=client_id)
    desk = office.open_invoice(number)
    open_checkout(page, link(office, number), "$1,500.00")
    pay(page, "$1,500.00", SLOW_BANK)
    expect_processing(page)

    control(office, "fail", charge=office.rows(number)[0]["stripe_charge_id"])

    expect(page.get_by_role("status").filter(has_text="failed")).to_be_visible()
    expect(pay_button(page, "$1,500.00")).to_be_visible()
    require_rules(page)
    expect(figure(desk, "Balance")).to_have_text("$1,500.00")
    expect(badge(desk)).to_have_text("Viewed")
    expect(section(desk, "Payments").get_by_role("listitem")).to_contain_text(["Failed"])
    expect(section(desk, "Activity")).to_contain_text("Payment $1,500 failed")
    to_client = letter(office, email, f"Payment failed: $1,500.00 for invoice {number}")
    expect(to_client.locator("pre")).to_contain_text("Still due: $1,500.00")
    to_staff = letter(office, JANE, f"$1,500.00 for invoice {number}")
    expect(to_staff.locator("pre")).to_contain_text("The invoice's balance is restored")
    assert states(office, number) == [(150_000, "ACH", "Failed")]
