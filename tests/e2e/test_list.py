"""The invoice list: tiles, search, sort, pages, client, and the address that names them all."""

import csv
import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from assure_app.billing.importing.formats import OWN_INVOICES
from assure_app.frontend import PROJECT
from tests.e2e.office import (
    MARCUS,
    Office,
    drawer,
    go,
    list_row,
    tile,
    tile_count,
)

pytestmark = pytest.mark.browser
IMPORTED = 120


@pytest.fixture
def imported(office: Office, tmp_path: Path) -> Office:
    """More invoices than two pages hold, all of one client."""
    file = tmp_path / "invoices.csv"
    with file.open("w", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(names[0] for names in OWN_INVOICES.columns.values())
        for i in range(IMPORTED):
            day = f"2026-{1 + i % 6:02d}-{1 + i % 28:02d}"
            who = ("Paper Mill Inc", "Pat Mill", "pat@mill.example")
            writer.writerow([f"OLD-{1000 + i}", *who, "Archive", day, day, f"{100 + i}.00", "yes"])
    server = office.server
    command = [sys.executable, "-m", "assure_app.cli", "import", str(file), "--firm"]
    subprocess.run(
        [*command, "Chen Advisory"],
        cwd=PROJECT,
        check=True,
        capture_output=True,
        env=os.environ
        | {"DATABASE_URL": server.database_url, "ASSURE_DATA_DIR": str(server.data_dir)},
    )
    return office


def rows(page: Page) -> Locator:
    return page.locator(".list tbody tr[data-number]")


def shown(page: Page) -> tuple[int, int]:
    """The two numbers of “X of Y”."""
    text = page.locator(".toolbar .count").inner_text()
    found = re.fullmatch(r"([\d,]+) of ([\d,]+)", text)
    assert found, text
    return int(found[1].replace(",", "")), int(found[2].replace(",", ""))


def test_a_tile_filters_and_the_same_tile_shows_all_again(office: Office) -> None:
    office.invoice(is_sent=False)
    page = office.open()
    _, total = shown(page)

    for name in ("Drafts", "Awaiting", "Overdue", "Failed"):
        count = tile_count(page, name)
        tile(page, name).click()
        expect(tile(page, name)).to_have_attribute("aria-pressed", "true")
        expect(page.locator(".toolbar .count")).to_have_text(f"{count} of {total}")
        page.wait_for_url(f"**/invoices?*tile={name}*")
        assert rows(page).count() == min(count, 50)
        tile(page, name).click()
        expect(tile(page, name)).to_have_attribute("aria-pressed", "false")
        expect(page.locator(".toolbar .count")).to_have_text(f"{total} of {total}")

    for name in ("Awaiting", "Overdue"):
        expect(tile(page, name)).to_contain_text(re.compile(r"\$[\d,]+\.\d\d open"))


def test_search_finds_number_client_and_reference(office: Office) -> None:
    number = office.invoice(client_id=office.client("Zanzibar Fruit 50%_off"))
    page = office.open()
    search = page.get_by_role("searchbox")

    for text, expected in (
        (number, number),
        ("zanzibar", number),
        ("50%_off", number),
        ("HP-88213", "Harbor & Pine LLC"),
    ):
        search.fill(text)
        expect(rows(page)).to_have_count(1)
        expect(rows(page).first).to_contain_text(expected)
        expect(search).to_have_value(text)
        expect(search).to_be_focused()

    search.fill("no such thing at all")
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()
    search.fill("x" * 500)
    expect(page.get_by_text("Search for at most 100 characters.")).to_be_visible()
    page.get_by_role("button", name="Clear filters").first.click()
    expect(search).to_have_value("")
    expect(rows(page).nth(10)).to_be_visible()


def test_only_the_last_text_typed_counts(office: Office) -> None:
    number = office.invoice(client_id=office.client("Fast Typist Ltd"))
    page = office.open()

    page.get_by_role("searchbox").press_sequentially("Fast Typist Ltd", delay=25)

    expect(rows(page)).to_have_count(1)
    expect(list_row(page, number)).to_be_visible()
    expect(page.get_by_role("searchbox")).to_have_value("Fast Typist Ltd")


def test_headers_sort_and_say_so(office: Office) -> None:
    client_id = office.client("Sorting Hat LLC")
    numbers = [office.invoice(cents, client_id=client_id) for cents in (30_000, 10_000, 20_000)]
    page = office.open("/invoices?q=Sorting+Hat")
    expect(rows(page)).to_have_count(3)

    def order() -> list[str]:
        return [str(row.get_attribute("data-number")) for row in rows(page).all()]

    total = page.get_by_role("columnheader", name="Total")
    expect(page.get_by_role("columnheader", name="Date")).to_have_attribute(
        "aria-sort", "descending"
    )
    expect(total).to_have_attribute("aria-sort", "none")
    total.get_by_role("button").click()
    expect(total).to_have_attribute("aria-sort", "descending")
    expect(rows(page).first).to_have_attribute("data-number", numbers[0])
    assert order() == [numbers[0], numbers[2], numbers[1]]
    total.get_by_role("button").click()
    expect(total).to_have_attribute("aria-sort", "ascending")
    expect(rows(page).first).to_have_attribute("data-number", numbers[1])
    assert order() == [numbers[1], numbers[2], numbers[0]]
    for name in ("#", "Client", "Date", "Due", "Balance"):
        header = page.get_by_role("columnheader", name=name)
        header.get_by_role("button").click()
        expect(header).to_have_attribute("aria-sort", re.compile("ascending|descending"))
        expect(rows(page)).to_have_count(3)


def next_page(page: Page) -> None:
    """Go on, until the address names the next page too: only then does a reload show it."""
    before = page.url
    page.get_by_role("button", name="Next page").click()
    page.wait_for_function("before => location.href !== before", arg=before)


def test_pages_of_fifty_and_the_way_back(imported: Office) -> None:
    page = imported.open("/invoices?q=OLD-&sort=number&order=up")
    expect(rows(page)).to_have_count(50)
    expect(rows(page).first).to_have_attribute("data-number", "OLD-1000")
    expect(page.locator(".toolbar .count")).to_contain_text(f"{IMPORTED} of")
    pager = page.get_by_role("navigation", name="Pages")
    expect(pager.get_by_role("button", name="Previous page")).to_have_count(0)

    next_page(page)
    expect(rows(page).first).to_have_attribute("data-number", "OLD-1050")
    next_page(page)
    expect(rows(page).first).to_have_attribute("data-number", "OLD-1100")
    expect(rows(page)).to_have_count(20)
    expect(pager.get_by_role("button", name="Next page")).to_have_count(0)

    page.reload()
    expect(rows(page).first).to_have_attribute("data-number", "OLD-1100")
    page.go_back()
    expect(rows(page).first).to_have_attribute("data-number", "OLD-1050")
    pager.get_by_role("button", name="Previous page").click()
    expect(rows(page).first).to_have_attribute("data-number", "OLD-1000")
    expect(rows(page)).to_have_count(50)

    go(page, "/invoices?page=made-up")
    expect(page.get_by_text("This page of the list no longer exists.")).to_be_visible()


def test_the_back_button_closes_the_drawer_and_takes_filters_back(office: Office) -> None:
    number = office.invoice(age=50)
    page = office.open()
    tile(page, "Overdue").click()
    expect(tile(page, "Overdue")).to_have_attribute("aria-pressed", "true")
    list_row(page, number).locator("td.total").click()
    expect(drawer(page).get_by_role("heading", name=number)).to_be_visible()
    page.wait_for_url(f"**invoice={number}*")

    page.go_back()
    expect(drawer(page)).to_have_count(0)
    expect(tile(page, "Overdue")).to_have_attribute("aria-pressed", "true")
    page.go_back()
    expect(tile(page, "Overdue")).to_have_attribute("aria-pressed", "false")
    page.go_forward()
    expect(tile(page, "Overdue")).to_have_attribute("aria-pressed", "true")
    page.go_forward()
    expect(drawer(page).get_by_role("heading", name=number)).to_be_visible()


def test_a_client_filters_by_one_press_and_its_chip_takes_it_away(office: Office) -> None:
    client_id = office.client("Chipmunk Bakery")
    number = office.invoice(client_id=client_id)
    other = office.invoice(client_id=client_id, age=70)
    page = office.open(f"/invoices?q={number}")

    list_row(page, number).get_by_role("button", name="Chipmunk Bakery").click()
    chip = page.locator(".toolbar").get_by_role("button", name="Chipmunk Bakery")
    expect(chip).to_be_visible()
    page.wait_for_url(f"**client={client_id}*")
    expect(drawer(page)).to_have_count(0)
    page.get_by_role("searchbox").fill("")
    expect(rows(page)).to_have_count(2)
    expect(list_row(page, other)).to_be_visible()

    chip.click()
    expect(chip).to_have_count(0)
    expect(rows(page).nth(5)).to_be_visible()


def test_the_drawer_walks_the_filtered_list(office: Office) -> None:
    client_id = office.client("Walking Boots Co")
    newest, middle, oldest = (office.invoice(client_id=client_id, age=age) for age in (1, 2, 3))
    page = office.open(f"/invoices?client={client_id}&invoice={middle}")
    expect(drawer(page).get_by_role("heading", name=middle)).to_be_visible()

    drawer(page).get_by_role("button", name="Next invoice").click()
    expect(drawer(page).get_by_role("heading", name=oldest)).to_be_visible()
    expect(drawer(page).get_by_role("button", name="Next invoice")).to_be_disabled()
    drawer(page).get_by_role("button", name="Previous invoice").click()
    expect(drawer(page).get_by_role("heading", name=middle)).to_be_visible()
    drawer(page).get_by_role("button", name="Previous invoice").click()
    expect(drawer(page).get_by_role("heading", name=newest)).to_be_visible()
    expect(drawer(page).get_by_role("button", name="Previous invoice")).to_be_disabled()
    page.wait_for_url(f"**invoice={newest}*")


def test_a_filter_by_hand_that_makes_no_sense_breaks_nothing(office: Office) -> None:
    page = office.open()

    for query in (
        "tile=Nonsense",
        "client=abc",
        "client=99999999999999999999",
        "client=-1",
        "sort=drop+table",
        "order=sideways",
        "page=AAAA",
        "q=%00%FF",
        "invoice=%3Cscript%3E",
        "tile=Overdue&tile=Drafts",
    ):
        go(page, f"/invoices?{query}")
        expect(page.get_by_role("heading", name="Invoices")).to_be_visible()
        expect(page.locator(".toolbar .count")).to_have_text(re.compile(r"[\d,]+ of [\d,]+"))


def test_filters_by_status_and_days_last_over_a_reload_and_in_a_shared_link(
    office: Office,
) -> None:
    client_id = office.client("Calendar Cafe")
    wanted = office.invoice(client_id=client_id, age=5, is_sent=False)
    for age in (4, 6):
        office.invoice(client_id=client_id, age=age, is_sent=False)
    office.invoice(client_id=client_id, age=5)
    day = (office.today() - timedelta(days=5)).isoformat()
    page = office.open(f"/invoices?client={client_id}")
    expect(rows(page)).to_have_count(4)

    page.get_by_label("Status", exact=True).select_option("Draft")
    expect(rows(page)).to_have_count(3)
    page.get_by_label("From", exact=True).fill(day)
    page.get_by_label("To", exact=True).fill(day)

    expect(rows(page)).to_have_count(1)
    expect(list_row(page, wanted)).to_be_visible()
    page.wait_for_url(f"**status=Draft&client={client_id}&from={day}&to={day}")
    for shared in (page, office.open("/" + page.url.split("/", 3)[3], email=MARCUS)):
        shared.reload()
        expect(rows(shared)).to_have_count(1)
        expect(shared.get_by_label("Status", exact=True)).to_have_value("Draft")
        expect(shared.get_by_label("From", exact=True)).to_have_value(day)
        expect(shared.get_by_label("To", exact=True)).to_have_value(day)
    page.get_by_role("button", name="Clear filters").click()
    expect(page.get_by_label("From", exact=True)).to_have_value("")
    expect(page.get_by_label("Status", exact=True)).to_have_value("")
    page.go_back()
    expect(rows(page)).to_have_count(1)


def test_a_wrong_day_is_told_at_its_field_and_hides_nothing(office: Office) -> None:
    number = office.invoice()
    page = office.open(f"/invoices?q={number}&from=2026-02-30")

    first = page.get_by_label("From", exact=True)
    expect(first).to_have_attribute("aria-invalid", "true")
    expect(first).to_have_accessible_description(
        "Enter a date that exists, for example 2026-05-22."
    )
    expect(list_row(page, number)).to_be_visible()
    first.fill("2026-05-02")
    page.get_by_label("To", exact=True).fill("2026-05-01")
    expect(page.get_by_label("To", exact=True)).to_have_accessible_description(
        "The last day comes before the first. Change one of them."
    )
    expect(first).to_have_attribute("aria-invalid", "false")


def test_the_export_holds_the_list_as_it_is_filtered_and_sorted(office: Office) -> None:
    client_id = office.client("Exporting Goods")
    small, large = (office.invoice(cents, client_id=client_id) for cents in (10_000, 90_000))
    page = office.open(f"/invoices?client={client_id}")
    page.get_by_role("columnheader", name="Total").get_by_role("button").click()
    expect(rows(page).first).to_have_attribute("data-number", large)

    with page.expect_download() as downloading:
        page.get_by_role("link", name="Export CSV").click()

    text = downloading.value.path().read_text()
    assert text.count("Exporting Goods") == 2
    assert 0 < text.index(large) < text.index(small)
    expect(rows(page)).to_have_count(2)


def test_the_neighbours_follow_a_filter_at_once(office: Office) -> None:
    client_id = office.client("Neighbourly Ltd")
    draft = office.invoice(client_id=client_id, age=1, is_sent=False)
    sent = office.invoice(client_id=client_id, age=2)
    page = office.open(f"/invoices?client={client_id}&invoice={sent}")
    previous = drawer(page).get_by_role("button", name="Previous invoice")
    expect(drawer(page).get_by_role("heading", name=sent)).to_be_visible()
    expect(previous).to_be_enabled()

    page.get_by_label("Status", exact=True).select_option("Sent")

    expect(previous).to_be_disabled()
    expect(list_row(page, draft)).to_have_count(0)
    expect(drawer(page).get_by_role("heading", name=sent)).to_be_visible()
