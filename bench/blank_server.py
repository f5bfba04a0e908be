"""Builds and serves the blank application by the product's own tool chain, out of its way."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assure_app import frontend, serving
from assure_app.settings import Settings
from tests.support.ports import free_port

_SOURCE = Path(__file__).parent / "blank"
_COPY = frontend.PROJECT / ".build" / "blank"
START_SECONDS = 60
STOP_SECONDS = 20


@contextmanager
def running_blank() -> Iterator[str]:
    """The address of the blank application, until the block ends."""
    _build()
    settings = Settings(port=free_port())
    program = serving.web_program(settings)
    command = [word.replace("assure_app.entry:web", "blank.blank:app") for word in program.command]
    with (_COPY / "server.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - the product's own words but for the name
            command,
            env={**program.environment},
            cwd=_COPY,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        if not serving.wait_until_answering(
            settings.host, settings.port, timeout_seconds=START_SECONDS
        ):
            raise RuntimeError("The blank application does not answer.")
        yield settings.public_url
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


def _build() -> None:
    # What npm installed last time stays, so that only the first run waits for it.
    shutil.copytree(
        _SOURCE, _COPY, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__")
    )
    (_COPY / "__init__.py").unlink()
    with (_COPY / "build.log").open("wb") as log:
        subprocess.run(
            [sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip"],
            env=frontend.environment() | {"NPM_CONFIG_REGISTRY": _npm_registry()},
            cwd=_COPY,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            timeout=frontend.BUILD_TIMEOUT_SECONDS,
            check=True,
        )


def _npm_registry() -> str:
    """The registry npm is set to use: told of none, Reflex would go looking for one."""
    environment = frontend.environment()
    npm = shutil.which("npm", path=environment["PATH"]) or "npm"
    answer = subprocess.run(  # noqa: S603 - npm comes from our own virtual environment
        [npm, "config", "get", "registry"],
        env=environment,
        cwd=os.fspath(_COPY),
        capture_output=True,
        text=True,
        check=True,
    )
    return answer.stdout.strip()
