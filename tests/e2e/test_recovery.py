"""Reloads, dropped connections and a server that is started again (§5)."""

import re
from collections.abc import Callable

import psutil
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.office import (
    Office,
    badge,
    dialog,
    drawer,
    field,
    list_row,
    open_record,
    press,
    record,
    section,
    tile,
)
from tests.support.server import Server
from tests.support.waiting import WAIT_SECONDS

pytestmark = pytest.mark.browser


def test_a_reload_shows_the_same(office: Office) -> None:
    client_id = office.client("Reload & Sons")
    number = office.invoice(age=60, client_id=client_id)
    page = office.open()
    tile(page, "Overdue").click()
    page.get_by_role("searchbox").fill("Reload & Sons")
    expect(page.locator(".list tbody tr[data-number]")).to_have_count(1)
    page.get_by_role("columnheader", name="Total").get_by_role("button").click()
    list_row(page, number).locator("td.total").click()
    record(page, "250", reference="R-1")
    expect(badge(page)).to_have_text("Partially paid")
    page.wait_for_url(re.compile(rf"invoice={number}.*tile=Overdue.*q=Reload.*sort=total"))

    page.reload()

    expect(drawer(page).get_by_role("heading", name=number)).to_be_visible()
    expect(badge(page)).to_have_text("Partially paid")
    expect(section(page, "Payments").get_by_role("listitem")).to_contain_text("Check R-1")
    expect(tile(page, "Overdue")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("searchbox")).to_have_value("Reload & Sons")
    expect(page.locator(".list tbody tr[data-number]")).to_have_count(1)
    expect(page.get_by_role("columnheader", name="Total")).to_have_attribute(
        "aria-sort", "descending"
    )


def test_a_reload_in_the_middle_of_recording_writes_nothing(office: Office) -> None:
    number = office.invoice()
    page = office.open_invoice(number)
    open_record(page)
    field(page, "Amount").fill("77")

    page.reload()

    expect(drawer(page).get_by_role("heading", name=number)).to_be_visible()
    expect(dialog(page)).to_be_hidden()
    open_record(page)
    expect(field(page, "Amount")).to_have_value("1,000.00")
    assert office.rows(number) == []


@pytest.fixture
def own_server(start_server: Callable[..., Server]) -> Server:
    """A server that this journey may kill."""
    return start_server(has_demo_data=True)


def test_a_server_that_dies_comes_back_and_the_page_goes_on(
    own_server: Server, new_page: Callable[[str], Page]
) -> None:
    office = Office(own_server, new_page)
    number = office.invoice()
    page = office.open_invoice(number)
    open_record(page)
    field(page, "Amount").fill("123.45")
    field(page, "Reference").fill("K-9")
    dialog(page).get_by_text("Wire", exact=True).click()
    dialog(page).locator("form").evaluate("(form) => form.dataset.isOfBefore = '1'")

    _kill_web_process(own_server)
    own_server.wait_until_healthy()

    expect(page.locator("form[data-is-of-before]")).to_have_count(0)
    expect(field(page, "Amount")).to_have_value("123.45")
    expect(field(page, "Reference")).to_have_value("K-9")
    expect(field(page, "Wire")).to_be_checked()
    expect(dialog(page).locator(".preview")).to_contain_text("$876.55")
    press(page, "Record")
    expect(badge(page)).to_have_text("Partially paid")
    assert [row["amount_cents"] for row in office.rows(number)] == [12_345]
    other = office.open_invoice(number)
    record(other)
    expect(badge(page)).to_have_text("Paid")
    assert office.differences() == []


def _kill_web_process(server: Server) -> None:
    """Kill the web program outright; its supervisor starts another."""
    supervisor = psutil.Process(server.process.pid)
    children = supervisor.children(recursive=True)
    for child in children:
        child.kill()
    psutil.wait_procs(children, timeout=WAIT_SECONDS)


def test_an_interrupted_connection_mends_itself(office: Office) -> None:
    number = office.invoice()
    page = office.open_invoice(number)
    page.evaluate("window.isTheSamePage = true")

    page.context.set_offline(True)
    elsewhere = office.open_invoice(number)
    record(elsewhere, "300")
    page.context.set_offline(False)

    expect(badge(page)).to_have_text("Partially paid")
    open_record(page)
    expect(field(page, "Amount")).to_have_value("700.00")
    press(page, "Record")
    expect(badge(page)).to_have_text("Paid")
    assert [row["amount_cents"] for row in office.rows(number)] == [30_000, 70_000]
