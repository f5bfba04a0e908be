"""Cancelling an invoice (R129, R130, R097), in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.e2e.office import (
    LENA,
    Office,
    badge,
    dialog,
    drawer,
    field,
    figure,
    list_row,
    press,
    record,
    section,
)

pytestmark = pytest.mark.browser


def test_what_was_paid_stays_and_the_rest_is_given_up_by_keyboard_alone(office: Office) -> None:
    number = office.invoice(270_000)
    page = office.open_invoice(number)
    record(page, "500")
    expect(badge(page)).to_have_text("Partially paid")
    drawer(page).get_by_role("button", name="Cancel invoice").focus()

    page.keyboard.press("Enter")
    opened = dialog(page, "Cancel invoice")
    expect(opened).to_contain_text("Payments of $500.00 stay. $2,200.00 is written off.")
    expect(field(page, "Reason")).to_be_focused()
    page.keyboard.press("Enter")
    expect(field(page, "Reason")).to_have_accessible_description(
        "internal only Say why this invoice is cancelled."
    )
    page.keyboard.type("Agreed with the client")
    page.keyboard.press("Enter")

    expect(opened).to_be_hidden()
    expect(badge(page)).to_have_text("Cancelled")
    expect(figure(page, "Balance")).to_have_text("—")
    expect(section(page, "Summary")).to_contain_text("Written off $2,200.00")
    expect(section(page, "Summary")).to_contain_text("Cancelled: Agreed with the client")
    expect(section(page, "Activity").get_by_role("listitem").first).to_contain_text(
        "Invoice cancelled, $2,200 written off — Agreed with the client by Jane Chen"
    )
    expect(list_row(page, number).locator(".badge")).to_have_text("Cancelled")
    expect(drawer(page).locator("footer").get_by_role("button")).to_have_count(0)

    section(page, "Payments").get_by_role("button", name="Refund").click()
    field(page, "Reason").select_option("Other")
    expect(dialog(page, "Refund").locator(".preview")).to_contain_text("stays Cancelled")
    press(page, "Refund")
    expect(dialog(page, "Refund")).to_be_hidden()
    expect(badge(page)).to_have_text("Cancelled")
    expect(section(page, "Summary")).to_contain_text("Written off $2,200.00")


def test_a_payment_meanwhile_shows_in_the_dialog_before_anything_is_cancelled(
    office: Office,
) -> None:
    number = office.invoice(100_000)
    page = office.open_invoice(number)
    drawer(page).get_by_role("button", name="Cancel invoice").click()
    opened = dialog(page, "Cancel invoice")
    field(page, "Reason").fill("Too old")
    expect(opened).to_contain_text("$1,000.00 is written off.")

    other = office.open_invoice(number)
    record(other, "400")
    expect(opened).to_contain_text("$600.00 is written off.")
    page.evaluate(
        "document.querySelector('#cancel-invoice [name=written_off]').value = '$1,000.00'"
    )
    press(page, "Cancel invoice")

    expect(opened).to_contain_text("$600.00 would be written off now, not $1,000.00.")
    expect(field(page, "Reason")).to_have_value("Too old")
    expect(badge(page)).to_have_text("Partially paid")


def test_a_draft_gives_nothing_up_and_may_be_kept(office: Office) -> None:
    number = office.invoice(is_sent=False)
    page = office.open_invoice(number)
    drawer(page).get_by_role("button", name="Cancel invoice").click()
    expect(dialog(page, "Cancel invoice")).to_contain_text("Nothing is written off.")

    press(page, "Keep invoice")

    expect(dialog(page, "Cancel invoice")).to_be_hidden()
    expect(drawer(page).get_by_role("button", name="Cancel invoice")).to_be_focused()
    expect(badge(page)).to_have_text("Draft")


def test_who_may_only_look_is_told_why_not(office: Office) -> None:
    number = office.invoice()

    page = office.open_invoice(number, email=LENA)

    for name in ("Cancel invoice", "Mark paid", "Edit"):
        button = drawer(page).get_by_role("button", name=name, exact=True)
        expect(button).to_be_disabled()
        assert "You need “Edit billing”" in (button.get_attribute("title") or "")
    drawer(page).get_by_role("button", name="Cancel invoice").click(force=True)
    expect(dialog(page, "Cancel invoice")).to_be_hidden()
