"""The real product in processes of its own, as a firm runs it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from assure_app.frontend import PROJECT
from tests.support.ports import free_port

START_SECONDS = 240  # The pages may have to be built first.
STOP_SECONDS = 60
_PAUSE_SECONDS = 0.05
# One for all: making one takes as much of the processor as a server that starts gets in a pause.
_client = httpx.Client(
    timeout=30, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)
)


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running product: its address, its database and what it printed."""

    port: int
    data_dir: Path
    database_url: str
    process: "subprocess.Popen[bytes]"
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def sandbox_url(self) -> str:
        """Where its sandbox answers, on the port above."""
        return f"http://127.0.0.1:{self.port + 1}"

    def output(self) -> str:
        """Everything its processes printed so far."""
        return self.log.read_text()

    def wait_until_healthy(self) -> None:
        """Raises AssertionError, with what was printed, when the server does not come up."""
        deadline = time.monotonic() + START_SECONDS
        while not self.is_healthy():
            ended = self.process.poll() is not None
            assert not ended, f"The server ended:\n{self.output()}"
            assert time.monotonic() < deadline, f"The server does not answer:\n{self.output()}"
            time.sleep(_PAUSE_SECONDS)

    def is_healthy(self) -> bool:
        return answers(f"{self.url}/health")

    def stop(self) -> int:
        """End it as Ctrl-C does, and give its status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise


def answers(url: str) -> bool:
    """Whether something answers there, and well."""
    try:
        return _client.get(url).is_success
    except httpx.TransportError:  # also when one that is being killed took the connection
        return False


@contextmanager
def running_server(
    directory: Path,
    *,
    database_url: str | None = None,
    has_demo_data: bool = False,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """A server on a free port with its data in the directory, from healthy until the block ends.

    Without an address its database is a SQLite file there; the pages are built first when stale.
    """
    server = _start(
        directory,
        database_url=database_url or f"sqlite:///{directory / 'assure.db'}",
        has_demo_data=has_demo_data,
        environment=environment or {},
    )
    try:
        server.wait_until_healthy()
        yield server
    finally:
        server.stop()


def _start(
    directory: Path, *, database_url: str, has_demo_data: bool, environment: Mapping[str, str]
) -> Server:
    port = free_port()
    log = directory / "server.log"
    demo = "--demo-data" if has_demo_data else "--no-demo-data"
    places = {"PORT": str(port), "ASSURE_DATA_DIR": str(directory), "DATABASE_URL": database_url}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "assure_app.cli", "serve", demo],
            env={**os.environ, **places, **environment},
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    return Server(
        port=port, data_dir=directory, database_url=database_url, process=process, log=log
    )
