"""A client pays by card: the balance drops at once, and everybody sees the same (R039–R056)."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.office import Office, badge, drawer, field, figure, press, section
from tests.e2e.visits import (
    BROKE_CARD,
    CARD,
    ask_for_code,
    code_for,
    enter,
    fill_in,
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


def test_from_the_letter_to_the_receipt(office: Office) -> None:
    client_id = office.client()
    email = make_contact(office, client_id)
    number = office.invoice(270_000, client_id=client_id, is_sent=False)
    desk = office.open_invoice(number)
    drawer(desk).get_by_role("button", name="Send", exact=True).click()
    expect(field(desk, "To")).to_have_value(email)
    press(desk, "Send")
    expect(badge(desk)).to_have_text("Sent")

    mail = letter(office, email, f"Invoice {number} ")
    with mail.expect_popup() as opened:
        mail.frame_locator("iframe").get_by_role("link", name="Pay now").click()
    page = opened.value
    ask_for_code(page, email)
    page.get_by_label("Code").fill(code_for(office, email))
    page.keyboard.press("Enter")
    pay_button(page, "$2,700.00").click()
    pay(page, "$2,700.00")

    expect(page.get_by_role("status").filter(has_text="$2,700.00 arrived")).to_be_visible()
    expect(page.get_by_text("This invoice is paid.")).to_be_visible()
    expect(page.get_by_role("button", name="Pay")).to_have_count(0)
    expect(page.locator(".money-rows li")).to_contain_text(["Visa •••• 4242"])
    expect(badge(desk)).to_have_text("Paid")
    expect(figure(desk, "Balance")).to_have_text("—")
    expect(section(desk, "Payments").get_by_role("listitem")).to_contain_text(
        ["Completed · Vera Client"]
    )
    told = section(desk, "Activity")
    for text in (
        "Invoice viewed by client by Vera Client",
        "Payment $2,700 started — Visa •••• 4242 by Stripe",
        "Payment $2,700 confirmed — Visa •••• 4242 by Stripe",
        "Stripe fee $78.60 by Stripe",
        "Status changed from Viewed to Paid by Stripe",
    ):
        expect(told).to_contain_text(text)
    receipt = letter(office, email, f"Payment received: $2,700.00 for invoice {number}")
    expect(receipt.locator("pre")).to_contain_text("Visa •••• 4242")
    assert "78.60" not in page.content() + receipt.content()


def test_a_declined_part_another_card_and_the_rest(office: Office) -> None:
    client_id = office.client()
    page = enter(office, make_contact(office, client_id))
    number = office.invoice(270_000, client_id=client_id)
    desk = office.open_invoice(number)
    rows = section(desk, "Payments").get_by_role("listitem")
    page.goto(link(office, number))
    page.get_by_text("Part of it").click()
    page.get_by_label("Amount").fill("1000")
    pay_button(page, "$1,000.00").click()

    pay(page, "$1,000.00", BROKE_CARD)
    expect(page.get_by_label("Card number")).to_have_accessible_description(
        "Your card has insufficient funds."
    )
    expect(rows).to_contain_text(["The card has insufficient funds."])
    expect(figure(desk, "Balance")).to_have_text("$2,700.00")
    pay(page, "$1,000.00", CARD)

    expect(page.get_by_role("status").filter(has_text="$1,000.00 arrived")).to_be_visible()
    expect(page.locator(".sum-total")).to_have_text("$1,700.00")
    expect(page.locator(".money-rows li")).to_contain_text(["Visa •••• 4242", "Failed"])
    expect(badge(desk)).to_have_text("Partially paid")
    expect(figure(desk, "Balance")).to_have_text("$1,700.00")
    expect(rows).to_contain_text(["Completed", "Failed"])
    expect(section(desk, "Activity")).to_contain_text(
        "Payment $1,000 failed — Visa •••• 9995: The card has insufficient funds. by Stripe"
    )
    pay_button(page, "$1,700.00").click()
    pay(page, "$1,700.00")

    expect(page.get_by_text("This invoice is paid.")).to_be_visible()
    expect(badge(desk)).to_have_text("Paid")
    assert states(office, number) == [
        (100_000, "Card", "Failed"),
        (100_000, "Card", "Completed"),
        (170_000, "Card", "Completed"),
    ]


def test_by_keyboard_alone_at_360_pixels(office: Office) -> None:
    client_id = office.client()
    email = make_contact(office, client_id)
    number = office.invoice(150_000, client_id=client_id)
    page = office.new_page(office.server.url)
    page.set_viewport_size({"width": 360, "height": 740})
    keys = page.keyboard

    page.goto(link(office, number))
    expect(page.get_by_label("Email")).to_be_focused()
    keys.type(email)
    keys.press("Enter")
    expect(page.get_by_label("Code")).to_be_focused()
    keys.type(code_for(office, email))
    keys.press("Enter")
    expect(pay_button(page, "$1,500.00")).to_be_visible()
    page.get_by_role("radio", name="Full balance").focus()
    keys.press("Tab")
    expect(page.get_by_label("Save this card or bank account for next time")).to_be_focused()
    keys.press("Tab")
    expect(pay_button(page, "$1,500.00")).to_be_focused()
    keys.press("Enter")
    page.get_by_role("radio", name="Card", exact=True).focus()
    for text in ("4242424242424242", "1234", "123", "Vera Client", "10001"):
        keys.press("Tab")
        keys.type(text)
    keys.press("Enter")

    expect(page.get_by_role("status").filter(has_text="$1,500.00 arrived")).to_be_visible()
    require_rules(page)
    assert states(office, number) == [(150_000, "Card", "Completed")]


def test_whoever_never_comes_back_has_paid(office: Office) -> None:
    client_id = office.client()
    page = enter(office, make_contact(office, client_id))
    number = office.invoice(150_000, client_id=client_id)
    desk = office.open_invoice(number)
    open_checkout(page, link(office, number), "$1,500.00")
    page.route(f"{office.server.url}/**", lambda route: route.abort())

    fill_in(page, CARD)
    with page.expect_event("requestfailed", lambda it: it.url.startswith(office.server.url)):
        pay_button(page, "$1,500.00").click()
    page.context.close()

    expect(badge(desk)).to_have_text("Paid")
    expect(section(desk, "Activity")).to_contain_text("Payment $1,500 confirmed")
    assert states(office, number) == [(150_000, "Card", "Completed")]


def test_of_two_tabs_only_one_can_pay(office: Office) -> None:
    client_id = office.client()
    first = enter(office, make_contact(office, client_id))
    second = first.context.new_page()
    number = office.invoice(150_000, client_id=client_id)
    for page in (first, second):
        page.goto(link(office, number))
        expect(pay_button(page, "$1,500.00")).to_be_visible()

    for page in (first, second):
        pay_button(page, "$1,500.00").click(no_wait_after=True)
    # Whoever comes second closes the other's page: before that tab gets there, or after.
    for page in (first, second):
        closed = page.get_by_role("alert").filter(has_text="This payment page was closed.")
        at_stripe = page.get_by_role("heading", name=re.compile("^Pay Chen|page has expired$"))
        expect(closed.or_(at_stripe)).to_be_visible()
    expired = []
    for page in (first, second):
        page.reload()
        over = page.get_by_role("heading", name="This page has expired")
        expect(over.or_(pay_button(page, "$1,500.00"))).to_be_visible()
        expired.append(over.count() == 1 or page.url.startswith(office.server.url))
    assert sorted(expired) == [False, True]
    left, payer = (first, second) if expired[0] else (second, first)
    pay(payer, "$1,500.00")
    expect(payer.get_by_text("This invoice is paid.")).to_be_visible()
    left.goto(link(office, number))

    expect(left.get_by_text("This invoice is paid.")).to_be_visible()
    assert states(office, number) == [(150_000, "Card", "Completed")]


def test_a_client_and_the_firm_at_once_never_take_more_than_is_owed(office: Office) -> None:
    client_id = office.client()
    page = enter(office, make_contact(office, client_id))
    number = office.invoice(150_000, client_id=client_id)
    desk = office.open_invoice(number)
    open_checkout(page, link(office, number), "$1,500.00")
    fill_in(page, CARD)
    drawer(desk).get_by_role("button", name="Record payment").click()
    expect(field(desk, "Amount")).to_have_value("1,500.00")

    pay_button(page, "$1,500.00").click(no_wait_after=True)
    press(desk, "Record")

    expect(badge(desk)).to_have_text("Paid")
    assert len(states(office, number)) == 1
