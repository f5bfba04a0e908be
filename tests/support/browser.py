"""Finds a Chromium for the tests, and fetches one where there is none.

`python -m tests.support.browser` prints its path.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DOWNLOAD_TIMEOUT_SECONDS = 240
PACKAGE_TIMEOUT_SECONDS = 600
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


def flags() -> list[str]:
    """How to start it; Chromium refuses to sandbox the superuser's pages."""
    return [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else [*FLAGS]


def _installed() -> Path | None:
    if named := os.environ.get("CHROMIUM"):
        return Path(named)
    paths = (shutil.which(name) for name in NAMES)
    return next((Path(path) for path in paths if path), None)


def _playwrights_own() -> Path | None:
    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if path.exists() else None


def _downloaded_by_playwright() -> Path | None:
    _say("Downloading Chromium for the browser tests …")
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    return _playwrights_own() if _succeeds(command, DOWNLOAD_TIMEOUT_SECONDS) else None


def _installed_by_apt() -> Path | None:
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return None
    _say("The download failed; installing Debian's Chromium (a minute or two) …")
    install = [apt, "install", "--yes", "--no-install-recommends", "chromium", "fonts-liberation"]
    steps = ([apt, "update"], install)
    succeeded = all(_succeeds(step, PACKAGE_TIMEOUT_SECONDS) for step in steps)
    return _installed() if succeeded else None


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
    sys.stdout.write(f"Browser tests use {executable()}\n")
