"""A firm user has auto-pay try a card that is declined; the client reads of it and pays (R126)."""

import pytest
from playwright.sync_api import expect

from tests.e2e.office import Office, dialog, drawer, press, section, tile_count
from tests.e2e.visits import (
    WIDTHS,
    enter,
    fill_in,
    letter,
    link,
    make_contact,
    pay,
    pay_button,
    states,
)
from tests.support.axe import require_rules

pytestmark = pytest.mark.browser
FAILING_CARD, CARD = "4000 0000 0000 0341", "Visa •••• 0341"


def test_stopped_tried_declined_told_and_paid_by_hand(office: Office) -> None:
    client_id = office.client("Harrow & Finch")
    number = office.invoice(90_000, client_id=client_id, engagement_id=office.engagement(client_id))
    email = make_contact(office, client_id)
    client = enter(office, email)
    client.goto("/portal")
    client.get_by_role("button", name="Add a payment method").click()
    fill_in(client, FAILING_CARD)
    client.get_by_role("button", name="Save", exact=True).click()
    expect(client.get_by_role("region", name="Payment methods")).to_contain_text(CARD)
    expect(client.get_by_text(f"Auto-pay charges {CARD} on ")).to_be_visible()

    desk = office.open_invoice(number)
    fact = drawer(desk).get_by_role("region", name="Auto-pay")
    expect(fact).to_contain_text(f"Auto-pay charges {CARD} on ")
    failed = tile_count(desk, "Failed")
    fact.get_by_role("button", name="Stop auto-pay").click()
    expect(dialog(desk, "Stop auto-pay")).to_be_visible()
    require_rules(desk)
    press(desk, "Stop")
    expect(fact).to_contain_text("Jane Chen stopped it. Harrow & Finch pays by hand.")

    fact.get_by_role("button", name="Charge now").click()
    expect(dialog(desk, "Charge now")).to_contain_text(
        f"{CARD} is charged $900.00 now. If that fails, auto-pay goes on for this invoice."
    )
    press(desk, "Charge $900.00")
    expect(desk.get_by_text("could not be charged for")).to_contain_text("The card was declined.")

    expect(fact).to_contain_text("The card was declined.")
    expect(fact).to_contain_text("1 try failed so far.")
    expect(fact.get_by_role("button", name="Try again now")).to_be_visible()
    expect(section(desk, "Activity")).to_contain_text("Auto-pay tries again on")
    assert states(office, number) == [(90_000, "Card", "Failed")]
    assert tile_count(desk, "Failed") == failed + 1
    require_rules(desk, widths=WIDTHS)
    mail = letter(office, email, f"Payment failed: $900.00 for invoice {number}")
    expect(mail.frame_locator("iframe").get_by_role("link", name="Pay now")).to_be_visible()

    client.goto(link(office, number))
    expect(client.get_by_text(f"We could not charge {CARD}. We will try again on")).to_be_visible()
    require_rules(client)
    pay_button(client, "$900.00").click()
    pay(client, "$900.00")
    expect(client.get_by_text("This invoice is paid.")).to_be_visible()

    expect(fact).to_have_count(0)
    assert tile_count(desk, "Failed") == failed
    assert office.differences() == []
