"""Reports in a real browser: every figure leads to the invoices behind it."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.e2e.office import SARAH, Office, badge, drawer, go, record
from tests.support.waiting import wait_until

pytestmark = pytest.mark.browser


def tile(page: Page, name: str) -> str:
    """The amount of a bucket."""
    return page.locator("button.tile", has_text=name).locator("b").inner_text()


def invoices(page: Page) -> list[str]:
    """The numbers of the listed invoices."""
    return page.get_by_role("region", name="Invoices").locator("tbody th a").all_inner_texts()


def nothing_slides(page: Page) -> None:
    """Every cell that says something, those of the sums too, is in sight as it stands."""
    hidden = page.locator(".report-table :is(tbody, tfoot) :is(th, td):not(:empty)").evaluate_all(
        """(cells) => cells.filter((cell) => {
            const box = cell.getBoundingClientRect();
            const frame = cell.closest(".scroll").getBoundingClientRect();
            return box.left < frame.left || box.right > frame.right
                || cell.scrollWidth > box.width + 1;
        }).map((cell) => cell.textContent)"""
    )
    assert hidden == []
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_aging_leads_from_a_figure_to_the_invoice_and_follows_its_payment(
    office: Office, axe: Callable[[Page], None]
) -> None:
    client_id = office.client("Aged & Sons")
    number = office.invoice(123_400, client_id=client_id, age=100, term=10)
    page = office.sign_in()
    page.goto("/invoices")

    page.get_by_role("navigation", name="Main").get_by_role("link", name="Reports").click()
    bucket = page.locator("button.tile", has_text="61–90 days late")
    expect(bucket).to_be_visible()
    page.get_by_role("button", name="Aged & Sons").click()
    expect(page.get_by_role("region", name="Invoices").locator("tfoot")).to_contain_text(
        "$1,234.00"
    )
    assert invoices(page) == [number]
    expect(page).to_have_url(re.compile(rf"\?client={client_id}$"))
    axe(page)
    before = tile(page, "61–90 days late")
    other = office.open_invoice(number)
    record(other, "1,234.00", reference="77")
    expect(badge(other)).to_have_text("Paid")
    expect(bucket.locator("b")).not_to_have_text(before)
    expect(page.get_by_role("region", name="Invoices")).to_contain_text("No invoice is behind this")

    yesterday = (office.today() - timedelta(days=1)).isoformat()
    page.get_by_label("As of the end of").fill(yesterday)
    expect(page).to_have_url(re.compile(r"as-of="))
    expect(bucket.locator("b")).to_have_text(before)
    with page.expect_download() as file:
        page.get_by_role("link", name="Download CSV").click()
    assert f"Aged & Sons,{number}," in file.value.path().read_text(encoding="utf-8-sig")
    page.get_by_role("link", name=number).click()
    expect(drawer(page)).to_contain_text("Aged & Sons")
    page.go_back()
    expect(page.get_by_label("As of the end of")).to_have_value(yesterday)


def test_the_page_that_is_left_by_going_back_touches_no_address(office: Office) -> None:
    client_id = office.client("Going Back Ltd")
    number = office.invoice(client_id=client_id)
    page = office.sign_in()
    told: list[str] = []
    page.on("websocket", lambda line: line.on("framesent", lambda sent: told.append(str(sent))))
    # Other journeys' older invoices may fill the list, so it is narrowed to this client's.
    page.goto(f"/reports?client={client_id}")
    expect(page.get_by_role("link", name=number)).to_be_visible()
    day = (office.today() - timedelta(days=1)).isoformat()
    page.get_by_label("As of the end of").fill(day)
    expect(page).to_have_url(re.compile(r"as-of="))
    page.get_by_role("link", name=number).click()
    expect(drawer(page)).to_be_visible()
    told.clear()

    page.go_back()

    expect(page.get_by_label("As of the end of")).to_have_value(day)
    assert [each for each in told if "invoice_drawer" in each] == []
    page.evaluate("assure.address('reports', 'as-of=2026-01-01', false)")
    expect(page).to_have_url(re.compile(r"/reports\?as-of=2026-01-01$"))
    page.evaluate("history.replaceState(history.state, '', '/invoices?status=paid')")
    page.evaluate("assure.address('reports', '', false)")
    assert page.url.endswith("/invoices?status=paid")


def test_payments_and_fees_over_a_period(office: Office, axe: Callable[[Page], None]) -> None:
    # On the first of a month nobody else may have paid in it yet.
    page = office.open_invoice(office.invoice(50_000))
    record(page)
    expect(badge(page)).to_have_text("Paid")
    page.emulate_media(color_scheme="dark")
    page.goto("/reports/payments")
    month = page.get_by_role("region", name="By month")
    expect(month.locator("tbody tr")).to_have_count(12)
    axe(page)

    page.get_by_role("button", name="This month").click()
    expect(month.locator("tbody tr")).to_have_count(1)
    first = office.today().replace(day=1)
    expect(page.get_by_label("From")).to_have_value(first.isoformat())
    page.get_by_label("To").fill((first - timedelta(days=1)).isoformat())
    expect(page.get_by_role("alert").filter(has_text="The last day comes before")).to_be_visible()
    expect(month.locator("tbody tr")).to_have_count(1)

    page.get_by_role("navigation", name="Reports").get_by_role("link", name="Stripe fees").click()
    expect(page.locator("dl.report-figures")).to_contain_text("Fees lost to refunds")
    page.set_viewport_size({"width": 360, "height": 800})
    expect(page.get_by_role("table").get_by_role("row").last).to_contain_text("Total")
    nothing_slides(page)
    axe(page)


def test_a_phone_shows_every_figure_and_its_total_without_sliding(
    office: Office, axe: Callable[[Page], None]
) -> None:
    client_id = office.client("The Most Extraordinarily Long Name of a Family Farm on a Phone LLP")
    office.invoice(1_234_567_890, client_id=client_id, age=100, term=10)
    page = office.sign_in()
    page.set_viewport_size({"width": 360, "height": 740})

    page.goto("/reports")
    by_client = page.get_by_role("region", name="By client").get_by_role("table")
    row = by_client.get_by_role("row").filter(has_text="Family Farm")
    late = row.get_by_role("cell").filter(has_text="$12,345,678.90").first

    assert late.evaluate("cell => getComputedStyle(cell, '::before').content").startswith(
        '"61–90 days late"'
    )
    nothing_slides(page)
    axe(page)
    page.goto("/reports/payments")
    expect(page.get_by_role("region", name="By method").get_by_role("rowheader")).not_to_have_count(
        0
    )
    nothing_slides(page)
    axe(page)


def test_nothing_can_be_typed_that_nobody_would_hear_of(office: Office) -> None:
    page = office.sign_in()
    lines: list[WebSocketRoute] = []

    def keep_waiting(line: WebSocketRoute) -> None:
        lines.append(line)

    page.route_web_socket(re.compile("/_event"), keep_waiting)
    for path, label in (("/reports", "As of the end of"), ("/reports/fees", "To")):
        page.goto(path)
        day = page.get_by_label(label, exact=True)
        # Asking the page anything lets news of its lines come in.
        wait_until(lambda: bool(page.title() and lines))
        expect(day).to_be_disabled()

        lines.pop().connect_to_server()

        expect(day).to_be_enabled()
        expect(day).not_to_have_value("")


def test_who_sees_no_billing_sees_no_report(office: Office) -> None:
    page = office.sign_in(SARAH)
    page.goto("/reports")

    expect(page.get_by_role("heading", name="Reports are not open to you")).to_be_visible()
    expect(page.locator(".report-total")).to_have_count(0)
    go(page, "/reports/payments")
    expect(page.get_by_role("heading", name="Reports are not open to you")).to_be_visible()
