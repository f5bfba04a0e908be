"""Runs the product's processes side by side: restarts one that dies, ends them all together."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType

from assure_app import frontend
from assure_app.settings import Settings, SettingsError

SANDBOX_HOST = "127.0.0.1"
GRACE_SECONDS = 10
SHORTEST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60
_CHECK_SECONDS = 0.1
_MAX_WEB_WORKERS = 8
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, kw_only=True)
class Program:
    """One process of the product, by the name people see."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]


def web_program(settings: Settings) -> Program:
    """The web application: pages, live connection and plain routes, all on one port."""
    granian = [sys.executable, "-m", "granian", "assure_app.entry:web", "--factory"]
    return Program(
        name="web",
        command=[
            *granian,
            *("--interface", "asgi", "--host", settings.host, "--port", str(settings.port)),
            *("--workers", str(_web_workers(settings)), "--workers-kill-timeout", "5"),
            *("--respawn-failed-workers", "--log-level", "warning", "--no-access-log"),
        ],
        environment=frontend.environment()
        | {
            "REFLEX_ENV_MODE": "prod",
            "__REFLEX_SKIP_COMPILE": "true",
            "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "true",
        },
    )


def sandbox_program(settings: Settings) -> Program:
    """What stands in for the world outside; it listens on this machine alone."""
    granian = [sys.executable, "-m", "granian", "assure_app.entry:sandbox", "--factory"]
    return Program(
        name="sandbox",
        command=[
            *granian,
            *("--interface", "asgi", "--host", SANDBOX_HOST, "--port", str(settings.sandbox_port)),
            *("--workers", "1", "--workers-kill-timeout", "5", "--respawn-failed-workers"),
            *("--log-level", "warning", "--no-access-log"),
        ],
        environment=os.environ,
    )


def worker_program() -> Program:
    """Jobs and periodic work, where several web processes share a Redis; else the one web process
    does them itself."""
    return Program(
        name="worker",
        command=[sys.executable, "-m", "assure_app.cli", "worker"],
        environment=os.environ,
    )


def programs(settings: Settings) -> list[Program]:
    """Everything that runs side by side in this installation."""
    running = [web_program(settings)]
    if settings.redis_url:
        running.append(worker_program())
    if settings.is_sandbox:
        running.append(sandbox_program(settings))
    return running


def require_free_ports(settings: Settings) -> None:
    """Raises SettingsError when another program already answers where one of ours would."""
    require_free_port(settings.host, settings.port)
    if settings.is_sandbox:
        require_free_port(SANDBOX_HOST, settings.sandbox_port)


def require_free_port(host: str, port: int) -> None:
    """Raises SettingsError when another program already answers on this port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SettingsError(
                f"Nothing can listen on {host} port {port} ({error.strerror}):"
                " choose a free one with PORT."
            ) from None


def wait_until_answering(host: str, port: int, *, timeout_seconds: float) -> bool:
    """Whether something accepts connections on the port before the time is over."""
    deadline = time.monotonic() + timeout_seconds
    while time.monotonic() < deadline:
        try:
            with socket.create_connection((host, port), timeout=1):
                return True
        except OSError:
            time.sleep(_CHECK_SECONDS / 2)
    return False


class Supervisor:
    """Keeps programs running until it is told to stop."""

    def __init__(self, programs: Sequence[Program]) -> None:
        self._runs = [_Run(program) for program in programs]
        self._stopping = threading.Event()

    def start(self) -> None:
        """Start every program, and let Ctrl-C and SIGTERM end them all."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)
        for run in self._runs:
            run.start()

    def watch(self) -> None:
        """Start again whatever dies, until told to stop; then end every program and return."""
        try:
            while not self._stopping.wait(_CHECK_SECONDS):
                for run in self._runs:
                    run.revive()
        finally:
            for run in self._runs:
                run.ask_to_end()
            for run in self._runs:
                run.end()

    @property
    def is_stopping(self) -> bool:
        return self._stopping.is_set()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping.set()


@dataclass
class _Run:
    program: Program
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    pause_seconds: float = field(default=SHORTEST_PAUSE_SECONDS)

    def start(self) -> None:
        # Each program leads a process group of its own, so that ending the group ends its
        # children too, and Ctrl-C in a terminal reaches only this supervisor.
        self.process = subprocess.Popen(  # noqa: S603 - the programs are written above
            self.program.command,
            env=dict(self.program.environment),
            cwd=frontend.PROJECT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - this process has no threads
        )
        self.started_at = time.monotonic()

    def revive(self) -> None:
        if self.process is None:
            if time.monotonic() >= self.start_again_at:
                self.start()
        elif (status := self.process.poll()) is not None:
            _signal_group(self.process.pid, signal.SIGKILL)  # Orphans would hold on to the port.
            self.process = None
            self._plan_next_start(status)

    def ask_to_end(self) -> None:
        if self.process is not None:
            _signal_group(self.process.pid, signal.SIGTERM)

    def end(self) -> None:
        if self.process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(GRACE_SECONDS)
        _signal_group(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def _plan_next_start(self, status: int) -> None:
        """Soon after a steady run, later and later when the program keeps dying."""
        was_steady = time.monotonic() - self.started_at > STEADY_SECONDS
        doubled = min(self.pause_seconds * 2, LONGEST_PAUSE_SECONDS)
        self.pause_seconds = SHORTEST_PAUSE_SECONDS if was_steady else doubled
        self.start_again_at = time.monotonic() + self.pause_seconds
        sys.stderr.write(
            f"The {self.program.name} process ended with status {status};"
            f" it starts again in {self.pause_seconds:g} s.\n"
        )


def _web_workers(settings: Settings) -> int:
    """Live state is in the process's memory without Redis, so there one process serves all."""
    return min(os.cpu_count() or 1, _MAX_WEB_WORKERS) if settings.redis_url else 1


def _signal_group(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):  # Every process of the group may have ended already.
        os.killpg(pid, number)


def _end_with_parent() -> None:
    """Ask Linux to end this program when its supervisor is killed outright."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
