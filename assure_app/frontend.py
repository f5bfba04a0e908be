"""Builds the pages' JavaScript when, and only when, what it is made from has changed."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
BUILD_TIMEOUT_SECONDS = 600

_BUILD = PROJECT / ".build"
_STAMP = _BUILD / "frontend.sha256"
_LOG = _BUILD / "frontend.log"
_PAGES = PROJECT / ".web" / "build" / "client" / "index.html"
_LOG_LINES_SHOWN = 40

# No page can see these, so a change in them needs no new JavaScript.
_UNSEEN_BY_PAGES = frozenset(
    {
        *("cli.py", "entry.py", "serving.py", "frontend.py", "clock.py"),
        *("db", "web", "worker", "mail", "documents", "sandbox", "stripe_gateway"),
    }
)


class BuildFailed(Exception):
    """The frontend did not build; the text ends with the last lines of the build's own log."""


def is_stale() -> bool:
    """Whether the built pages are missing or older than their sources."""
    if not (_PAGES.exists() and _STAMP.exists()):
        return True
    return _STAMP.read_text() != _fingerprint(_sources()) + _fingerprint(_npm_locks())


def build_if_stale() -> bool:
    """Build the pages unless they are current, and say whether that was needed.

    Several processes may ask at once: one builds and the others wait for it. Raises BuildFailed.
    """
    with _only_one():
        if not is_stale():
            return False
        made_from = _fingerprint(_sources())
        _STAMP.unlink(missing_ok=True)
        with _same_locks_stay_untouched():
            _build()
        # The build itself may bring the npm lock files up to date, so they are read after it.
        _STAMP.write_text(made_from + _fingerprint(_npm_locks()))
        return True


def environment() -> dict[str, str]:
    """This process's environment, with what Reflex needs to stay offline and find Node."""
    tools = str(Path(sys.executable).parent)
    path = os.environ.get("PATH", os.defpath)
    return os.environ | {
        "PATH": f"{tools}{os.pathsep}{path}",
        "REFLEX_USE_NPM": "1",
        "REFLEX_CHECK_LATEST_VERSION": "false",
        "REFLEX_TELEMETRY_ENABLED": "false",
        "REFLEX_DIR": str(_BUILD / "reflex"),
        "NPM_CONFIG_AUDIT": "false",
        "NPM_CONFIG_FUND": "false",
        "NPM_CONFIG_UPDATE_NOTIFIER": "false",
        # The lock names versions and hashes; where to fetch them is each machine's own affair.
        "NPM_CONFIG_OMIT_LOCKFILE_REGISTRY_RESOLVED": "true",
    }


def _build() -> None:
    command = [sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip"]
    with _LOG.open("w") as log:
        outcome = subprocess.run(  # noqa: S603 - every word is written above
            [*command, "--loglevel", "info"],
            cwd=PROJECT,
            env=environment() | {"NPM_CONFIG_REGISTRY": _npm_registry()},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            timeout=BUILD_TIMEOUT_SECONDS,
            check=False,
        )
    if outcome.returncode != 0 or not _PAGES.exists():
        tail = "\n".join(_LOG.read_text().splitlines()[-_LOG_LINES_SHOWN:])
        raise BuildFailed(f"The pages could not be built. The build's last words were:\n{tail}")


def _npm_registry() -> str:
    """The registry npm is set to use: told of none, Reflex would go looking for one."""
    env = environment()
    npm = shutil.which("npm", path=env["PATH"])
    if npm is None:
        raise BuildFailed("npm is missing from the virtual environment; run “make install”.")
    answer = subprocess.run(  # noqa: S603 - npm comes from our own virtual environment
        [npm, "config", "get", "registry"], env=env, capture_output=True, text=True, check=True
    )
    return answer.stdout.strip()


def _fingerprint(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(str(path.relative_to(PROJECT)).encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    yield from (PROJECT / "rxconfig.py", PROJECT / "uv.lock")
    yield from _files(PROJECT / "assets")
    package = PROJECT / "assure_app"
    for path in package.rglob("*.py"):
        if path.relative_to(package).parts[0] not in _UNSEEN_BY_PAGES:
            yield path


def _npm_locks() -> Iterator[Path]:
    return _files(PROJECT / "reflex.lock")


@contextmanager
def _same_locks_stay_untouched() -> Iterator[None]:
    """Undo what a build only rewrote in another order, so that building changes no tracked file."""
    before = {path: path.read_text() for path in _npm_locks()}
    yield
    for path, text in before.items():
        if path.exists() and json.loads(path.read_text()) == json.loads(text):
            path.write_text(text)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


@contextmanager
def _only_one() -> Iterator[None]:
    _BUILD.mkdir(exist_ok=True)
    with (_BUILD / "frontend.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
