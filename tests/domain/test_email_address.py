"""One rule says what an email address is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assure_app.domain.email_address import (
    LONGEST_EMAIL,
    is_address,
    normal_address,
    refusal,
    split_addresses,
)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("anita@patelfamily.example", "anita@patelfamily.example"),
        (" Anita.Patel+tax@Patel-Family.co.uk\n", "anita.patel+tax@patel-family.co.uk"),
        ("o'neil@a1.example", "o'neil@a1.example"),
        ("x@xn--mller-kva.example", "x@xn--mller-kva.example"),
        (f"{'a' * 64}@b.example", f"{'a' * 64}@b.example"),
    ],
)
def test_an_address_is_kept_in_lower_case(typed: str, stored: str) -> None:
    assert normal_address(typed) == stored
    assert is_address(stored)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "anita",
        "anita@",
        "@patel.example",
        "anita@patel",
        "anita@@patel.example",
        "a@b@patel.example",
        "anita @patel.example",
        "anita@patel .example",
        "anita@.example",
        "anita@patel..example",
        "anita@patel.example.",
        ".anita@patel.example",
        "ani..ta@patel.example",
        "anita@-patel.example",
        "anita@patel.1",
        "anita@127.0.0.1",
        "Anita Patel <anita@patel.example>",
        "anita@patel.example, ken@b.example",
        "anita@patel.example\nBcc: all@b.example",
        'a"b@patel.example',
        "änita@patel.example",
        "anita@pätel.example",
        "\N{KELVIN SIGN}en@b.example",
        "anita@patel.example\x00",
        f"{'a' * 65}@b.example",
        f"a@{'b' * 64}.example",
        "a@" + ".".join(["b" * 60] * 5),
    ],
)
def test_what_is_no_address_is_none(typed: str) -> None:
    assert normal_address(typed) == ""
    assert not is_address(typed)


@given(st.text(st.characters(exclude_categories=[]), max_size=80))
def test_whatever_is_typed_an_address_is_plain_and_stays_as_it_is(typed: str) -> None:
    for candidate in (typed, f"{typed}@b.example", f"a@{typed}.example"):
        address = normal_address(candidate)

        assert normal_address(address) == address
        assert address.isascii()
        assert address == "".join(address.split()).lower()
        assert len(address) <= LONGEST_EMAIL
        assert address.count("@") <= 1


def test_only_the_stored_form_is_an_address() -> None:
    assert not is_address("Anita@patel.example")
    assert not is_address(" anita@patel.example")
    assert not is_address("")


def test_a_long_text_is_refused_at_once_and_quoted_shortly() -> None:
    typed = "a@" * 1_000_000

    assert normal_address(typed) == ""
    assert refusal(typed) == f"“{'a@' * 30}…” is not an email address."
    assert refusal(" anita@ ") == "“anita@” is not an email address."


def test_addresses_are_apart_by_commas_semicolons_and_line_ends() -> None:
    typed = "anita@a.example, ken@b.example;\n wiremu@c.example ,, "

    assert split_addresses(typed) == ["anita@a.example", "ken@b.example", "wiremu@c.example"]
    assert split_addresses(" ,; ") == []
