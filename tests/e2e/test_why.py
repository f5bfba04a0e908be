"""Every figure can be asked why, in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from assure_app.billing.reading.invoice_list import PAGE_SIZE
from tests.e2e.office import (
    MARCUS,
    Office,
    badge,
    dialog,
    drawer,
    field,
    go,
    list_row,
    press,
    record,
    tile,
    tile_count,
)

pytestmark = pytest.mark.browser


def ask(page: Page, name: str) -> list[str]:
    """Ask by the keyboard; the answer's title, its rows and its result, and closed again."""
    button = drawer(page).get_by_role("button", name=name, exact=True)
    button.focus()
    page.keyboard.press("Enter")
    opened = page.locator("dialog#why[open]")
    expect(opened).to_be_visible()
    expect(opened.get_by_role("button", name="Close")).to_be_focused()
    told = [
        opened.get_by_role("heading").inner_text(),
        *opened.get_by_role("row").all_inner_texts(),
    ]
    page.keyboard.press("Escape")
    expect(opened).to_be_hidden()
    expect(button).to_be_focused()
    return [" ".join(text.split()) for text in told]


def test_every_figure_of_an_invoice(office: Office) -> None:
    number = office.invoice(270_000)
    page = office.open_invoice(number)
    record(page, "500", reference="4521")
    expect(badge(page)).to_have_text("Partially paid")

    assert ask(page, "Why is the total $2,700.00?") == [
        "Why $2,700.00?",
        "Advice 1 × $2,700.00 $2,700.00",
        "Total $2,700.00",
    ]
    assert ask(page, "Why is the amount paid $500.00?") == [
        "Why $500.00?",
        "Check #4521 $500.00",
        "Paid $500.00",
    ]
    assert ask(page, "Why is the balance $2,200.00?") == [
        "Why $2,200.00?",
        "Total $2,700.00",
        "Check #4521 −$500.00",
        "Balance $2,200.00",
    ]
    status = ask(page, "Why is it Partially paid?")
    assert (status[0], status[-1]) == ("Why Partially paid?", "Status Partially paid")
    assert "Cleared $500.00" in status

    drawer(page).get_by_role("button", name="Cancel invoice").click()
    field(page, "Reason").fill("Agreed")
    press(page, "Cancel invoice")
    expect(badge(page)).to_have_text("Cancelled")
    assert ask(page, "Why is the written off amount $2,200.00?")[-1] == "Written off $2,200.00"
    assert ask(page, "Why is there no balance?")[-2:] == [
        "Written off −$2,200.00",
        "Balance $0.00",
    ]


def test_money_on_its_way(office: Office) -> None:
    page = office.open("/invoices?q=Tessellate")
    page.locator(".list tbody tr").filter(has_text="Payment pending").locator("td.total").click()
    expect(drawer(page)).to_be_visible()

    told = ask(page, "Why is the pending amount $1,750.00?")

    bank = "ACH STRIPE TEST BANK •••• 0009"
    assert told == ["Why $1,750.00?", f"{bank} $1,750.00", "Pending $1,750.00"]


@pytest.mark.parametrize("name", ["Drafts", "Awaiting", "Overdue", "Failed"])
def test_every_tile_and_what_it_counts(office: Office, name: str) -> None:
    office.invoice(age=40)
    page = office.open("/invoices?q=nothing+like+this")
    count = tile_count(page, name)
    place = page.locator(".tile-place").filter(has=page.get_by_role("button", name=name))

    place.get_by_role("button", name="Why this count?").click()

    opened = dialog(page, f"Why {count} {name}?")
    expect(opened).to_contain_text(f"{count} invoice")
    press(page, "Show them")
    expect(opened).to_be_hidden()
    expect(tile(page, name)).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".list tbody tr[data-number]")).to_have_count(min(count, PAGE_SIZE))


def test_the_answer_fits_a_narrow_screen(office: Office) -> None:
    number = office.invoice()
    page = office.sign_in()
    page.set_viewport_size({"width": 360, "height": 740})
    go(page, f"/invoices?invoice={number}")

    drawer(page).get_by_role("button", name="Why is the balance").click()

    expect(dialog(page, "Why $1,000.00?")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    box = page.locator("dialog#why").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360


def test_an_answer_stays_open_while_others_work(office: Office) -> None:
    number, other = office.invoice(), office.invoice()
    jane, marcus = office.open_invoice(number), office.open_invoice(other, email=MARCUS)
    drawer(jane).get_by_role("button", name="Why is the total $1,000.00?").click()
    answer = jane.locator("dialog#why[open]")
    expect(answer).to_be_visible()

    record(marcus)

    expect(list_row(jane, other).locator(".badge")).to_have_text("Paid")
    expect(answer.get_by_role("heading")).to_have_text("Why $1,000.00?")
