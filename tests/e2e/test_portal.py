"""A client's way in: from a letter's link over a code to the invoice, and no further."""

import time

import pytest
from playwright.sync_api import expect

from tests.e2e.office import Office, badge, record, section
from tests.e2e.visits import WIDTHS, ask_for_code, code_for, enter, link, make_contact
from tests.support.axe import require_rules

pytestmark = pytest.mark.browser
THIRTY_DAYS = 30 * 24 * 3600


def test_a_letters_link_leads_over_a_code_to_the_invoice(office: Office) -> None:
    client_id = office.client("Quill Partners")
    email = make_contact(office, client_id)
    number = office.invoice(270_000, client_id=client_id)
    page = office.new_page(office.server.url)

    page.goto(link(office, number))
    ask_for_code(page, email)
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert").filter(has_text="That code is not right")).to_be_visible()
    page.get_by_label("Code").fill(code_for(office, email))
    page.get_by_label("Trust this device for 30 days").check()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name=f"Invoice {number}")).to_be_visible()
    expect(page.locator(".sum-total")).to_have_text("$2,700.00")
    assert page.url.endswith(link(office, number))
    (cookie,) = [each for each in page.context.cookies() if each["name"] == "assure_portal"]
    assert abs(cookie["expires"] - time.time() - THIRTY_DAYS) < 600
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")

    desk = office.open_invoice(number)
    expect(badge(desk)).to_have_text("Viewed")
    expect(section(desk, "Activity")).to_contain_text("Invoice viewed by client")
    expect(section(desk, "Activity")).to_contain_text("Vera Client")


def test_an_unknown_email_is_answered_like_a_known_one(office: Office) -> None:
    page = office.new_page(office.server.url)
    page.goto("/portal/sign-in")

    ask_for_code(page, "nobody@nowhere.example")

    expect(page.get_by_text("If nobody@nowhere.example gets invoices here")).to_be_visible()


def test_whoever_signs_out_is_out(office: Office) -> None:
    email = make_contact(office, office.client())
    page = enter(office, email)
    page.goto("/portal")
    expect(page.get_by_role("heading", name="No invoices yet")).to_be_visible()

    page.get_by_role("button", name="Sign out").click()

    expect(page.get_by_role("button", name="Send code")).to_be_visible()
    page.goto("/portal")
    expect(page.get_by_role("button", name="Send code")).to_be_visible()


def test_another_clients_invoice_and_a_draft_are_not_there(office: Office) -> None:
    client_id = office.client()
    page = enter(office, make_contact(office, client_id))
    foreign = office.invoice()
    draft = office.invoice(client_id=client_id, is_sent=False)

    for number in (foreign, draft):
        answer = page.goto(link(office, number))

        assert answer is not None
        assert answer.status == 404
        expect(page.get_by_role("heading", name="Page not found")).to_be_visible()
        assert number not in page.content()


def test_a_viewer_sees_why_they_cannot_pay(office: Office) -> None:
    client_id = office.client()
    page = enter(office, make_contact(office, client_id, role="viewer"))
    number = office.invoice(client_id=client_id)

    page.goto(link(office, number))

    expect(
        page.get_by_text("Your role, Viewer, can see invoices but not pay them.")
    ).to_be_visible()
    expect(page.get_by_role("button", name="Pay")).to_have_count(0)


def test_an_open_page_follows_what_the_firm_records(office: Office) -> None:
    client_id = office.client()
    page = enter(office, make_contact(office, client_id))
    number = office.invoice(100_000, client_id=client_id)
    page.goto(link(office, number))
    expect(page.get_by_role("button", name="Pay $1,000.00")).to_be_visible()

    record(office.open_invoice(number), "400")

    expect(page.get_by_role("button", name="Pay $600.00")).to_be_visible()
    expect(page.locator(".money-rows li")).to_contain_text(["$400.00"])


def test_a_part_is_paid_by_keyboard_alone(office: Office) -> None:
    client_id = office.client()
    page = enter(office, make_contact(office, client_id))
    page.goto(link(office, office.invoice(100_000, client_id=client_id)))
    expect(page.get_by_role("button", name="Pay $1,000.00")).to_be_visible()

    page.get_by_role("radio", name="Full balance").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("Amount")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("2000")
    expect(page.get_by_role("alert").filter(has_text="The most you can pay")).to_be_visible()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("250")
    expect(page.get_by_role("button", name="Pay $250.00")).to_be_visible()
    expect(page.get_by_text("$750.00 stays open.")).to_be_visible()
    page.keyboard.press("Enter")

    page.wait_for_url(f"{office.server.sandbox_url}/**")


def test_every_page_wide_and_narrow_breaks_no_rule(office: Office) -> None:
    client_id = office.client("The Most Extraordinarily Long Name in a Portal of All Partnerships")
    email = make_contact(office, client_id)
    number = office.invoice(1_234_567_890, client_id=client_id, age=40)
    record(office.open_invoice(number), "1234.56")
    page = enter(office, email)

    page.goto("/portal")
    expect(page.locator(".due-card")).to_contain_text("10 days overdue")
    require_rules(page, widths=WIDTHS)
    page.goto(link(office, number))
    expect(page.locator(".sum-total")).to_have_text("$12,344,444.34")
    page.get_by_text("Part of it").click()
    page.get_by_label("Amount").fill("1")
    expect(page.get_by_role("button", name="Pay $1.00")).to_be_visible()
    require_rules(page, widths=WIDTHS)
    page.goto("/portal/sign-in")
    expect(page.get_by_label("Demo contacts")).to_be_visible()
    require_rules(page, widths=WIDTHS)
    ask_for_code(page, "nobody@nowhere.example")
    require_rules(page, widths=WIDTHS)
