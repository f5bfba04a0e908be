"""A refund that one person asks for and another makes (R096)."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from assure_app.models.tables import firm
from tests.e2e.office import JANE, MARCUS, Office, dialog, drawer, field, press, record
from tests.e2e.visits import CARD, enter, link, make_contact, open_checkout, pay
from tests.support.axe import require_rules

pytestmark = pytest.mark.browser


def ask(page: Page, amount: str) -> None:
    """Ask for a refund of the only payment in the drawer."""
    drawer(page).get_by_role("button", name="Ask for a refund").click()
    expect(field(page, "Amount")).to_be_focused()
    field(page, "Amount").fill(amount)
    field(page, "Reason").select_option("Duplicate")
    press(page, "Ask")
    expect(dialog(page, "Ask for a refund")).to_be_hidden()


def want_two_people(office: Office, cents: int | None) -> None:
    ours = firm.c.name == "Chen Advisory"
    office.write(update(firm).where(ours).values(second_person_cents=cents))


def test_who_is_no_stripe_admin_asks_and_who_is_approves(office: Office) -> None:
    client_id = office.client()
    number = office.invoice(10_000, client_id=client_id)
    portal = enter(office, make_contact(office, client_id))
    open_checkout(portal, link(office, number), "$100.00")
    pay(portal, "$100.00", CARD)
    marcus = office.open_invoice(number, email=MARCUS)
    refund = drawer(marcus).get_by_role("button", name="Refund", exact=True)
    expect(refund).to_have_attribute("aria-disabled", "true")

    ask(marcus, "40")
    own = drawer(marcus).get_by_text("Refund of $40 asked for by Marcus")
    expect(own).to_be_visible()
    expect(drawer(marcus).get_by_role("button", name="Take back")).to_be_visible()
    expect(drawer(marcus).get_by_role("button", name="Approve")).to_have_count(0)
    jane = office.open(email=JANE)
    jane.set_viewport_size({"width": 360, "height": 740})
    waiting = jane.get_by_role("status").filter(has_text="A refund waits for your decision.")
    waiting.get_by_role("link", name="Decide").click()
    expect(drawer(jane)).to_contain_text(number)
    require_rules(jane)
    drawer(jane).get_by_role("button", name="Approve").click()
    expect(dialog(jane, "Approve refund")).to_contain_text("$40.00")
    require_rules(jane)
    press(jane, "Approve")

    expect(own).to_have_count(0)
    expect(drawer(marcus)).to_contain_text("Refunded $40 of $100")
    expect(drawer(marcus)).to_contain_text("was approved")
    expect(waiting).to_have_count(0)
    refunded = [row for row in office.rows(number) if row["kind"] == "refund"]
    assert [(row["amount_cents"], row["paid_by"]) for row in refunded] == [(-4_000, "Jane Chen")]


def test_nobody_approves_what_they_asked_for_themself(office: Office) -> None:
    number = office.invoice(10_000)
    jane = office.open_invoice(number, email=JANE)
    record(jane)
    want_two_people(office, 5_000)
    try:
        drawer(jane).get_by_role("button", name="Refund", exact=True).click()
        field(jane, "Amount").fill("60")
        expect(dialog(jane, "Refund")).to_contain_text("Refunds of $50.00 and more need a second")
        jane.keyboard.press("Escape")
        jane.reload()
        ask(jane, "60")
        expect(drawer(jane)).to_contain_text("Refund of $60 asked for by Jane Chen")
        expect(drawer(jane).get_by_role("button", name="Approve")).to_have_count(0)

        marcus = office.open_invoice(number, email=MARCUS)
        drawer(marcus).get_by_role("button", name="Decline").click()
        press(marcus, "Decline")
        expect(field(marcus, "Reason")).to_have_accessible_description(
            "internal only Say why, so that who asked can tell the client."
        )
        require_rules(marcus)
        field(marcus, "Reason").fill("The client keeps it")
        press(marcus, "Decline")
        expect(drawer(jane)).to_contain_text("was declined — The client keeps it")
        ask(jane, "60")
        drawer(marcus).get_by_role("button", name="Approve").click()
        press(marcus, "Approve")
        expect(drawer(jane)).to_contain_text("Refunded $60 of $100")
    finally:
        want_two_people(office, None)
