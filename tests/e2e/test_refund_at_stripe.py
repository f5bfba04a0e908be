"""Giving back through Stripe (R065, R083–R098), in a real browser and with a real local Stripe."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from assure_app.db.unit_of_work import reading
from assure_app.models.tables import stripe_refund
from tests.e2e.office import (
    JANE,
    MARCUS,
    Office,
    badge,
    dialog,
    field,
    figure,
    press,
    record,
    section,
)
from tests.e2e.visits import control, enter, letter, link, make_contact, open_checkout, pay
from tests.support.axe import require_rules

pytestmark = pytest.mark.browser


def paid_by_card(office: Office, cents: int, amount: str) -> tuple[str, str, Page]:
    """An invoice that a client paid by card on Stripe's page; number, email, the client's page."""
    client_id = office.client()
    email = make_contact(office, client_id)
    number = office.invoice(cents, client_id=client_id)
    page = enter(office, email)
    open_checkout(page, link(office, number), amount)
    pay(page, amount)
    expect(page.locator(".hero .badge")).to_have_text("Paid")
    return number, email, page


def payments(page: Page) -> Locator:
    return section(page, "Payments").get_by_role("listitem")


def open_refund(page: Page) -> Locator:
    section(page, "Payments").get_by_role("button", name="Refund", exact=True).click()
    expect(dialog(page, "Refund")).to_be_visible()
    expect(field(page, "Amount")).to_be_focused()
    return dialog(page, "Refund")


def last_refund(office: Office, number: str) -> str:
    """Stripe's name of the latest refund of the invoice."""
    known = stripe_refund.c.payment_id == office.rows(number)[-1]["id"]
    with office._behind_the_engine(), reading() as connection:
        return str(connection.scalar(select(stripe_refund.c.refund_id).where(known)))


def test_a_card_payment_goes_back_whole_and_the_refund_fails_later(office: Office) -> None:
    number, email, client_page = paid_by_card(office, 10_000, "$100.00")
    page = office.open_invoice(number)
    watcher = office.open_invoice(number, email=MARCUS)
    expect(badge(page)).to_have_text("Paid")

    opened = open_refund(page)
    expect(opened).to_contain_text("This refund goes through Stripe, back to Visa •••• 4242.")
    expect(opened).to_contain_text(re.compile("5–10 business days: Vera sees it between .+ and .+"))
    expect(opened).to_contain_text("cannot be undone")
    preview = opened.locator(".preview")
    for text in ("$100.00", "Paid → Sent", "Fee lost$3.20", "Net to the firm−$3.20"):
        expect(preview).to_contain_text(text)
    field(page, "Reason").select_option("Fraudulent")
    expect(opened).to_contain_text("block lists")
    require_rules(page)
    field(page, "Reason").select_option("Service not rendered")
    expect(opened).not_to_contain_text("block lists")
    press(page, "Refund")

    expect(opened).to_be_hidden()
    expect(page.get_by_text("A refund of $100.00 is on its way.")).to_be_visible()
    for desk in (page, watcher):
        expect(badge(desk)).to_have_text("Sent")
        expect(figure(desk, "Balance")).to_have_text("$100.00")
        expect(payments(desk)).to_have_count(2)
    expect(payments(page).nth(0)).to_contain_text(
        "Refund of Card Visa •••• 4242 — Service not rendered"
    )
    expect(payments(page).nth(0)).to_contain_text("The client sees it between")
    expect(payments(page).nth(1)).to_contain_text("Refunded")
    expect(payments(page).nth(1)).to_contain_text("fee $3.20 · net −$3.20")
    told = letter(office, email, f"Your refund is on its way: $100.00 for invoice {number}")
    expect(told.locator("pre")).to_contain_text("Arrives: between")
    expect(told.locator("pre")).not_to_contain_text("Service not rendered")
    client_page.goto(link(office, number))
    expect(client_page.get_by_role("main")).to_contain_text("Refund")
    expect(client_page.get_by_role("main")).not_to_contain_text("Service not rendered")
    require_rules(client_page)

    control(office, "fail_refund", refund=last_refund(office, number))

    for desk in (page, watcher):
        expect(badge(desk)).to_have_text("Paid")
        expect(payments(desk).nth(0)).to_contain_text("Failed")
        expect(payments(desk).nth(0)).to_contain_text("The card has expired or was canceled.")
        expect(payments(desk).nth(1)).to_contain_text("Completed")
    told = letter(office, JANE, f"$100.00 for invoice {number}")
    expect(told.locator("pre")).to_contain_text("A refund of $100.00 failed")


def test_parts_and_a_refund_in_stripe_and_who_may_not(office: Office) -> None:
    number, _, _ = paid_by_card(office, 100_000, "$1,000.00")
    page = office.open_invoice(number)
    opened = open_refund(page)
    field(page, "Amount").fill("1000.01")
    field(page, "Reason").select_option("Duplicate")
    press(page, "Refund")
    expect(field(page, "Amount")).to_have_accessible_description(
        re.compile(re.escape("The most you can refund is $1,000.00."))
    )
    field(page, "Amount").fill("300")
    expect(opened.locator(".preview")).to_contain_text("Paid → Partially paid")
    press(page, "Refund")
    expect(opened).to_be_hidden()
    expect(badge(page)).to_have_text("Partially paid")
    expect(payments(page).nth(1)).to_contain_text("Refunded $300 of $1,000")

    charge_id = office.rows(number)[0]["stripe_charge_id"]
    control(office, "refund", charge=charge_id, amount=20_000, reason="duplicate")

    expect(payments(page)).to_have_count(3)
    expect(payments(page).nth(0)).to_contain_text("Refund of Card Visa •••• 4242 — Duplicate")
    expect(payments(page).nth(0)).to_contain_text("Stripe")
    expect(figure(page, "Balance")).to_have_text("$500.00")
    expect(section(page, "Activity").get_by_role("listitem").first).to_contain_text(
        "Refund $200 of Card Visa •••• 4242 made in Stripe — Duplicate by Stripe"
    )

    marcus = office.open_invoice(number, email=MARCUS)
    record(marcus, "100")
    button = (
        payments(marcus)
        .filter(has_text="Card Visa")
        .get_by_role("button", name="Refund", exact=True)
    )
    expect(button).to_be_disabled()
    expect(button).to_have_accessible_description(re.compile("You need “Stripe admin”"))
    check = (
        payments(marcus).filter(has_text="Check").get_by_role("button", name="Refund", exact=True)
    )
    expect(check).to_be_enabled()


def test_a_refund_that_stripe_does_not_answer_is_settled_live(office: Office) -> None:
    number, _, _ = paid_by_card(office, 50_000, "$500.00")
    page = office.open_invoice(number)
    opened = open_refund(page)
    field(page, "Reason").select_option("Duplicate")
    control(office, "fault", kind="lost", value=500, count=3, path="/v1/refunds")
    control(office, "fault", kind="delay", value=5, count=2)
    press(page, "Refund")

    expect(opened).to_be_hidden()
    expect(payments(page).nth(0)).to_contain_text("Stripe has not answered yet: we keep asking")
    expect(badge(page)).to_have_text("Sent")
    expect(payments(page).nth(0)).to_contain_text("Completed")
    assert [row["amount_cents"] for row in office.rows(number)] == [50_000, -50_000]
