"""Importing a CSV: whole or not at all, and safe to repeat."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select

from assure_app.billing import invoice_csv, invoice_import, invoices
from assure_app.billing.invoice_csv import ImportRefused
from assure_app.billing.invoice_import import ImportResult
from assure_app.billing.reading import invoice_list
from assure_app.billing.reading.invoice_query import Query
from assure_app.billing.verification import verify
from assure_app.db.unit_of_work import reading, unit_of_work
from assure_app.domain.errors import NotFound
from assure_app.models.tables import contact, firm
from tests.factories import make_firm
from tests.support.desk import Desk

HEADER = ",".join(invoice_csv.COLUMNS)
GOOD = f"""{HEADER}
INV-2001,Patel Family,Anita Patel,a@patel.example,2025 return,2026-05-01,2026-05-31,"1,500.50",yes
INV-2002,"Harbor & Pine, LLC",,,,2026-05-02,2026-06-01,12400,no
"""


def import_text(desk: Desk, folder: Path, text: str | bytes) -> ImportResult:
    path = folder / "invoices.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return invoice_import.import_csv(path, firm_name="Chen Advisory", now=desk.now)


def listed(desk: Desk) -> list[tuple[str, str, str, str]]:
    query = Query(sort="number", descending=False)
    rows = invoice_list.page(desk.jane, query, now=desk.now).rows
    return [(row.number, row.client, row.total, row.status) for row in rows]


def test_a_good_file_is_imported_and_a_repeat_adds_nothing(desk: Desk, tmp_path: Path) -> None:
    first = import_text(desk, tmp_path, GOOD)
    second = import_text(desk, tmp_path, "\ufeff" + GOOD)

    assert first == ImportResult(added=2, known=0)
    assert second == ImportResult(added=0, known=2)
    assert listed(desk) == [
        ("INV-2001", "Patel Family", "$1,500.50", "Sent"),
        ("INV-2002", "Harbor & Pine, LLC", "$12,400.00", "Draft"),
    ]
    assert verify() == []


def test_the_firms_own_numbers_go_on_above(desk: Desk, tmp_path: Path) -> None:
    import_text(desk, tmp_path, GOOD)
    line = invoices.Line(description="Advice", unit_price_cents=100)
    new = invoices.NewInvoice(
        client_id=desk.client_id, issued_on=desk.now.date(), due_on=desk.now.date(), lines=[line]
    )

    with unit_of_work() as connection:
        number = invoices.create_invoice(connection, desk.jane, new, now=desk.now)

    assert number == "INV-2003"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (",Patel,,,,2026-05-01,2026-05-31,1,yes", "Line 2: The number is missing."),
        ("A,,,,,2026-05-01,2026-05-31,1,yes", "Line 2: The client is missing."),
        ("A,P,,x@,,2026-05-01,2026-05-31,1,yes", "Line 2: “x@” is not an e-mail address."),
        ("A,P,,,,2026-02-31,2026-05-31,1,yes", "Line 2: Enter a date that exists"),
        ("A,P,,,,05/01/2026,2026-05-31,1,yes", "Line 2: Enter"),
        ("A,P,,,,2026-05-01,2026-04-30,1,yes", "Line 2: An invoice cannot be due before"),
        ("A,P,,,,2026-05-01,2026-05-31,1.005,yes", "Line 2: Use at most two decimals"),
        ("A,P,,,,2026-05-01,2026-05-31,10000000000000,yes", "Line 2: The largest amount"),
        ("A,P,,,,2026-05-01,2026-05-31,1,maybe", "Line 2: Write yes or no"),
        ("A,P", "Line 2: "),
        ("<b>,P,,,,2026-05-01,2026-05-31,1,yes", "Line 2: A number may hold letters"),
        ("A?b=1,P,,,,2026-05-01,2026-05-31,1,yes", "Line 2: A number may hold letters"),
        ("A\u200b1,P,,,,2026-05-01,2026-05-31,1,yes", "Line 2: A number may hold letters"),
        (f"{'A' * 33},P,,,,2026-05-01,2026-05-31,1,yes", "Line 2: Number may hold at most 32"),
        ("A,P\u200b,,,,2026-05-01,2026-05-31,1,yes", "Line 2: The client holds characters"),
    ],
)
def test_one_bad_line_imports_nothing(desk: Desk, tmp_path: Path, line: str, sentence: str) -> None:
    good = GOOD.splitlines()[1]

    with pytest.raises(ImportRefused) as refusal:
        import_text(desk, tmp_path, f"{HEADER}\n{line}\n{good}\n")

    assert any(said.startswith(sentence) for said in refusal.value.lines)
    assert refusal.value.sentence.endswith("Nothing was imported.")
    assert listed(desk) == []


def test_every_problem_of_the_file_is_told_at_once(desk: Desk, tmp_path: Path) -> None:
    bad = "A,,,,,2026-05-01,2026-05-31,0,yes"

    with pytest.raises(ImportRefused) as refusal:
        import_text(desk, tmp_path, f"{HEADER}\n{bad}\n{bad}\n")

    assert len(refusal.value.lines) == 4


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"", "must name the columns"),
        (b"a,b\n1,2\n", "must name the columns"),
        (GOOD.encode("utf-16"), "not UTF-8"),
        (HEADER.encode() + b"\n\xff\xfe", "not UTF-8"),
        (b"a" * 200_000 + b"\n", "Line 1: this is not CSV"),
        (HEADER.encode() + b"\n" + b"a" * 200_000, "this is not CSV"),
    ],
)
def test_a_file_of_another_kind_is_refused(
    desk: Desk, tmp_path: Path, text: bytes, sentence: str
) -> None:
    with pytest.raises(ImportRefused, match=sentence):
        import_text(desk, tmp_path, text)


def test_the_same_number_twice_is_refused(desk: Desk, tmp_path: Path) -> None:
    line = GOOD.splitlines()[1]

    with pytest.raises(ImportRefused, match="is on line 2 already"):
        import_text(desk, tmp_path, f"{HEADER}\n{line}\n{line}\n")


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ("12400", "12401", "another amount"),
        ("Harbor & Pine", "Harbor & Oak", "another client"),
        ("2026-05-02", "2026-05-03", "another issued day"),
        ("2026-06-01", "2026-06-02", "another due day"),
        ("2026-06-01,12400", "2026-06-02,1", "another due day and another amount"),
    ],
)
def test_a_known_number_with_anything_else_is_refused(
    desk: Desk, tmp_path: Path, before: str, after: str, what: str
) -> None:
    import_text(desk, tmp_path, GOOD)

    with pytest.raises(ImportRefused) as refusal:
        import_text(desk, tmp_path, GOOD.replace(before, after))

    assert refusal.value.lines == [f"Line 3: INV-2002 exists already with {what}."]
    assert len(listed(desk)) == 2


def test_texts_are_one_line_with_plain_spaces(desk: Desk, tmp_path: Path) -> None:
    line = 'A/1,"Harbor\u00a0&\nPine",,,"2025\nreturn",2026-05-01,2026-05-31,1,yes'

    import_text(desk, tmp_path, f"{HEADER}\n{line}\n")

    assert listed(desk) == [("A/1", "Harbor & Pine", "$1.00", "Sent")]
    assert desk.stored("A/1")["title"] == "2025 return"


def test_a_contact_that_a_known_client_lacks_is_added_once(desk: Desk, tmp_path: Path) -> None:
    import_text(desk, tmp_path, GOOD)

    for _ in range(2):
        import_text(desk, tmp_path, GOOD.replace("Anita Patel,a@", "Raj Patel,R@"))

    with reading() as connection:
        people = connection.execute(
            select(contact.c.name, contact.c.email).order_by(contact.c.id)
        ).all()
    assert [tuple(person) for person in people] == [
        ("Anita Patel", "a@patel.example"),
        ("Raj Patel", "r@patel.example"),
    ]


@pytest.mark.parametrize("number", ["5000", "XINV-5000", "INV-5000a", "INV-1000"])
def test_only_higher_numbers_of_the_firms_form_move_its_counter(
    desk: Desk, tmp_path: Path, number: str
) -> None:
    import_text(desk, tmp_path, GOOD.replace("INV-2001", number).replace("INV-2002", "B"))

    with reading() as connection:
        assert connection.execute(select(firm.c.next_invoice_number)).scalar_one() == 1001


def test_two_imports_at_once_add_each_invoice_once(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "invoices.csv"
    path.write_text(GOOD)

    def run(_turn: int) -> ImportResult:
        return invoice_import.import_csv(path, firm_name="Chen Advisory", now=desk.now)

    with ThreadPoolExecutor(4) as workers:
        results = list(workers.map(run, range(4)))

    assert sorted(result.added for result in results) == [0, 0, 0, 2]
    assert verify() == []


def test_a_name_that_two_firms_have_is_refused(desk: Desk, tmp_path: Path) -> None:
    with unit_of_work() as connection:
        make_firm(connection)

    with pytest.raises(ImportRefused, match="Several firms are called “Chen Advisory”"):
        import_text(desk, tmp_path, GOOD)


def test_an_unknown_firm_and_a_missing_file(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "invoices.csv"
    with pytest.raises(ImportRefused, match="cannot be read"):
        invoice_import.import_csv(path, firm_name="Chen Advisory", now=desk.now)
    path.write_text(GOOD)
    with pytest.raises(NotFound):
        invoice_import.import_csv(path, firm_name="Nobody", now=desk.now)
