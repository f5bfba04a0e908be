"""The demo firm's office: people who open its pages, invoices of a journey's own, and the books."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from playwright.sync_api import Locator, Page, expect
from sqlalchemy import Connection, select

from assure_app import clock
from assure_app.auth import sessions
from assure_app.billing import firm_settings, invoices, sending
from assure_app.billing.verification import Tally, differences
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.calendar import day_of
from assure_app.domain.permissions import Principal, TeamRights
from assure_app.models import Engagement, tables
from tests.factories import insert, make_client
from tests.support.engines import behind_the_engine
from tests.support.server import Server
from tests.support.waiting import WAIT_SECONDS

JANE = "jane@chenadvisory.com"
MARCUS = "marcus@chenadvisory.com"
LENA = "lena@chenadvisory.com"
SARAH = "sarah@chenadvisory.com"
OLGA = "olga@northsidecpa.example"
NEW_YORK, FURTHER_WEST = "America/New_York", "America/Los_Angeles"
LATE_HOUR = 21
"""No run of the journeys takes as long as the rest of the evening from here."""

WAIT_MILLISECONDS = WAIT_SECONDS * 1000

_serial = count(1)


@dataclass(frozen=True, slots=True)
class Office:
    """One running product with the demo firm in it."""

    server: Server
    new_page: Callable[[str], Page]

    def sign_in(self, email: str = JANE) -> Page:
        """A page of a browser of this person's own, signed in, with nothing opened yet."""
        page = self.new_page(self.server.url)
        page.set_default_timeout(WAIT_MILLISECONDS)
        wanted = select(tables.firm_user.c.id).where(tables.firm_user.c.email == email)
        with self._behind_the_engine(), unit_of_work() as connection:
            user_id = connection.execute(wanted).scalar_one()
            token = sessions.open_session(connection, user_id, now=clock.now())
        page.context.add_cookies(
            [{"name": "assure_session", "value": token, "url": self.server.url}]
        )
        return page

    def open(self, path: str = "/invoices", *, email: str = JANE) -> Page:
        """The path in a browser of this person's own, once the list is there."""
        page = self.sign_in(email)
        go(page, path)
        return page

    def open_invoice(self, number: str, *, email: str = JANE) -> Page:
        """An invoice in its drawer, by its address."""
        page = self.open(f"/invoices?invoice={number}", email=email)
        expect(drawer(page)).to_be_visible()
        return page

    def client(self, name: str = "") -> int:
        """A new client of the demo firm; returns its id."""
        with self._behind_the_engine(), unit_of_work() as connection:
            firm_id = _jane(connection).firm_id
            return make_client(connection, firm_id, name=name or f"Quill & Co {next(_serial)}")

    def invoice(
        self,
        cents: int = 100_000,
        *,
        client_id: int = 0,
        engagement_id: int | None = None,
        age: int = 10,
        term: int = 30,
        is_sent: bool = True,
    ) -> str:
        """A new invoice of the demo firm, issued `age` days ago; returns its number."""
        client_id = client_id or self.client()
        issued = self.today() - timedelta(days=age)
        new = invoices.NewInvoice(
            client_id=client_id,
            engagement_id=engagement_id,
            title="Advice",
            issued_on=issued,
            due_on=issued + timedelta(days=term),
            lines=[invoices.Line(description="Advice", unit_price_cents=cents)],
        )
        with self._behind_the_engine(), unit_of_work() as connection:
            jane = _jane(connection)
            number = invoices.create_invoice(connection, jane, new, now=clock.now())
            if is_sent:
                invoices.mark_sent(
                    connection, jane, number, text=sending.SENT_BY_EMAIL, now=clock.now()
                )
            return number

    def engagement(self, client_id: int, name: str = "Bookkeeping 2026") -> int:
        """Work for the client with auto-pay on; its id."""
        with self._behind_the_engine(), unit_of_work() as connection:
            return insert(
                connection,
                Engagement,
                firm_id=_jane(connection).firm_id,
                client_id=client_id,
                name=name,
                is_autopay_on=True,
            )

    def today(self) -> date:
        """The firm's calendar day."""
        with self._behind_the_engine(), reading() as connection:
            wanted = select(tables.firm.c.timezone).where(
                tables.firm.c.id == _jane(connection).firm_id
            )
            return day_of(clock.now(), connection.execute(wanted).scalar_one())

    def rows(self, number: str) -> list[dict[str, Any]]:
        """The invoice's ledger, oldest first."""
        wanted = (
            select(tables.payment)
            .join(tables.invoice, tables.invoice.c.id == tables.payment.c.invoice_id)
            .where(tables.invoice.c.number == number)
            .order_by(tables.payment.c.id)
        )
        with self._behind_the_engine(), reading() as connection:
            return [dict(row) for row in connection.execute(wanted).mappings()]

    def letters(self, number: str) -> list[tuple[str, bool]]:
        """To whom letters of the invoice go, and whether each has left."""
        wanted = (
            select(tables.mail_message)
            .join(tables.invoice, tables.invoice.c.id == tables.mail_message.c.invoice_id)
            .where(tables.invoice.c.number == number)
            .order_by(tables.mail_message.c.id)
        )
        with self._behind_the_engine(), reading() as connection:
            rows = connection.execute(wanted)
            return [(row.to_email, row.sent_at is not None) for row in rows]

    def differences(self) -> list[str]:
        """What `assure verify` finds."""
        with self._behind_the_engine(), reading() as connection:
            return [str(each) for each in differences(connection, Tally())]

    def write(self, statement: Any) -> None:
        """Change the database behind the server's back."""
        with self._behind_the_engine(), unit_of_work() as connection:
            connection.execute(statement)

    def _behind_the_engine(self) -> AbstractContextManager[None]:
        return behind_the_engine(self.server.database_url)


def go(page: Page, path: str) -> None:
    """Open the path and wait until the list's rows, or what stands for them, are there."""
    page.goto(path)
    expect(page.locator(".list[aria-busy=false], .empty").first).to_be_visible()


def drawer(page: Page) -> Locator:
    return page.locator(".drawer")


def section(page: Page, name: str) -> Locator:
    """A section of the drawer by its heading."""
    return drawer(page).get_by_role("region", name=name, exact=True)


def figure(page: Page, name: str) -> Locator:
    """A figure of the drawer's summary."""
    return section(page, "Summary").locator("dl > div").filter(has_text=name).locator("dd")


def badge(page: Page) -> Locator:
    return drawer(page).locator("header .badge")


def list_row(page: Page, number: str) -> Locator:
    return page.locator(f'.list tbody tr[data-number="{number}"]')


def tile(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name="Filter by state").get_by_role("button", name=name)


def tile_count(page: Page, name: str) -> int:
    """How many invoices a tile counts now."""
    return int(tile(page, name).locator("b").inner_text())


def expect_tile(page: Page, name: str, count: int) -> None:
    """Wait until the tile counts so many; the list follows the drawer."""
    expect(tile(page, name).locator("b")).to_have_text(str(count))


def dialog(page: Page, title: str = "Record payment") -> Locator:
    return page.get_by_role("dialog", name=title, exact=True)


def field(page: Page, label: str) -> Locator:
    """A field of the open dialog; a lighter word may follow its label."""
    return page.locator("dialog[open]").get_by_label(re.compile(rf"^{label}\b"))


def press(page: Page, name: str) -> None:
    """Press a button of the open dialog."""
    page.locator("dialog[open]").get_by_role("button", name=name, exact=True).click()


def open_record(page: Page) -> Locator:
    """Press Record payment in the drawer, and give the dialog."""
    drawer(page).get_by_role("button", name="Record payment").click()
    expect(dialog(page)).to_be_visible()
    expect(field(page, "Amount")).to_be_focused()
    return dialog(page)


def record(page: Page, amount: str = "", *, reference: str = "") -> None:
    """Record a check on the invoice in the drawer: the amount, or "" for the whole balance."""
    open_record(page)
    if amount:
        field(page, "Amount").fill(amount)
    if reference:
        field(page, "Reference").fill(reference)
    press(page, "Record")
    expect(dialog(page)).to_be_hidden()


def keep_midnight_away(server: Server) -> None:
    """Let the demo firm's day not end while it is at work.

    A journey and the product each look at the clock, and between the two looks may be midnight.
    Late in its evening the firm moves to a time zone in which the same day goes on for hours.
    """
    now = clock.now()
    if now.astimezone(ZoneInfo(NEW_YORK)).hour < LATE_HOUR:
        return
    with behind_the_engine(server.database_url):
        with reading() as connection:
            jane = _jane(connection)
        form = firm_settings.start(jane)
        moved = replace(form, timezone=FURTHER_WEST)
        firm_settings.save(jane, before=form, after=moved, now=now)


def _jane(connection: Connection) -> Principal:
    user = connection.execute(
        select(tables.firm_user).where(tables.firm_user.c.email == JANE)
    ).one()
    return Principal(
        session_id=0,
        user_id=user.id,
        firm_id=user.firm_id,
        name=user.name,
        email=user.email,
        is_owner=True,
        is_admin=False,
        is_stripe_admin=True,
        rights=TeamRights(),
    )
