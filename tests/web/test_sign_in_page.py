"""The sign-in page in a real browser."""

import pytest
from playwright.sync_api import Page, Route, expect

from assure_app.auth.passwords import DEMO_PASSWORD

pytestmark = pytest.mark.browser


def open_page(page: Page, query: str = "") -> None:
    page.goto(f"/sign-in{query}")
    # The note comes over the live connection: once it is there, the page is alive.
    expect(page.get_by_label("Demo sign-ins")).to_be_visible()


def sign_in(page: Page, email: str, password: str) -> None:
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_a_person_signs_in_and_lands_where_they_wanted(page: Page) -> None:
    open_page(page, "?next=/invoices%3Finvoice%3DINV-1001")

    sign_in(page, "jane@chenadvisory.com", DEMO_PASSWORD)

    page.wait_for_url("**/invoices*invoice=INV-1001")
    (cookie,) = [each for each in page.context.cookies() if each["name"] == "assure_session"]
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"


def test_a_refusal_stands_at_its_field_and_loses_nothing_typed(page: Page) -> None:
    open_page(page)

    sign_in(page, "jane@chenadvisory.com", "wrong")

    refusal = page.get_by_role("alert").filter(has_text="Email or password is not right")
    expect(refusal).to_be_visible()
    expect(page.get_by_label("Email")).to_have_value("jane@chenadvisory.com")
    expect(page.get_by_label("Password")).to_have_value("wrong")
    expect(page.get_by_label("Password")).to_be_focused()
    expect(page.get_by_label("Password")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_enabled()


def test_a_missing_email_is_asked_for_at_its_field(page: Page) -> None:
    open_page(page)

    sign_in(page, "", "something")

    expect(page.get_by_label("Email")).to_have_accessible_description(
        "Enter the email you sign in with."
    )
    expect(page.get_by_label("Email")).to_be_focused()


def test_a_double_click_asks_once_and_shows_that_it_waits(page: Page) -> None:
    open_page(page)
    asked: list[Route] = []

    def hold(route: Route) -> None:
        asked.append(route)

    page.route("**/auth/sign-in", hold)

    page.get_by_label("Email").fill("jane@chenadvisory.com")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in", exact=True).dblclick()
    expect(page.get_by_role("button", name="Signing in…")).to_have_attribute("aria-busy", "true")
    assert len(asked) == 1
    asked[0].abort()

    expect(page.get_by_role("alert").filter(has_text="cannot be reached")).to_be_visible()
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()


def test_a_demo_user_is_filled_in_with_one_press(page: Page) -> None:
    open_page(page)

    page.get_by_role("button", name="olga@northsidecpa.example").click()
    page.keyboard.press("Enter")

    page.wait_for_url("**/invoices*")


def test_the_page_breaks_none_of_its_own_rules(page: Page) -> None:
    broken: list[str] = []
    page.on("console", lambda message: broken.append(message.text))

    open_page(page)

    assert [text for text in broken if "Content Security Policy" in text] == []
