"""The pages of a fresh sandbox for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.hosted_pages import HostedPages, hosted_pages


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[HostedPages]:
    """A browser at a sandbox with the demo's two firms."""
    with hosted_pages(tmp_path) as opened:
        yield opened
