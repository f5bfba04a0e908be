"""An import killed in the middle leaves nothing, and can be started again."""

import signal

import pytest

from assure_app.billing.importing import service
from assure_app.billing.importing.preview import ImportOptions
from assure_app.billing.verification import verify
from assure_app.db import engine
from tests.billing.importing.files import OWN, everything_counted, run
from tests.support.desk import Desk
from tests.support.killed import die, die_at, run_apart

ROWS = [f"K-{i},C {i},,c{i}@c.example,,2026-05-01,2026-05-31,5,yes" for i in range(25)]
FILE = "\n".join([OWN, *ROWS])


def import_and_die(database: str, desk: Desk, where: str, turn: int) -> None:
    """Import in batches of ten, and die once the writer did this for the so-manieth time."""
    engine.configure(database)
    service.BATCH = 10
    die_at(f"billing.importing.writing.Writer.{where} after", turn=turn)
    service.run(desk.jane, FILE.encode(), ImportOptions(), now=desk.now)
    die()


def run_and_die(database: str, desk: Desk, where: str, turn: int) -> None:
    run_apart(import_and_die, database, desk, where, turn, status=-signal.SIGKILL)


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
