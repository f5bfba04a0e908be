"""Which saved method is the default, and how long a card is good."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assure_app.domain.saved_methods import (
    Expiry,
    KeptMethod,
    announced_on,
    default_of,
    standing_of,
)

METHODS = st.lists(
    st.builds(
        KeptMethod,
        id=st.integers(1, 9),
        is_default=st.booleans(),
        is_usable=st.booleans(),
    ),
    unique_by=lambda method: method.id,
)


@given(METHODS)
def test_there_is_a_default_as_soon_as_one_can_be_used_and_it_can(kept: list[KeptMethod]) -> None:
    usable = [method for method in kept if method.is_usable]

    chosen = default_of(kept)

    assert (chosen is None) == (not usable)
    assert chosen is None or chosen in {method.id for method in usable}


@given(METHODS)
def test_a_default_that_can_be_used_stays(kept: list[KeptMethod]) -> None:
    defaults = [method.id for method in kept if method.is_default and method.is_usable]

    assert not defaults or default_of(kept) in defaults


def test_in_place_of_one_that_is_gone_comes_the_newest() -> None:
    kept = [KeptMethod(id=each, is_default=each == 3, is_usable=each != 3) for each in (1, 2, 3)]

    assert default_of(kept) == 2


@pytest.mark.parametrize(
    ("expiry", "today", "standing"),
    [
        ("04/30", date(2030, 2, 28), Expiry.GOOD),
        ("04/30", date(2030, 3, 1), Expiry.GOOD),
        ("04/30", date(2030, 3, 2), Expiry.SOON),
        ("04/30", date(2030, 4, 30), Expiry.SOON),
        ("04/30", date(2030, 5, 1), Expiry.OVER),
        ("02/28", date(2028, 2, 29), Expiry.SOON),
        ("12/26", date(2027, 1, 1), Expiry.OVER),
        ("", date(2030, 5, 1), Expiry.GOOD),
        ("13/30", date(2031, 5, 1), Expiry.GOOD),
        ("٠٤/٣٠", date(2031, 5, 1), Expiry.GOOD),
    ],
)
def test_a_card_is_good_to_the_end_of_its_month(expiry: str, today: date, standing: Expiry) -> None:
    assert standing_of(expiry, today) is standing


@pytest.mark.parametrize(
    ("expiry", "expected"),
    [
        ("04/30", date(2030, 3, 31)),
        ("12/26", date(2026, 12, 1)),
        ("02/28", date(2028, 1, 30)),
        ("02/27", date(2027, 1, 29)),
        ("", None),
        ("13/30", None),
        ("x", None),
    ],
)
def test_a_card_is_announced_thirty_days_before_its_last_day(
    expiry: str, expected: date | None
) -> None:
    assert announced_on(expiry) == expected
