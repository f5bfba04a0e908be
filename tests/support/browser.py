"""Finds a Chromium for the tests, and fetches one where there is none.

Best is its headless shell: the same pages, a sixth of the work less, as it has no windows.
`python -m tests.support.browser` fetches that where it may, and prints the path of what is used.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

from playwright.sync_api import sync_playwright

SHELL = "chromium-headless-shell"
NAMES = (SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DOWNLOAD_TIMEOUT_SECONDS = 240
PACKAGE_TIMEOUT_SECONDS = 600
STARTING_TIMEOUT_SECONDS = 60
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


@cache
def executable() -> Path:
    """The browser's path. Raises RuntimeError when there is none and none can be fetched."""
    ways: tuple[Callable[[], Path | None], ...] = (
        _installed,
        _playwrights_own,
        _downloaded_by_playwright,
        _installed_by_apt,
    )
    for way in ways:
        if path := way():
            return path
    raise RuntimeError("The browser tests need Chromium: install it, or set CHROMIUM to its path.")


def fetch_the_shell() -> None:
    """Have the headless shell of the Chromium that Debian put here; else that one is used."""
    if "CHROMIUM" in os.environ or shutil.which(SHELL) or not shutil.which("dpkg-query"):
        return
    asked = ["dpkg-query", "--show", "--showformat=${Version}", "chromium-common"]
    answer = subprocess.run(asked, capture_output=True, text=True, check=False)
    if answer.returncode == 0:
        _installs(f"{SHELL}={answer.stdout}")


def flags() -> list[str]:
    """How to start it; Chromium refuses to sandbox the superuser's pages."""
    return [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else [*FLAGS]


def _installed() -> Path | None:
    if named := os.environ.get("CHROMIUM"):
        return Path(named)
    paths = (shutil.which(name) for name in NAMES)
    return next((Path(path) for path in paths if path and _starts(path)), None)


def _starts(path: str) -> bool:
    return _succeeds([path, "--version"], STARTING_TIMEOUT_SECONDS)


def _playwrights_own() -> Path | None:
    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if path.exists() else None


def _downloaded_by_playwright() -> Path | None:
    _say("Downloading Chromium for the browser tests …")
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    return _playwrights_own() if _succeeds(command, DOWNLOAD_TIMEOUT_SECONDS) else None


def _installed_by_apt() -> Path | None:
    _say("The download failed; installing Debian's Chromium (a minute or two) …")
    return _installed() if _installs("chromium", "fonts-liberation", after_update=True) else None


def _installs(*packages: str, after_update: bool = False) -> bool:
    """Whether Debian's packages are there by now; nothing else is taken away for them."""
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return False
    install = [apt, "install", "--yes", "--no-install-recommends", "--no-remove", *packages]
    steps = [[apt, "update"], install] if after_update else [install]
    return all(_succeeds(step, PACKAGE_TIMEOUT_SECONDS) for step in steps)


def _succeeds(command: list[str], timeout_seconds: int) -> bool:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        outcome = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=timeout_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return outcome.returncode == 0


def _say(words: str) -> None:
    sys.stderr.write(f"{words}\n")


if __name__ == "__main__":
    fetch_the_shell()
    sys.stdout.write(f"Browser tests use {executable()}\n")
