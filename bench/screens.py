"""How long a person waits, from the click to the change on the screen, against a blank page.

The blank page is a Reflex page with one button, built and served the same way, whose press also
goes to the server and back: what Reflex itself costs. Both are measured in turns, in one browser.
"""

import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright
from rich.table import Table
from sqlalchemy import select

from assure_app.auth.passwords import DEMO_PASSWORD
from assure_app.db import engine
from assure_app.db.unit_of_work import unit_of_work
from assure_app.models.tables import firm
from bench.blank_server import running_blank
from tests.factories import make_client, make_invoice
from tests.support import browser as chromium
from tests.support.server import running_server

REPEATS = 20
AIM = 1.5
AIM_BYTES = 1.25
_LIMIT_MILLISECONDS = 10_000
_SETTLE_MILLISECONDS = 400
_MORE_INVOICES = 120
_DOWNLOADED = {"Script", "Stylesheet", "Font"}

_WATCH = f"""
window.seen = (isThere) => new Promise((resolve, reject) => {{
  const timer = setTimeout(() => reject(new Error("not seen: " + isThere)), {_LIMIT_MILLISECONDS});
  const look = () => {{
    if (!isThere()) return;
    clearTimeout(timer);
    observer.disconnect();
    resolve(performance.now());
  }};
  const observer = new MutationObserver(look);
  observer.observe(document, {{
    subtree: true, childList: true, characterData: true, attributes: true,
  }});
  look();
}});
"""
_CLICK = """
async ([button, isThere]) => {
  const began = performance.now();
  document.querySelector(button).click();
  const there = await window.seen(new Function("return " + isThere));
  await new Promise(requestAnimationFrame);
  const {port1, port2} = new MessageChannel();
  const painted = new Promise(resolve => { port1.onmessage = resolve; });
  port2.postMessage(null);
  await painted;
  return [there - began, performance.now() - began];
}
"""
_ROWS = 'document.querySelectorAll("table.list tbody tr[data-number]").length > 0'
_WORD = 'document.querySelector("#word")?.textContent === "ready"'


@dataclass
class _Figures:
    """What was measured, by name: milliseconds, or bytes."""

    floor: dict[str, list[float]] = field(default_factory=dict)
    ours: dict[str, list[float]] = field(default_factory=dict)


def measure() -> Table:
    """Load, opening the drawer and Record, each against the blank page."""
    figures = _Figures()
    with (
        tempfile.TemporaryDirectory() as directory,
        running_server(Path(directory), has_demo_data=True) as server,
        running_blank() as blank,
        _launched() as browser,
    ):
        _add_pages(server.database_url)
        _measure_loads(figures, browser, server.url, blank)
        _measure_clicks(figures, browser, server.url, blank)
    return _table(figures)


def _add_pages(database_url: str) -> None:
    """More invoices than one page holds, which the demo firm does not have."""
    engine.configure(database_url)
    with unit_of_work() as connection:
        firm_id = connection.scalar(select(firm.c.id).order_by(firm.c.id))
        client_id = make_client(connection, int(firm_id or 0))
        for _ in range(_MORE_INVOICES):
            make_invoice(connection, client_id)
    engine.dispose()


def _measure_loads(figures: _Figures, browser: Browser, ours: str, blank: str) -> None:
    with _context(browser, ours) as signed_in:
        _sign_in(signed_in.new_page())
        cookies = signed_in.storage_state()
    for _ in range(REPEATS):
        with _context(browser, blank) as context:
            _load(figures.floor, context, "/", _WORD)
        with _context(browser, ours) as context:
            context.add_cookies(cookies["cookies"])  # type: ignore[arg-type]
            _load(figures.ours, context, "/invoices", _ROWS)


def _load(found: dict[str, list[float]], context: BrowserContext, path: str, there: str) -> None:
    """The first load of a new visitor, whose cache is empty."""
    page = context.new_page()
    with _counting(context.new_cdp_session(page)) as downloaded:
        page.goto(path, wait_until="commit")
        milliseconds = page.evaluate(
            "(there) => window.seen(new Function('return ' + there))", there
        )
        page.wait_for_load_state("networkidle")
    found.setdefault("First load, to the rows", []).append(milliseconds)
    found.setdefault("First load, bytes of JS, CSS and font", []).append(sum(downloaded.values()))


@contextmanager
def _counting(session: CDPSession) -> Iterator[dict[str, float]]:
    """How many bytes each script, style sheet and font took on the wire."""
    kinds: dict[str, str] = {}
    bytes_of: dict[str, float] = {}

    def arrived(event: dict[str, str]) -> None:
        kinds[event["requestId"]] = event["type"]

    def finished(event: dict[str, str]) -> None:
        if kinds.get(event["requestId"]) in _DOWNLOADED:
            bytes_of[event["requestId"]] = float(event["encodedDataLength"])

    session.on("Network.responseReceived", arrived)
    session.on("Network.loadingFinished", finished)
    session.send("Network.enable")
    yield bytes_of


def _measure_clicks(figures: _Figures, browser: Browser, ours: str, blank: str) -> None:
    with _context(browser, ours) as context, _context(browser, blank) as other:
        page, floor = context.new_page(), other.new_page()
        floor.goto("/")
        floor.evaluate("(there) => window.seen(new Function('return ' + there))", _WORD)
        _sign_in(page)
        numbers = _numbers(page)
        payable = _payable(page)
        for turn in range(REPEATS):
            pressed = _press(floor)
            opened = _open(page, numbers[turn % len(numbers)])
            _note(figures, "Open the drawer", pressed, opened)
            _close(page)
        for turn in range(REPEATS):
            pressed = _press(floor)
            turned = _turn(page, "Previous page" if turn % 2 else "Next page")
            _note(figures, "Turn the page", pressed, turned)
        _open(page, payable)
        for _ in range(REPEATS):
            pressed = _press(floor)
            recorded = _record(page)
            _note(figures, "Record a payment", pressed, recorded)


def _note(figures: _Figures, name: str, floor: list[float], ours: list[float]) -> None:
    for column, found in ((figures.floor, floor), (figures.ours, ours)):
        for where, milliseconds in zip(
            ("on the screen", "in the page"), reversed(found), strict=True
        ):
            column.setdefault(f"{name}, {where}", []).append(milliseconds)


def _press(page: Page) -> list[float]:
    number = int(page.locator("#presses").inner_text()) + 1
    return _click(page, "button", f'document.querySelector("#presses").textContent === "{number}"')


def _open(page: Page, number: str) -> list[float]:
    title = f'document.querySelector("#drawer-title")?.textContent === "{number}"'
    return _click(page, f'tr[data-number="{number}"] a', title)


def _close(page: Page) -> None:
    _click(page, "[data-close-drawer]", '!document.querySelector("#drawer-title")')
    page.wait_for_timeout(_SETTLE_MILLISECONDS)


def _turn(page: Page, button: str) -> list[float]:
    """From the press to another invoice in the first row."""
    first = _numbers(page)[0]
    there = f'document.querySelector("tr[data-number]")?.dataset.number !== "{first}"'
    found = page.get_by_role("button", name=button)
    found.evaluate("button => button.setAttribute('data-turns', '')")
    taken = _click(page, "[data-turns]", there)
    page.locator("[data-turns]").evaluate_all(
        "buttons => buttons.forEach(button => button.removeAttribute('data-turns'))"
    )
    page.wait_for_timeout(_SETTLE_MILLISECONDS)
    return taken


def _record(page: Page) -> list[float]:
    """From the press of Record to one row more in the drawer."""
    page.get_by_role("button", name="Record payment").click()
    page.get_by_label("Amount", exact=True).fill("0.01")
    page.wait_for_timeout(_SETTLE_MILLISECONDS)
    rows = "section[aria-label=Payments] li"
    wanted = page.locator(rows).count() + 1
    taken = _click(
        page,
        "dialog[open] button[type=submit]",
        f'document.querySelectorAll("{rows}").length === {wanted}',
    )
    page.locator("dialog[open]").wait_for(state="detached")
    page.wait_for_timeout(_SETTLE_MILLISECONDS)
    return taken


def _click(page: Page, button: str, there: str) -> list[float]:
    """Milliseconds until the change is in the page, and until it was painted."""
    found = page.evaluate(_CLICK, [button, there])
    return [float(milliseconds) for milliseconds in found]


def _numbers(page: Page) -> list[str]:
    found = page.locator("table.list tbody tr[data-number]").evaluate_all(
        "rows => rows.map(row => row.dataset.number)"
    )
    return [str(number) for number in found]


def _payable(page: Page) -> str:
    row = page.locator("table.list tbody tr[data-number]").filter(has_text="Overdue").first
    return row.get_attribute("data-number") or ""


def _sign_in(page: Page) -> None:
    page.goto("/sign-in?next=/invoices")
    page.get_by_label("Demo sign-ins").wait_for()
    page.get_by_label("Email").fill("jane@chenadvisory.com")
    page.get_by_label("Password").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.locator("table.list tbody tr[data-number]").first.wait_for()


@contextmanager
def _launched() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.executable(), args=chromium.flags()
        )
        yield browser
        browser.close()


@contextmanager
def _context(browser: Browser, address: str) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=address, locale="en-US", reduced_motion="reduce")
    context.add_init_script(_WATCH)
    yield context
    context.close()


def _table(figures: _Figures) -> Table:
    aims = f"aims: {AIM_BYTES} times the bytes, {AIM} times the time"
    table = Table(title=f"Screens against a blank page ({aims})")
    for heading in ("", "Blank", "Ours", "Ratio"):
        table.add_column(heading, justify="left" if not heading else "right")
    for name, ours in figures.ours.items():
        floor = figures.floor[name]
        shown: Callable[[float], str] = _kilobytes if "bytes" in name else _milliseconds
        ratio = statistics.median(ours) / statistics.median(floor)
        table.add_row(
            name, shown(statistics.median(floor)), shown(statistics.median(ours)), f"{ratio:.2f}"
        )
    return table


def _milliseconds(value: float) -> str:
    return f"{value:.0f} ms"


def _kilobytes(value: float) -> str:
    return f"{value / 1024:.0f} KiB"
