"""Papers where people look for them: in the drawer, at Stripe, and in the portal (R133)."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.office import Office, section
from tests.e2e.visits import enter, letter, link, make_contact, open_checkout, pay
from tests.support.pdf import ReadPdf, read_pdf

pytestmark = pytest.mark.browser


def test_a_client_pays_and_both_sides_keep_the_papers(office: Office) -> None:
    client_id = office.client("Quill & Sons #read(1)")
    email = make_contact(office, client_id)
    number = office.invoice(125_000, client_id=client_id)
    client = enter(office, email)
    open_checkout(client, link(office, number), "$1,250.00")
    pay(client, "$1,250.00")
    expect(client.get_by_text("This invoice is paid.")).to_be_visible()
    desk = office.open_invoice(number)
    payments = section(desk, "Payments")

    invoice, name = download(desk, desk.get_by_role("link", name="Invoice PDF"))
    receipt, _ = download(desk, payments.get_by_role("link", name="Receipt", exact=True))
    with desk.expect_popup() as opened:
        payments.get_by_role("link", name="Stripe receipt").click()

    assert name == f"Invoice-{number}.pdf"
    assert f"Invoice {number} from Chen Advisory" == invoice.title
    for said in ("Quill & Sons #read(1)", "Paid in full $1,250.00", "PAID", "Balance due $0.00"):
        assert said in invoice.text
    assert "Paid with Visa •••• 4242" in receipt.text
    expect(opened.value.get_by_role("heading", name="Receipt from Chen Advisory")).to_be_visible()
    theirs, _ = download(client, client.get_by_role("link", name="Invoice PDF"))
    kept, name = download(client, client.get_by_role("link", name="Receipt"))
    assert (theirs, kept, name) == (invoice, receipt, f"Receipt-{number}-1.pdf")
    mail = letter(office, email, f"Payment received: $1,250.00 for invoice {number}")
    mailed, _ = download(mail, mail.get_by_role("link", name=name))
    assert mailed == receipt


def download(page: Page, paper: Locator) -> tuple[ReadPdf, str]:
    """Click, and read what was saved and under which name."""
    with page.expect_download() as begun:
        paper.click()
    content = Path(begun.value.path()).read_bytes()
    assert content.startswith(b"%PDF-")
    return read_pdf(content), begun.value.suggested_filename
