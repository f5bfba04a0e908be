"""A draft goes to the client by email, and the mailbox of the sandbox shows it (R141)."""

import time

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.office import (
    WAIT_MILLISECONDS,
    Office,
    badge,
    dialog,
    drawer,
    field,
    press,
    section,
)
from tests.support.axe import SCHEMES, broken_rules, require_rules

pytestmark = pytest.mark.browser
TO = "anita@patelfamily.example"


def open_send(page: Page, number: str) -> None:
    drawer(page).get_by_role("button", name="Send", exact=True).click()
    expect(dialog(page, f"Send {number}")).to_be_visible()
    expect(field(page, "To")).to_be_focused()


def mail_about(office: Office, number: str) -> Page:
    """The message about this invoice in the mailbox, once it is there."""
    page = office.new_page(office.server.sandbox_url)
    deadline = time.monotonic() + WAIT_MILLISECONDS / 1000
    link = page.get_by_role("link").filter(has_text=f"Invoice {number} ")
    while True:
        page.goto("/mailbox")
        if link.count() or time.monotonic() > deadline:
            break
    link.click()
    return page


def test_a_draft_is_sent_and_the_mail_is_in_the_mailbox(office: Office) -> None:
    number = office.invoice(270_000, is_sent=False)
    page = office.open_invoice(number)

    open_send(page, number)
    expect(dialog(page, f"Send {number}")).to_contain_text(f"Invoice {number} from Chen Advisory:")
    field(page, "To").fill(TO)
    field(page, "Message").fill("Thank you for coming in.")
    press(page, "Send")

    expect(page.get_by_text(f"{number} sent to {TO}.").first).to_be_visible()
    expect(badge(page)).to_have_text("Sent")
    expect(section(page, "Activity")).to_contain_text("Invoice sent to client (email) by Jane Chen")
    mail = mail_about(office, number)
    expect(mail.get_by_role("heading", level=1)).to_contain_text(
        f"Invoice {number} from Chen Advisory: $2,700.00 due"
    )
    expect(mail.get_by_role("definition").filter(has_text=TO)).to_have_text(TO)
    shown = mail.frame_locator("iframe")
    expect(shown.get_by_role("heading")).to_have_text(f"Invoice {number}")
    expect(shown.locator("body")).to_contain_text("Thank you for coming in.")
    expect(mail.locator("pre")).to_contain_text("Amount due: $2,700.00")
    assert office.letters(number) == [(TO, True)]


def test_the_next_invoice_knows_the_address_that_was_kept(office: Office) -> None:
    client_id = office.client()
    first = office.invoice(client_id=client_id, is_sent=False)
    second = office.invoice(client_id=client_id, is_sent=False)
    page = office.open_invoice(first)
    open_send(page, first)
    field(page, "To").fill(TO)
    press(page, "Send")
    expect(badge(page)).to_have_text("Sent")

    page = office.open_invoice(second)
    open_send(page, second)

    expect(field(page, "To")).to_have_value(TO)


def test_a_wrong_address_is_named_beside_its_field_and_stays(office: Office) -> None:
    number = office.invoice(is_sent=False)
    page = office.open_invoice(number)
    open_send(page, number)

    field(page, "To").fill("anita@patelfamily")
    press(page, "Send")

    expect(dialog(page, f"Send {number}").get_by_role("alert").first).to_have_text(
        "“anita@patelfamily” is not an email address."
    )
    expect(field(page, "To")).to_have_value("anita@patelfamily")
    expect(field(page, "To")).to_be_focused()
    expect(badge(page)).to_have_text("Draft")
    assert office.letters(number) == []


def test_with_the_keyboard_alone(office: Office) -> None:
    number = office.invoice(is_sent=False)
    page = office.open_invoice(number)

    send = drawer(page).get_by_role("button", name="Send", exact=True)
    send.focus()
    page.keyboard.press("Enter")
    expect(field(page, "To")).to_be_focused()
    page.keyboard.press("Escape")
    expect(send).to_be_focused()
    page.keyboard.press("Enter")
    expect(field(page, "To")).to_be_focused()
    page.keyboard.type(TO)
    page.keyboard.press("Enter")

    expect(badge(page)).to_have_text("Sent")


def test_two_presses_are_one_mail(office: Office) -> None:
    number = office.invoice(is_sent=False)
    page = office.open_invoice(number)
    open_send(page, number)

    field(page, "To").fill(TO)
    page.evaluate(
        "const form = document.querySelector('#send-invoice form');"
        "form.requestSubmit(); form.removeAttribute('data-pending'); form.requestSubmit()"
    )

    expect(badge(page)).to_have_text("Sent")
    expect(dialog(page, f"Send {number}")).to_be_hidden()
    assert len(office.letters(number)) == 1


def test_marked_as_sent_no_mail_goes(office: Office) -> None:
    number = office.invoice(is_sent=False)
    page = office.open_invoice(number)
    open_send(page, number)

    press(page, "Mark as sent")

    expect(page.get_by_text(f"{number} marked as sent.").first).to_be_visible()
    expect(badge(page)).to_have_text("Sent")
    assert office.letters(number) == []


def test_an_open_invoice_is_sent_again(office: Office) -> None:
    number = office.invoice()
    page = office.open_invoice(number)

    drawer(page).get_by_role("button", name="Send again").click()
    expect(dialog(page, f"Send {number} again")).to_be_visible()
    field(page, "To").fill(TO)
    press(page, "Send again")

    expect(page.get_by_text(f"{number} sent again to {TO}.").first).to_be_visible()
    expect(section(page, "Activity")).to_contain_text("Invoice sent again to client (email)")
    expect(badge(page)).to_have_text("Sent")


def test_saved_to_be_sent_the_dialog_opens_by_itself_and_once(office: Office) -> None:
    number = office.invoice(is_sent=False)

    page = office.open(f"/invoices?invoice={number}&send=1")

    expect(dialog(page, f"Send {number}")).to_be_visible()
    expect(page).to_have_url(f"{office.server.url}/invoices?invoice={number}")
    page.reload()
    expect(drawer(page)).to_be_visible()
    expect(dialog(page, f"Send {number}")).to_be_hidden()


def test_test_mode_leads_to_the_mailbox(office: Office) -> None:
    page = office.open()

    link = page.get_by_role("link", name="Mailbox")

    assert link.get_attribute("href") == f"{office.server.sandbox_url}/mailbox"
    answer = httpx.get(
        str(link.get_attribute("href")), timeout=WAIT_MILLISECONDS / 1000, trust_env=False
    )
    assert answer.status_code == 200


def test_nothing_that_a_machine_can_check_is_broken(office: Office) -> None:
    number = office.invoice(is_sent=False)
    page = office.sign_in()
    page.goto(f"/invoices?invoice={number}")
    expect(drawer(page)).to_be_visible()
    open_send(page, number)
    require_rules(page)
    press(page, "Send")
    expect(field(page, "To")).to_have_attribute("aria-invalid", "true")
    require_rules(page)
    field(page, "To").fill(TO)
    press(page, "Send")
    expect(badge(page)).to_have_text("Sent")

    mail = mail_about(office, number)
    mail.set_viewport_size({"width": 360, "height": 740})

    require_rules_of_mail(mail)
    assert mail.evaluate("document.documentElement.scrollWidth") <= 360
    mail.get_by_role("link", name="All messages").click()
    expect(mail.get_by_role("heading", name="Mailbox")).to_be_visible()
    require_rules_of_mail(mail)
    assert mail.evaluate("document.documentElement.scrollWidth") <= 360


def require_rules_of_mail(mail: Page) -> None:
    for scheme in SCHEMES:
        mail.emulate_media(color_scheme=scheme)
        assert broken_rules(mail) == []
