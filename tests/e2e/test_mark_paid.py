"""Marking an invoice paid in one confirm (R038), in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.e2e.office import (
    Office,
    badge,
    dialog,
    drawer,
    field,
    figure,
    press,
    record,
    section,
)

pytestmark = pytest.mark.browser


def test_the_whole_balance_in_one_confirm_by_keyboard_alone(office: Office) -> None:
    number = office.invoice(270_000)
    page = office.open_invoice(number)
    drawer(page).get_by_role("button", name="Mark paid").focus()

    page.keyboard.press("Enter")

    opened = dialog(page, "Mark paid")
    expect(opened).to_contain_text("Record $2,700.00, the whole balance, as paid")
    expect(field(page, "Check")).to_be_focused()
    expect(field(page, "Date")).to_have_value(office.today().isoformat())
    expect(opened.locator(".preview")).to_contain_text("Sent → Paid")
    page.keyboard.press("ArrowRight")
    expect(field(page, "Wire")).to_be_checked()
    field(page, "Reference").focus()
    page.keyboard.type("FT-9")
    page.keyboard.press("Enter")

    expect(opened).to_be_hidden()
    expect(badge(page)).to_have_text("Paid")
    expect(figure(page, "Paid")).to_have_text("$2,700.00")
    expect(section(page, "Payments").get_by_role("listitem")).to_contain_text("Wire FT-9")
    for gone in ("Mark paid", "Record payment", "Cancel invoice"):
        expect(drawer(page).get_by_role("button", name=gone)).to_have_count(0)
    expect(drawer(page).get_by_role("link", name="Edit")).to_have_count(0)
    (row,) = office.rows(number)
    assert (row["amount_cents"], row["method"], row["reference"]) == (270_000, "Wire", "FT-9")


def test_a_payment_meanwhile_is_never_paid_again(office: Office) -> None:
    number = office.invoice(100_000)
    page = office.open_invoice(number)
    drawer(page).get_by_role("button", name="Mark paid").click()
    opened = dialog(page, "Mark paid")
    expect(opened).to_contain_text("$1,000.00")

    other = office.open_invoice(number)
    record(other, "400")
    expect(opened).to_contain_text("Record $600.00, the whole balance, as paid")
    page.evaluate("document.querySelector('#mark-paid [name=amount]').value = '1,000.00'")
    press(page, "Mark paid")

    expect(opened).to_contain_text("The balance is $600.00 now, not $1,000.00.")
    assert len(office.rows(number)) == 1


def test_a_duplicate_is_named_and_its_row_opens_in_a_tab_of_its_own(office: Office) -> None:
    client_id = office.client()
    first = office.invoice(50_000, client_id=client_id)
    second = office.invoice(50_000, client_id=client_id)
    page = office.open_invoice(first)
    record(page, reference="4521")
    expect(badge(page)).to_have_text("Paid")
    (row,) = office.rows(first)

    page.goto(f"/invoices?invoice={second}")
    drawer(page).get_by_role("button", name="Mark paid").click()
    caution = dialog(page, "Mark paid").get_by_role("status").filter(has_text="The same amount")
    expect(caution).to_contain_text(f"Check #4521, $500, recorded on {first}")
    with page.context.expect_page() as opening:
        caution.get_by_role("link", name=f"See it on {first}").click()

    opened = opening.value
    expect(drawer(opened).get_by_role("heading", name=first)).to_be_visible()
    expect(opened.locator(f"#payment-{row['id']}")).to_be_focused()
    expect(dialog(page, "Mark paid")).to_be_visible()
