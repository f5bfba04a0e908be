"""Recording an offline payment (R018–R037), in a real browser."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.e2e.office import (
    Office,
    badge,
    dialog,
    drawer,
    expect_tile,
    field,
    figure,
    list_row,
    open_record,
    press,
    record,
    section,
    tile_count,
)

pytestmark = pytest.mark.browser


def test_the_whole_balance_shows_everywhere_without_a_reload(office: Office) -> None:
    number = office.invoice(150_000)
    page = office.open_invoice(number)
    page.evaluate("window.isTheSamePage = true")
    awaiting = tile_count(page, "Awaiting")

    open_record(page)
    expect(field(page, "Amount")).to_have_value("1,500.00")
    expect(field(page, "Date")).to_have_value(office.today().isoformat())
    expect(field(page, "Check")).to_be_checked()
    expect(dialog(page).locator(".preview")).to_contain_text("$0.00")
    expect(dialog(page).locator(".preview")).to_contain_text("Sent → Paid")
    field(page, "Reference").fill("4521")
    field(page, "Notes").fill("Arrived by mail")
    press(page, "Record")

    expect(dialog(page)).to_be_hidden()
    expect(badge(page)).to_have_text("Paid")
    expect(figure(page, "Paid")).to_have_text("$1,500.00")
    expect(figure(page, "Balance")).to_have_text("—")
    payment = section(page, "Payments").get_by_role("listitem")
    expect(payment).to_have_count(1)
    for text in ("Check #4521", "$1,500.00", "Completed", "Jane Chen", "Arrived by mail"):
        expect(payment).to_contain_text(text)
    expect(section(page, "Activity").get_by_role("listitem").first).to_contain_text(
        "Payment $1,500 recorded — Check #4521 by Jane Chen"
    )
    expect(list_row(page, number).locator(".badge")).to_have_text("Paid")
    expect(list_row(page, number).locator(".balance")).to_have_text("")
    expect_tile(page, "Awaiting", awaiting - 1)
    expect(
        page.get_by_text(f"Payment recorded. {number} is Paid, balance $0.00.").first
    ).to_be_visible()
    expect(drawer(page).get_by_role("button", name="Record payment")).to_have_count(0)
    assert page.evaluate("window.isTheSamePage")
    (row,) = office.rows(number)
    assert (row["amount_cents"], row["method"], row["paid_by"]) == (150_000, "Check", "Jane Chen")


def test_a_part_leaves_the_rest_and_the_rest_pays_it(office: Office) -> None:
    number = office.invoice(100_000, age=40)
    # Other journeys' newer invoices may fill the first page, so the list is narrowed to this one.
    page = office.open(f"/invoices?invoice={number}&q={number}")
    overdue = tile_count(page, "Overdue")
    expect(badge(page)).to_have_text("Overdue")

    record(page, "250.50", reference="88")

    expect(badge(page)).to_have_text("Partially paid")
    expect(figure(page, "Balance")).to_have_text("$749.50")
    expect(list_row(page, number).locator(".badge")).to_have_text("Partially paid")
    expect(list_row(page, number).locator(".balance")).to_have_text("$749.50")
    expect_tile(page, "Overdue", overdue)

    open_record(page)
    expect(field(page, "Amount")).to_have_value("749.50")
    dialog(page).get_by_text("Wire", exact=True).click()
    press(page, "Record")

    expect(badge(page)).to_have_text("Paid")
    texts = section(page, "Activity").get_by_role("listitem")
    expect(texts.nth(0)).to_contain_text("Payment $749.50 recorded — Wire by Jane Chen")
    expect(texts.nth(1)).to_contain_text("Payment $250.50 recorded — Check #88 by Jane Chen")
    expect_tile(page, "Overdue", overdue - 1)
    assert [row["amount_cents"] for row in office.rows(number)] == [25_050, 74_950]


def test_whatever_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(office: Office) -> None:
    number = office.invoice(100_000)
    page = office.open_invoice(number)
    open_record(page)
    dialog(page).get_by_text("Wire", exact=True).click()
    today = office.today()
    good = {
        "Amount": "12.34",
        "Date": today.isoformat(),
        "Reference": "FT-7",
        "Notes": "Called in the morning",
    }
    tomorrow = (today + timedelta(days=1)).isoformat()
    positive = "Enter an amount greater than $0.00."
    number_please = "Enter the amount as a number, for example 1,500.00."
    decimals = "Use at most two decimals: the smallest unit is one cent."
    too_large = "The largest amount possible is $999,999,999.99."
    no_date = "Enter a date that exists, for example 2026-05-22."
    future = "A payment cannot be dated in the future: it has not arrived yet."
    wrongs = (
        ("Amount", "0", positive),
        ("Amount", "0.00", positive),
        ("Amount", "-5", positive),
        ("Amount", "", "Enter an amount, for example 1,500.00."),
        ("Amount", "abc", number_please),
        ("Amount", "NaN", number_please),
        ("Amount", "1e9", number_please),
        ("Amount", "Infinity", number_please),
        ("Amount", "0.005", decimals),
        ("Amount", "9" * 1000, too_large),
        ("Amount", "1000.01", "The most you can record is $1,000.00."),
        ("Date", tomorrow, future),
        ("Date", "", no_date),
        ("Reference", "x" * 81, "Reference may hold at most 80 characters."),
        ("Reference", "a\u0007b", "Reference holds characters that cannot be shown. Remove them."),
        ("Notes", "n" * 1_048_576, "Notes may hold at most 2,000 characters."),
        ("Notes", "a\u0000\u0008b", "Notes holds characters that cannot be shown. Remove them."),
    )

    for label, value, sentence in wrongs:
        for name, text in good.items():
            field(page, name).fill(value if name == label else text)
        press(page, "Record")

        expect(field(page, label)).to_have_accessible_description(re.compile(re.escape(sentence)))
        expect(field(page, label)).to_have_attribute("aria-invalid", "true")
        expect(field(page, label)).to_be_focused()
        for name, text in good.items():
            if name != label:
                expect(field(page, name)).to_have_value(text)
                expect(field(page, name)).to_have_attribute("aria-invalid", "false")
        assert len(field(page, label).input_value()) == len(value)
        expect(field(page, "Wire")).to_be_checked()
        expect(dialog(page).get_by_role("button", name="Record", exact=True)).to_be_enabled()
        assert office.rows(number) == []

    for name, text in good.items():
        field(page, name).fill(text)
    press(page, "Record")
    expect(dialog(page)).to_be_hidden()
    (row,) = office.rows(number)
    assert (row["amount_cents"], row["method"]) == (1_234, "Wire")


def test_card_and_ach_are_shown_but_cannot_be_chosen(office: Office) -> None:
    page = office.open_invoice(office.invoice())
    opened = open_record(page)

    for method in ("Card", "ACH"):
        expect(field(page, method)).to_be_disabled()
    expect(opened).to_contain_text("Card and ACH go through Stripe")

    opened.get_by_text("Other", exact=True).click()
    expect(opened.get_by_text("To write off the rest, cancel the invoice")).to_be_visible()


def test_a_browser_that_chooses_card_all_the_same_is_told_why_not(office: Office) -> None:
    number = office.invoice()
    page = office.open_invoice(number)
    opened = open_record(page)

    page.evaluate(
        "const card = document.querySelector('#record-payment [value=Card]');"
        "card.disabled = false; card.checked = true"
    )
    press(page, "Record")

    expect(opened.locator("#payment-method-problem")).to_have_text(
        "Card and ACH go through Stripe: the client or auto-pay starts them."
    )
    assert office.rows(number) == []


def test_a_double_click_writes_one_row(office: Office) -> None:
    number = office.invoice()
    page = office.open_invoice(number)
    open_record(page)

    field(page, "Amount").fill("10")
    dialog(page).get_by_role("button", name="Record", exact=True).dblclick()

    expect(dialog(page)).to_be_hidden()
    expect(section(page, "Payments").get_by_role("listitem")).to_have_count(1)
    assert len(office.rows(number)) == 1


def test_two_submits_that_pass_the_browser_write_one_row(office: Office) -> None:
    number = office.invoice()
    page = office.open_invoice(number)
    open_record(page)

    page.evaluate(
        "const form = document.querySelector('#record-payment form');"
        "form.requestSubmit(); form.removeAttribute('data-pending'); form.requestSubmit()"
    )

    expect(dialog(page)).to_be_hidden()
    expect(section(page, "Payments").get_by_role("listitem")).to_have_count(1)
    expect(drawer(page).get_by_role("button", name="Record payment")).to_have_count(0)
    assert len(office.rows(number)) == 1


def test_the_same_reference_and_amount_again_is_warned_of_and_not_blocked(office: Office) -> None:
    client_id = office.client()
    first = office.invoice(client_id=client_id)
    second = office.invoice(client_id=client_id)
    page = office.open_invoice(first)
    record(page, "300", reference="4521")
    expect(badge(page)).to_have_text("Partially paid")

    list_row(page, second).locator("td.total").click(position={"x": 2, "y": 2})
    expect(drawer(page).get_by_role("heading", name=second)).to_be_visible()
    open_record(page)
    field(page, "Amount").fill("300")
    field(page, "Reference").fill("#4521")
    warning = dialog(page).get_by_text("Looks like a duplicate of Check #4521, $300")
    expect(warning).to_contain_text(first)
    press(page, "Record")

    expect(dialog(page)).to_be_hidden()
    expect(badge(page)).to_have_text("Partially paid")
    assert len(office.rows(second)) == 1


def test_a_date_before_the_invoice_is_warned_of(office: Office) -> None:
    page = office.open_invoice(office.invoice(age=3))
    open_record(page)

    field(page, "Date").fill((office.today() - timedelta(days=9)).isoformat())

    expect(dialog(page).get_by_text("This date is before the invoice date")).to_be_visible()
    press(page, "Record")
    expect(badge(page)).to_have_text("Paid")


def test_a_dialog_that_is_closed_forgets_what_was_typed(office: Office) -> None:
    number = office.invoice(50_000)
    page = office.open_invoice(number)
    open_record(page)
    field(page, "Amount").fill("abc")
    field(page, "Notes").fill("never mind")
    expect(field(page, "Amount")).to_have_attribute("aria-invalid", "true")
    press(page, "Cancel")
    expect(dialog(page)).to_be_hidden()

    open_record(page)

    expect(field(page, "Amount")).to_have_value("500.00")
    expect(field(page, "Amount")).to_have_attribute("aria-invalid", "false")
    expect(field(page, "Notes")).to_have_value("")
    assert office.rows(number) == []
