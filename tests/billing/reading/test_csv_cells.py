"""Cells of a file that a spreadsheet must not run."""

import pytest

from assure_app.billing.reading.csv_cells import csv_text, harmless


@pytest.mark.parametrize("sign", [*"=+-@\t\r\n", *"\uff1d\uff0b\uff0d\uff20"])
def test_what_begins_like_a_formula_is_text(sign: str) -> None:
    assert harmless(f"{sign}1+1") == f"'{sign}1+1"


@pytest.mark.parametrize("text", ["", "Patel = Family", "1-2", "’=1"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


def test_a_line_holds_its_cells_whatever_is_in_them() -> None:
    assert csv_text([("a,b", 'say "c"', "d")]) == '"a,b","say ""c""",d\r\n'
