"""A client's visits to the portal: contacts of a journey's own, links, and codes from the mail."""

import re
import time
from itertools import count

from playwright.sync_api import Page, expect
from sqlalchemy import insert, select

from assure_app import clock
from assure_app.auth import portal_sessions
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.models.tables import contact, invoice
from tests.e2e.office import WAIT_MILLISECONDS, Office

_serial = count(1)


def make_contact(office: Office, client_id: int, *, role: str = "owner") -> str:
    """A new contact of the client; returns the e-mail."""
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
    page = office.new_page(office.server.sandbox_url)
    letter = page.get_by_role("link").filter(has_text=email)
    deadline = time.monotonic() + WAIT_MILLISECONDS / 1000
    while True:
        page.goto("/mailbox")
        if letter.count() or time.monotonic() > deadline:
            break
    letter.first.click()
    found = re.search(r"^[0-9]{6}$", page.locator("pre").inner_text(), re.MULTILINE)
    assert found is not None
    return found[0]


def ask_for_code(page: Page, email: str) -> None:
    """Type the e-mail and go on to the step where the code is typed."""
    page.get_by_label("Email").fill(email)
    page.get_by_role("button", name="Send code").click()
    expect(page.get_by_label("Code")).to_be_focused()


def pay_by_card(page: Page, amount: str, *, number: str = "4242 4242 4242 4242") -> None:
    """Fill in the stand-in's payment page for this amount and pay."""
    typed = {"number": number, "expiry": "12 / 40", "cvc": "123", "name": "Vera Client"}
    for name, text in (typed | {"zip": "10001"}).items():
        page.locator(f"[name={name}]").first.fill(text)
    page.get_by_role("button", name=f"Pay {amount}").click()
