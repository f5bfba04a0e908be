"""Making an invoice and changing one, in a real browser (R141)."""

import re
from typing import Literal

import pytest
from playwright.sync_api import Dialog, Locator, Page, expect

from tests.e2e.office import (
    JANE,
    LENA,
    MARCUS,
    Office,
    badge,
    drawer,
    figure,
    section,
)
from tests.support.axe import require_rules

pytestmark = pytest.mark.browser
Scheme = Literal["light", "dark"]


def at(office: Office, path: str = "/invoices/new", *, email: str = JANE) -> Page:
    """The editor in a browser of this person's own, once its form is there."""
    page = office.sign_in(email)
    return go(page, path)


def go(page: Page, path: str) -> Page:
    page.goto(path)
    expect(page.get_by_role("form", name="Invoice")).to_be_visible()
    expect(page.get_by_label("Description of line 1")).to_be_visible()
    return page


def field(page: Page, label: str) -> Locator:
    """A field of the form; a lighter word may follow its label."""
    return page.get_by_role("form", name="Invoice").get_by_label(re.compile(rf"^{label}\b"))


def matches(page: Page) -> Locator:
    """The clients that are offered."""
    return page.get_by_role("listbox", name="Clients").get_by_role("option")


def fill_line(page: Page, line: int, *, description: str, price: str, **more: str) -> None:
    typed = {"Description": description, "Price": price}
    typed |= {name.capitalize(): text for name, text in more.items()}
    for label, text in typed.items():
        page.get_by_label(f"{label} of line {line}", exact=True).fill(text)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def total(page: Page, name: str = "Total") -> Locator:
    return (
        page.locator(".sums dl > div").filter(has=page.get_by_text(name, exact=True)).locator("dd")
    )


def says(field: Locator, sentence: str) -> None:
    """The field is called wrong, in these words."""
    expect(field).to_have_accessible_description(re.compile(re.escape(sentence)))
    expect(field).to_have_attribute("aria-invalid", "true")


def test_a_new_client_and_two_lines_with_tax_come_to_the_drawer(office: Office) -> None:
    page = at(office)
    expect(field(page, "Date")).to_have_value(office.today().isoformat())
    number = field(page, "Number").input_value()

    press(page, "New client")
    expect(field(page, "Client name")).to_be_focused()
    field(page, "Client name").fill(f"Ivy & Sons {number}")
    field(page, "Contact name").fill("Ivy Stone")
    field(page, "Email").fill(f"{number}@ivy.example".lower())
    field(page, "Title").fill("Spring clean-up")
    fill_line(page, 1, description="Advice", quantity="1.5", price="200", tax="8.875")
    press(page, "Add line")
    expect(page.get_by_label("Description of line 2")).to_be_focused()
    fill_line(page, 2, description="Filing fee", price="45.50")
    expect(total(page, "Subtotal")).to_have_text("$345.50")
    expect(total(page, "Tax")).to_have_text("$26.63")
    expect(total(page)).to_have_text("$372.13")
    press(page, "Save draft")

    expect(drawer(page).get_by_role("heading", name=number)).to_be_visible()
    assert page.url.endswith(f"/invoices?invoice={number}")
    expect(badge(page)).to_have_text("Draft")
    expect(drawer(page).locator("header")).to_contain_text(f"Ivy & Sons {number}")
    expect(figure(page, "Total")).to_have_text("$372.13")
    expect(section(page, "Line items")).to_contain_text("Filing fee")
    expect(page.get_by_text(f"{number} is saved as a draft.").first).to_be_visible()
    expect(section(page, "Activity").get_by_role("listitem").first).to_contain_text(
        "Invoice created by Jane Chen"
    )


def test_an_edit_changes_lines_and_total_and_the_timeline_says_what(office: Office) -> None:
    number = office.invoice(120_000)
    page = at(office, f"/invoices/edit?invoice={number}")
    expect(page.get_by_role("heading", name=f"Edit {number}")).to_be_visible()
    expect(field(page, "Number")).not_to_be_editable()
    expect(field(page, "Client")).not_to_be_editable()
    expect(page.get_by_label("Price of line 1")).to_have_value("1,200.00")

    press(page, "Add line")
    fill_line(page, 2, description="Late change", quantity="2", price="150")
    press(page, "Add line")
    fill_line(page, 3, description="Mistake", price="1")
    press(page, "Remove line 3")
    expect(page.get_by_label("Description of line 3")).to_have_count(0)
    expect(page.get_by_label("Description of line 2")).to_have_value("Late change")
    expect(total(page)).to_have_text("$1,500.00")
    press(page, "Save")

    expect(figure(page, "Total")).to_have_text("$1,500.00")
    expect(figure(page, "Balance")).to_have_text("$1,500.00")
    expect(section(page, "Activity").get_by_role("listitem").first).to_contain_text(
        "Invoice edited: total $1,200 → $1,500 by Jane Chen"
    )


def test_an_invoice_sent_while_it_is_edited_is_left_alone(office: Office) -> None:
    number = office.invoice(100_000, is_sent=False)
    page = at(office, f"/invoices/edit?invoice={number}")
    field(page, "Title").fill("Corrected")
    press(page, "Add line")
    fill_line(page, 2, description="More", price="10")
    marcus = office.open_invoice(number, email=MARCUS)
    send(marcus, number)
    expect(badge(marcus)).to_have_text("Sent")

    press(page, "Save draft")

    expect(page.get_by_role("alert").filter(has_text="while you were editing")).to_have_text(
        re.compile(
            rf"{number} was sent by Marcus Patel at \d+:\d\d [AP]M while you were editing\. "
            r"Nothing was saved\."
        )
    )
    expect(field(page, "Title")).to_have_value("Corrected")
    expect(page.get_by_label("Description of line 2")).to_have_value("More")
    press(page, "Open it again")
    expect(field(page, "Title")).to_have_value("Advice")
    expect(field(page, "Number")).not_to_be_editable()
    expect(figure(marcus, "Total")).to_have_text("$1,000.00")


def send(page: Page, number: str) -> None:
    """Send the draft in the drawer."""
    drawer(page).get_by_role("button", name="Send", exact=True).click()
    dialog = page.get_by_role("dialog", name=f"Send {number}", exact=True)
    dialog.get_by_label(re.compile(r"^To\b")).fill("anita@patelfamily.example")
    dialog.get_by_role("button", name="Send", exact=True).click()
    expect(dialog).to_be_hidden()


def test_a_draft_saved_to_be_sent_opens_the_send_dialog(office: Office) -> None:
    office.client("Saved And Sent LLC")
    page = at(office)
    number = field(page, "Number").input_value()
    field(page, "Client").fill("Saved And Sent LLC")
    fill_line(page, 1, description="Advice", price="80")

    press(page, "Save and send")

    expect(page.get_by_role("dialog", name=f"Send {number}", exact=True)).to_be_visible()
    expect(badge(page)).to_have_text("Draft")


def test_whatever_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(office: Office) -> None:
    page = at(office)
    fill_line(page, 1, description="", quantity="0.001", price="1")
    quantity = page.get_by_label("Quantity of line 1")
    says(quantity, "0.001 × $1.00 comes to less than a cent.")

    for label, value, sentence in (
        ("Price", "10^12", "Enter the amount as a number, for example 1,500.00."),
        ("Price", "1000000000000", "The largest amount possible is $999,999,999.99."),
        ("Quantity", "0", "Enter a quantity greater than 0."),
        ("Tax", "101", "A tax is at most 100 percent."),
        ("Description", "", "Describe what this line is for."),
    ):
        fill_line(page, 1, description="Advice", quantity="1", price="100", tax="7")
        wrong = page.get_by_label(f"{label} of line 1")
        wrong.fill(value)
        press(page, "Save draft")

        says(wrong, sentence)
        says(field(page, "Client"), "Choose a client")
        expect(wrong).to_have_value(value)
        expect(field(page, "Client")).to_be_focused()
    field(page, "Client").fill("Nobody & Co")
    press(page, "Save draft")
    says(field(page, "Client"), "No client is called “Nobody & Co”.")
    field(page, "Due").fill("2020-01-01")
    says(field(page, "Due"), "An invoice cannot be due before its date.")
    expect(drawer(page)).to_have_count(0)


def test_from_the_first_field_to_the_drawer_by_keyboard_alone(office: Office) -> None:
    office.client("Keyhole Holdings North")
    office.client("Keyhole Holdings South")
    page = at(office)
    keys = page.keyboard
    client = field(page, "Client")

    client.focus()
    keys.type("keyhole")
    expect(matches(page)).to_have_count(2)
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    expect(matches(page).last).to_have_text("Keyhole Holdings South")
    expect(matches(page).last).to_have_attribute("aria-selected", "true")
    expect(client).to_have_attribute("aria-activedescendant", re.compile("matches"))
    keys.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(client).to_have_value("Keyhole Holdings South")
    expect(client).to_be_focused()
    expect(page.get_by_role("listbox")).to_be_hidden()
    tab_to(page, page.get_by_label("Description of line 1"))
    keys.type("Advice")
    tab_to(page, page.get_by_label("Price of line 1"))
    keys.type("80")
    tab_to(page, page.get_by_role("button", name="Add line"))
    keys.press("Enter")
    expect(page.get_by_label("Description of line 2")).to_be_focused()
    tab_to(page, page.get_by_role("button", name="Remove line 2"))
    keys.press("Space")
    expect(page.get_by_role("button", name="Add line")).to_be_focused()
    tab_to(page, page.get_by_role("button", name="Save draft"))
    keys.press("Enter")

    expect(drawer(page).locator("header")).to_contain_text("Keyhole Holdings South")
    expect(figure(page, "Total")).to_have_text("$80.00")


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until the field has the focus."""
    for _ in range(25):
        if wanted.evaluate("each => each === document.activeElement"):
            return
        page.keyboard.press("Tab")
    expect(wanted).to_be_focused()


def test_leaving_with_something_unsaved_asks_first(office: Office) -> None:
    page = at(office)
    asked: list[str] = []

    def answer(question: Dialog) -> None:
        asked.append(question.type)
        if len(asked) == 1:
            question.dismiss()
        else:
            question.accept()

    page.on("dialog", answer)
    field(page, "Title").fill("Half a title")
    fill_line(page, 1, description="Half a line", price="80")
    expect(total(page)).to_have_text("$80.00")

    page.get_by_role("link", name="Cancel").click()
    expect(field(page, "Title")).to_have_value("Half a title")
    page.reload()
    expect(field(page, "Title")).to_have_value("Half a title")
    field(page, "Title").fill("Half another")
    page.get_by_role("link", name="Cancel").click()
    expect(page.locator(".list[aria-busy=false]")).to_be_visible()
    go(page, "/invoices/new")

    expect(field(page, "Title")).to_have_value("")
    assert asked == ["confirm", "beforeunload", "confirm"]


def test_the_back_button_asks_too(office: Office) -> None:
    page = office.open()
    asked: list[str] = []

    def answer(question: Dialog) -> None:
        asked.append(question.type)
        question.dismiss() if len(asked) == 1 else question.accept()

    page.on("dialog", answer)
    page.get_by_role("link", name="New invoice").click()
    field(page, "Title").fill("Half a title")
    # As a link of the page itself does, which loads nothing anew.
    page.evaluate("history.pushState(history.state, '', '/invoices/new?again')")

    page.evaluate("history.back()")
    page.wait_for_url("**/invoices/new?again")
    expect(field(page, "Title")).to_have_value("Half a title")
    page.evaluate("history.back()")
    page.evaluate("history.back()")

    expect(page.locator(".list[aria-busy=false]")).to_be_visible()
    assert asked == ["confirm", "confirm"]


def test_without_edit_billing_there_is_a_sentence_and_no_form(office: Office) -> None:
    page = office.sign_in(LENA)

    page.goto("/invoices/new")

    expect(
        page.get_by_text("You need “Edit billing” to create or edit an invoice.")
    ).to_be_visible()
    expect(page.get_by_role("form", name="Invoice")).to_have_count(0)


def test_the_form_breaks_no_rule_and_fits_a_phone(office: Office) -> None:
    page = office.sign_in()
    go(page, "/invoices/new")
    require_rules(page)
    field(page, "Client").fill("a")
    expect(matches(page).first).to_be_visible()
    page.keyboard.press("ArrowDown")
    require_rules(page)
    page.keyboard.press("Escape")
    press(page, "Add line")
    fill_line(page, 1, description="D" * 400, quantity="1,000,000", price="999.99", tax="8.875")
    expect(total(page)).to_have_text("—")
    press(page, "Save draft")
    expect(field(page, "Client")).to_have_attribute("aria-invalid", "true")
    require_rules(page)
    for width in (360, 700):
        page.set_viewport_size({"width": width, "height": 740})
        fits(page, width)
        require_rules(page)
    press(page, "New client")
    expect(field(page, "Client name")).to_be_focused()
    fits(page, 700)
    require_rules(page)


def fits(page: Page, width: int) -> None:
    """Nothing sticks out at the side."""
    assert page.evaluate("document.documentElement.scrollWidth") <= width
