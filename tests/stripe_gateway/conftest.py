"""A gateway that meets prepared answers."""

from collections.abc import Iterator

import pytest

from tests.support.stripe_transports import Canned, stripe_over


@pytest.fixture
def canned() -> Iterator[Canned]:
    """What Stripe is about to answer, and what it was asked."""
    transport = Canned()
    with stripe_over(transport):
        yield transport
