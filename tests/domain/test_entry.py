"""Reading a form whose every field may hold anything at all."""

from datetime import date
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assure_app.domain.entry import NOTES_LIMIT, REFERENCE_LIMIT, Entry
from assure_app.domain.errors import InvalidInput

NO_SUCH_DAY = "Enter a date that exists, for example 2026-05-22."
FAR_DAY = "Enter a date from 2000 to 2099, for example 2026-05-22."
TOO_LONG = "Notes may hold at most 2,000 characters."
NOT_SHOWN = "Notes holds characters that cannot be shown. Remove them."

any_text = st.text(st.characters(exclude_categories=[]), max_size=120)
anything = st.one_of(
    any_text,
    st.none(),
    st.integers(),
    st.floats(),
    st.binary(max_size=20),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


class Fruit(StrEnum):
    APPLE = "Apple"
    PEAR = "Pear"
    PLUM = "Plum"


def notes(text: object) -> tuple[str, dict[str, str]]:
    entry = Entry()
    value = entry.text("notes", text, limit=NOTES_LIMIT, name="Notes")
    return value, entry.problems


def day(text: object) -> tuple[date, dict[str, str]]:
    entry = Entry()
    return entry.day("date", text), entry.problems


def test_an_amount_is_read_in_cents() -> None:
    entry = Entry()

    assert entry.amount_cents("amount", "$1,500.25") == 150_025
    assert entry.problems == {}


def test_a_refused_amount_is_nothing_and_a_problem() -> None:
    entry = Entry()

    assert entry.amount_cents("amount", "0.005") == 0
    assert entry.problems == {"amount": "Use at most two decimals: the smallest unit is one cent."}


@pytest.mark.parametrize("value", [None, 5, 5.0, True, b"5", ["5"], {"5": 5}, object()])
def test_what_is_no_text_reads_as_an_empty_field(value: object) -> None:
    entry = Entry()

    entry.amount_cents("amount", value)
    entry.day("date", value)
    entry.choice("method", value, (Fruit.APPLE,), missing="Choose one.")
    text = entry.text("notes", value, limit=NOTES_LIMIT, name="Notes")
    line = entry.line("reference", value, limit=REFERENCE_LIMIT, name="Reference")

    assert (text, line) == ("", "")
    assert entry.problems == {
        "amount": "Enter an amount, for example 1,500.00.",
        "date": NO_SUCH_DAY,
        "method": "Choose one.",
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-05-22", date(2026, 5, 22)),
        ("  2026-05-22\n", date(2026, 5, 22)),
        ("2024-02-29", date(2024, 2, 29)),
        ("2000-01-01", date(2000, 1, 1)),
        ("2099-12-31", date(2099, 12, 31)),
    ],
)
def test_a_day_in_iso_form(text: str, expected: date) -> None:
    assert day(text) == (expected, {})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-02-31",
        "2026-02-29",
        "2026-13-01",
        "2026-00-10",
        "0000-01-01",
        "2026-5-22",
        "05/22/2026",
        "20260522",
        "2026-W21-5",
        "2026-05-22T00:00",
        "2026-05-22 23",
        "2026-05-22\x00",
        "12026-05-22",
        "-2026-05-22",
        "２０２６-05-22",
        "2026−05−22",
        "\ud800",
        "9" * 100_000,
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_a_day_that_does_not_exist(text: str) -> None:
    assert day(text) == (date(2000, 1, 1), {"date": NO_SUCH_DAY})


@pytest.mark.parametrize("text", ["0001-01-01", "0202-05-22", "1999-12-31", "2100-01-01"])
def test_a_day_whose_year_was_mistyped(text: str) -> None:
    assert day(text) == (date(2000, 1, 1), {"date": FAR_DAY})


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        ("  Deposited Friday \n", "Deposited Friday"),
        ("one\r\ntwo", "one\ntwo"),
        ("one\ttwo", "one\ttwo"),
        ("Cafe\N{COMBINING ACUTE ACCENT}", "Café"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("=HYPERLINK()", "=HYPERLINK()"),
        ("👩‍👧 paid", "👩‍👧 paid"),
        ("שולם", "שולם"),
        ("x" * NOTES_LIMIT, "x" * NOTES_LIMIT),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_text_is_kept_as_typed(typed: str, kept: str) -> None:
    assert notes(typed) == (kept, {})


@pytest.mark.parametrize(
    "typed",
    [
        "x" * (NOTES_LIMIT + 1),
        "x" * 1_000_000,
        "\N{COMBINING ACUTE ACCENT}\N{COMBINING DOT BELOW}" * 500_000,
        "\N{MUSICAL SYMBOL EIGHTH NOTE}" * (NOTES_LIMIT // 2),  # Three characters when stored.
    ],
    ids=["one above", "a megabyte", "slow to normalize", "longer once normalized"],
)
def test_text_that_is_too_long(typed: str) -> None:
    assert notes(typed) == ("", {"notes": TOO_LONG})


@pytest.mark.parametrize(
    "character",
    ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\r", "\ud800", "\u202e", "\u2066"],
    ids=ascii,
)
def test_text_with_characters_that_cannot_be_shown(character: str) -> None:
    assert notes(f"one{character}two") == ("", {"notes": NOT_SHOWN})


def test_a_line_has_no_breaks_that_could_fake_another_entry() -> None:
    entry = Entry()

    value = entry.line(
        "reference", " 4521\r\nInvoice\tpaid  by Jane ", limit=REFERENCE_LIMIT, name="Reference"
    )

    assert value == "4521 Invoice paid by Jane"
    assert entry.problems == {}


def test_a_line_is_held_to_its_limit() -> None:
    entry = Entry()

    assert entry.line("reference", "x" * 81, limit=REFERENCE_LIMIT, name="Reference") == ""
    assert entry.problems == {"reference": "Reference may hold at most 80 characters."}


def test_a_choice_is_made_by_its_exact_text_among_what_is_offered() -> None:
    entry = Entry()
    offered = (Fruit.APPLE, Fruit.PEAR)

    assert entry.choice("fruit", "Pear", offered, missing="Choose one.") is Fruit.PEAR
    assert entry.problems == {}


@pytest.mark.parametrize("text", ["", "pear", " Pear", "PEAR", "Plum", "Pear\x00", "Apple, Pear"])
def test_any_other_text_is_no_choice(text: str) -> None:
    entry = Entry()
    offered = (Fruit.APPLE, Fruit.PEAR)

    assert entry.choice("fruit", text, offered, missing="Choose one.") is None
    assert entry.problems == {"fruit": "Choose one."}


def test_the_first_problem_of_a_field_stays() -> None:
    entry = Entry()

    entry.refuse("fruit", "Plums are out.")
    entry.choice("fruit", "Plum", (Fruit.APPLE,), missing="Choose one.")
    entry.refuse("fruit", "No fruit today.")

    assert entry.problems == {"fruit": "Plums are out."}


def test_check_passes_a_form_without_problems() -> None:
    entry = Entry()
    entry.amount_cents("amount", "5")

    entry.check()


def test_check_names_every_problem_at_once() -> None:
    entry = Entry()
    entry.amount_cents("amount", "abc")
    entry.day("date", "2026-02-31")
    entry.text("notes", "x" * 2001, limit=NOTES_LIMIT, name="Notes")

    with pytest.raises(InvalidInput) as refusal:
        entry.check()

    assert refusal.value.problems == {
        "amount": "Enter the amount as a number, for example 1,500.00.",
        "date": NO_SUCH_DAY,
        "notes": TOO_LONG,
    }


@given(anything)
def test_whatever_is_sent_is_read_or_refused(value: object) -> None:
    entry = Entry()

    cents = entry.amount_cents("amount", value)
    paid_on = entry.day("date", value)
    text = entry.text("notes", value, limit=40, name="Notes")
    line = entry.line("reference", value, limit=40, name="Reference")

    assert (cents > 0) is ("amount" not in entry.problems)
    assert 2000 <= paid_on.year <= 2099
    for stored in (text, line):
        assert len(stored) <= 40
        assert "\x00" not in stored
        assert stored.encode("utf-8").decode("utf-8") == stored
    assert "\n" not in line
