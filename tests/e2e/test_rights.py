"""What people see who may not do, or not see, or belong elsewhere (R131–R139)."""

import re

import pytest
from playwright.sync_api import Page, WebSocket, expect
from sqlalchemy import select, update

from assure_app.models import tables
from tests.attack.support import books_of, leaks
from tests.e2e.office import (
    LENA,
    OLGA,
    SARAH,
    Office,
    badge,
    dialog,
    drawer,
    field,
    go,
    open_record,
    press,
    record,
    section,
)

pytestmark = pytest.mark.browser
MONEY = re.compile(r"\$\s?\d|\d\.\d\d\b")


def listen(page: Page) -> list[str]:
    """Everything the server sends over the page's live connection from now on."""
    heard: list[str] = []

    def note(frame: str | bytes) -> None:
        heard.append(frame if isinstance(frame, str) else frame.decode(errors="replace"))

    def attach(socket: WebSocket) -> None:
        socket.on("framereceived", note)

    page.on("websocket", attach)
    return heard


def test_who_may_only_look_sees_all_and_is_told_why_the_buttons_are_off(office: Office) -> None:
    number = office.invoice(100_000)
    jane = office.open_invoice(number)
    record(jane, "400")
    expect(badge(jane)).to_have_text("Partially paid")

    page = office.open_invoice(number, email=LENA)

    expect(section(page, "Payments").get_by_role("listitem")).to_contain_text("$400.00")
    for name in ("Record payment", "Refund", "Make recurring"):
        button = drawer(page).get_by_role("button", name=name, exact=True)
        expect(button).to_be_disabled()
        expect(button).to_have_accessible_description(re.compile("You need “Edit billing”"))
    page.locator("body").press("p")
    button = drawer(page).get_by_role("button", name="Record payment")
    button.click(force=True)
    expect(dialog(page)).to_be_hidden()
    assert len(office.rows(number)) == 1


def test_a_right_that_is_taken_away_while_the_dialog_is_open_counts(office: Office) -> None:
    number = office.invoice()
    user = tables.firm_user
    page = office.open_invoice(number, email="marcus@chenadvisory.com")
    open_record(page)
    marcus = update(user).where(user.c.email == "marcus@chenadvisory.com")

    office.write(marcus.values(is_admin=False))
    try:
        press(page, "Record")
        expect(page.get_by_text("You need “Edit billing” to do this.").first).to_be_visible()
    finally:
        office.write(marcus.values(is_admin=True))
    assert office.rows(number) == []


def test_who_may_not_see_billing_gets_one_sentence_and_no_amount(office: Office) -> None:
    page = office.sign_in(SARAH)
    heard = listen(page)
    number = office.invoice()

    for path in ("/invoices", f"/invoices?invoice={number}", "/invoices?tile=Overdue&q=Patel"):
        page.goto(path)
        expect(page.get_by_text("You need “View billing” to see invoices.")).to_be_visible()
        expect(page.get_by_text("Sarah Kim")).to_be_visible()
        expect(drawer(page)).to_have_count(0)
        assert not MONEY.search(page.locator("body").inner_text())
        assert number not in page.content()

    books = books_of(office.server)
    text = "\n".join(heard)
    assert "Sarah Kim" in text
    # The page's own address is repeated to it.
    assert leaks(text, books.secrets(books.firm_id("Chen Advisory")), sent={number}) == []
    assert not re.search(r"\$\d", text)


def test_another_firm_gets_nothing_of_this_one(office: Office) -> None:
    number = office.invoice(123_456)
    page = office.sign_in(OLGA)
    heard = listen(page)

    go(page, f"/invoices?invoice={number}")

    expect(drawer(page)).to_contain_text("This invoice does not exist, or you may not see it.")
    go(page, "/invoices")
    expect(page.get_by_role("status").filter(has_text="of")).to_have_text("3 of 3")
    go(page, "/invoices?q=Patel")
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()
    books = books_of(office.server)
    secrets = books.secrets(books.firm_id("Chen Advisory"))
    sent = {number, "Patel"}
    assert leaks("\n".join(heard) + page.content(), secrets, sent=sent) == []
    with books.engine.connect() as connection:
        client_id = connection.scalar(
            select(tables.client.c.id).where(tables.client.c.name == "Patel Family")
        )
    page.goto(f"/invoices?client={client_id}")
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()
    assert "Patel Family" not in page.content()


def test_what_a_change_elsewhere_tells_does_not_reach_another_firm(office: Office) -> None:
    number = office.invoice(987_600)
    olga = office.sign_in(OLGA)
    heard = listen(olga)
    go(olga, "/invoices")
    sarah = office.sign_in(SARAH)
    heard_by_sarah = listen(sarah)
    sarah.goto("/invoices")
    expect(sarah.get_by_text("You need “View billing” to see invoices.")).to_be_visible()
    lena = office.open_invoice(number, email=LENA)
    jane = office.open_invoice(number)

    record(jane, "9,876")

    expect(badge(lena)).to_have_text("Paid")
    for frames in (heard, heard_by_sarah):
        assert number not in "\n".join(frames)
        assert "9,876" not in "\n".join(frames)


def test_the_dialog_of_a_foreign_invoice_does_not_open(office: Office) -> None:
    number = office.invoice()
    page = office.open("/invoices", email=OLGA)
    page.locator(".list tbody tr[data-number] td.total").first.click()
    expect(drawer(page)).to_be_visible()

    page.goto(f"/invoices?invoice={number}")
    expect(drawer(page)).to_contain_text("does not exist")
    page.locator("body").press("p")

    expect(drawer(page).get_by_role("button", name="Record payment")).to_have_count(0)
    expect(field(page, "Amount")).to_have_count(0)
