"""The whole way of a payment and its refund on a small phone (R145)."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.office import (
    Office,
    badge,
    dialog,
    drawer,
    field,
    figure,
    go,
    list_row,
    open_record,
    press,
    section,
)

pytestmark = pytest.mark.browser
WIDTH = 360


def fits(page: Page) -> None:
    """Nothing sticks out at the side, neither of the page nor of what lies above it, where toasts
    may stand as well; their list is an empty frame about them that nobody sees or meets."""
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH
    too_wide = page.evaluate(
        """() => [...document.querySelectorAll('.drawer, .drawer *, dialog[open], dialog[open] *')]
            .filter((each) => !each.matches('[data-sonner-toaster]'))
            .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
            .map((each) => `${each.tagName} ${each.className} ${each.textContent.slice(0, 40)}`)"""
    )
    assert too_wide == []


def test_a_payment_and_its_refund_at_360_pixels(office: Office) -> None:
    client_id = office.client("The Most Extraordinarily Long Name of a Family Partnership LLP")
    number = office.invoice(1_234_567_890, client_id=client_id)
    page = office.sign_in()
    page.set_viewport_size({"width": WIDTH, "height": 740})
    go(page, "/invoices")
    fits(page)

    page.get_by_role("searchbox").fill(number)
    expect(page.locator(".list tbody tr[data-number]")).to_have_count(1)
    fits(page)
    list_row(page, number).locator("td.total").click()
    expect(drawer(page).get_by_role("heading", name=number)).to_be_visible()
    fits(page)
    open_record(page)
    fits(page)
    field(page, "Amount").fill("abc")
    press(page, "Record")
    expect(field(page, "Amount")).to_have_attribute("aria-invalid", "true")
    fits(page)
    field(page, "Amount").fill("345,678.90")
    field(page, "Reference").fill("R" * 80)
    field(page, "Notes").fill("N" * 300)
    press(page, "Record")
    expect(dialog(page)).to_be_hidden()
    expect(badge(page)).to_have_text("Partially paid")
    expect(figure(page, "Balance")).to_have_text("$12,000,000.00")
    fits(page)
    section(page, "Payments").get_by_role("button", name="Refund").click()
    expect(dialog(page, "Refund")).to_be_visible()
    field(page, "Reason").select_option("Requested by customer")
    fits(page)
    press(page, "Refund")
    expect(badge(page)).to_have_text("Sent")
    fits(page)
    drawer(page).get_by_role("button", name="Close").click()
    expect(drawer(page)).to_have_count(0)
    fits(page)


def test_the_firms_name_is_read_whole(office: Office) -> None:
    page = office.sign_in()
    go(page, "/invoices")
    name = page.get_by_role("banner").locator(".firm span")
    expect(name).to_have_text("Chen Advisory")

    for shown in ("Chen Advisory", "The Most Extraordinarily Long Name of a Partnership LLP"):
        name.evaluate("(each, shown) => { each.textContent = shown; }", shown)
        for width in (WIDTH, 700, 1440):
            page.set_viewport_size({"width": width, "height": 740})
            cut = name.evaluate(
                """(each) => {
                    const words = document.createRange();
                    words.selectNodeContents(each);
                    const [box, frame] = [words, each.closest(".side")].map(
                        (one) => one.getBoundingClientRect());
                    const bell = document.querySelector(".bell").getBoundingClientRect();
                    return each.scrollWidth > each.clientWidth || box.bottom > frame.bottom
                        || (box.right > bell.left && box.bottom > bell.top);
                }"""
            )
            assert not cut, (shown, width)


def test_what_can_be_pressed_on_a_phone_is_large_enough(office: Office) -> None:
    page = office.sign_in()
    page.set_viewport_size({"width": WIDTH, "height": 740})
    go(page, f"/invoices?invoice={office.invoice()}")
    expect(drawer(page)).to_be_visible()
    open_record(page)

    small = page.evaluate(
        """() => [...document.querySelectorAll('dialog[open] button, .drawer button')]
            .map((each) => [each.textContent, each.getBoundingClientRect()])
            .filter(([, box]) => box.height && (box.height < 24 || box.width < 24))
            .map(([text]) => text)"""
    )

    assert small == []
