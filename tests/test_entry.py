"""A process begins with the collector at rest, and goes on with it."""

import gc
from collections.abc import Iterator

import pytest

from assure_app import entry


@pytest.fixture(autouse=True)
def _nothing_left_alone_yet() -> Iterator[None]:
    gc.unfreeze()
    yield
    gc.freeze()


def test_nothing_is_collected_meanwhile_and_what_is_there_is_left_alone_for_good() -> None:
    with entry.collector_at_rest():
        is_at_rest = not gc.isenabled()

    assert is_at_rest
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0


def test_it_goes_on_after_a_failure_too() -> None:
    with pytest.raises(ImportError), entry.collector_at_rest():
        raise ImportError

    assert gc.isenabled()
