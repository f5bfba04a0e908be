"""A firm connects its Stripe account on Stripe's own pages, and ends that again (R067, A16)."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import delete, select

from assure_app.db.unit_of_work import reading
from assure_app.models.tables import (
    client,
    firm,
    invoice,
    reconciliation_run,
    stripe_account,
)
from tests.e2e.office import OLGA, Office, dialog, press
from tests.e2e.visits import enter, make_contact
from tests.support.axe import require_rules

pytestmark = pytest.mark.browser


def owed(office: Office) -> tuple[str, str, int]:
    """An invoice owed to Olga's firm, which has no account any more: number, page, client."""
    wanted = (
        select(invoice.c.number, invoice.c.pay_token, invoice.c.client_id, firm.c.id)
        .join(client, client.c.id == invoice.c.client_id)
        .join(firm, firm.c.id == client.c.firm_id)
        .where(firm.c.name == "Northside CPA", invoice.c.stage == "open")
        .limit(1)
    )
    with office._behind_the_engine(), reading() as connection:
        number, pay_token, client_id, firm_id = connection.execute(wanted).one()
    for table in (reconciliation_run, stripe_account):
        office.write(delete(table).where(table.c.firm_id == firm_id))
    return str(number), f"/pay/{pay_token}", int(client_id)


def test_a_firm_connects_is_paid_by_and_ends_it(office: Office) -> None:
    number, address, client_id = owed(office)
    portal = enter(office, make_contact(office, client_id))
    portal.goto(address)
    pay = portal.get_by_role("button", name="Pay $")
    expect(portal.get_by_role("heading", name=number)).to_be_visible()
    expect(pay).to_have_count(0)
    page = office.sign_in(OLGA)
    page.goto("/settings/stripe")
    page.set_viewport_size({"width": 360, "height": 740})
    connection = page.get_by_role("region", name="Connection")
    expect(connection).to_contain_text("Not connected")
    require_rules(page)

    page.get_by_role("button", name="Connect Stripe").click()
    page.get_by_role("button", name="Finish later").click()
    expect(connection).to_contain_text("Restricted")
    expect(connection.get_by_role("listitem").first).to_be_visible()
    expect(pay).to_have_count(0)
    require_rules(page)
    page.get_by_role("button", name="Continue setup").click()
    page.get_by_role("link", name="Fill in an example").click()
    page.get_by_role("checkbox", name="I agree").check()
    page.get_by_role("button", name="Agree and submit").click()

    expect(connection).to_contain_text("Your clients can pay online")
    expect(page.get_by_text("Stripe was asked: Active.")).to_be_visible()
    expect(pay).to_be_visible()
    page.goto("/settings/members")
    expect(page.get_by_role("row").filter(has_text="Olga")).to_contain_text("Stripe admin")

    page.goto("/settings/stripe")
    page.get_by_role("button", name="Disconnect Stripe").click()
    expect(dialog(page, "Disconnect Stripe")).to_contain_text("No client has a payment page open")
    require_rules(page)
    press(page, "Disconnect")
    expect(connection).to_contain_text("Not connected")
    expect(connection).to_contain_text("disconnected it on")
    expect(pay).to_have_count(0)
    require_rules(page)
    page.get_by_role("button", name="Connect Stripe again").click()
    expect(connection).to_contain_text("Your clients can pay online")
    expect(pay).to_be_visible()
    page.get_by_role("button", name="Disconnect Stripe").click()
    press(page, "Disconnect")
    expect(pay).to_have_count(0)
