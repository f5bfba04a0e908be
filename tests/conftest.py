"""What every test may ask for: fresh databases, real servers, a real browser."""

import gc
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import hypothesis
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support import browser as chromium
from tests.support import quick_hashes
from tests.support.databases import PostgresqlDatabases, SqliteDatabases, running_postgresql
from tests.support.desk import Desk, open_desk
from tests.support.engines import behind_the_engine, close_kept
from tests.support.fake_stripe import FakeStripe
from tests.support.loopback import block_other_machines
from tests.support.online import PayDesk, open_pay_desk
from tests.support.redis_server import running_redis
from tests.support.server import Server, running_server
from tests.support.waiting import WAIT_SECONDS

# The developer's own settings and data are none of the tests' business.
_SETTINGS = (
    *("DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "HOST", "PORT"),
    *("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "STRIPE_API_BASE"),
    *("TRUSTED_PROXY_HOPS", "SMTP_URL", "MAIL_FROM"),
)
for _name in _SETTINGS:
    os.environ.pop(_name, None)
os.environ["ASSURE_DATA_DIR"] = tempfile.mkdtemp(prefix="assure-tests-")

quick_hashes.install()

# How long an example takes to make says something of the machine alone.
hypothesis.settings.register_profile(
    "assure", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("assure")


@pytest.fixture(scope="session", autouse=True)
def _this_machine_only() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        block_other_machines(patch)
        yield


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """The address of a fresh, migrated, empty database, on each kind in turn."""
    address: str = request.getfixturevalue(f"{request.param}_database")
    return address


@pytest.fixture
def sqlite_database(_sqlite_databases: SqliteDatabases) -> Iterator[str]:
    """A fresh SQLite database, put behind this process's engine."""
    with _sqlite_databases.fresh() as address, behind_the_engine(address):
        yield address


@pytest.fixture
def postgresql_database(_postgresql_databases: PostgresqlDatabases) -> Iterator[str]:
    """A fresh PostgreSQL database, put behind this process's engine."""
    with _postgresql_databases.emptied() as address, behind_the_engine(address):
        yield address


@pytest.fixture
def desk(database: str) -> Desk:
    """A firm at work with an owner and a client, on each database in turn."""
    assert database
    return open_desk()


@pytest.fixture
def pay_desk(desk: Desk) -> Iterator[PayDesk]:
    """The same desk with a client who can pay online, and a Stripe of the tests' own."""
    with FakeStripe().installed() as stripe:
        yield open_pay_desk(desk, stripe)


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The address of a Redis of this session's own."""
    with running_redis() as address:
        yield address


@pytest.fixture(scope="module")
def start_server(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[..., Server]]:
    """Starts real servers, which end with the module; takes what `running_server` takes."""
    with ExitStack() as servers:

        def start(**options: object) -> Server:
            directory = tmp_path_factory.mktemp("server")
            return servers.enter_context(running_server(directory, **options))  # type: ignore[arg-type]

        yield start


@pytest.fixture(scope="module")
def server(start_server: Callable[..., Server]) -> Server:
    """A real server that holds the demo firm; its module's tests share it."""
    return start_server(has_demo_data=True)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that need a browser come last: one serves them all, and while it is there no
    coroutine can be tested in the same process."""
    need_browser = {each.path for each in items if "browser" in getattr(each, "fixturenames", ())}
    items.sort(key=lambda each: each.path in need_browser)


def pytest_collection_finish() -> None:
    """What was imported by now stays until the end: the collector need not look at it again and
    again, which took a tenth of each test's time."""
    gc.freeze()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real browser. Tests that use it are plain functions, not coroutines."""
    expect.set_options(timeout=WAIT_SECONDS * 1000)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=chromium.executable(), args=chromium.flags()
        )
        yield launched
        launched.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[[str], Page]]:
    """Opens pages that share nothing, each for a server's address, as two people would.

    The test fails when a script of any of them raised an error.
    """
    errors: list[str] = []
    with ExitStack() as contexts:

        def open_page(address: str) -> Page:
            context = contexts.enter_context(
                browser.new_context(base_url=address, locale="en-US", reduced_motion="reduce")
            )
            page = context.new_page()
            page.on("pageerror", lambda error: errors.append(str(error)))
            return page

        yield open_page
    assert errors == []


@pytest.fixture
def page(new_page: Callable[[str], Page], server: Server) -> Page:
    """A page on the module's server, that is, the demo firm's."""
    return new_page(server.url)


@pytest.fixture(scope="session")
def _sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> SqliteDatabases:
    return SqliteDatabases(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def _postgresql_databases() -> Iterator[PostgresqlDatabases]:
    with running_postgresql() as databases:
        yield databases
        close_kept()
