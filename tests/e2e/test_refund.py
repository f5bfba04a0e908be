"""Refunding an offline payment (R077–R097), in a real browser."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.office import (
    Office,
    badge,
    dialog,
    expect_tile,
    field,
    figure,
    list_row,
    press,
    record,
    section,
    tile_count,
)

pytestmark = pytest.mark.browser
REASONS = (
    "Duplicate",
    "Fraudulent",
    "Requested by customer",
    "Service not rendered",
    "Other",
)


def payments(page: Page) -> Locator:
    return section(page, "Payments").get_by_role("listitem")


def open_refund(page: Page) -> Locator:
    section(page, "Payments").get_by_role("button", name="Refund").click()
    expect(dialog(page, "Refund")).to_be_visible()
    expect(field(page, "Amount")).to_be_focused()
    return dialog(page, "Refund")


def refund(page: Page, amount: str = "", *, reason: str = "Duplicate") -> None:
    open_refund(page)
    if amount:
        field(page, "Amount").fill(amount)
    field(page, "Reason").select_option(reason)
    press(page, "Refund")
    expect(dialog(page, "Refund")).to_be_hidden()


def test_the_whole_payment_goes_back_and_the_invoice_is_open_again(office: Office) -> None:
    number = office.invoice(150_000)
    page = office.open_invoice(number)
    awaiting = tile_count(page, "Awaiting")
    record(page, reference="4521")
    expect(badge(page)).to_have_text("Paid")
    page.evaluate("window.isTheSamePage = true")

    opened = open_refund(page)
    expect(field(page, "Amount")).to_have_value("1,500.00")
    expect(field(page, "Reason")).to_have_value("")
    for reason in REASONS:
        expect(field(page, "Reason").get_by_role("option", name=reason)).to_be_attached()
    expect(opened).to_contain_text(re.compile("outside", re.IGNORECASE))
    expect(opened).to_contain_text("cannot be undone")
    expect(opened.locator(".preview")).to_contain_text("$1,500.00")
    expect(opened.locator(".preview")).to_contain_text("Paid → Sent")
    press(page, "Refund")
    expect(field(page, "Reason")).to_have_accessible_description(
        re.compile("Choose the reason for this refund.")
    )
    expect(field(page, "Reason")).to_be_focused()
    assert len(office.rows(number)) == 1
    field(page, "Notes").fill("Asked by phone")
    field(page, "Reason").select_option("Service not rendered")
    press(page, "Refund")

    expect(opened).to_be_hidden()
    expect(badge(page)).to_have_text("Sent")
    expect(figure(page, "Balance")).to_have_text("$1,500.00")
    expect(payments(page)).to_have_count(2)
    expect(payments(page).nth(0)).to_contain_text("Refund of Check #4521 — Service not rendered")
    expect(payments(page).nth(0)).to_contain_text("−$1,500.00")
    expect(payments(page).nth(0)).to_contain_text("Asked by phone")
    expect(payments(page).nth(0).get_by_role("link", name="see payment")).to_be_visible()
    expect(payments(page).nth(1)).to_contain_text("Refunded")
    expect(payments(page).nth(1).get_by_role("link", name="see refund")).to_be_visible()
    expect(payments(page).get_by_role("button", name="Refund")).to_have_count(0)
    expect(section(page, "Activity").get_by_role("listitem").first).to_contain_text(
        "Refund $1,500 of Check #4521 — Service not rendered by Jane Chen"
    )
    expect(list_row(page, number).locator(".badge")).to_have_text("Sent")
    expect(list_row(page, number).locator(".balance")).to_have_text("$1,500.00")
    expect_tile(page, "Awaiting", awaiting)
    assert page.evaluate("window.isTheSamePage")
    payment, reversal = office.rows(number)
    assert payment["status"] == "Refunded"
    assert (reversal["amount_cents"], reversal["reverses_id"]) == (-150_000, payment["id"])
    assert reversal["reason"] == "Service not rendered"


def test_parts_go_back_until_nothing_is_left(office: Office) -> None:
    number = office.invoice(100_000, age=45)
    page = office.open_invoice(number)
    record(page)
    expect(badge(page)).to_have_text("Paid")

    refund(page, "300")
    expect(badge(page)).to_have_text("Partially paid")
    expect(figure(page, "Balance")).to_have_text("$300.00")
    expect(payments(page).nth(1)).to_contain_text("Completed")
    expect(payments(page).nth(1)).to_contain_text("Refunded $300 of $1,000")

    opened = open_refund(page)
    expect(field(page, "Amount")).to_have_value("700.00")
    expect(opened).to_contain_text("Up to $700.00")
    expect(opened.locator(".preview")).to_contain_text("Partially paid → Overdue")
    press(page, "Cancel")
    refund(page, "700", reason="Other")

    expect(badge(page)).to_have_text("Overdue")
    expect(figure(page, "Balance")).to_have_text("$1,000.00")
    assert [row["amount_cents"] for row in office.rows(number)] == [100_000, -30_000, -70_000]


def test_whatever_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(office: Office) -> None:
    number = office.invoice(50_000)
    page = office.open_invoice(number)
    record(page)
    open_refund(page)
    good = {"Amount": "20", "Notes": "By phone"}
    wrongs = (
        ("Amount", "0", "Enter an amount greater than $0.00."),
        ("Amount", "-1", "Enter an amount greater than $0.00."),
        ("Amount", "abc", "Enter the amount as a number, for example 1,500.00."),
        ("Amount", "0.005", "Use at most two decimals: the smallest unit is one cent."),
        ("Amount", "500.01", "The most you can refund is $500.00."),
        ("Notes", "n" * 1_048_576, "Notes may hold at most 2,000 characters."),
        ("Notes", "a\u0000b", "Notes holds characters that cannot be shown. Remove them."),
    )

    for label, value, sentence in wrongs:
        for name, text in good.items():
            field(page, name).fill(value if name == label else text)
        field(page, "Reason").select_option("Fraudulent")
        press(page, "Refund")

        expect(field(page, label)).to_have_accessible_description(re.compile(re.escape(sentence)))
        expect(field(page, label)).to_be_focused()
        expect(field(page, "Reason")).to_have_value("Fraudulent")
        for name, text in good.items():
            if name != label:
                expect(field(page, name)).to_have_value(text)
        assert len(office.rows(number)) == 1

    for name, text in good.items():
        field(page, name).fill(text)
    press(page, "Refund")
    expect(dialog(page, "Refund")).to_be_hidden()
    assert [row["amount_cents"] for row in office.rows(number)] == [50_000, -2_000]


def test_a_missing_reason_is_not_forgotten_while_the_amount_is_changed(office: Office) -> None:
    page = office.open_invoice(number := office.invoice(50_000))
    record(page)
    opened = open_refund(page)
    press(page, "Refund")
    expect(field(page, "Reason")).to_have_attribute("aria-invalid", "true")

    field(page, "Amount").fill("100")

    expect(opened.locator(".preview")).to_contain_text("Partially paid")
    expect(field(page, "Reason")).to_have_attribute("aria-invalid", "true")
    field(page, "Reason").select_option("Duplicate")
    expect(field(page, "Reason")).to_have_attribute("aria-invalid", "false")
    assert len(office.rows(number)) == 1


def test_a_double_click_refunds_once(office: Office) -> None:
    number = office.invoice()
    page = office.open_invoice(number)
    record(page)
    open_refund(page)

    field(page, "Amount").fill("10")
    field(page, "Reason").select_option("Other")
    dialog(page, "Refund").get_by_role("button", name="Refund", exact=True).dblclick()

    expect(dialog(page, "Refund")).to_be_hidden()
    expect(payments(page)).to_have_count(2)
    assert len(office.rows(number)) == 2
