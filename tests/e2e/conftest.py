"""One running product for all journeys of a test process; each journey makes its own invoices."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from tests.e2e.office import Office, keep_midnight_away
from tests.support.axe import broken_rules
from tests.support.server import Server, running_server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real server that holds the demo firm."""
    with running_server(tmp_path_factory.mktemp("server"), has_demo_data=True) as running:
        keep_midnight_away(running)
        yield running


@pytest.fixture
def office(server: Server, new_page: Callable[[str], Page]) -> Iterator[Office]:
    """The demo firm at work. Whatever a journey did, every figure still follows from the ledger."""
    opened = Office(server, new_page)
    yield opened
    assert opened.differences() == []


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """Asserts that the page as it stands breaks no rule."""

    def check(page: Page) -> None:
        assert broken_rules(page) == []

    return check
