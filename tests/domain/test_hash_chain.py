"""Each entry's hash covers every field and all that came before (R111)."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from assure_app.domain.hash_chain import GENESIS, entry_hash

Fields = dict[str, str | int | None]
values = st.none() | st.integers() | st.text(st.characters(exclude_categories=[]), max_size=20)
fields = st.dictionaries(st.text(min_size=1, max_size=8), values, min_size=1, max_size=6)
histories = st.lists(fields, min_size=1, max_size=6)

ENTRY: Fields = {"position": 1, "text": "Invoice created", "actor": "Jane Chen", "user_id": None}


def chain(entries: list[Fields]) -> list[str]:
    hashes = [GENESIS]
    for entry in entries:
        hashes.append(entry_hash(hashes[-1], entry))
    return hashes[1:]


def test_the_form_that_is_hashed_never_changes() -> None:
    # Stored chains were made with it: another value here means they would all read as forged.
    assert entry_hash(GENESIS, ENTRY) == (
        "b5ad08d9ac758a9d8e9dc40f4daf85998687c46a2a6cf1b20fe03fa75098d17b"
    )


def test_the_order_in_which_fields_are_named_does_not_matter() -> None:
    backwards = dict(reversed(ENTRY.items()))

    assert entry_hash(GENESIS, backwards) == entry_hash(GENESIS, ENTRY)


def test_a_number_a_text_and_nothing_are_three_things() -> None:
    hashes = {entry_hash(GENESIS, {"user_id": value}) for value in (1, "1", None, "None", "", 0)}

    assert len(hashes) == 6


def test_text_cannot_move_from_one_field_into_the_next() -> None:
    one = entry_hash(GENESIS, {"actor": "Jane", "text": "Chen paid"})
    other = entry_hash(GENESIS, {"actor": "Jane Chen", "text": "paid"})

    assert one != other


@given(histories, st.data())
def test_any_change_shows_from_that_entry_on(entries: list[Fields], data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(entries) - 1))
    field = data.draw(st.sampled_from(sorted(entries[position])))
    forged = data.draw(values.filter(lambda value: value != entries[position][field]))
    changed = [dict(entry) for entry in entries]
    changed[position][field] = forged

    before, after = chain(entries), chain(changed)

    assert after[:position] == before[:position]
    assert all(one != other for one, other in zip(before[position:], after[position:], strict=True))


@given(histories.filter(lambda entries: len(entries) > 1))
def test_dropping_or_swapping_an_entry_shows(entries: list[Fields]) -> None:
    assert chain(entries)[-1] != chain(entries[1:])[-1]
    assert chain(entries)[-1] != chain(entries[:-1])[-1]
    for index, (first, second) in enumerate(pairwise(entries)):
        if first != second:
            swapped = [*entries[:index], second, first, *entries[index + 2 :]]
            assert chain(swapped)[-1] != chain(entries)[-1]
