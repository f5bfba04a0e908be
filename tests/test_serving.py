"""One build serves any port, and what dies is started again."""

import os
import re
import signal
from collections.abc import Callable

import psutil
import pytest
from playwright.sync_api import Page

from assure_app.frontend import PROJECT
from assure_app.serving import wait_until_answering
from tests.support.server import STOP_SECONDS, Server, answers
from tests.support.waiting import wait_until


@pytest.fixture(scope="module")
def steady(start_server: Callable[..., Server]) -> Server:
    """A server that outlives what is done to it."""
    return start_server()


@pytest.mark.browser
def test_two_servers_of_one_build_each_talk_to_their_own_pages_and_end_alone(
    steady: Server, start_server: Callable[..., Server], new_page: Callable[[str], Page]
) -> None:
    other = start_server()
    children = psutil.Process(other.process.pid).children(recursive=True)
    assert children

    for each in (steady, other):
        page = new_page(each.url)
        with page.expect_websocket() as opened:
            page.goto("/")
        page.get_by_role("heading").first.wait_for()

        assert opened.value.url.startswith(f"ws://127.0.0.1:{each.port}/_event")

    status = other.stop()

    assert status == 0
    assert [child for child in children if child.is_running()] == []
    assert steady.is_healthy()


def test_a_web_process_that_is_killed_starts_again(steady: Server) -> None:
    web = child(steady, "assure_app.entry:web")

    os.kill(web.pid, signal.SIGKILL)
    web.wait(STOP_SECONDS)
    steady.wait_until_healthy()

    assert re.search(r"The web process ended with status -9; it starts again", steady.output())


def test_a_sandbox_that_is_killed_starts_again(steady: Server) -> None:
    os.kill(child(steady, "assure_app.entry:sandbox").pid, signal.SIGKILL)
    wait_until(lambda: "The sandbox process ended with status -9; it starts" in steady.output())
    wait_until(lambda: answers(f"{steady.sandbox_url}/mailbox"))

    assert steady.is_healthy()


def test_with_real_keys_there_is_no_sandbox(start_server: Callable[..., Server]) -> None:
    server = start_server(
        environment={"STRIPE_SECRET_KEY": "sk_test_made_up", "STRIPE_WEBHOOK_SECRET": "whsec_1"}
    )

    assert len(psutil.Process(server.process.pid).children()) == 1
    assert not wait_until_answering("127.0.0.1", server.port + 1, timeout_seconds=0.2)
    assert "/mailbox" not in server.output()


def test_its_processes_end_when_the_supervisor_is_killed(
    start_server: Callable[..., Server],
) -> None:
    server = start_server()
    children = psutil.Process(server.process.pid).children(recursive=True)

    server.process.kill()

    _, alive = psutil.wait_procs(children, timeout=STOP_SECONDS)
    assert alive == []


def test_a_port_in_use_is_refused_in_one_sentence(
    steady: Server, start_server: Callable[..., Server]
) -> None:
    with pytest.raises(AssertionError, match="choose a free one with PORT") as refusal:
        start_server(environment={"PORT": str(steady.port)})

    # By itself, and not because nobody waited for it any longer.
    assert str(refusal.value).startswith("The server ended:")


def test_all_icons_come_in_one_file(steady: Server) -> None:
    assert steady.is_healthy()  # The pages are built.

    files = [each.name for each in (PROJECT / ".web/build/client/assets").glob("*.js")]

    assert len([name for name in files if name.startswith("icons-")]) == 1
    assert [name for name in files if name.startswith("createLucideIcon")] == []


def child(server: Server, program: str) -> psutil.Process:
    """The process of the server that runs this program."""
    found = psutil.Process(server.process.pid).children()
    return next(each for each in found if any(program in word for word in each.cmdline()))
