"""Stripe's own command-line tool, which speaks to the sandbox in words that nobody here chose.

`python -m tests.support.stripe_cli` fetches it from npm before the tests, which fetch nothing.
"""

import platform
import shutil
import subprocess
import sys
from pathlib import Path

from assure_app.frontend import PROJECT, environment

VERSION = "1.52.0"
TIMEOUT_SECONDS = 120
_KINDS = {"x86_64": "x64", "aarch64": "arm64"}
_HOME = PROJECT / ".tools" / "stripe-cli"


def executable() -> Path | None:
    """Its path, or None where npm did not serve it for this machine."""
    path = _HOME / "node_modules" / _package() / "bin" / "stripe"
    return path if path.exists() else None


def fetch() -> bool:
    """Install the one version that the tests were written with; False where that cannot be."""
    npm = shutil.which("npm", path=environment()["PATH"])
    if executable() is not None or npm is None or platform.machine() not in _KINDS:
        return executable() is not None
    _HOME.mkdir(parents=True, exist_ok=True)
    options = ("--ignore-scripts", "--no-save", "--no-package-lock", "--prefix", str(_HOME))
    try:
        subprocess.run(
            [npm, "install", *options, f"{_package()}@{VERSION}"],
            env=environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return executable() is not None


def _package() -> str:
    return f"@stripe/cli-linux-{_KINDS.get(platform.machine(), 'x64')}"


if __name__ == "__main__":
    found = "is here" if fetch() else "cannot be had: npm does not serve it here"
    sys.stdout.write(f"Stripe's command-line tool {found}\n")
