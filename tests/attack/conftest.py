"""One server under attack, whose work by itself is done and does not begin again meanwhile."""

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from tests.attack.support import books_of
from tests.support.server import Server, running_server
from tests.support.waiting import WAIT_SECONDS

# Longer than any work by itself pauses before it looks again.
_STILL_SECONDS = 6.0
# No period of any periodic work begins: what changes from now on, somebody changed.
_HALT = """
    CREATE TRIGGER halted_{event} BEFORE {event} ON periodic_work
    BEGIN SELECT RAISE(IGNORE); END
"""


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real server that holds the demo firm, at rest."""
    with running_server(tmp_path_factory.mktemp("attacked"), has_demo_data=True) as running:
        with books_of(running).engine.begin() as connection:
            for event in ("INSERT", "UPDATE"):
                connection.execute(text(_HALT.format(event=event)))
        _wait_until_still(running)
        yield running


def _wait_until_still(server: Server) -> None:
    """What was under way at the beginning comes to its end."""
    books, deadline = books_of(server), time.monotonic() + 2 * WAIT_SECONDS
    before, since = books.fingerprint(), time.monotonic()
    while time.monotonic() - since < _STILL_SECONDS:
        assert time.monotonic() < deadline, "the books do not come to rest"
        time.sleep(0.2)
        after = books.fingerprint()
        if after != before:
            before, since = after, time.monotonic()
