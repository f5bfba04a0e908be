"""Coming in and going out."""

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update

from assure_app import clock
from assure_app.auth.passwords import DEMO_PASSWORD
from assure_app.models import tables
from tests.e2e.office import LENA, MARCUS, Office, drawer, list_row, tile

pytestmark = pytest.mark.browser
SIGN_IN = re.compile(r"/sign-in\b")


def test_an_invoice_s_address_leads_through_the_sign_in_to_that_invoice(office: Office) -> None:
    number = office.invoice()
    page = office.new_page(office.server.url)

    page.goto(f"/invoices?invoice={number}&tile=Awaiting")
    page.wait_for_url(SIGN_IN)
    assert number not in page.locator("body").inner_text()
    page.get_by_label("Email").fill(MARCUS)
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(
        page.get_by_role("alert").filter(has_text="Email or password is not right")
    ).to_be_visible()
    page.get_by_label("Password").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()

    expect(drawer(page).get_by_role("heading", name=number)).to_be_visible()
    expect(tile(page, "Awaiting")).to_have_attribute("aria-pressed", "true")


def test_signing_out_ends_every_tab_of_the_browser(office: Office) -> None:
    number = office.invoice()
    page = office.open_invoice(number, email=LENA)
    second = page.context.new_page()
    second.goto("/invoices")
    expect(list_row(second, number)).to_be_visible()

    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(SIGN_IN)
    list_row(second, number).locator("td.total").click()
    second.wait_for_url(SIGN_IN)
    page.go_back()
    page.wait_for_url(SIGN_IN)

    expect(page.get_by_label("Email")).to_be_visible()
    expect(page.get_by_text(number)).to_have_count(0)


def test_a_session_that_was_revoked_ends_at_the_next_click(office: Office) -> None:
    number = office.invoice()
    page = office.open(email=LENA)
    expect(list_row(page, number)).to_be_visible()
    lena = select(tables.firm_user.c.id).where(tables.firm_user.c.email == LENA)
    session = tables.user_session

    office.write(
        update(session)
        .where(session.c.user_id.in_(lena), session.c.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )
    list_row(page, number).locator("td.total").click()

    page.wait_for_url(SIGN_IN)
    expect(page.get_by_label("Email")).to_be_visible()
    expect(page.get_by_text(number)).to_have_count(0)
