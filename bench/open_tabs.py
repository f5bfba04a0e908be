"""From Stripe's callback to the change on another person's screen, and what an open tab costs.

One browser shows an invoice's drawer. Besides it, none or 99 more tabs of the same firm show the
same: live connections that ask for what a browser's tab asks for, and read all that it is sent.
Every payment is a real one at the sandbox, told by a signed callback over HTTP.
"""

import asyncio
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_urlsafe

import httpx
import psutil
from playwright.sync_api import Page
from rich.table import Table
from sqlalchemy import func, insert, select

from assure_app import clock, sandbox_keys
from assure_app.auth import portal_sessions
from assure_app.billing import online_payments, stripe_events
from assure_app.db import engine
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.portal_access import PortalPrincipal
from assure_app.models.tables import contact, firm, invoice, stripe_event
from assure_app.settings import get_settings
from assure_app.stripe_gateway import client as gateway
from bench.screens import _context, _launched, _sign_in
from tests.attack import support
from tests.factories import make_client, make_invoice
from tests.support.server import Server, running_server

TABS = (1, 100)
ROUNDS = 15
_CENTS = 100
_TOTAL_CENTS = 1_000_000
_EMAIL = "payer@tabs.example"
_CALM_SECONDS = 3.0
_PAID = "section[aria-label=Payments] li"


def measure() -> Table:
    """Both numbers of tabs, on SQLite."""
    table = Table(title="Callback to the change in another browser, and memory per tab")
    for heading in ("Tabs open", "Median ms", "Slowest ms", "Server MiB", "KiB a tab"):
        table.add_column(heading, justify="right")
    for tabs in TABS:
        table.add_row(str(tabs), *_measured(tabs))
    return table


def _measured(tabs: int) -> tuple[str, ...]:
    with (
        tempfile.TemporaryDirectory() as directory,
        running_server(Path(directory), has_demo_data=True) as server,
        _as_the_server(server),
        _launched() as browser,
        _context(browser, server.url) as context,
    ):
        payer = _Payer(server)
        page = context.new_page()
        _sign_in(page)
        page.goto(f"/invoices?invoice={payer.number}")
        page.get_by_role("heading", name=payer.number).first.wait_for()
        before = _memory(server)
        with _others(server, tabs - 1, payer.number):
            after = _memory(server)
            waits = [_wait(page, payer, each) for each in range(1, ROUNDS + 1)]
        more = (after - before) / 1024 / (tabs - 1) if tabs > 1 else None
    return (
        f"{statistics.median(waits):.0f}",
        f"{max(waits):.0f}",
        f"{after / 2**20:.0f}",
        "" if more is None else f"{more:.0f}",
    )


@dataclass
class _Payer:
    """A client's contact with one large invoice, paid dollar by dollar."""

    server: Server

    def __post_init__(self) -> None:
        with unit_of_work() as connection:
            wanted = select(firm.c.id).where(firm.c.name == "Chen Advisory")
            client_id = make_client(connection, int(connection.scalar(wanted) or 0))
            invoice_id = make_invoice(connection, client_id, total_cents=_TOTAL_CENTS)
            connection.execute(
                insert(contact).values(
                    client_id=client_id, name="Pat Payer", email=_EMAIL, role="owner"
                )
            )
        with reading() as connection:
            row = connection.execute(select(invoice).where(invoice.c.id == invoice_id)).one()
            self.number, self.pay_token = row.number, row.pay_token
            (self.person,) = portal_sessions.contacts_of(connection, _EMAIL)

    def pay(self) -> None:
        """Open a page and pay on it: the sandbox tells of it by itself."""
        person: PortalPrincipal = self.person
        started = online_payments.start_checkout(
            person, self.pay_token, "1.00", form_token=token_urlsafe(24), now=clock.now()
        )
        control = sandbox_keys.read(get_settings()).control_token
        answer = httpx.post(
            f"{self.server.sandbox_url}/_sandbox/pay",
            json={"session": started.url.split("?")[0].rsplit("/", 1)[1]},
            headers={"Authorization": f"Bearer {control}"},
            trust_env=False,
        )
        answer.raise_for_status()


def _wait(page: Page, payer: _Payer, paid: int) -> float:
    """Milliseconds from taking in the callback to the payment's row in the browser."""
    began = datetime.now(UTC)
    page.evaluate(
        "([rows, count]) => { window.there = window.seen("
        "() => document.querySelectorAll(rows).length >= count).then(() => Date.now()); }",
        [_PAID, paid],
    )
    payer.pay()
    there = float(page.evaluate("window.there"))
    with reading() as connection:
        told = select(func.min(stripe_event.c.received_at)).where(
            stripe_event.c.received_at >= began, stripe_event.c.type.in_(stripe_events.TYPES)
        )
        received = connection.scalar(told)
    if received is None:
        raise LookupError("the payment was told of before its callback came")
    time.sleep(_CALM_SECONDS)  # The callbacks that follow shall not be the next one's neighbours.
    return float(there - received.timestamp() * 1000)


@contextmanager
def _others(server: Server, count: int, number: str) -> Iterator[None]:
    """So many more tabs, held by a thread of their own until the block ends."""
    are_open = threading.Event()
    loop, are_done = asyncio.new_event_loop(), asyncio.Event()
    thread = ThreadPoolExecutor(1)
    load = support.handler_named("shell.load")

    async def hold() -> None:
        cookie = support.sign_in(server, "jane@chenadvisory.com")
        async with AsyncExitStack() as stack:
            for _ in range(count):
                socket = await stack.enter_async_context(
                    support.open_socket(server, cookie=cookie, path="/invoices")
                )
                await socket.send(load, {}, query=f"invoice={number}")
                await socket.hydrate()
            are_open.set()
            await are_done.wait()

    holding = thread.submit(loop.run_until_complete, hold())
    holding.add_done_callback(lambda _: are_open.set())
    are_open.wait()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(are_done.set)
        holding.result()
        thread.shutdown()
        loop.close()


@contextmanager
def _as_the_server(server: Server) -> Iterator[None]:
    """Let this process act on the server's database and sandbox."""
    places = {
        "PORT": str(server.port),
        "ASSURE_DATA_DIR": str(server.data_dir),
        "DATABASE_URL": server.database_url,
    }
    kept = dict(os.environ)
    os.environ |= places
    get_settings.cache_clear()
    engine.configure(server.database_url)
    try:
        yield
    finally:
        engine.dispose()
        gateway.dispose()
        os.environ.clear()
        os.environ |= kept
        get_settings.cache_clear()


def _memory(server: Server) -> float:
    """Bytes that the web process holds, once it is calm."""
    time.sleep(_CALM_SECONDS)
    family = psutil.Process(server.process.pid).children(recursive=True)
    return float(max(each.memory_info().rss for each in family))
