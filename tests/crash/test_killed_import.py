"""An import killed in the middle leaves nothing, and can be started again."""

import os
import pickle
import signal
import subprocess
import sys

import pytest

from assure_app.billing.verification import verify
from tests.billing.importing.files import OWN, everything_counted, run
from tests.support.desk import Desk

ROWS = [f"K-{i},C {i},,c{i}@c.example,,2026-05-01,2026-05-31,5,yes" for i in range(25)]
FILE = "\n".join([OWN, *ROWS])

CHILD = """
import os, pickle, signal, sys
from assure_app.billing.importing import service, writing
from assure_app.billing.importing.preview import ImportOptions
from assure_app.db import engine

engine.configure(sys.argv[1])
where, turn, principal, content, now = pickle.load(sys.stdin.buffer)
service.BATCH = 10
original, turns = getattr(writing.Writer, where), []

def dying(*args):
    result = original(*args)
    turns.append(1)
    if len(turns) == turn:
        os.kill(os.getpid(), signal.SIGKILL)
    return result

setattr(writing.Writer, where, dying)
service.run(principal, content, ImportOptions(), now=now)
os.kill(os.getpid(), signal.SIGKILL)
"""


def run_and_die(database: str, desk: Desk, where: str, turn: int) -> None:
    child = subprocess.run(
        [sys.executable, "-c", CHILD, database],
        input=pickle.dumps((where, turn, desk.jane, FILE.encode(), desk.now)),
        capture_output=True,
        env=dict(os.environ),
        check=False,
    )
    assert child.returncode == -signal.SIGKILL, child.stderr.decode()


@pytest.mark.parametrize(
    ("where", "turn"), [("add_clients", 1), ("add_invoices", 2), ("raise_next_number", 1)]
)
def test_an_import_killed_before_its_commit_never_was(
    desk: Desk, database: str, where: str, turn: int
) -> None:
    before = everything_counted()

    run_and_die(database, desk, where, turn)

    assert everything_counted() == before
    assert run(desk, FILE).added == 25
    assert verify() == []


def test_an_import_killed_after_its_commit_is_not_written_again(desk: Desk, database: str) -> None:
    run_and_die(database, desk, "add_invoices", 99)
    written = everything_counted()

    assert written["invoice"] == 25
    assert run(desk, FILE).known == 25
    assert everything_counted() == written
    assert verify() == []
