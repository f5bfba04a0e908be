"""A client reads what is left to pay, pays from the letter, and has enough of reminders (R071)."""

import pytest
from playwright.sync_api import expect

from tests.e2e.office import (
    LENA,
    Office,
    badge,
    dialog,
    drawer,
    field,
    open_record,
    press,
    section,
)
from tests.e2e.visits import (
    WIDTHS,
    ask_for_code,
    code_for,
    letter,
    make_contact,
    pay,
    pay_button,
)
from tests.support.axe import require_rules

pytestmark = pytest.mark.browser


def test_from_the_reminder_to_the_payment_and_to_no_more_of_them(office: Office) -> None:
    client_id = office.client("Larkspur Books")
    email = make_contact(office, client_id)
    number, other = (office.invoice(150_000, client_id=client_id, age=45) for _ in range(2))
    desk = office.open_invoice(number)
    open_record(desk)
    field(desk, "Amount").fill("1050")
    press(desk, "Record")
    expect(badge(desk)).to_have_text("Partially paid")

    drawer(desk).get_by_role("button", name="Send reminder now").click()
    asked = dialog(desk, "Send reminder")
    expect(asked).to_contain_text("15 days overdue, $450")
    require_rules(desk)
    press(desk, "Send reminder")

    told = f"Reminder sent to {email}: 15 days overdue, $450"
    expect(desk.get_by_text(f"{told}.")).to_be_visible()
    expect(section(desk, "Activity")).to_contain_text(f"{told} by Jane Chen")
    mail = letter(office, email, f"Reminder: $450.00 for invoice {number} was due 15 days ago")
    shown = mail.frame_locator("iframe")
    expect(shown.get_by_role("row", name="Total $1,500.00")).to_be_visible()
    expect(shown.get_by_role("row", name="Paid so far −$1,050.00")).to_be_visible()
    with mail.expect_popup() as opened:
        shown.get_by_role("link", name="Pay now").click()
    page = opened.value
    ask_for_code(page, email)
    page.get_by_label("Code").fill(code_for(office, email))
    page.keyboard.press("Enter")
    pay_button(page, "$450.00").click()
    pay(page, "$450.00")
    expect(page.get_by_text("This invoice is paid.")).to_be_visible()
    expect(badge(desk)).to_have_text("Paid")
    expect(drawer(desk).get_by_role("button", name="Send reminder now")).to_have_count(0)

    with mail.expect_popup() as opened:
        shown.get_by_role("link", name="Stop reminders").click()
    stopping = opened.value
    expect(stopping.get_by_role("heading", name="Reminders from Chen Advisory")).to_be_visible()
    stopping.get_by_role("button", name="Stop reminders").click()
    expect(stopping.get_by_role("heading", name="Reminders are stopped")).to_be_visible()
    desk.goto(f"/invoices?invoice={other}")
    expect(section(desk, "Summary")).to_contain_text("Larkspur Books stopped reminders.")
    button = drawer(desk).get_by_role("button", name="Send reminder now")
    expect(button).to_have_attribute("aria-disabled", "true")
    desk.goto("/settings/contacts")
    row = desk.get_by_role("row").filter(has_text=email)
    expect(row).to_contain_text("No reminders since")

    stopping.get_by_role("button", name="Get reminders again").click()
    expect(stopping.get_by_role("heading", name="Reminders from Chen Advisory")).to_be_visible()
    expect(row).not_to_contain_text("No reminders since")


def test_a_firm_chooses_its_days_and_sees_what_its_clients_will_read(office: Office) -> None:
    page = office.sign_in()
    page.goto("/settings/reminders")
    seven = page.get_by_role("checkbox", name="7 days after", exact=True)
    expect(seven).to_be_checked()
    require_rules(page, widths=WIDTHS)

    page.get_by_label("Another day").fill("999")
    page.get_by_role("button", name="Add day").click()
    expect(page.get_by_role("alert").filter(has_text="from 1 to 180")).to_be_visible()
    page.get_by_label("Another day").fill("21")
    page.get_by_role("button", name="Add day").click()
    expect(page.get_by_role("checkbox", name="21 days after")).to_be_focused()
    expect(page.get_by_role("checkbox", name="21 days after")).to_be_checked()
    seven.uncheck(force=True)
    example = page.get_by_role("region", name="Preview")
    expect(example.get_by_role("button", name="7 days after", exact=False)).to_have_count(0)
    example.get_by_role("button", name="21 days after").click()
    expect(example.get_by_role("heading", name="$1,000.00 was due 21 days ago")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Reminders are on.")).to_be_visible()

    page.reload()
    expect(page.get_by_role("checkbox", name="21 days after")).to_be_checked()
    expect(seven).not_to_be_checked()
    page.goto("/settings/audit")
    expect(page.get_by_text("Changed reminders:")).to_be_visible()
    lena = office.sign_in(LENA)
    lena.goto("/settings/reminders")
    expect(lena.get_by_role("checkbox", name="21 days after")).to_be_disabled()
    expect(lena.get_by_role("button", name="Save")).to_have_count(0)
