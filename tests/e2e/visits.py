"""A client's visits to the portal: contacts of a journey's own, links, and codes from the mail."""

import re
import time
from itertools import count

import httpx
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import insert, select

from assure_app import clock, sandbox_keys
from assure_app.auth import portal_sessions
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.models.tables import contact, invoice
from assure_app.settings import Settings
from tests.e2e.office import WAIT_MILLISECONDS, Office

CARD = "4242 4242 4242 4242"
BROKE_CARD = "4000 0000 0000 9995"
SLOW_BANK = "000000000009"
"""A bank account whose debit stays pending until it is settled or failed by hand."""
WIDTHS = (1440, 360)
SAVE = "Save this card or bank account for next time"

_serial = count(1)


def make_contact(office: Office, client_id: int, *, role: str = "owner") -> str:
    """A new contact of the client; returns the email."""
    email = f"visitor{next(_serial)}@client.example"
    values = {"client_id": client_id, "name": "Vera Client", "email": email, "role": role}
    office.write(insert(contact).values(values))
    return email


def link(office: Office, number: str) -> str:
    """The path of an invoice in the portal."""
    wanted = select(invoice.c.pay_token).where(invoice.c.number == number)
    with office._behind_the_engine(), reading() as connection:
        return f"/pay/{connection.scalar(wanted)}"


def enter(office: Office, email: str) -> Page:
    """A page of a browser of this person's own, signed in to the portal, nothing opened yet."""
    with office._behind_the_engine(), unit_of_work() as connection:
        token = portal_sessions.open_session(connection, email, is_trusted=False, now=clock.now())
    page = office.new_page(office.server.url)
    page.set_default_timeout(WAIT_MILLISECONDS)
    page.context.add_cookies([{"name": "assure_portal", "value": token, "url": office.server.url}])
    return page


def code_for(office: Office, email: str) -> str:
    """The code in the letter to this person, as the sandbox's mailbox shows it."""
    page = letter(office, email, "code")
    found = re.search(r"^[0-9]{6}$", page.locator("pre").inner_text(), re.MULTILINE)
    assert found is not None
    return found[0]


def ask_for_code(page: Page, email: str) -> None:
    """Type the email and go on to the step where the code is typed."""
    page.get_by_label("Email").fill(email)
    page.get_by_role("button", name="Send code").click()
    expect(page.get_by_label("Code")).to_be_focused()


def letter(office: Office, to: str, about: str) -> Page:
    """The letter to this person whose subject holds these words, opened in the mailbox."""
    page = office.new_page(office.server.sandbox_url)
    row = page.get_by_role("link").filter(has_text=to).filter(has_text=about)
    deadline = time.monotonic() + WAIT_MILLISECONDS / 1000
    while True:
        page.goto("/mailbox")
        if row.count() or time.monotonic() > deadline:
            break
    row.first.click()
    return page


def pay_button(page: Page, amount: str) -> Locator:
    """The button of the invoice's page that says this amount."""
    return page.get_by_role("button", name=f"Pay {amount}", exact=True)


def open_checkout(page: Page, path: str, amount: str) -> None:
    """Open the invoice's page, press Pay, and wait for Stripe's page."""
    page.goto(path)
    pay_button(page, amount).click()
    expect(page.get_by_role("radio", name="US bank account")).to_be_visible()


def fill_in(page: Page, method: str) -> None:
    """Let Stripe's page fill in one of its test methods."""
    trials = page.locator("details.trials")
    if trials.get_attribute("open") is None:
        trials.locator("summary").click()
    page.get_by_role("link", name=method).click()


def pay(page: Page, amount: str, method: str = CARD) -> None:
    """Pay on Stripe's page."""
    fill_in(page, method)
    pay_button(page, amount).click()


def control(office: Office, act: str, **given: object) -> None:
    """Let the sandbox's Stripe do something by its controls."""
    settings = Settings(ASSURE_DATA_DIR=office.server.data_dir)
    token = sandbox_keys.read(settings).control_token
    answer = httpx.post(
        f"{office.server.sandbox_url}/_sandbox/{act}",
        json=given,
        headers={"Authorization": f"Bearer {token}"},
        timeout=WAIT_MILLISECONDS / 1000,
        trust_env=False,
    )
    assert answer.is_success, answer.text


def states(office: Office, number: str) -> list[tuple[int, str, str]]:
    """The invoice's ledger, oldest first: cents, method, status."""
    return [(row["amount_cents"], row["method"], row["status"]) for row in office.rows(number)]


def saved_rows(page: Page) -> Locator:
    """The card's rows of what the client saved to pay with, on the portal's first page."""
    return page.get_by_role("region", name="Payment methods").get_by_role("listitem")
