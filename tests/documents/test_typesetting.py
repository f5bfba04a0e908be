"""Papers as files: whole, readable by people and programs, and not to be tricked (R113)."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assure_app.documents import typesetting
from assure_app.documents.paper import (
    InvoicePaper,
    Paper,
    PaperLine,
    PaperPayment,
    ReceiptPaper,
    RefundReceiptPaper,
    file_name,
    from_text,
    to_text,
)
from tests.support.pdf import read_pdf

MOMENT = datetime(2026, 5, 1, 16, 0, tzinfo=UTC)
SUMS = (("Total", "$2,762.13"), ("Paid", "−$250.05"), ("Balance due", "$2,512.08"))
LEFT = (("Paid on May 22, 2026", "$250.05"), ("Left of this payment", "$200.05"))
LINE = PaperLine(
    description="Tax return", quantity="3.5", price="$200.00", tax="8.875%", amount="$700.00"
)
INVOICE = InvoicePaper(
    number="INV-1042",
    firm="Chen Advisory",
    client="Patel Family",
    title="Returns of 2025",
    issued="May 1, 2026",
    due="May 31, 2026",
    made_at=MOMENT,
    lead="Amount due",
    amount="$2,512.08",
    note="Due May 31, 2026",
    lines=(LINE,),
    sums=SUMS,
    payments=(PaperPayment(day="May 22, 2026", what="Payment · Check", amount="$250.05"),),
    is_settled=False,
    is_payable=True,
    link="https://billing.example.com/pay/8QyF0y0q3cJt4m1Xb2Zx1w",
)
RECEIPT = ReceiptPaper(
    number="INV-1042-1",
    firm="Chen Advisory",
    client="Patel Family",
    invoice="INV-1042",
    made_at=MOMENT,
    day="May 22, 2026",
    method="Visa •••• 4242",
    lead="Paid",
    amount="$250.05",
    note="Thank you for your payment.",
    reversals=(),
    sums=SUMS,
)
REFUND = RefundReceiptPaper(
    number="INV-1042-2",
    firm="Chen Advisory",
    client="Patel Family",
    invoice="INV-1042",
    made_at=MOMENT,
    day="May 25, 2026",
    method="Visa •••• 4242",
    lead="Refunded",
    amount="$50.00",
    note="",
    payment=LEFT,
    sums=SUMS,
)


@pytest.mark.parametrize(
    ("paper", "name"),
    [
        (INVOICE, "Invoice-INV-1042.pdf"),
        (RECEIPT, "Receipt-INV-1042-1.pdf"),
        (REFUND, "Refund-receipt-INV-1042-2.pdf"),
    ],
)
def test_a_paper_is_a_file_to_keep_and_to_be_read_aloud(paper: Paper, name: str) -> None:
    made = typesetting.pdf(paper)

    read = read_pdf(made)
    assert made.startswith(b"%PDF-1.7")
    assert made == typesetting.pdf(from_text(to_text(paper)))
    assert file_name(paper) == name
    assert (len(read.pages), read.language, read.is_tagged) == (1, "en-US", True)
    assert read.title.startswith(name.removesuffix(".pdf").partition("-")[0])
    assert read.title.endswith(f" {paper.number} from Chen Advisory")
    assert "<pdfaid:part>2</pdfaid:part>" in read.claims
    assert "<pdfuaid:part>1</pdfuaid:part>" in read.claims


def test_an_invoice_says_all_of_it() -> None:
    read = read_pdf(typesetting.pdf(INVOICE))

    assert read.text == (
        "Chen Advisory INV-1042 Invoice Billed to Patel Family Invoice date May 1, 2026"
        " Due date May 31, 2026 For Returns of 2025 Amount due $2,512.08 Due May 31, 2026"
        " Pay online What it is for Description Quantity Price Tax Amount"
        " Tax return 3.5 $200.00 8.875% $700.00"
        " Total $2,762.13 Paid −$250.05 Balance due $2,512.08"
        " Payments Date What Amount May 22, 2026 Payment · Check $250.05"
        " Pay online: https://billing.example.com/pay/8QyF0y0q3cJt4m1Xb2Zx1w"
        " Chen Advisory · Invoice INV-1042 Page 1 of 1"
    )
    assert set(read.links) == {INVOICE.link}


def test_a_paid_invoice_is_stamped_in_words() -> None:
    paid = replace(INVOICE, lead="Paid in full", is_settled=True, is_payable=False)

    read = read_pdf(typesetting.pdf(paid))

    assert "Paid in full" in read.text
    assert " PAID " in read.text
    assert "Pay online" not in read.text
    assert "See it online: https://" in read.text


def test_receipts_say_what_was_paid_and_what_went_back() -> None:
    receipt = read_pdf(typesetting.pdf(replace(RECEIPT, reversals=LEFT))).text
    refund = read_pdf(typesetting.pdf(REFUND)).text

    assert "Received from Patel Family Date paid May 22, 2026" in receipt
    assert "This payment Paid on May 22, 2026 $250.05 Left of this payment $200.05" in receipt
    assert "This payment" not in read_pdf(typesetting.pdf(RECEIPT)).text
    assert "Refunded to Patel Family Date refunded May 25, 2026" in refund
    assert "Refunded $50.00 REFUNDED The payment it belongs to Paid on" in refund


@pytest.mark.parametrize(
    "text",
    [
        '#read("/etc/passwd")',
        '#import "@preview/tiaoma:0.3.0": *',
        "#sys.inputs #panic() $x^2$ *a* _b_ `c` <d> @e [f] \\ // g /* h */ ~ -- --- ... = i",
        "https://evil.example/x",
        '{"firm": "x"} " \' \\" \\n',
        "%PDF /JS (x) >> endobj",
    ],
)
def test_whatever_people_write_stands_there_as_they_wrote_it(text: str) -> None:
    line = replace(LINE, description=text)

    read = read_pdf(typesetting.pdf(replace(INVOICE, client=text, title=text, lines=(line,))))

    assert read.text.replace(" ", "").count(text.replace(" ", "")) == 3
    assert set(read.links) == {INVOICE.link}


def test_a_template_reads_nothing_outside_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret.txt").write_text("told")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "invoice.typ").write_text('#read("../secret.txt")')
    monkeypatch.setattr(typesetting, "_TEMPLATES", tmp_path / "in")

    with pytest.raises(RuntimeError, match=r"file|root|project"):
        typesetting.pdf(INVOICE)


@pytest.mark.parametrize(
    "name",
    ["陳大文 & 山田", "😀 Bakery 👩‍👩‍👧", "שלום", "\ue123 private", "a\x00b\u202ec\nd\ud800"],
)
def test_a_name_in_any_script_makes_a_paper(name: str) -> None:
    read = read_pdf(typesetting.pdf(replace(INVOICE, client=name)))

    assert len(read.pages) == 1
    assert "INV-1042" in read.text
    assert "\u202e" not in read.title + read.text


def test_a_long_invoice_goes_on_under_the_same_heads() -> None:
    lines = tuple(replace(LINE, description=f"Line {number}") for number in range(200))

    read = read_pdf(typesetting.pdf(replace(INVOICE, lines=lines)))

    assert len(read.pages) == 8
    for number, page in enumerate(read.pages, start=1):
        assert f"Page {number} of 8" in page
    for page in read.pages[:-1]:
        assert " ".join(page.split()).count("Description Quantity Price Tax Amount") == 1
    assert all(f"Line {number} " in read.text for number in range(200))


def test_the_longest_names_and_the_largest_sums_stay_on_the_page() -> None:
    largest = "$999,999,999.99"
    line = replace(
        LINE, description="W" * 500, quantity="1,000,000.125", price=largest, amount=largest
    )
    paper = replace(
        INVOICE, firm="Firm " * 40, client="Q" * 200, title="T" * 200, number="N" * 32,
        lines=(line,), sums=(("Total", largest), ("Balance due", largest)), amount=largest,
    )  # fmt: skip

    read = read_pdf(typesetting.pdf(paper))

    assert read.text.count(largest) == 5
    assert "Q" * 200 in read.text.replace(" ", "").replace("\u200b", "")


def test_nothing_billed_is_a_paper_too() -> None:
    read = read_pdf(typesetting.pdf(replace(INVOICE, lines=(), payments=(), title="", link="")))

    assert "No lines." in read.text
    assert "Payments" not in read.text
    assert read.links == ()


@pytest.mark.parametrize(
    ("number", "name"),
    [
        ("INV 10/42", "Invoice-INV-10-42.pdf"),
        ('"; x=y\r\nSet-Cookie: a', "Invoice-x-y-Set-Cookie-a.pdf"),
        ("../../etc", "Invoice-etc.pdf"),
        ("見積", "Invoice.pdf"),
    ],
)
def test_a_file_name_is_plain(number: str, name: str) -> None:
    assert file_name(replace(INVOICE, number=number)) == name
