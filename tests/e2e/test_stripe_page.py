"""Money that nobody here asked for: noticed, understood, asked about again, settled (R061)."""

import httpx
import pytest
from playwright.sync_api import expect

from assure_app import sandbox_keys
from assure_app.settings import Settings
from tests.e2e.office import LENA, WAIT_MILLISECONDS, Office, dialog, field, press
from tests.support.axe import require_rules
from tests.support.fake_stripe import CHEN

pytestmark = pytest.mark.browser


def charge(office: Office, cents: int) -> None:
    """Take money on the firm's account by Stripe's own interface, past the product."""
    keys = sandbox_keys.read(Settings(ASSURE_DATA_DIR=office.server.data_dir))
    answer = httpx.post(
        f"{office.server.sandbox_url}/v1/payment_intents",
        data={
            "amount": str(cents),
            "currency": "usd",
            "confirm": "true",
            "payment_method": "pm_card_visa",
            "allowed_payment_method_types[0]": "card",
        },
        headers={"Authorization": f"Bearer {keys.secret_key}", "Stripe-Account": CHEN},
        timeout=WAIT_MILLISECONDS / 1000,
        trust_env=False,
    )
    assert answer.is_success, answer.text


def test_a_charge_that_nobody_asked_for_is_settled(office: Office) -> None:
    page = office.open()
    page.set_viewport_size({"width": 360, "height": 740})
    notice = page.get_by_role("status").filter(has_text="Stripe told of something")
    expect(notice).to_have_count(0)

    charge(office, 7_321)
    expect(notice).to_be_visible()
    require_rules(page)
    notice.get_by_role("link", name="Look at it").click()

    waiting = page.get_by_role("region", name="Needs a person")
    row = waiting.get_by_role("listitem")
    expect(row).to_contain_text(["Unknown charge"])
    expect(row).to_contain_text(["Stripe took $73.21 that no invoice here asked for."])
    expect(page.get_by_role("region", name="Connection")).to_contain_text(CHEN)
    settings = page.get_by_role("navigation", name="Settings")
    expect(settings.get_by_role("link", name="Stripe 1 from Stripe to look at")).to_be_visible()
    require_rules(page)
    page.get_by_role("button", name="Check again").click()
    expect(page.get_by_text("Stripe was asked: Active.")).to_be_visible()
    row.get_by_role("button", name="Replay").click()
    expect(page.locator("[data-sonner-toast]").filter(has_text="$73.21")).to_be_visible()
    expect(row).to_have_count(1)

    row.get_by_role("button", name="Mark as settled").click()
    expect(field(page, "What was done")).to_be_focused()
    press(page, "Mark as settled")
    expect(field(page, "What was done")).to_have_accessible_description(
        "kept in the audit log Say what was done about it."
    )
    require_rules(page)
    field(page, "What was done").fill("A retainer: recorded by hand")
    press(page, "Mark as settled")

    expect(dialog(page, "Mark as settled")).to_have_count(0)
    expect(page.get_by_role("heading", name="Needs a person")).to_be_focused()
    expect(waiting).to_contain_text("Nothing waits")
    expect(page.get_by_role("region", name="Recently settled")).to_contain_text(
        "A retainer: recorded by hand"
    )
    expect(settings.get_by_role("link", name="Stripe", exact=True)).to_be_visible()
    require_rules(page)


def test_who_looks_after_nothing_there_is_told_so(office: Office) -> None:
    page = office.sign_in(LENA)

    page.goto("/settings/stripe")

    expect(page.get_by_text("The firm's Stripe account is not open to you")).to_be_visible()
    links = page.get_by_role("navigation", name="Settings").get_by_role("link")
    expect(links).to_have_text(
        ["Client contacts", "Reminders", "Profile", "Notifications", "Background work"]
    )
    assert CHEN not in page.content()
