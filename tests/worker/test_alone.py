"""A worker as a process of its own: it works, says nothing, and ends when it is told to."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from assure_app import serving
from assure_app.billing import periods
from assure_app.frontend import PROJECT
from assure_app.settings import Settings
from tests.support.waiting import WAIT_SECONDS, wait_until


def test_it_works_and_ends_when_it_is_told_to(sqlite_database: str, tmp_path: Path) -> None:
    worker = subprocess.Popen(
        [sys.executable, "-W", "error", *serving.worker_program().command[1:]],
        env={**os.environ, "DATABASE_URL": sqlite_database, "ASSURE_DATA_DIR": str(tmp_path)},
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        wait_until(lambda: periods.last_ended() is not None)
        worker.send_signal(signal.SIGTERM)
        printed, _ = worker.communicate(timeout=WAIT_SECONDS)
    finally:
        worker.kill()

    assert printed == ""
    assert worker.returncode == 0


def test_it_is_there_where_several_web_processes_are() -> None:
    alone, several = Settings(), Settings(redis_url="redis://127.0.0.1/0")

    assert [each.name for each in serving.programs(alone)] == ["web", "sandbox"]
    assert [each.name for each in serving.programs(several)] == ["web", "worker", "sandbox"]
