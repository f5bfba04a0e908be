"""From bytes to rows: encodings, separators, headers, limits."""

import codecs

import pytest

from assure_app.billing.importing import reading
from assure_app.billing.importing.dates_and_amounts import DateForm
from assure_app.billing.importing.examples import EXAMPLES
from assure_app.billing.importing.formats import FORMATS, recognise
from assure_app.billing.importing.problems import ImportRefused
from assure_app.billing.importing.reading import rows_of, survey
from tests.billing.importing.files import OWN, TRANSACTIONS, XERO, xero_line

LINE = 'INV-1,"Harbor & Pine, “LLC”",,,,2026-05-01,2026-05-31,1,yes'


def refused(content: bytes) -> list[str]:
    with pytest.raises(ImportRefused) as refusal:
        survey(content)
    return refusal.value.lines


def test_every_format_is_told_by_its_own_example() -> None:
    assert [survey(EXAMPLES[each.key].encode()).recognised.format for each in FORMATS] == [*FORMATS]


@pytest.mark.parametrize("header", [XERO, XERO.upper(), XERO.replace(",", ", ").replace("*", "")])
def test_case_spaces_and_asterisks_do_not_matter(header: str) -> None:
    known = recognise(header.split(","))

    assert known is not None
    assert (known.format.name, known.missing) == ("Xero sales invoices", ())


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode(),
        lambda text: text.encode("utf-8-sig"),
        lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
        lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
    ],
)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encodings_separators_and_line_ends(encode: object, separator: str, line_end: str) -> None:
    line = LINE.replace(",", separator).replace(f"Pine{separator}", "Pine,")
    text = line_end.join([OWN.replace(",", separator), line, ""])

    (row,) = rows_of(survey(encode(text)))  # type: ignore[operator]

    assert (row.line, row.cells["client"]) == (2, "Harbor & Pine, “LLC”")


def test_a_line_break_in_quotes_counts_for_the_lines_after_it() -> None:
    text = f'{OWN}\nA,"Two\nlines",,,,2026-05-01,2026-05-31,1,yes\n\n{LINE}\n'

    rows = list(rows_of(survey(text.encode())))

    assert [(row.line, row.cells["client"]) for row in rows] == [
        (2, "Two\nlines"),
        (5, "Harbor & Pine, “LLC”"),
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"a,b\n1,2\n", "The header is none that we know."),
        (OWN.encode() + b"\n", "The file holds no row below its header."),
        (OWN.encode() + b"\nA,Caf\xe9,,,,,,,\n", "The file is not UTF-8. In Excel choose “CSV UTF"),
        (codecs.BOM_UTF16_LE + b"\x00\xd8\x00\xd8", "The file is not UTF-16."),
        (OWN.encode("utf-16-le"), "Line 1: it holds a NUL character."),
        (OWN.encode() + b"\nA,\0B\n", "Line 2: it holds a NUL character."),
        (b"PK\x03\x04 and more", "This is an Excel workbook, not CSV."),
        (OWN.encode() + b'\nA,"open,,\n', "Line 2: this is not CSV (unexpected end of data)."),
        (OWN.encode() + b"\n" + b"a" * 200_000, "Line 2: this is not CSV (field larger than"),
        (b"number,client,issued\n", "Line 1: This looks like Assure Pro invoices, but columns are"),
        (b"ContactName,InvoiceNumber,InvoiceDate,DueDate\n", "missing: Total."),
        (XERO.encode() + b",Total\n", "Line 1: Two columns are called “Total”: remove one."),
        (b"x" * 20_000_001, "The file is larger than 20 MB: split it."),
    ],
)
def test_a_file_that_cannot_be_read_says_how_to_mend_it(content: bytes, sentence: str) -> None:
    (told,) = refused(content)

    assert sentence in told


def test_more_rows_than_a_file_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_ROWS", 2)

    assert refused("\n".join([OWN, LINE, LINE, LINE]).encode()) == [
        "The file has more than 2 rows: split it."
    ]


def test_a_report_has_a_title_before_its_header_and_sums_below() -> None:
    text = f"""Transaction List,,,,,,,
,,,,,,,
{TRANSACTIONS}
Harbor Diner,,,,,,,
05/01/2026,Invoice,1,Harbor Diner,,05/31/2026,5.00,5.00
Total for Harbor Diner,,,,,,5.00,5.00
"""

    (row,) = rows_of(survey(text.encode()))

    assert (row.line, row.cells["number"]) == (5, "1")


@pytest.mark.parametrize(
    ("days", "form", "undecided"),
    [
        (("05/06/2026", "05/06/2026"), None, 2),
        (("05/06/2026", "05/22/2026"), DateForm.MONTH_FIRST, 1),
        (("22/05/2026", "05/06/2026"), DateForm.DAY_FIRST, 1),
        (("2026-05-22", "May 22, 2026"), None, 0),
    ],
)
def test_the_form_of_the_days_is_inferred_from_all_rows(
    days: tuple[str, str], form: DateForm | None, undecided: int
) -> None:
    line = xero_line(InvoiceDate=days[0], DueDate=days[1])

    found = survey(f"{XERO}\n{line}\n".encode())

    assert (found.date_form, found.undecided) == (form, undecided)
