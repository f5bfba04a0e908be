"""Importing a file on its page: checked, mended, imported once, with keys alone and on a phone."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from assure_app.billing.importing.examples import EXAMPLES
from tests.billing.importing.files import XERO, xero_line
from tests.e2e.office import LENA, Office, go, list_row
from tests.support.axe import require_rules

pytestmark = pytest.mark.browser
PAGE = "/invoices/import"
WIDTH = 360


def bring(page: Page, folder: Path, *lines: str, name: str = "invoices.csv") -> None:
    """Choose a file of these lines of Xero's, and have it checked."""
    file = folder / name
    file.write_text("\n".join([XERO, *lines]))
    page.goto(PAGE)
    page.get_by_label("CSV file").set_input_files(file)
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def figure(page: Page, name: str) -> str:
    return page.locator(".import-figures > div").filter(has_text=name).locator("dd").inner_text()


def test_a_file_with_errors_is_mended_and_imported_once(office: Office, tmp_path: Path) -> None:
    client = "Mended & Sons"
    good = xero_line(ContactName=client, InvoiceNumber="IM-1", InvoiceAmountPaid="40.00")
    bad = xero_line(ContactName=client, InvoiceNumber="IM-2", Total="100.01")
    page = office.open()
    page.get_by_role("link", name="Import").click()
    expect(page.get_by_role("heading", name="Files that can be imported")).to_be_visible()

    bring(page, tmp_path, good, bad)
    problems = page.get_by_role("region", name="1 problem").get_by_role("listitem")
    expect(problems).to_have_text(
        "Line 3The lines come to $100.00, but the file says $100.01.", use_inner_text=False
    )
    act = page.get_by_role("button", name="Import 1 invoice")
    expect(act).to_have_attribute("aria-disabled", "true")
    expect(act).to_have_accessible_description("Mend 1 problem first: nothing is imported yet.")
    act.click(force=True)
    expect(problems).to_have_count(1)

    bring(page, tmp_path, good, bad.replace("100.01", "100.00"))
    assert [figure(page, name) for name in ("New invoices", "New clients", "Still open")] == [
        *("2", "1", "$160.00"),
    ]
    expect(page.get_by_role("row").filter(has_text="IM-1")).to_contain_text("Partially paid")
    page.get_by_role("button", name="Import 2 invoices").dblclick()
    outcome = page.get_by_role("region", name="Outcome")
    expect(outcome).to_contain_text("2 invoices, 1 new client imported; 0 were there already.")

    page.reload()
    expect(outcome).to_contain_text("This file was imported already: 2 invoices, 1 new client")
    page.get_by_role("link", name="See the invoices").click()
    expect(page.locator(".list[aria-busy=false]")).to_be_visible()
    go(page, "/invoices?q=IM-1")
    expect(list_row(page, "IM-1")).to_contain_text("Partially paid")
    assert [row["amount_cents"] for row in office.rows("IM-1")] == [4_000]

    bring(page, tmp_path, good, bad.replace("100.01", "100.00"))
    expect(page.get_by_text("Everything in this file is in your books already.")).to_be_visible()


def test_days_are_asked_for_with_keys_alone(office: Office, tmp_path: Path) -> None:
    page = office.sign_in()
    # A day of this year is written without its year, and no year is this one for long.
    line = xero_line(InvoiceNumber="KEY-1", InvoiceDate="05/06/2025", DueDate="07/08/2025")

    bring(page, tmp_path, line)
    expect(page.get_by_role("cell", name="May 6, 2025", exact=True)).to_be_visible()
    page.get_by_label("Month first").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("cell", name="Jun 5, 2025", exact=True)).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Import 1 invoice")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_role("region", name="Outcome")).to_contain_text("1 invoice, ")


def test_clients_alone_and_an_example_to_look_at(office: Office, tmp_path: Path) -> None:
    page = office.sign_in()
    page.goto(PAGE)

    with page.expect_download() as download:
        page.get_by_role("link", name="Example of Xero contacts").click()
    page.get_by_label("CSV file").set_input_files(download.value.path())
    page.get_by_role("button", name="Check the file").click()
    page.get_by_role("button", name="Import 2 clients").click()

    expect(page.get_by_role("region", name="Outcome")).to_contain_text("2 clients, 1 contact")
    assert download.value.path().read_text() == EXAMPLES["xero-contacts"]


def test_without_the_right_a_sentence_stands_there(office: Office) -> None:
    page = office.sign_in(LENA)

    page.goto(PAGE)

    expect(page.get_by_text("You need “Edit billing” to do this.")).to_be_visible()
    expect(page.get_by_label("CSV file")).to_have_count(0)


def test_each_step_is_accessible_and_fits_a_phone(office: Office, tmp_path: Path) -> None:
    page = office.sign_in()
    page.set_viewport_size({"width": WIDTH, "height": 740})
    check = _checker(page)

    page.goto(PAGE)
    expect(page.get_by_label("CSV file")).to_be_visible()
    check()
    page.goto(f"{PAGE}?problem=too-large")
    expect(page.get_by_label("CSV file")).to_have_accessible_description(
        re.compile("The file is larger than 20 MB. Split it, and import the parts one by one.$")
    )
    check()
    ask = {"InvoiceDate": "05/06/2026", "DueDate": "07/08/2026"}
    name = "The Most Extraordinarily Long Name of a Family Partnership LLP"
    bring(page, tmp_path, xero_line(InvoiceNumber="AX-0", ContactName=name, **ask))
    check()
    many = [xero_line(InvoiceNumber=f"AX-{i}", Currency="GBP") for i in range(60)]
    bring(page, tmp_path, *many, name="a-very-long-name-of-a-file-without-a-space-in-it-at-all.csv")
    check()
    page.get_by_role("button", name="Later problems").click()
    expect(page.get_by_text("51–60")).to_be_visible()
    check()


def _checker(page: Page) -> Callable[[], None]:
    def check() -> None:
        require_rules(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH

    return check
