"""A client saves its first card and pays past invoices all at once; a firm user's card charges
nothing and lets the question wait (R114–R122, R127, R128)."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.office import Office
from tests.e2e.visits import CARD, WIDTHS, control, enter, fill_in, make_contact, saved_rows, states
from tests.support.axe import require_rules

pytestmark = pytest.mark.browser
VISA = "Visa •••• 4242"


def card(page: Page, title: str) -> Locator:
    return page.get_by_role("region", name=title, exact=True)


def save_on_stripes_page(page: Page) -> None:
    fill_in(page, CARD)
    page.get_by_role("button", name="Save", exact=True).click()


def test_a_first_card_then_all_past_invoices_of_which_one_fails(office: Office) -> None:
    client_id = office.client()
    work = office.engagement(client_id)
    numbers = [
        office.invoice(cents, client_id=client_id, engagement_id=work)
        for cents in (100_000, 60_000, 40_000)
    ]
    page = enter(office, make_contact(office, client_id))
    page.goto("/portal")
    page.get_by_role("button", name="Add a payment method").click()
    save_on_stripes_page(page)
    asked = card(page, "We have 3 unpaid invoices on file — pay them all now?")
    expect(asked.get_by_role("listitem")).to_have_count(3)
    expect(asked).to_contain_text("Total$2,000.00")
    expect(asked).to_contain_text(f"{VISA} will be charged now, once for each invoice.")
    expect(asked).to_contain_text("“Not now” charges nothing today: auto-pay charges them on")
    require_rules(page, widths=WIDTHS)
    assert [states(office, number) for number in numbers] == [[], [], []]
    watching = page.context.new_page()
    watching.goto("/portal")
    expect(card(watching, "We have 3 unpaid invoices on file — pay them all now?")).to_be_visible()

    control(office, "fault", kind="error", value=402, count=1, path="/v1/payment_intents")
    confirm = asked.get_by_role("button", name="Pay all now")
    confirm.focus()
    page.keyboard.press("Enter")

    for each in (page, watching):
        expect(card(each, "Your invoices").get_by_text("2 paid · 1 failed")).to_be_visible()
    done = card(page, "Your invoices")
    failed = done.get_by_role("listitem").filter(has_text="Failed")
    expect(failed).to_contain_text("declined")
    expect(done.get_by_text("Paid", exact=True)).to_have_count(2)
    require_rules(page, widths=WIDTHS)
    ends = sorted(state for number in numbers for _, _, state in states(office, number))
    assert ends == ["Completed", "Completed", "Failed"]
    page.reload()
    expect(card(page, "Your invoices").get_by_text("2 paid · 1 failed")).to_be_visible()

    failed.get_by_role("link", name="Pay now").click()
    page.get_by_role("button", name="Pay $").click()
    page.get_by_role("radio", name=f"{VISA} (saved)").check()
    page.get_by_role("button", name="Pay $").click()
    expect(page.get_by_role("status").filter(has_text="arrived")).to_be_visible()
    page.goto("/portal")
    expect(card(page, "Your invoices")).to_contain_text("Settled in another way since.")
    card(page, "Your invoices").get_by_role("button", name="Close").click()
    expect(card(page, "Your invoices")).to_have_count(0)


def test_a_firm_user_adds_a_card_and_the_client_is_asked(office: Office) -> None:
    client_id = office.client("Larkspur Mills")
    work = office.engagement(client_id)
    number = office.invoice(80_000, client_id=client_id, engagement_id=work)
    email = make_contact(office, client_id)
    page = office.sign_in()
    page.goto("/settings/contacts")
    page.get_by_label("Search client, name or email").fill("Larkspur")
    page.get_by_role("button", name="Payment methods of Larkspur Mills: No method").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("On auto-pay: Bookkeeping 2026")
    dialog.get_by_role("button", name="Add a payment method").click()
    dialog.get_by_role("button", name="Go to Stripe").click()
    expect(dialog.get_by_role("alert").filter(has_text="Ask the client first")).to_be_visible()
    require_rules(page)
    dialog.get_by_label("The client agreed").check()
    dialog.get_by_role("button", name="Go to Stripe").click()
    save_on_stripes_page(page)

    expect(dialog.get_by_role("status").first).to_have_text("It was saved.")
    expect(dialog.get_by_role("listitem")).to_contain_text([f"{VISA}Default"])
    expect(dialog).to_contain_text("by Jane Chen")
    require_rules(page, widths=WIDTHS)
    assert office.rows(number) == []

    dialog.get_by_role("button", name=f"Remove {VISA}").click()
    expect(dialog).to_contain_text(
        "Bookkeeping 2026 is on auto-pay: after this, nothing can be charged until another method"
        " is added."
    )
    expect(dialog.get_by_role("button", name="Keep it")).to_be_focused()
    dialog.get_by_role("button", name="Keep it").click()

    portal = enter(office, email)
    portal.goto("/portal")
    asked = card(portal, "We have 1 unpaid invoice on file — pay it now?")
    asked.get_by_role("button", name="Not now").click()
    expect(asked).to_have_count(0)
    expect(portal.locator("#content")).to_be_focused()
    expect(saved_rows(portal)).to_contain_text([f"{VISA}Default"])
    expect(saved_rows(portal)).to_contain_text(["by Chen Advisory"])
    portal.reload()
    expect(saved_rows(portal)).to_have_count(1)
    expect(asked).to_have_count(0)
    assert office.rows(number) == []
