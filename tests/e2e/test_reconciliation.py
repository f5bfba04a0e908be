"""Mending what books and Stripe differ in, and reading a payout to the cent."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from assure_app.db.unit_of_work import reading
from assure_app.models.tables import invoice, payment
from tests.e2e.office import JANE, LENA, SARAH, Office, dialog, field, press
from tests.e2e.visits import control
from tests.support.axe import require_rules
from tests.support.fake_stripe import CHEN

pytestmark = pytest.mark.browser
DAY_SECONDS = 86_400


def paid_by_card(office: Office) -> tuple[str, str]:
    """The demo's largest card payment: its invoice's number and its charge."""
    wanted = (
        select(invoice.c.number, payment.c.stripe_charge_id)
        .join(invoice, invoice.c.id == payment.c.invoice_id)
        .where(payment.c.method == "Card", payment.c.stripe_charge_id.is_not(None))
        .order_by(payment.c.amount_cents.desc())
        .limit(1)
    )
    with office._behind_the_engine(), reading() as connection:
        row = connection.execute(wanted).one()
    return row.number, row.stripe_charge_id


def opened(office: Office, path: str, *, email: str = JANE) -> Page:
    page = office.sign_in(email)
    page.goto(path)
    expect(page.locator("main [aria-busy=false]").first).to_be_visible()
    return page


def test_a_dropped_refund_is_booked_and_a_foreign_charge_set_aside(office: Office) -> None:
    number, charge_id = paid_by_card(office)
    page = opened(office, "/reconciliation")
    standing = page.get_by_role("region", name="Last comparison")
    expect(standing.get_by_role("status")).to_contain_text("Everything agrees: ")

    control(office, "refund", charge=charge_id, amount=2_500, seconds_ago=2 * DAY_SECONDS)
    control(office, "charge", account=CHEN, amount=7_321, seconds_ago=3 * DAY_SECONDS)
    page.get_by_role("button", name="Check now").click()
    expect(standing.get_by_role("status")).to_contain_text("2 differences")
    differences = page.get_by_role("region", name="Differences").get_by_role("listitem")
    refund = differences.filter(has_text=f"$25.00 of a payment on {number} was refunded in Stripe")
    foreign = differences.filter(has_text="Stripe took $73.21 that no invoice here asked for.")
    expect(refund).to_contain_text("Not in the ledger")
    page.set_viewport_size({"width": 360, "height": 740})
    require_rules(page)

    refund.get_by_role("button", name="Book it").click()
    expect(page.get_by_text("Mended: books and Stripe agree.")).to_be_visible()
    expect(differences).to_have_count(1)

    foreign.get_by_role("button", name="Not for an invoice").click()
    asked = dialog(page, "Not for an invoice")
    press(page, "Set aside")
    expect(asked.get_by_role("alert").filter(has_text="Say what this money is.")).to_be_visible()
    field(page, "What it is").fill("A book sold at the fair")
    press(page, "Set aside")
    expect(standing.get_by_role("status")).to_contain_text("Everything agrees: ")
    settled = page.get_by_role("region", name="Recently settled")
    expect(settled).to_contain_text("A book sold at the fair")

    settled.get_by_role("button", name="Undo").click()
    expect(foreign).to_be_visible()
    drawer = office.open_invoice(number)
    expect(drawer.get_by_role("region", name="Payments")).to_contain_text("−$25.00")
    looking = opened(office, "/reconciliation", email=LENA)
    expect(looking.get_by_text("Stripe took $73.21").first).to_be_visible()
    expect(looking.get_by_role("button", name="Check now")).to_have_count(0)
    expect(looking.get_by_role("button", name="Not for an invoice")).to_have_count(0)


def test_a_payout_is_read_to_the_cent(office: Office) -> None:
    page = opened(office, "/payouts")
    on_its_way = page.get_by_role("button", name="On its way").first
    expect(on_its_way).to_contain_text("STRIPE TEST BANK •••• 6789")

    on_its_way.focus()
    page.keyboard.press("Enter")
    parts = page.get_by_role("region", name="What this payout carried")
    expect(parts.get_by_role("row").filter(has_text="Card payment")).to_contain_text("INV-")
    expect(page.get_by_text("exactly the payout.")).to_be_visible()
    require_rules(page)
    page.set_viewport_size({"width": 360, "height": 740})
    require_rules(page)
    with page.expect_download() as file:
        page.get_by_role("link", name="Download this payout’s CSV").click()
    lines = file.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "Kind,Invoice,Client,Gross,Fee,Net,Stripe id,Day"
    assert len(lines) >= 2

    nothing = office.sign_in(SARAH)
    nothing.goto("/payouts")
    expect(nothing.get_by_role("heading", name="Payouts is not open to you")).to_be_visible()
