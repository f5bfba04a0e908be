"""A bank contests a payment, or sends it back late: the firm sees it live (R066)."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.office import (
    JANE,
    Office,
    badge,
    dialog,
    figure,
    list_row,
    press,
    section,
)
from tests.e2e.visits import (
    CARD,
    SLOW_BANK,
    control,
    enter,
    letter,
    link,
    make_contact,
    open_checkout,
    pay,
    states,
)
from tests.support.axe import require_rules

pytestmark = pytest.mark.browser


def paid(office: Office, method: str) -> tuple[str, str, Page]:
    """A new invoice over $1,500.00 that its client paid: number, charge, and the client's page."""
    client_id = office.client()
    page = enter(office, make_contact(office, client_id))
    number = office.invoice(150_000, client_id=client_id)
    open_checkout(page, link(office, number), "$1,500.00")
    pay(page, "$1,500.00", method)
    is_card = method == CARD
    expect(page.locator(".hero .badge")).to_have_text("Paid" if is_card else "Processing")
    return number, office.rows(number)[0]["stripe_charge_id"], page


def dispute_of(office: Office) -> str:
    """The dispute at the head of Stripe's control page."""
    page = office.new_page(office.server.sandbox_url)
    page.goto("/stripe")
    row = page.get_by_role("region", name="Disputes").locator("li.entry").first
    return str(row.get_attribute("data-id"))


def test_a_payment_is_disputed_and_lost_before_ones_eyes(office: Office) -> None:
    number, charge_id, _ = paid(office, CARD)
    desk = office.open_invoice(number)
    expect(badge(desk)).to_have_text("Paid")
    expect(section(desk, "Payments")).to_contain_text("the bank may still take it back until")

    control(office, "dispute", charge=charge_id)

    expect(section(desk, "From the bank")).to_contain_text("Answer in Stripe by")
    row = section(desk, "Payments").get_by_role("listitem").first
    expect(row).to_contain_text("Disputed")
    expect(row).to_contain_text("The payer’s bank is contesting this payment")
    expect(row.get_by_role("button", name="Refund")).to_be_disabled()
    expect(list_row(desk, number)).to_contain_text("Disputed")
    require_rules(desk)

    control(office, "lose_dispute", dispute=dispute_of(office))

    expect(badge(desk)).to_have_text("Sent")
    expect(figure(desk, "Balance")).to_have_text("$1,500.00")
    returned = section(desk, "Payments").get_by_role("listitem").first
    expect(returned).to_contain_text("Dispute of Card Visa •••• 4242")
    expect(returned).to_contain_text("−$1,500.00")
    expect(list_row(desk, number)).not_to_contain_text("Disputed")
    expect(section(desk, "Activity")).to_contain_text("lost in a dispute — fraudulent by Stripe")
    letter(office, JANE, "Dispute over $1,500.00 lost")
    assert states(office, number) == [
        (150_000, "Card", "Completed"),
        (-150_000, "Card", "Completed"),
    ]
    assert office.differences() == []


def test_a_bank_payment_comes_back_and_the_drawer_says_what_to_do(office: Office) -> None:
    number, charge_id, client = paid(office, SLOW_BANK)
    control(office, "settle", charge=charge_id)
    desk = office.open_invoice(number)
    expect(badge(desk)).to_have_text("Paid")

    control(office, "return_late", charge=charge_id)

    steps = section(desk, "From the bank")
    expect(steps).to_contain_text("The bank took back $1,500.00 on")
    expect(steps.get_by_role("listitem")).to_have_count(3)
    expect(section(desk, "Payments").get_by_role("listitem").first).to_contain_text(
        "Bank return of ACH STRIPE TEST BANK"
    )
    desk.set_viewport_size({"width": 360, "height": 740})
    require_rules(desk)
    steps.get_by_role("button", name="Record payment, as a next step").click()
    expect(dialog(desk)).to_be_visible()
    press(desk, "Cancel")
    steps.get_by_role("button", name="Send again, as a next step").click()
    expect(dialog(desk, f"Send {number} again")).to_be_visible()
    client.goto(link(office, number))
    expect(client.get_by_role("main")).to_contain_text("Returned by the bank")
    expect(client.get_by_role("main")).not_to_contain_text("ispute")
    expect(client.get_by_role("button", name="Pay $1,500.00")).to_be_visible()
    assert office.differences() == []
