"""What is said above the page is never in the way of what lies below it (R145, R147)."""

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import update

from assure_app.models import tables
from tests.e2e.office import Office, dialog, drawer, go

pytestmark = pytest.mark.browser
LONGER_THAN_NEWS_STAYS = 5_000
LONGER_THAN_A_REFUSAL_STAYS = 13_000


def toast(page: Page, said: str) -> Locator:
    return page.locator("[data-sonner-toast]").filter(has_text=said)


def rename(office: Office, number: str, to: str) -> None:
    invoice = tables.invoice
    office.write(update(invoice).where(invoice.c.number == number).values(number=to))


def rest_on(page: Page, shown: Locator) -> bool:
    """Lay the pointer in the middle of a toast; whether the toast, not the page, gets it."""
    expect(shown).to_have_attribute("data-mounted", "true")
    box = shown.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    takes: bool = page.evaluate(
        "([x, y]) => !!document.elementFromPoint(x, y).closest('[data-sonner-toast]')", [x, y]
    )
    return takes


def top(shown: Locator) -> float:
    return float(shown.evaluate("(each) => each.getBoundingClientRect().top"))


def bottom(shown: Locator) -> float:
    return float(shown.evaluate("(each) => each.getBoundingClientRect().bottom"))


def test_what_went_well_is_pressed_through_and_goes_by_itself(office: Office) -> None:
    page = office.sign_in()
    page.clock.install()
    page.goto("/settings/stripe")

    page.get_by_role("button", name="Check again").click()
    said = toast(page, "Stripe was asked: Active.")

    for width in (1440, 360):
        page.set_viewport_size({"width": width, "height": 740})
        assert not rest_on(page, said)
    page.clock.fast_forward(LONGER_THAN_NEWS_STAYS)
    expect(said).to_have_count(0)


def test_why_nothing_was_done_is_read_in_peace_and_put_away(office: Office) -> None:
    number = office.invoice(is_sent=False)
    page = office.sign_in()
    page.set_viewport_size({"width": 360, "height": 740})
    page.clock.install()
    go(page, f"/invoices?invoice={number}")
    rename(office, number, f"{number}-X")

    drawer(page).get_by_role("button", name="Send").click()
    refused = toast(page, "This invoice does not exist")
    assert rest_on(page, refused)
    page.clock.fast_forward(LONGER_THAN_A_REFUSAL_STAYS)
    expect(refused).to_be_visible()
    page.keyboard.press("?")
    expect(dialog(page, "Keys")).to_be_visible()
    assert top(refused) >= bottom(dialog(page, "Keys"))
    page.keyboard.press("Escape")
    refused.get_by_role("button", name="Close").click()

    expect(refused).to_have_count(0)
    rename(office, f"{number}-X", number)
